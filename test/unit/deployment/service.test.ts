import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import type { MeshedDeploymentArgs } from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { failing } from "../../support/mocks.ts";
import {
  create,
  createService,
  expectIssue,
  specWith,
  specWithAnnotations,
  TYPES,
} from "./web-deployment.ts";

const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";
const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

describe("ports of the Service", () => {
  test("a Service has a port for each container port, with the protocol that its name declares", async () => {
    const { find } = await create({
      metadata: { name: "shop-web", namespace: "shop" },
      spec: specWith(),
      service: true,
    });
    expect(find("web", TYPES.service)).toMatchObject({ parent: "web", dependsOn: [] });
    expect(find("web", TYPES.service).inputs).toMatchObject({
      metadata: {
        name: "shop-web",
        namespace: "shop",
        annotations: { ...SKIP_AWAIT, [OPAQUE_PORTS]: "5432" },
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

  test("a number that is used with two protocols gets two ports with different names", async () => {
    const ports = [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }];
    const { spec } = await createService({ spec: specWith({}, { ports }) });
    expect(spec.ports).toEqual([
      { name: "port-53", port: 53, targetPort: 53, protocol: "TCP" },
      { name: "port-53-udp", port: 53, targetPort: 53, protocol: "UDP" },
    ]);
  });

  test("`service.ports` sets the number of a port, also in the list of opaque ports", async () => {
    const { metadata, spec } = await createService({
      service: { ports: { http: 80 } },
      mesh: { opaquePorts: ["http"] },
    });
    expect(spec.ports[0]).toEqual({ name: "http", port: 80, targetPort: "http", protocol: "TCP" });
    expect(metadata.annotations[OPAQUE_PORTS]).toBe("80,5432");
  });

  test("ports of native sidecars are served, ports of other init containers are not", async () => {
    const at = (containerPort: number) => ({
      image: "i",
      ports: [{ name: `p${containerPort}`, containerPort }],
    });
    const initContainers = [
      { name: "migrate", ...at(8080) },
      { name: "proxy", restartPolicy: "Always", ...at(9999) },
      { name: "late", restartPolicy: pulumi.output("Always"), ...at(9998) },
    ];
    const { spec } = await createService({
      spec: specWith({ initContainers }, { ports: [{ name: "http", containerPort: 8080 }] }),
    });
    expect(spec.ports.map(({ name }: { name: string }) => name)).toEqual(["http", "p9999", "p9998"]);
  });

  test.each(["", "8080,", " 8080 , 25 "])(
    "an annotation of opaque ports is parsed as leniently as Linkerd does: %o",
    async (annotation) => {
      const { metadata } = await createService({ spec: specWithAnnotations({ [OPAQUE_PORTS]: annotation }) });
      expect(metadata.annotations[OPAQUE_PORTS]).toBe(annotation === "" ? undefined : "8080");
    },
  );

  test("a Service lists only those opaque ports of the mesh that it has, if they are known during `up`", async () => {
    const createWith = async (opaque: number[]) => {
      const ref = {
        linkerdVersion: "1",
        trustBundleSha256: "2",
        ports: pulumi.output(meshPorts({ opaque })),
      };
      const { metadata, spec } = await createService({
        spec: specWith({}, { ports: [{ name: "http", containerPort: 8080 }] }),
        mesh: { ref },
        service: { ports: { http: 80 } },
      });
      return [metadata.annotations, spec.ports[0].appProtocol];
    };
    expect(await createWith([6000])).toEqual([SKIP_AWAIT, "http"]);
    expect(await createWith([8080])).toEqual([{ ...SKIP_AWAIT, [OPAQUE_PORTS]: "80" }, undefined]);
  });
});

describe("metadata and type of the Service", () => {
  test("a Service has the name of the component if the Deployment has none", async () => {
    expect((await createService({})).metadata.name).toBe("web");
  });

  test("a Service is created from metadata and a spec that are Outputs", async () => {
    const { metadata, spec } = await createService({
      metadata: pulumi.output({ name: "late" }),
      spec: pulumi.output(specWith()),
    });
    expect(metadata.name).toBe("late");
    expect(spec.selector).toEqual({ app: "web" });
    expect(spec.ports.map(({ port }: { port: number }) => port)).toEqual([8080, 9000, 5432, 53]);
  });

  test.each([
    ["plain values", <T>(value: T) => value],
    ["Outputs", <T>(value: T) => pulumi.output(value)],
  ])("the type, labels and annotations of a Service can be set with %s", async (_, input) => {
    const { metadata, spec } = await createService({
      metadata: { labels: { team: "shop", tier: "back" } },
      service: {
        type: input("LoadBalancer" as const),
        labels: input({ tier: "front" }) as pulumi.Input<Record<string, string>>,
        annotations: input({
          "lb.example/scheme": "internal",
          "pulumi.com/skipAwait": "false",
        }) as pulumi.Input<Record<string, string>>,
      },
    });
    expect(spec.type).toBe("LoadBalancer");
    expect(metadata.labels).toEqual({ team: "shop", tier: "front" });
    expect(metadata.annotations).toEqual({
      "lb.example/scheme": "internal",
      "pulumi.com/skipAwait": "false",
      [OPAQUE_PORTS]: "5432",
    });
  });

  test("a label or annotation that is undefined replaces nothing", async () => {
    const absent = { tier: undefined, "pulumi.com/skipAwait": undefined } as unknown as Record<
      string,
      string
    >;
    const { metadata } = await createService({
      metadata: { labels: { tier: "back" } },
      service: { labels: absent, annotations: absent },
    });
    expect(metadata.labels).toEqual({ tier: "back" });
    expect(metadata.annotations).toEqual({ ...SKIP_AWAIT, [OPAQUE_PORTS]: "5432" });
  });

  test("an annotation for retries can be set on the Service as long as `retries` does not set it", async () => {
    const { metadata } = await createService({
      service: { annotations: { "retry.linkerd.io/limit": "3" } },
      retries: { http: ["5xx"] },
    });
    expect(metadata.annotations).toMatchObject({
      "retry.linkerd.io/limit": "3",
      "retry.linkerd.io/http": "5xx",
    });
  });
});

describe("issues with the Service", () => {
  const ref = { linkerdVersion: "1", trustBundleSha256: "2", ports: pulumi.output(meshPorts()) };
  test.each<[string, object, string]>([
    [
      "a Service without ports",
      { spec: specWith({}, { ports: [] }), service: true },
      "service: must be used with containers that declare ports, got no ports. " +
        "Fix: declare the ports of the containers in the spec, or remove service",
    ],
    [
      "a Service port that no container has",
      { service: { ports: { htpp: 80 } } },
      'service.ports.htpp: must have the name of a container port, got "htpp" (container ports: http, grpc-api, dns).',
    ],
    [
      "a Service port that no container has, while the port lists of the mesh are not known",
      { mesh: { ref }, service: { ports: { htpp: 80 } } },
      'service.ports.htpp: must have the name of a container port, got "htpp"',
    ],
    [
      "a Service port out of range",
      { service: { ports: { http: 70_000 } } },
      "service.ports.http: must be a port from 1 to 65535, got 70000.",
    ],
    [
      "a container port out of range",
      { spec: specWith({}, { ports: [{ containerPort: 0 }] }), service: true },
      "service: must be used with container ports from 1 to 65535, got 0.",
    ],
    [
      "two Service ports with one number",
      { service: { ports: { http: 80, "grpc-api": 80 } } },
      "service: must have each port once, got 80/TCP twice. Fix: move one of the container ports with service.ports",
    ],
    [
      "two Service ports with one name",
      {
        spec: specWith({}, { ports: [{ name: "port-53", containerPort: 5353 }, { containerPort: 53 }] }),
        service: true,
      },
      "service: must have a different name for each port, got port-53 twice. Fix: rename one of the container ports",
    ],
    [
      "a Service with a selector without labels",
      {
        spec: specWith({}, {}, { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }),
        service: true,
      },
      "service: must be used with spec.selector.matchLabels, got a selector without labels. " +
        "A Service selects pods by labels only. Fix: add labels of the pods to spec.selector.matchLabels",
    ],
    [
      "an unknown type of Service",
      { service: { type: "ExternalName" } },
      'service.type: must be one of ClusterIP, NodePort, LoadBalancer, got "ExternalName".',
    ],
    [
      "an unknown field of the Service",
      { service: { port: 80 } },
      "service.port: unknown field. Known fields: ports,",
    ],
    [
      "opaque ports that would be set on the Service alone",
      { service: { annotations: { [OPAQUE_PORTS]: "8080" } } },
      `service.annotations["${OPAQUE_PORTS}"]: must be set by mesh.opaquePorts. ` +
        "Linkerd requires the same opaque ports on the pods and on the Service. Fix: list the ports in mesh.opaquePorts",
    ],
    [
      "an annotation of the Service that `retries` sets as well",
      { service: { annotations: { "retry.linkerd.io/limit": "3" } }, retries: { limit: 2 } },
      'service.annotations["retry.linkerd.io/limit"]: must not be set together with retries.limit. ' +
        'Both write the same annotation. Fix: remove service.annotations["retry.linkerd.io/limit"], or remove retries.limit',
    ],
    [
      "an annotation of the Service that `timeouts` sets as well",
      { service: { annotations: { "timeout.linkerd.io/idle": "1m" } }, timeouts: { idle: "1m" } },
      'service.annotations["timeout.linkerd.io/idle"]: must not be set together with timeouts.idle.',
    ],
  ])("%s is rejected before anything is registered", (_, args, issue) => expectIssue(args, issue));

  test.each<[string, MeshedDeploymentArgs, string]>([
    [
      "annotations",
      { spec: specWith(), service: { annotations: pulumi.output({ [OPAQUE_PORTS]: "8080" }) } },
      `service.annotations["${OPAQUE_PORTS}"]: must be set by mesh.opaquePorts.`,
    ],
    [
      "a spec",
      { spec: pulumi.output(specWith({}, { ports: [] })), service: true },
      "service: must be used with containers that declare ports, got no ports.",
    ],
  ])("an issue with %s in an Output is reported when it resolves", async (_, args, issue) => {
    const issues = new IssueCollector("it");
    const { service } = planDeployment("web", args, issues, () => {});
    issues.assertValid();
    const inputs = [service?.metadata.annotations, service?.spec.ports];
    const settled = await Promise.allSettled(inputs.map((input) => failing(pulumi.output(input))));
    expect(settled).toContainEqual({
      status: "rejected",
      reason: expect.objectContaining({ message: expect.stringContaining(issue) }),
    });
  });
});
