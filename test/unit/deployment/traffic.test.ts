/** Timeouts, retries and GRPCRoutes. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deployInvalid, deployWeb, messageOf, ofType, specWith, TYPES } from "./web-deployment.ts";

test("timeouts and retries are annotations of the Service, from which the proxies of callers read them", async () => {
  const { find } = await deployWeb({
    spec: specWith(),
    service: true,
    timeouts: { request: "5s", response: pulumi.output("4s"), idle: "1m" },
    retries: {
      limit: 2,
      timeout: "400ms",
      http: ["5xx", "429", "500-504", "501-501"],
      grpc: ["unavailable", "internal"],
    },
  });
  expect(find("web", TYPES.service).inputs.metadata.annotations).toMatchObject({
    "timeout.linkerd.io/request": "5s",
    "timeout.linkerd.io/response": "4s",
    "timeout.linkerd.io/idle": "1m",
    "retry.linkerd.io/limit": "2",
    "retry.linkerd.io/timeout": "400ms",
    "retry.linkerd.io/http": "5xx,429,500-504,501-501",
    "retry.linkerd.io/grpc": "unavailable,internal",
  });
});

test("retries of gRPC status codes create a GRPCRoute for each gRPC port, with its number in the Service", async () => {
  const ports = [
    { name: "grpc", containerPort: 9000 },
    { name: "grpc-admin", containerPort: 9001 },
    { name: "http", containerPort: 8080 },
  ];
  const { resources, find } = await deployWeb({
    metadata: { name: "shop-web", namespace: "shop" },
    spec: specWith({}, { ports }),
    service: { ports: { grpc: 80 } },
    retries: { grpc: ["unavailable"] },
  });
  const route = (suffix: string, port: number) => ({
    metadata: { name: `shop-web-${suffix}`, namespace: "shop" },
    spec: { parentRefs: [{ group: "core", kind: "Service", name: "shop-web", port }], rules: [{}] },
  });
  expect(ofType(resources, TYPES.route).map(({ inputs }) => inputs)).toMatchObject([
    route("grpc", 80),
    route("grpc-admin", 9001),
  ]);
  expect(find("web-grpc", TYPES.route)).toMatchObject({ parent: "web", dependsOn: ["web"] });
});

test("retries of HTTP responses alone create no GRPCRoute", async () => {
  const { resources } = await deployWeb({ spec: specWith(), service: true, retries: { http: ["5xx"] } });
  expect(ofType(resources, TYPES.route)).toEqual([]);
});

const NO_GRPC_PORT =
  "retries.grpc: must be used with a TCP port whose name is grpc or begins with grpc-, got no gRPC port. " +
  "Fix: name the gRPC port of the container grpc, or remove retries.grpc";

test.each<[string, object, string]>([
  [
    "timeouts without a Service are rejected",
    { timeouts: { request: "5s" } },
    "timeouts: must be set together with service. The proxies of callers read it from annotations of the Service. " +
      "Fix: set service to true",
  ],
  [
    "a timeout with a decimal fraction is rejected",
    { service: true, timeouts: { request: "1.5s" } },
    'timeouts.request: must be an integer with a unit ms, s, m, h or d, e.g. "500ms", got "1.5s".',
  ],
  [
    "an HTTP status to retry that is not a status or range is rejected",
    { service: true, retries: { http: ["500..504"] } },
    'retries.http[0]: must be one of "5xx", "gateway-error", a status such as "503", or a range such as "500-504", ' +
      'got "500..504".',
  ],
  [
    "a range of HTTP statuses whose higher status comes first is rejected with its index",
    { service: true, retries: { http: ["gateway-error", "500-504", "504-500"] } },
    'retries.http[2]: must be a range from a lower to a higher status, got "504-500". Fix: use "500-504"',
  ],
  [
    "retries of gRPC status codes are rejected if the name of no port declares gRPC",
    {
      spec: specWith({}, { ports: [{ name: "h2c", containerPort: 80 }] }),
      service: true,
      retries: { grpc: ["internal"] },
    },
    NO_GRPC_PORT,
  ],
  [
    "retries of gRPC status codes are rejected if the only gRPC port is UDP",
    {
      spec: specWith({}, { ports: [{ name: "grpc", containerPort: 9000, protocol: "UDP" }] }),
      service: true,
      retries: { grpc: ["internal"] },
    },
    NO_GRPC_PORT,
  ],
  [
    "retries of gRPC status codes are rejected if the container ports are an Output",
    { spec: pulumi.output(specWith()), service: true, retries: { grpc: ["internal"] } },
    "retries.grpc: must be used with container ports that are plain values, got an Output. " +
      "A GRPCRoute is created for each gRPC port. Fix: declare the ports of the containers as plain values",
  ],
  [
    "retries of gRPC status codes are rejected on an opaque port",
    { service: true, mesh: { opaquePorts: ["grpc-api"] }, retries: { grpc: ["internal"] } },
    "retries.grpc: must not be used with an opaque port, got port 9000. " +
      "The proxy does not read gRPC status codes on an opaque port. " +
      "Fix: remove retries.grpc, or remove the port from mesh.opaquePorts",
  ],
])("%s", async (_, args, issue) => {
  expect(await deployInvalid(args)).toEqual({ message: messageOf(issue), resources: [] });
});
