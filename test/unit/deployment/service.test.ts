import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { register } from "../../support/mocks.ts";
import {
  deployInvalid,
  deployWeb,
  messageOf,
  specWith,
  specWithAnnotations,
  TYPES,
} from "./web-deployment.ts";

const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";

test("a Service has a named port for each container port, with the protocol that the name declares", async () => {
  const { find } = await deployWeb({
    metadata: { name: "shop-web", namespace: "shop" },
    spec: specWith(),
    service: true,
  });
  expect(find("web", TYPES.service)).toMatchObject({ parent: "web", dependsOn: [] });
  expect(find("web", TYPES.service).inputs).toMatchObject({
    metadata: {
      name: "shop-web",
      namespace: "shop",
      annotations: { "pulumi.com/skipAwait": "true", [OPAQUE_PORTS]: "5432" },
    },
    spec: {
      selector: { app: "web" },
      ports: [
        { name: "http", port: 8080, targetPort: "http", protocol: "TCP", appProtocol: "http" },
        {
          name: "grpc-api",
          port: 9000,
          targetPort: "grpc-api",
          protocol: "TCP",
          appProtocol: "kubernetes.io/h2c",
        },
        { name: "port-5432", port: 5432, targetPort: 5432, protocol: "TCP" },
        { name: "dns", port: 53, targetPort: "dns", protocol: "UDP" },
      ],
    },
  });
});

test("a Service has two ports of one number under different names if their protocols differ", async () => {
  const ports = [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }];
  const { find } = await deployWeb({ spec: specWith({}, { ports }), service: true });
  expect(find("web", TYPES.service).inputs.spec.ports).toEqual([
    { name: "port-53", port: 53, targetPort: 53, protocol: "TCP" },
    { name: "port-53-udp", port: 53, targetPort: 53, protocol: "UDP" },
  ]);
});

test("a Service has the name of the component if the Deployment has no name", async () => {
  const { find } = await deployWeb({ spec: specWith(), service: true });
  expect(find("web", TYPES.service).inputs.metadata.name).toBe("web");
});

test("service.ports moves a port of the Service, and its opaque ports are those of the Service", async () => {
  const { find } = await deployWeb({
    spec: specWith(),
    service: { ports: { http: 80 } },
    mesh: { opaquePorts: ["http"] },
  });
  const { metadata, spec } = find("web", TYPES.service).inputs;
  expect(spec.ports[0]).toEqual({ name: "http", port: 80, targetPort: "http", protocol: "TCP" });
  expect(metadata.annotations[OPAQUE_PORTS]).toBe("80,5432");
});

test("a Service has the ports of sidecars, and not those of init containers that run to completion", async () => {
  const at = (containerPort: number) => ({
    image: "i",
    ports: [{ name: `p${containerPort}`, containerPort }],
  });
  const initContainers = [
    { name: "migrate", ...at(8080) },
    { name: "proxy", restartPolicy: "Always", ...at(9999) },
    { name: "later", restartPolicy: pulumi.output("Always"), ...at(9998) },
  ];
  const { find } = await deployWeb({
    spec: specWith({ initContainers }, { ports: [{ name: "http", containerPort: 8080 }] }),
    service: true,
  });
  const names = find("web", TYPES.service).inputs.spec.ports.map(({ name }: { name: string }) => name);
  expect(names).toEqual(["http", "p9999", "p9998"]);
});

test.each(["", "8080,", " 8080 , 25 "])(
  "the annotation of opaque ports is parsed as leniently as Linkerd parses it: %o",
  async (annotation) => {
    const { find } = await deployWeb({
      spec: specWithAnnotations({ [OPAQUE_PORTS]: annotation }),
      service: true,
    });
    const { metadata } = find("web", TYPES.service).inputs;
    expect(metadata.annotations[OPAQUE_PORTS]).toBe(annotation === "" ? undefined : "8080");
  },
);

test("a Service takes its name, selector and ports from a spec and metadata that are Outputs", async () => {
  const { find } = await deployWeb({
    metadata: pulumi.output({ name: "late" }),
    spec: pulumi.output(specWith()),
    service: true,
  });
  const { metadata, spec } = find("web", TYPES.service).inputs;
  expect(metadata.name).toBe("late");
  expect(spec.selector).toEqual({ app: "web" });
  expect(spec.ports.map(({ port }: { port: number }) => port)).toEqual([8080, 9000, 5432, 53]);
});

test("a Service lists only its own ports as opaque if the opaque ports of the mesh are an Output", async () => {
  const serviceOf = async (opaque: number[]) => {
    const ports = pulumi.output(meshPorts({ opaque }));
    const ref = { linkerdVersion: "1", trustBundleSha256: "2", ports };
    const { find } = await register(
      () =>
        new MeshedDeployment("web", {
          spec: specWith({}, { ports: [{ name: "http", containerPort: 8080 }] }),
          mesh: { ref },
          service: { ports: { http: 80 } },
        }),
    );
    const { metadata, spec } = find("web", TYPES.service).inputs;
    return [metadata.annotations, spec.ports[0].appProtocol];
  };
  const skipAwait = { "pulumi.com/skipAwait": "true" };
  expect(await serviceOf([6000])).toEqual([skipAwait, "http"]);
  expect(await serviceOf([8080])).toEqual([{ ...skipAwait, [OPAQUE_PORTS]: "80" }, undefined]);
});

const UNKNOWN_PORT =
  'service.ports.htpp: must have the name of a container port, got "htpp" (container ports: http, grpc-api, dns).';

test.each<[string, object, string]>([
  [
    "a Service is rejected if no container declares a port",
    { spec: specWith({}, { ports: [] }), service: true },
    "service: must be used with containers that declare ports, got no ports. " +
      "Fix: declare the ports of the containers in the spec, or remove service",
  ],
  [
    "a key of service.ports that is not the name of a container port is rejected with the names that exist",
    { service: { ports: { htpp: 80 } } },
    UNKNOWN_PORT,
  ],
  [
    "a key of service.ports is checked although the port lists of the mesh are Outputs",
    {
      mesh: { ref: { linkerdVersion: "1", trustBundleSha256: "2", ports: pulumi.output(meshPorts()) } },
      service: { ports: { htpp: 80 } },
    },
    UNKNOWN_PORT,
  ],
  [
    "a Service port over 65535 is rejected",
    { service: { ports: { http: 70_000 } } },
    "service.ports.http: must be a port from 1 to 65535, got 70000.",
  ],
  [
    "a Service for container port 0 is rejected",
    { spec: specWith({}, { ports: [{ containerPort: 0 }] }), service: true },
    "service: must be used with container ports from 1 to 65535, got 0.",
  ],
  [
    "a Service with two ports of one number and protocol is rejected",
    { service: { ports: { http: 80, "grpc-api": 80 } } },
    "service: must have each port once, got 80/TCP twice. Fix: move one of the container ports with service.ports",
  ],
  [
    "a Service with two ports of one name is rejected",
    {
      spec: specWith({}, { ports: [{ name: "port-53", containerPort: 5353 }, { containerPort: 53 }] }),
      service: true,
    },
    "service: must have a different name for each port, got port-53 twice. Fix: rename one of the container ports",
  ],
  [
    "a Service is rejected if the selector of the Deployment has expressions only",
    {
      spec: { ...specWith(), selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
      service: true,
    },
    "service: must be used with spec.selector.matchLabels, got a selector without labels. " +
      "A Service selects pods by labels only. Fix: add labels of the pods to spec.selector.matchLabels",
  ],
])("%s", async (_, args, issue) => {
  expect(await deployInvalid(args)).toEqual({ message: messageOf(issue), resources: [] });
});
