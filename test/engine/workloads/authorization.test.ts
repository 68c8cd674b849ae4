import type { KubernetesObject, V1Deployment, V1Service } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { list } from "../../support/cluster.ts";
import { changes, openMesh, openProgram, stepsOf } from "../../support/stack.ts";

const ports = [
  { name: "http", containerPort: 8080 },
  { name: "grpc", containerPort: 9000 },
];
const labels = { app: "guarded" };

/** The stack of a workload with an HTTP port and a gRPC port, which allows only the ServiceAccount `till` to call it. */
function openWorkload(name: string): Promise<Stack> {
  return openProgram("guarded", "test", async () => {
    new MeshedDeployment("guarded", {
      metadata: { name, namespace: "default" },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "main:1", ports }] } },
      },
      service: { ports: { grpc: 80 } },
      allowFrom: [{ serviceAccount: "till" }],
      retries: { limit: 2, grpc: ["unavailable"] },
    });
  });
}

interface Route extends KubernetesObject {
  spec: { parentRefs: object[]; rules: object[] };
}

interface Server extends KubernetesObject {
  spec: object;
}

async function namesOf(apiVersion: string, kind: string): Promise<(string | undefined)[]> {
  return (await list(apiVersion, kind, "default")).map(({ metadata }) => metadata?.name).sort();
}

describe("a workload with allowFrom and a gRPC port", () => {
  let mesh: Stack;
  let workload: Stack;

  beforeAll(async () => {
    // Only its CRDs are needed.
    mesh = await openMesh("for-guarded", { clusterNetworks: ["127.0.0.0/8"], viz: false });
    await mesh.up();
    workload = await openWorkload("before");
    await workload.up();
  });

  afterAll(async () => {
    await workload.destroy();
    await mesh.destroy();
  });

  test("a workload that retries on gRPC status codes has a GRPCRoute for its gRPC port, and the annotations on its Service", async () => {
    const [route, ...more] = await list<Route>("gateway.networking.k8s.io/v1", "GRPCRoute", "default");
    expect(more).toEqual([]);
    expect(route?.metadata?.name).toBe("before-grpc");
    expect(route?.spec.parentRefs).toEqual([{ group: "core", kind: "Service", name: "before", port: 80 }]);
    expect(route?.spec.rules).toEqual([{}]);
    const services = await list<V1Service>("v1", "Service", "default");
    const service = services.find(({ metadata }) => metadata?.name === "before");
    expect(service?.metadata?.annotations).toMatchObject({
      "retry.linkerd.io/limit": "2",
      "retry.linkerd.io/grpc": "unavailable",
    });
    expect(service?.spec?.ports).toContainEqual(expect.objectContaining({ name: "grpc", port: 80 }));
  });

  test("a second preview and a second up of a workload with allowFrom change nothing", async () => {
    expect(changes((await workload.preview()).changeSummary)).toEqual({});
    expect(changes((await workload.up()).summary.resourceChanges)).toEqual({});
  });

  test("while a workload with allowFrom is renamed, its new policies and Servers are created before the old ones are deleted", async () => {
    workload = await openWorkload("after");
    const steps = (await stepsOf((options) => workload.up(options))).filter(
      ({ op, type }) => type.includes("policy.linkerd.io") && op !== "replace",
    );
    for (const port of ["http", "grpc"]) {
      const ofPort = steps.filter(({ name }) => name.endsWith(`-${port}`));
      expect(ofPort.map(({ op, type }) => `${op} ${type.split(":").at(-1)}`)).toEqual([
        "create-replacement AuthorizationPolicy",
        "create-replacement Server",
        "delete-replaced Server",
        "delete-replaced AuthorizationPolicy",
      ]);
    }
    expect(await namesOf("policy.linkerd.io/v1beta3", "Server")).toEqual(["after-grpc", "after-http"]);
    expect(await namesOf("gateway.networking.k8s.io/v1", "GRPCRoute")).toEqual(["after-grpc"]);
  });

  test("callers for each port, an open port and a mail port are accepted, and a second up changes nothing", async () => {
    const mail = { name: "smtp", containerPort: 1025 };
    const stack = await openProgram("guarded-ports", "test", async () => {
      new MeshedDeployment("shop", {
        metadata: { name: "shop", namespace: "default" },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: "shop" } },
          template: {
            metadata: { labels: { app: "shop" } },
            spec: { containers: [{ name: "main", image: "main:1", ports: [...ports, mail] }] },
          },
        },
        service: { ports: { smtp: 25 }, appProtocol: { http: false } },
        allowFrom: { http: [{ serviceAccount: "till" }], grpc: [{ serviceAccount: "batch" }], smtp: "all" },
      });
    });
    await stack.up();
    const servers = await list<Server>("policy.linkerd.io/v1beta3", "Server", "default");
    const open = servers.find(({ metadata }) => metadata?.name === "shop-smtp");
    expect(open?.spec).toMatchObject({ accessPolicy: "all-unauthenticated", proxyProtocol: "opaque" });
    const services = await list<V1Service>("v1", "Service", "default");
    const service = services.find(({ metadata }) => metadata?.name === "shop");
    expect(service?.metadata?.annotations).toMatchObject({ "config.linkerd.io/opaque-ports": "25" });
    const deployments = await list<V1Deployment>("apps/v1", "Deployment", "default");
    const deployment = deployments.find(({ metadata }) => metadata?.name === "shop");
    expect(deployment?.spec?.template.metadata?.annotations).toMatchObject({
      "config.linkerd.io/opaque-ports": "25,587,1025,3306,4444,5432,6379,9300,11211",
    });
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
    await stack.destroy();
  });
});
