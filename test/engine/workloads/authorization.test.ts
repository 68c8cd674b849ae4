import type { KubernetesObject, V1Service } from "@kubernetes/client-node";
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

/** A workload with an HTTP port and a gRPC port, which only the till may call. */
function openRestricted(name: string): Promise<Stack> {
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

async function namesOf(apiVersion: string, kind: string): Promise<(string | undefined)[]> {
  return (await list(apiVersion, kind, "default")).map(({ metadata }) => metadata?.name).sort();
}

describe("a workload with allowFrom and gRPC retries", () => {
  let mesh: Stack;
  let restricted: Stack;

  beforeAll(async () => {
    // Only its CRDs are needed.
    mesh = await openMesh("for-guarded", { clusterNetworks: ["127.0.0.0/8"], viz: false });
    await mesh.up();
    restricted = await openRestricted("before");
    await restricted.up();
  });

  afterAll(async () => {
    await restricted.destroy();
    await mesh.destroy();
  });

  test("its gRPC port has a GRPCRoute for the Service that has the retry annotations", async () => {
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

  test("a second up of the workload changes nothing", async () => {
    expect(changes((await restricted.preview()).changeSummary)).toEqual({});
    expect(changes((await restricted.up()).summary.resourceChanges)).toEqual({});
  });

  test("its callers are restricted at every moment while it is renamed", async () => {
    restricted = await openRestricted("after");
    const steps = (await stepsOf((options) => restricted.up(options))).filter(
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
});
