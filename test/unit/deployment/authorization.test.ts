/** The policy resources of `allowFrom`. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { register } from "../../support/mocks.ts";
import { deployWeb, ofType, selector, specWith, specWithAnnotations, TYPES } from "./web-deployment.ts";

const SKIP_INBOUND_PORTS = "config.linkerd.io/skip-inbound-ports";
const allowFrom = [{ serviceAccount: "till" }];

test("an Output in the ports that are skipped inbound does not make the Service unknown in a preview", async () => {
  const { find } = await register(
    () => {
      const port = new k8s.core.v1.ConfigMap("config", {}).metadata.uid.apply(Number);
      const mesh = { skipInboundPorts: [port] };
      return new MeshedDeployment("web", { spec: specWith(), mesh, service: true, allowFrom });
    },
    { preview: true },
  );
  const { metadata, spec } = find("web", TYPES.service).inputs;
  expect(spec.ports[0]).toMatchObject({ port: 8080, appProtocol: "http" });
  expect(metadata.annotations).toMatchObject({ "config.linkerd.io/opaque-ports": "5432" });
});

test("allowFrom restricts every TCP port to the ServiceAccounts of the callers, opaque ports as opaque", async () => {
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
  expect(find("web-callers", TYPES.authentication)).toMatchObject({
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
  expect(ofType(resources, TYPES.policy).map(({ inputs }) => inputs.spec.targetRef.kind)).toEqual([
    "Server",
    "Server",
    "Server",
  ]);
  expect(find("web-http", TYPES.policy).dependsOn).toEqual(["web-callers"]);
});

test("a port that the workload skips inbound has no Server, because nothing would enforce it", async () => {
  const { resources } = await deployWeb({
    spec: specWith(),
    mesh: { skipInboundPorts: ["http", "5000-6000"] },
    allowFrom,
  });
  expect(ofType(resources, TYPES.server).map(({ inputs }) => inputs.spec.port)).toEqual(["grpc-api"]);
});

test("one Server selects all ports of one name in all containers", async () => {
  const ports = [{ name: "metrics", containerPort: 9102 }];
  const udp = [{ name: "metrics", containerPort: 9102, protocol: "UDP" }];
  const containers = [
    { name: "statsd", image: "s", ports: udp },
    { name: "web", image: "w", ports },
    { name: "cache", image: "c", ports: [{ name: "metrics", containerPort: 9103 }] },
  ];
  const { resources } = await deployWeb({
    spec: specWith({ containers, initContainers: [{ name: "init", image: "i", ports }] }),
    allowFrom,
  });
  expect(ofType(resources, TYPES.server).map(({ name }) => name)).toEqual(["web-metrics"]);
});

test("a port that both the mesh and the workload skip inbound stays open to all callers", async () => {
  const ports = pulumi.output(meshPorts({ skipInbound: [9000] }));
  const { resources } = await deployWeb({
    spec: specWith(),
    mesh: { ref: { linkerdVersion: "1", trustBundleSha256: "2", ports }, skipInboundPorts: [9000] },
    allowFrom,
  });
  expect(ofType(resources, TYPES.server).map(({ inputs }) => inputs.spec.port)).toEqual(["http", 5432]);
});

test("Outputs as labels and as a restartPolicy do not hide the ports that an annotation skips", async () => {
  const spec = specWith({
    initContainers: [{ name: "init", image: "i", restartPolicy: pulumi.output("Always") }],
  });
  const metadata = {
    labels: pulumi.output({ app: "web" }),
    annotations: { [SKIP_INBOUND_PORTS]: "9000,5432" },
  };
  const { resources } = await deployWeb({
    spec: { ...spec, template: { ...spec.template, metadata } },
    allowFrom,
  });
  expect(ofType(resources, TYPES.server).map(({ inputs }) => inputs.spec.port)).toEqual(["http"]);
});

test("an empty annotation of skipped ports leaves every TCP port restricted", async () => {
  const { resources } = await deployWeb({
    spec: specWithAnnotations({ [SKIP_INBOUND_PORTS]: "" }),
    allowFrom,
  });
  expect(ofType(resources, TYPES.server)).toHaveLength(3);
});

test("allowFrom is valid with a preStop hook that calls another host", async () => {
  const httpGet = { host: "drain.example", path: "/", port: 8080 };
  const { resources } = await deployWeb({
    spec: specWith({}, { lifecycle: { preStop: { httpGet } } }),
    allowFrom,
  });
  expect(ofType(resources, TYPES.server)).toHaveLength(3);
});

test.each<[string, MeshedDeploymentArgs["metadata"], string]>([
  ["the Deployment", { name: "shop-web", namespace: "shop" }, "shop-web"],
  ["a Deployment whose name is an Output", pulumi.output({ name: "late" }), "late"],
  ["the component if the Deployment has no name", undefined, "web"],
])(
  "a Server has the name of %s and of its port, so that its policy is created first",
  async (_, metadata, name) => {
    const { find } = await register(() => {
      const first = new k8s.core.v1.ConfigMap("first", {});
      const args = { ...(metadata && { metadata }), spec: specWith(), allowFrom };
      return new MeshedDeployment("web", args, { dependsOn: first });
    });
    for (const port of ["http", "grpc-api", "5432"]) {
      const server = find(`web-${port}`, TYPES.server);
      const policy = find(`web-${port}`, TYPES.policy);
      expect(server.inputs.metadata.name).toBe(`${name}-${port}`);
      expect(policy.inputs.spec.targetRef.name).toBe(`${name}-${port}`);
      expect(policy.dependsOn).toEqual(["first", "web-callers"]);
      expect(server.dependsOn).toEqual(["first", `web-${port}`]);
    }
  },
);

test("a renamed Server and its policy are deleted only after the new ones are created", async () => {
  const options: Record<string, pulumi.CustomResourceOptions> = {};
  const recordOptions: pulumi.ResourceTransformation = ({ type, opts }) => {
    options[type] = opts;
    return undefined;
  };
  const args = { spec: specWith(), allowFrom };
  await register(() => new MeshedDeployment("web", args, { transformations: [recordOptions] }));
  expect(options[TYPES.policy]?.replaceOnChanges).toEqual(["spec.targetRef.name"]);
  for (const type of [TYPES.server, TYPES.policy]) {
    expect(options[type]).not.toHaveProperty("deleteBeforeReplace");
  }
});
