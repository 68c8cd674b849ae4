import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { failing, register } from "../../support/mocks.ts";
import {
  allowFrom,
  create,
  expectIssue,
  ofType,
  selector,
  specWith,
  specWithAnnotations,
  TYPES,
} from "./web-deployment.ts";

const SKIP_INBOUND = "config.linkerd.io/skip-inbound-ports";

/** A mesh that skips these ports inbound, known during `up`. */
const meshThatSkips = (...skipInbound: number[]) => ({
  linkerdVersion: "1",
  trustBundleSha256: "2",
  ports: pulumi.output(meshPorts({ skipInbound })),
});

/** The ports of the Servers that are created. */
async function serverPorts(args: MeshedDeploymentArgs) {
  const { resources } = await create({ allowFrom, ...args });
  return ofType(resources, TYPES.server).map(({ inputs }) => inputs.spec.port);
}

describe("policy resources", () => {
  test("callers are allowed by their ServiceAccounts on every TCP port, and opaque ports stay opaque", async () => {
    const { find, resources } = await register(() => {
      const worker = new MeshedDeployment("worker", {
        metadata: { namespace: "jobs" },
        spec: specWith(),
        serviceAccount: true,
      });
      return new MeshedDeployment("web", {
        metadata: { namespace: "shop" },
        spec: specWith(),
        allowFrom: [worker.identity, { serviceAccount: "till" }],
      });
    });
    expect(find("web-callers", TYPES.meshTlsAuthentication)).toMatchObject({
      parent: "web",
      inputs: {
        metadata: { namespace: "shop" },
        spec: {
          identityRefs: [
            { kind: "ServiceAccount", name: "worker", namespace: "jobs" },
            { kind: "ServiceAccount", name: "till" },
          ],
        },
      },
    });
    expect(ofType(resources, TYPES.server).map(({ name, inputs }) => [name, inputs.spec])).toEqual([
      ["web-http", { podSelector: selector, port: "http", proxyProtocol: "unknown" }],
      ["web-grpc-api", { podSelector: selector, port: "grpc-api", proxyProtocol: "unknown" }],
      ["web-5432", { podSelector: selector, port: 5432, proxyProtocol: "opaque" }],
    ]);
    const policies = ofType(resources, TYPES.authorizationPolicy);
    expect(policies.map(({ inputs }) => inputs.spec.targetRef.kind)).toEqual(["Server", "Server", "Server"]);
    expect(find("web-http", TYPES.authorizationPolicy).dependsOn).toEqual(["web-callers"]);
  });

  test.each<[string, MeshedDeploymentArgs["metadata"], string]>([
    ["the name of the Deployment", { name: "shop-web", namespace: "shop" }, "shop-web"],
    ["the name of the Deployment, an Output", pulumi.output({ name: "late" }), "late"],
    ["the name of the component if the Deployment has none", undefined, "web"],
  ])(
    "the name of a Server begins with %s, so that its policy is created first",
    async (_, metadata, name) => {
      const { find } = await register(() => {
        const first = new k8s.core.v1.ConfigMap("first", {});
        const args = { ...(metadata && { metadata }), spec: specWith(), allowFrom };
        return new MeshedDeployment("web", args, { dependsOn: first });
      });
      for (const port of ["http", "grpc-api", "5432"]) {
        const server = find(`web-${port}`, TYPES.server);
        const policy = find(`web-${port}`, TYPES.authorizationPolicy);
        expect(server.inputs.metadata.name).toBe(`${name}-${port}`);
        expect(policy.inputs.spec.targetRef.name).toBe(`${name}-${port}`);
        expect(policy.dependsOn).toEqual(["first", "web-callers"]);
        expect(server.dependsOn).toEqual(["first", `web-${port}`]);
      }
    },
  );

  test("a renamed Server and its policy are replaced by new ones before they are deleted", async () => {
    const options: Record<string, pulumi.CustomResourceOptions> = {};
    const see: pulumi.ResourceTransformation = ({ type, opts }) => {
      options[type] = opts;
      return undefined;
    };
    await register(
      () => new MeshedDeployment("web", { spec: specWith(), allowFrom }, { transformations: [see] }),
    );
    expect(options[TYPES.authorizationPolicy]?.replaceOnChanges).toEqual(["spec.targetRef.name"]);
    for (const type of [TYPES.server, TYPES.authorizationPolicy]) {
      expect(options[type]).not.toHaveProperty("deleteBeforeReplace");
    }
  });

  test("ports of one name have one Server, in however many containers", async () => {
    const ports = [{ name: "metrics", containerPort: 9102 }];
    const udp = [{ name: "metrics", containerPort: 9102, protocol: "UDP" }];
    const containers = [
      { name: "statsd", image: "s", ports: udp },
      { name: "web", image: "w", ports },
      { name: "cache", image: "c", ports: [{ name: "metrics", containerPort: 9103 }] },
    ];
    const spec = specWith({ containers, initContainers: [{ name: "init", image: "i", ports }] });
    const { resources } = await create({ spec, allowFrom });
    expect(ofType(resources, TYPES.server).map(({ name }) => name)).toEqual(["web-metrics"]);
  });
});

