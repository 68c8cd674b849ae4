import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addInboundSkips,
  addProtocols,
  declarePorts,
  type PortContext,
} from "../../../components/deployment/port-table.ts";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { meshPortSets } from "../../../components/linkerd/values/ports.ts";

const context: PortContext = {
  template: {},
  servicePorts: undefined,
  skipInbound: PortSet.EMPTY,
  restrictsCallers: false,
  retriesGrpc: false,
};
const defaults = meshPortSets();

/** The complete rows for these ports. The lists in force are those of the mesh, and the ports that the workload skips. */
function rowsOf(
  ports: Parameters<typeof declarePorts>[0],
  options: Partial<PortContext> = {},
  mesh: typeof defaults = defaults,
) {
  const declared = declarePorts(ports, { ...context, ...options });
  const rows = addProtocols(declared, { opaque: mesh.opaque, meshSkipOutbound: mesh.skipOutbound });
  const skipInbound = mesh.skipInbound.union(options.skipInbound ?? PortSet.EMPTY);
  return addInboundSkips(rows, { skipInbound, meshSkipInbound: mesh.skipInbound });
}

test("a row has a value in each column, for a port without any option", () => {
  expect(rowsOf([{ containerPort: 8080 }])).toEqual([
    {
      name: undefined,
      containerPort: 8080,
      protocol: "TCP",
      servicePort: undefined,
      kubeletCalls: [],
      skippedByWorkload: false,
      authorized: false,
      retriesGrpc: false,
      skippedOutbound: undefined,
      opaque: false,
      appProtocol: undefined,
      skippedInbound: undefined,
    },
  ]);
});

test("a Service port has the number of `service.ports`, or else of the container port", () => {
  const ports = [{ name: "http", containerPort: 8080 }, { containerPort: 9000 }];
  const numbers = (servicePorts: PortContext["servicePorts"]) =>
    rowsOf(ports, { servicePorts }).map(({ servicePort }) => servicePort);
  expect(numbers({ http: 80 })).toEqual([80, 9000]);
  expect(numbers({})).toEqual([8080, 9000]);
  expect(numbers(undefined)).toEqual([undefined, undefined]);
});

describe("ports that skip a proxy", () => {
  const mesh = meshPortSets({ skipInbound: [7000], skipOutbound: [7001] });
  test.each([
    ["the workload", 8080, "workload"],
    ["the workload and the mesh", 7002, "workload"],
    ["the mesh", 7000, "mesh"],
    ["Linkerd by default", 4567, "defaults"],
    ["the proxy, which uses it itself,", 4191, "proxy"],
    ["nothing", 9000, undefined],
  ])("the table records that %s skips a port inbound", (_, containerPort, source) => {
    const skipInbound = PortSet.of(8080, 7002);
    const lists = { ...mesh, skipInbound: mesh.skipInbound.union(PortSet.of(7002)) };
    expect(rowsOf([{ containerPort }], { skipInbound }, lists)[0]?.skippedInbound).toBe(source);
  });

  test("a port that is skipped inbound by an Output of the workload is skipped by the workload", () => {
    const rows = addProtocols(declarePorts([{ containerPort: 8080 }], context), {
      opaque: PortSet.EMPTY,
      meshSkipOutbound: PortSet.EMPTY,
    });
    const lists = { skipInbound: PortSet.of(8080), meshSkipInbound: PortSet.EMPTY };
    expect(addInboundSkips(rows, lists)[0]).toMatchObject({
      skippedByWorkload: false,
      skippedInbound: "workload",
    });
  });

  test.each([
    ["the mesh skips the container port", 7001, undefined, "mesh"],
    ["the mesh skips SMTP", 25, undefined, "mesh"],
    ["Linkerd skips the container port by default", 4568, undefined, "defaults"],
    ["the mesh skips the Service port", 8025, { smtp: 25 }, "mesh"],
    [
      "the mesh skips only the container port, and the Service has another one",
      7001,
      { smtp: 80 },
      undefined,
    ],
    ["the mesh does not skip the port", 8080, undefined, undefined],
  ])("the table records whether callers skip their proxies: %s", (_, containerPort, servicePorts, source) => {
    const ports = [{ name: "smtp", containerPort }];
    expect(rowsOf(ports, { servicePorts }, mesh)[0]?.skippedOutbound).toBe(source);
  });
});

describe("protocols", () => {
  test.each([
    ["http", "http"],
    ["http-admin", "http"],
    ["http2", "kubernetes.io/h2c"],
    ["h2c-api", "kubernetes.io/h2c"],
    ["grpc", "kubernetes.io/h2c"],
    ["grpc-api", "kubernetes.io/h2c"],
    ["https", undefined],
    ["grpcs", undefined],
    ["metrics", undefined],
    [undefined, undefined],
  ])("a port named %s has the appProtocol %s", (name, appProtocol) => {
    expect(rowsOf([{ name, containerPort: 8080 }])[0]?.appProtocol).toBe(appProtocol);
  });

  test("an opaque port has no appProtocol", () => {
    expect(rowsOf([{ name: "http", containerPort: 5432 }])[0]).toMatchObject({
      opaque: true,
      appProtocol: undefined,
    });
  });
});

