import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { create, createService, expectIssue, ofType, specWith, TYPES } from "./web-deployment.ts";

test("timeouts and retries become annotations of the Service", async () => {
  const { metadata } = await createService({
    timeouts: { request: "5s", response: pulumi.output("4s"), idle: "1m" },
    retries: {
      limit: 2,
      timeout: "400ms",
      http: ["5xx", "429", "500-504", "501-501"],
      grpc: ["unavailable", "internal"],
    },
  });
  expect(metadata.annotations).toMatchObject({
    "timeout.linkerd.io/request": "5s",
    "timeout.linkerd.io/response": "4s",
    "timeout.linkerd.io/idle": "1m",
    "retry.linkerd.io/limit": "2",
    "retry.linkerd.io/timeout": "400ms",
    "retry.linkerd.io/http": "5xx,429,500-504,501-501",
    "retry.linkerd.io/grpc": "unavailable,internal",
  });
});

test("each gRPC port with retries has a GRPCRoute for its port of the Service", async () => {
  const ports = [
    { name: "grpc", containerPort: 9000 },
    { name: "grpc-admin", containerPort: 9001 },
    { name: "http", containerPort: 8080 },
  ];
  const { resources, find } = await create({
    metadata: { name: "shop-web", namespace: "shop" },
    spec: specWith({}, { ports }),
    service: { ports: { grpc: 80 } },
    retries: { grpc: ["unavailable"] },
  });
  const route = (suffix: string, port: number) => ({
    metadata: { name: `shop-web-${suffix}`, namespace: "shop" },
    spec: { parentRefs: [{ group: "core", kind: "Service", name: "shop-web", port }], rules: [{}] },
  });
  expect(ofType(resources, TYPES.grpcRoute).map(({ inputs }) => inputs)).toMatchObject([
    route("grpc", 80),
    route("grpc-admin", 9001),
  ]);
  expect(find("web-grpc", TYPES.grpcRoute)).toMatchObject({ parent: "web", dependsOn: ["web"] });
});

test("retries without gRPC status codes create no GRPCRoute", async () => {
  const { resources } = await create({ spec: specWith(), service: true, retries: { http: ["5xx"] } });
  expect(ofType(resources, TYPES.grpcRoute)).toEqual([]);
});

const noGrpcPort =
  "retries.grpc: must be used with a TCP port whose name is grpc or begins with grpc-, got no gRPC port. " +
  "Fix: name the gRPC port of the container grpc, or remove retries.grpc";
test.each<[string, object, string]>([
  [
    "timeouts without a Service",
    { timeouts: { request: "5s" } },
    "timeouts: must be set together with service. The proxies of callers read it from annotations of the Service. " +
      "Fix: set service to true",
  ],
  ["retries without a Service", { retries: { limit: 1 } }, "retries: must be set together with service."],
  [
    "a timeout with a fraction",
    { service: true, timeouts: { request: "1.5s" } },
    'timeouts.request: must be an integer with a unit ms, s, m, h or d, e.g. "500ms", got "1.5s".',
  ],
  [
    "an unknown timeout",
    { service: true, timeouts: { connect: "5s" } },
    "timeouts.connect: unknown field. Known fields: request, response, idle.",
  ],
  [
    "a limit of 0 retries",
    { service: true, retries: { limit: 0 } },
    "retries.limit: must be an integer from 1 to 65535, got 0.",
  ],
  [
    "an invalid HTTP status",
    { service: true, retries: { http: ["500..504"] } },
    'retries.http[0]: must be one of "5xx", "gateway-error", a status such as "503", or a range such as "500-504", ' +
      'got "500..504".',
  ],
  [
    "a reversed range of HTTP statuses",
    { service: true, retries: { http: ["gateway-error", "500-504", "504-500"] } },
    'retries.http[2]: must be a range from a lower to a higher status, got "504-500". Fix: use "500-504"',
  ],
  [
    "gRPC retries without a gRPC port",
    {
      spec: specWith({}, { ports: [{ name: "h2c", containerPort: 80 }] }),
      service: true,
      retries: { grpc: ["internal"] },
    },
    noGrpcPort,
  ],
  [
    "gRPC retries with a gRPC port that is not TCP",
    {
      spec: specWith({}, { ports: [{ name: "grpc", containerPort: 9000, protocol: "UDP" }] }),
      service: true,
      retries: { grpc: ["internal"] },
    },
    noGrpcPort,
  ],
  [
    "gRPC retries with container ports that are Outputs",
    { spec: pulumi.output(specWith()), service: true, retries: { grpc: ["internal"] } },
    "retries.grpc: must be used with container ports that are plain values, got an Output. " +
      "A GRPCRoute is created for each gRPC port.",
  ],
  [
    "gRPC retries with an opaque port",
    { service: true, mesh: { opaquePorts: ["grpc-api"] }, retries: { grpc: ["internal"] } },
    "retries.grpc: must not be used with an opaque port, got port 9000. " +
      "The proxy does not read gRPC status codes on an opaque port. " +
      "Fix: remove retries.grpc, or remove the port from mesh.opaquePorts",
  ],
  [
    "an unknown gRPC status code",
    { service: true, retries: { grpc: ["ok"] } },
    "retries.grpc[0]: must be one of cancelled, deadline-exceeded, internal, resource-exhausted, unavailable, " +
      'got "ok".',
  ],
])("%s is rejected", (_, args, issue) => expectIssue(args, issue));