describe("ports that skip the proxy", () => {
  test("a port that the workload skips inbound has no Server", async () => {
    const mesh = { skipInboundPorts: ["http", "5000-6000"] };
    expect(await serverPorts({ spec: specWith(), mesh })).toEqual(["grpc-api"]);
  });

  test("a port that the mesh skips has no Server if the workload lists it as well", async () => {
    const mesh = { ref: meshThatSkips(9000), skipInboundPorts: [9000] };
    expect(await serverPorts({ spec: specWith(), mesh })).toEqual(["http", 5432]);
  });

  test("labels and a restart policy that are Outputs do not hide the ports that an annotation skips", async () => {
    const spec = specWith({
      initContainers: [{ name: "init", image: "i", restartPolicy: pulumi.output("Always") }],
    });
    const metadata = {
      labels: pulumi.output({ app: "web" }),
      annotations: { [SKIP_INBOUND]: "9000,5432" },
    };
    expect(await serverPorts({ spec: { ...spec, template: { ...spec.template, metadata } } })).toEqual([
      "http",
    ]);
  });

  test("every port has a Server if the annotation of the pod template skips none", async () => {
    expect(await serverPorts({ spec: specWithAnnotations({ [SKIP_INBOUND]: "" }) })).toHaveLength(3);
  });

  test("an Output in the skipped ports does not make the Service unknown in a preview", async () => {
    const { find } = await register(
      () => {
        const port = new k8s.core.v1.ConfigMap("config", {}).metadata.uid.apply(Number);
        const mesh = { skipInboundPorts: [port] };
        return new MeshedDeployment("web", { spec: specWith(), mesh, service: true, allowFrom });
      },
      { preview: true },
    );
    expect(find("web", TYPES.service).inputs.spec.ports[0]).toMatchObject({
      port: 8080,
      appProtocol: "http",
    });
  });
});

test("a hook that calls another host than the pod is allowed", async () => {
  const httpGet = { host: "drain.example", path: "/", port: 8080 };
  const spec = specWith({}, { lifecycle: { preStop: { httpGet } } });
  expect(await serverPorts({ spec })).toHaveLength(3);
});