describe("the kubelet's calls", () => {
  const ports = [
    { name: "http", containerPort: 8080 },
    { name: "admin", containerPort: 9000 },
  ];
  const callsOf = (container: object, field = "containers", options: Partial<PortContext> = {}) =>
    rowsOf(ports, { ...options, template: { spec: { [field]: [container] } } }).map(
      ({ kubeletCalls }) => kubeletCalls,
    );

  test.each([
    ["an HTTP probe by number", { readinessProbe: { httpGet: { port: 8080 } } }, "readinessProbe", true],
    ["an HTTP probe by name", { livenessProbe: { httpGet: { port: "http" } } }, "livenessProbe", true],
    [
      "an HTTPS probe",
      { startupProbe: { httpGet: { port: 8080, scheme: "HTTPS" } } },
      "HTTPS startupProbe",
      false,
    ],
    ["a gRPC probe", { livenessProbe: { grpc: { port: 8080 } } }, "gRPC livenessProbe", false],
    ["a hook", { lifecycle: { postStart: { httpGet: { port: 8080 } } } }, "postStart hook", false],
  ])("the table records %s, and whether Linkerd exempts it", (_, container, caller, exempt) => {
    for (const field of ["containers", "initContainers"]) {
      expect(callsOf(container, field)).toEqual([[{ caller, exempt }], []]);
    }
  });

  test.each([
    ["a TCP probe", { readinessProbe: { tcpSocket: { port: 8080 } } }],
    ["a probe of another host", { readinessProbe: { httpGet: { port: 8080, host: "other" } } }],
    ["a probe of a port that is not declared", { readinessProbe: { httpGet: { port: 8081 } } }],
  ])("the table does not record %s", (_, container) => {
    expect(callsOf(container)).toEqual([[], []]);
  });

  test("the table does not record a probe of a port that skips the proxy", () => {
    const container = { readinessProbe: { httpGet: { port: 8080 } } };
    expect(callsOf(container, "containers", { skipInbound: PortSet.of(8080) })).toEqual([[], []]);
  });
});

describe("options that apply to some ports", () => {
  const ports = [
    { name: "grpc", containerPort: 9000 },
    { name: "grpc-udp", containerPort: 9001, protocol: "UDP" },
    { name: "http", containerPort: 8080 },
  ];
  const flags = (column: "authorized" | "retriesGrpc", options: Partial<PortContext>) =>
    rowsOf(ports, options).map((row) => row[column]);

  test("`allowFrom` restricts the callers of TCP ports that reach the proxy", () => {
    expect(flags("authorized", { restrictsCallers: true })).toEqual([true, false, true]);
    expect(flags("authorized", { restrictsCallers: true, skipInbound: PortSet.of(8080) })).toEqual([
      true,
      false,
      false,
    ]);
    expect(flags("authorized", {})).toEqual([false, false, false]);
  });

  test("`retries.grpc` applies to TCP ports of a Service whose names declare gRPC", () => {
    expect(flags("retriesGrpc", { retriesGrpc: true, servicePorts: {} })).toEqual([true, false, false]);
    expect(flags("retriesGrpc", { retriesGrpc: true })).toEqual([false, false, false]);
    expect(flags("retriesGrpc", { servicePorts: {} })).toEqual([false, false, false]);
  });
});

describe("properties of any table", () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  const set = fc.array(port, { maxLength: 5 }).map((ports) => PortSet.of(...ports));
  const containerPort = fc.record({
    name: fc.option(fc.constantFrom("http", "grpc", "grpc-api", "h2c", "data"), { nil: undefined }),
    containerPort: fc.oneof(port, fc.constantFrom(25, 4191, 4567, 5432, 8080)),
    protocol: fc.constantFrom("TCP", "UDP", undefined),
  });

  test("each port has one row, in order, whose columns agree with the lists and with each other", () => {
    fc.assert(
      fc.property(
        fc.array(containerPort, { maxLength: 5 }),
        fc.record({ opaque: set, skipInbound: set, skipOutbound: set }),
        set,
        fc.boolean(),
        (ports, mesh, skipInbound, restrictsCallers) => {
          const rows = rowsOf(ports, { skipInbound, restrictsCallers, servicePorts: {} }, mesh);
          expect(rows.map(({ containerPort }) => containerPort)).toEqual(
            ports.map(({ containerPort }) => containerPort),
          );
          for (const row of rows) {
            expect(row.opaque).toBe(mesh.opaque.has(row.containerPort));
            expect(row.skippedOutbound !== undefined).toBe(mesh.skipOutbound.has(row.containerPort));
            expect(row.skippedInbound === "workload").toBe(skipInbound.has(row.containerPort));
            if (row.opaque) expect(row.appProtocol).toBe(undefined);
            if (row.authorized) expect(row.skippedInbound).not.toBe("workload");
          }
        },
      ),
    );
  });
});
