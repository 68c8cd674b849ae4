/** `service.appProtocol`. The protocols that names declare are tested with the port table. */
import { expect, test } from "vitest";
import { isHttp, isOpaqueProtocol } from "../../../components/deployment/traffic/app-protocol.ts";
import { deployInvalid, deployWeb, messageOf, specWith, TYPES } from "./web-deployment.ts";

const spec = specWith(
  {},
  {
    ports: [
      { name: "http", containerPort: 8080 },
      { name: "api", containerPort: 8081 },
      { containerPort: 8082 },
      { name: "grpc", containerPort: 9000 },
    ],
  },
);

test("appProtocol is set or omitted by the name or number of a container port", async () => {
  const appProtocol = { http: false, api: "kubernetes.io/h2c", 8082: "http" } as const;
  const { find } = await deployWeb({ spec, service: { appProtocol, ports: { api: 80 } } });
  const { ports } = find("web", TYPES.service).inputs.spec;
  expect(ports.map(({ port, appProtocol }: Record<string, unknown>) => [port, appProtocol])).toEqual([
    [8080, undefined],
    [80, "kubernetes.io/h2c"],
    [8082, "http"],
    [9000, "kubernetes.io/h2c"],
  ]);
  expect(ports[0]).not.toHaveProperty("appProtocol");
});

test("an opaque port may have an appProtocol that is not HTTP, and a moved number names its container port", async () => {
  const appProtocol = { api: "mysql", 9000: false } as const;
  const { find } = await deployWeb({ spec, service: { appProtocol }, mesh: { opaquePorts: ["api"] } });
  const { ports } = find("web", TYPES.service).inputs.spec;
  expect(ports.map((port: Record<string, unknown>) => port.appProtocol)).toEqual([
    "http",
    "mysql",
    undefined,
    undefined,
  ]);
});

test.each([
  [undefined, true],
  ["http", true],
  ["HTTP", true],
  ["kubernetes.io/h2c", true],
  ["https", false],
  ["kubernetes.io/ws", false],
  ["tls", false],
])("proxies read HTTP on a port with the appProtocol %s: %s", (protocol, expected) => {
  expect(isHttp(protocol)).toBe(expected);
});

test("only Linkerd's own names declare an opaque port", () => {
  expect(["linkerd.io/opaque", "linkerd.io/tcp", "https", "http"].map(isOpaqueProtocol)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test.each<[string, object, string]>([
  [
    "a key of appProtocol that names no container port is rejected",
    { service: { appProtocol: { htpp: "http" } } },
    'service.appProtocol.htpp: must have the name or number of a container port, got "htpp" ' +
      "(container ports: http, api, 8082, grpc).",
  ],
  [
    "an appProtocol that is not a protocol name is rejected",
    { service: { appProtocol: { http: "HTTP/1.1 only" } } },
    'service.appProtocol.http: must be an appProtocol, e.g. "http" or "kubernetes.io/h2c", or false to omit it, ' +
      'got "HTTP/1.1 only".',
  ],
  [
    "an appProtocol of true is rejected",
    { service: { appProtocol: { http: true } } },
    'service.appProtocol.http: must be an appProtocol, e.g. "http" or "kubernetes.io/h2c", or false to omit it, got true.',
  ],
  [
    "an appProtocol that declares HTTP on an opaque port is rejected",
    { service: { appProtocol: { api: "http" } }, mesh: { opaquePorts: ["api"] } },
    'service.appProtocol.api: must not declare HTTP on an opaque port, got "http" for port 8081. ' +
      "Callers would read HTTP on a port that the pods carry as plain TCP. " +
      "Fix: remove service.appProtocol.api, or remove the port from mesh.opaquePorts",
  ],
  [
    "an appProtocol that declares an opaque port is rejected for a port that is not opaque",
    { service: { appProtocol: { api: "linkerd.io/opaque" } } },
    "service.appProtocol.api: must not declare an opaque port that mesh.opaquePorts does not contain, " +
      'got "linkerd.io/opaque" for port 8081. Linkerd requires the same opaque ports on the pods and on the Service. ' +
      "Fix: list the port in mesh.opaquePorts, or remove service.appProtocol.api",
  ],
])("%s", async (_, args, issue) => {
  expect(await deployInvalid({ spec, ...args })).toEqual({ message: messageOf(issue), resources: [] });
});
