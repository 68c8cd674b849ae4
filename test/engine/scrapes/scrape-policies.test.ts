/** The policies that let a Prometheus scrape with the inbound policy `deny`, read back from the API server. */
import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MeshedNamespace } from "../../../components/index.ts";
import { inventory, list, read } from "../../support/cluster.ts";
import { changes, openMesh, openProgram, stepsOf } from "../../support/stack.ts";

const NAME = "linkerd-mesh-scrapes";
const KINDS = {
  Server: "policy.linkerd.io/v1beta3",
  AuthorizationPolicy: "policy.linkerd.io/v1alpha1",
  MeshTLSAuthentication: "policy.linkerd.io/v1alpha1",
} as const;

interface Policy extends KubernetesObject {
  // biome-ignore lint/suspicious/noExplicitAny: the spec depends on the kind
  readonly spec: any;
}

async function readPolicies(namespace: string) {
  const specs = Object.entries(KINDS).map(async ([kind, apiVersion]) => [
    kind,
    (await read<Policy>(apiVersion, kind, NAME, namespace)).spec,
  ]);
  return Object.fromEntries(await Promise.all(specs));
}

/** The stack of a team's namespace, with or without a Prometheus that may scrape it. */
function openNamespace(scraped: boolean): Promise<Stack> {
  return openProgram("scraped", "test", async () => {
    new MeshedNamespace("till", {
      metadata: { name: "till" },
      ...(scraped && {
        scrapedBy: [
          { serviceAccount: "prometheus", namespace: "linkerd-viz" },
          { serviceAccount: "prometheus-k8s", namespace: "monitoring" },
        ],
      }),
    });
  });
}

let mesh: Stack;
let namespace: Stack;
let before: string[];
beforeAll(async () => {
  mesh = await openMesh("deny", { clusterNetworks: ["127.0.0.0/8"], defaultInboundPolicy: "deny" });
  await mesh.up();
  before = await inventory();
  namespace = await openNamespace(true);
  await namespace.up();
});
afterAll(async () => {
  // The namespace controller waits for the API of tap, which nothing serves here.
  await mesh.destroy();
  await namespace.destroy();
});

describe("with the inbound policy deny", () => {
  test("the API server has a Server for the admin port of all proxies of a namespace, which only the scrapers may call", async () => {
    const { Server, AuthorizationPolicy, MeshTLSAuthentication } = await readPolicies("till");
    expect(Server).toMatchObject({ port: "linkerd-admin", proxyProtocol: "HTTP/1" });
    expect(Server.accessPolicy ?? "deny").toBe("deny");
    expect(AuthorizationPolicy).toEqual({
      targetRef: { group: "policy.linkerd.io", kind: "Server", name: NAME },
      requiredAuthenticationRefs: [{ group: "policy.linkerd.io", kind: "MeshTLSAuthentication", name: NAME }],
    });
    expect(MeshTLSAuthentication.identityRefs).toEqual([
      { kind: "ServiceAccount", name: "prometheus", namespace: "linkerd-viz" },
      { kind: "ServiceAccount", name: "prometheus-k8s", namespace: "monitoring" },
    ]);
  });

  test("the Server selects the admin port by the name that the proxies of the control plane give it", async () => {
    const { Server } = await readPolicies("till");
    const [expression] = Server.podSelector.matchExpressions;
    expect(expression).toEqual({ key: "linkerd.io/control-plane-ns", operator: "Exists" });
    const pods = await list<V1Pod>("v1", "Pod", "linkerd");
    expect(pods.length).toBeGreaterThan(0);
    for (const { metadata, spec } of pods) {
      expect(metadata?.labels).toHaveProperty(["linkerd.io/control-plane-ns"]);
      const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
      const proxy = containers.find(({ name }) => name === "linkerd-proxy");
      expect(proxy?.ports).toContainEqual(
        expect.objectContaining({ name: Server.port, containerPort: 4191 }),
      );
      // Linkerd exempts the probes that a pod declares.
      expect(proxy?.readinessProbe?.httpGet).toMatchObject({ path: "/ready", port: 4191 });
      expect(proxy?.livenessProbe?.httpGet).toMatchObject({ path: "/live", port: 4191 });
    }
    const routes = (await inventory()).filter((object) => object.startsWith("HTTPRoute/till/"));
    // A route of the Server would replace the exemption of the probes.
    expect(routes).toEqual([]);
  });

  test("viz's Prometheus may scrape the proxies in the namespace of viz", async () => {
    const { MeshTLSAuthentication } = await readPolicies("linkerd-viz");
    expect(MeshTLSAuthentication.identityRefs).toEqual([{ kind: "ServiceAccount", name: "prometheus" }]);
  });

  test("a second up of the namespace changes nothing", async () => {
    expect(changes((await namespace.up()).summary.resourceChanges)).toEqual({});
  });

  test("without scrapedBy, the Server is deleted before its policy, and nothing is left behind", async () => {
    namespace = await openNamespace(false);
    const steps = await stepsOf((options) => namespace.up(options));
    expect(steps.map(({ op, name }) => `${op} ${name}`)).toEqual([
      "delete till-scraped-proxies",
      "delete till-scrapes",
      "delete till-scrapers",
    ]);
    expect(await inventory()).toEqual([...before, "Namespace//till"].sort());
  });
});