describe("issues with allowFrom", () => {
  const probeIssue = (call: string) =>
    `allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got a ${call}. `;
  const denied =
    "Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied. ";
  const probeFix = "Fix: use a plain HTTP probe, or call a port that the containers do not declare";
  const skipped = (port: number, why: string) =>
    `allowFrom: must not restrict a port that skips the proxy, got port ${port}, which ${why}. ` +
    `Authorization is enforced in the proxy. Fix: use another port, or set mesh.skipInboundPorts to [${port}] ` +
    "as a plain value, which leaves the port open to all callers";

  test.each<[string, object, string]>([
    [
      "container ports that are Outputs",
      { spec: pulumi.output(specWith()) },
      "allowFrom: must be used with container ports that are plain values, got an Output. " +
        "A Server is created for each of them. Fix: declare the ports of the containers as plain values",
    ],
    [
      "an empty list of callers",
      { allowFrom: [] },
      'allowFrom: must have at least one caller, e.g. { serviceAccount: "web" }, got an empty list. ' +
        "Fix: list the callers, or remove allowFrom",
    ],
    [
      "pods that are not meshed",
      { mesh: { inject: "disabled" } },
      "allowFrom: must be used with meshed pods, got linkerd.io/inject: disabled. " +
        "Authorization is enforced in the proxy. Fix: remove allowFrom, or enable injection",
    ],
    [
      "pods in the network of their node",
      { spec: specWith({ hostNetwork: true }) },
      "allowFrom: must be used with meshed pods, got hostNetwork: true. " +
        "Linkerd does not inject a proxy into pods in the network of their node. " +
        "Fix: remove allowFrom, or remove hostNetwork from the spec",
    ],
    [
      "containers without ports",
      { spec: specWith({}, { ports: [] }) },
      "allowFrom: must be used with containers that declare TCP ports, got no TCP ports. " +
        "Fix: declare the ports of the containers in the spec, or remove allowFrom",
    ],
    [
      "ports that all skip the proxy",
      { mesh: { skipInboundPorts: [5432, "1-9000", "9000-9999"] } },
      "allowFrom: must be used with containers that declare TCP ports, got only ports that skip the proxy.",
    ],
    [
      "ports that all skip the proxy by an annotation",
      { spec: specWithAnnotations({ [SKIP_INBOUND]: "8080, 9000 ,5432," }) },
      "allowFrom: must be used with containers that declare TCP ports, got only ports that skip the proxy.",
    ],
    [
      "a port that Linkerd skips by default",
      { spec: specWith({}, { ports: [{ containerPort: 4567 }] }) },
      skipped(4567, "Linkerd skips inbound by default"),
    ],
    [
      "a port of the proxy",
      { spec: specWith({}, { ports: [{ containerPort: 4191 }] }) },
      skipped(4191, "is a port of the proxy"),
    ],
    [
      "ports of one name of which one is opaque",
      {
        spec: specWith({
          containers: [
            { name: "web", image: "w", ports: [{ name: "data", containerPort: 8080 }] },
            { name: "db", image: "d", ports: [{ name: "data", containerPort: 5432 }] },
          ],
        }),
      },
      "allowFrom: must not restrict ports of one name of which only some are opaque, got ports 8080, 5432, of which " +
        "5432 is opaque. One Server with one protocol selects all ports of a name. Fix: give the ports different names",
    ],
    [
      "ports of one name of which one skips the proxy",
      {
        spec: specWith({
          containers: [
            { name: "web", image: "w", ports: [{ name: "metrics", containerPort: 8080 }] },
            { name: "side", image: "s", ports: [{ name: "metrics", containerPort: 4191 }] },
          ],
        }),
      },
      skipped(4191, "is a port of the proxy"),
    ],
    [
      "an HTTPS probe",
      { spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http", scheme: "HTTPS" } } }) },
      probeIssue("HTTPS readinessProbe on port 8080") + denied + probeFix,
    ],
    [
      "a gRPC probe of a native sidecar",
      {
        spec: specWith({
          initContainers: [
            {
              name: "side",
              image: "s",
              restartPolicy: "Always",
              ports: [{ name: "side", containerPort: 7000 }],
              startupProbe: { grpc: { port: 7000 } },
            },
          ],
        }),
      },
      probeIssue("gRPC startupProbe on port 7000") + denied + probeFix,
    ],
    [
      "a hook that calls the pod",
      { spec: specWith({}, { lifecycle: { preStop: { httpGet: { path: "/drain", port: 8080 } } } }) },
      probeIssue("preStop hook on port 8080") + denied + probeFix,
    ],
    [
      "a gRPC probe",
      { spec: specWith({}, { readinessProbe: { grpc: { port: 9000 } } }) },
      probeIssue("gRPC readinessProbe on port 9000") + denied + probeFix,
    ],
    [
      "an HTTP probe of an opaque port",
      { mesh: { opaquePorts: ["http"] }, probes: { liveness: "/" } },
      probeIssue("livenessProbe on port 8080, which is opaque") +
        "Linkerd recognizes a probe by its HTTP path, which it does not read on an opaque port. " +
        probeFix,
    ],
  ])("%s cannot be combined with allowFrom", (_, args, issue) => expectIssue({ allowFrom, ...args }, issue));

  test.each<[string, MeshedDeploymentArgs, string]>([
    [
      "a port that the mesh of another stack skips inbound",
      { spec: specWith(), mesh: { ref: meshThatSkips(9000) } },
      skipped(9000, "the mesh skips inbound"),
    ],
    [
      "a port that the workload skips inbound by an Output",
      { spec: specWith(), mesh: { skipInboundPorts: [pulumi.output(9000)] } },
      skipped(9000, "the workload skips inbound by an Output"),
    ],
    [
      "pods that are not meshed due to an Output",
      { spec: specWith(), mesh: { inject: pulumi.output<"disabled">("disabled") } },
      "allowFrom: must be used with meshed pods, got linkerd.io/inject: disabled.",
    ],
    [
      "pods in the network of their node due to an Output",
      { spec: specWith({ hostNetwork: pulumi.output(true) }) },
      "allowFrom: must be used with meshed pods, got hostNetwork: true.",
    ],
    [
      "a probe of a port that is opaque due to an Output",
      {
        spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http" } } }),
        mesh: { opaquePorts: [pulumi.output(8080)] },
      },
      probeIssue("readinessProbe on port 8080, which is opaque"),
    ],
  ])("%s is reported when the Output resolves", async (_, args, issue) => {
    const issues = new IssueCollector("it");
    const { authorization } = planDeployment("web", { ...args, allowFrom }, issues, () => {});
    issues.assertValid();
    const protocols = (authorization?.ports ?? []).map(({ proxyProtocol }) => failing(proxyProtocol));
    const rejected = (await Promise.allSettled(protocols)).flatMap((each) =>
      each.status === "rejected" ? String(each.reason) : [],
    );
    expect(rejected[0]).toContain(issue);
  });
});
