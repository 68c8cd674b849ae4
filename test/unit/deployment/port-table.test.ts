import { describe, expect, test } from "vitest";
import {
  completePorts,
  declarePorts,
  type PortContext,
  type PortLists,
  type PortRow,
} from "../../../components/deployment/port-table.ts";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { meshPortSets } from "../../../components/linkerd/values/ports.ts";
import type { ContainerPort } from "../../../components/meshing/port-items.ts";

const CONTEXT: PortContext = {
  template: undefined,
  servicePorts: {},
  skipInbound: PortSet.EMPTY,
  accessOf: () => "restricted",
  retriesGrpc: true,
};
const LISTS: PortLists = { opaque: PortSet.EMPTY, skipInbound: PortSet.EMPTY, mesh: meshPortSets() };

/** The declared columns of `ports`, for a workload with a Service, `allowFrom` and `retries.grpc`. */
const declare = (ports: ContainerPort[], context: Partial<PortContext> = {}) =>
  declarePorts(ports, { ...CONTEXT, ...context });

/** The complete row of one port, in a mesh with Linkerd's default lists. */
function rowOf(
  port: ContainerPort,
  lists: Partial<PortLists> = {},
  context: Partial<PortContext> = {},
): PortRow | undefined {
  return completePorts(declare([port], context), { ...LISTS, ...lists })[0];
}

describe("declarePorts", () => {
  test("a port without a name and a protocol is a TCP port with the same number in the Service", () => {
    expect(declare([{ containerPort: 8080 }])).toEqual([
      {
        name: undefined,
        containerPort: 8080,
        protocol: "TCP",
        servicePort: 8080,
        kubeletCalls: [],
        skippedByWorkload: false,
        access: "restricted",
        authorized: true,
        mail: false,
        ownAppProtocol: undefined,
        retriesGrpc: false,
      },
    ]);
  });

  test("the rows are in the order of the ports", () => {
    const ports = [9000, 8080, 9000, 1].map((containerPort) => ({ containerPort }));
    expect(declare(ports).map(({ containerPort }) => containerPort)).toEqual([9000, 8080, 9000, 1]);
  });

  test("a port that the Service moves by its name has that number there", () => {
    const ports = [{ name: "http", containerPort: 8080 }, { containerPort: 9000 }];
    expect(declare(ports, { servicePorts: { http: 80 } }).map(({ servicePort }) => servicePort)).toEqual([
      80, 9000,
    ]);
  });

  test("without a Service, no port has a number there and no gRPC port is retried", () => {
    const [grpc] = declare([{ name: "grpc", containerPort: 9000 }], { servicePorts: undefined });
    expect(grpc).toMatchObject({ servicePort: undefined, retriesGrpc: false });
  });

  test.each<[string, ContainerPort, Partial<PortContext>]>([
    ["a UDP port", { containerPort: 53, protocol: "UDP" }, {}],
    ["an SCTP port", { containerPort: 53, protocol: "SCTP" }, {}],
    ["a port that the workload skips inbound", { containerPort: 53 }, { skipInbound: PortSet.of("50-60") }],
    ["a port of a workload without allowFrom", { containerPort: 53 }, { accessOf: () => undefined }],
  ])("%s is not authorized", (_, port, given) => {
    expect(declare([port], given)[0]?.authorized).toBe(false);
  });

  test.each([
    ["grpc", "TCP", true],
    ["grpc-admin", "TCP", true],
    ["grpcweb", "TCP", false],
    ["grpc-web", "TCP", false],
    ["grpc-tls", "TCP", false],
    ["grpc-gateway", "TCP", false],
    ["h2c", "TCP", false],
    ["grpc", "UDP", false],
  ])("retries.grpc applies to a port named %s with the protocol %s: %s", (name, protocol, expected) => {
    expect(declare([{ name, containerPort: 9000, protocol }])[0]?.retriesGrpc).toBe(expected);
  });

  test("retries.grpc does not apply where it is not set", () => {
    expect(declare([{ name: "grpc", containerPort: 9000 }], { retriesGrpc: false })[0]?.retriesGrpc).toBe(
      false,
    );
  });

  test("the kubelet's calls are in the row of the port that they name by its name or its number", () => {
    const ports = [{ name: "http", containerPort: 8080 }, { containerPort: 9000 }, { containerPort: 7000 }];
    const container = {
      ports,
      readinessProbe: { httpGet: { path: "/ready", port: "http" } },
      livenessProbe: { grpc: { port: 9000 } },
      startupProbe: { httpGet: { path: "/", port: 8080, scheme: "HTTPS" } },
      lifecycle: { preStop: { httpGet: { path: "/drain", port: 8080 } } },
    };
    const template = { spec: { containers: [container] } };
    expect(declare(ports, { template }).map(({ kubeletCalls }) => kubeletCalls)).toEqual([
      [
        expect.objectContaining({ caller: expect.stringMatching(/readinessProbe$/), exempt: true }),
        expect.objectContaining({ caller: expect.stringMatching(/HTTPS startupProbe$/), exempt: false }),
        expect.objectContaining({ caller: expect.stringMatching(/preStop hook$/), exempt: false }),
      ],
      [expect.objectContaining({ caller: expect.stringMatching(/gRPC livenessProbe$/), exempt: false })],
      [],
    ]);
  });

  test("the kubelet's calls to a port that skips the proxy are not in the table", () => {
    const containers = [{ livenessProbe: { grpc: { port: 9000 } } }];
    const [row] = declare([{ containerPort: 9000 }], {
      template: { spec: { containers } },
      skipInbound: PortSet.of(9000),
    });
    expect(row?.kubeletCalls).toEqual([]);
  });
});

describe("completePorts", () => {
  test("a complete row has all declared columns unchanged", () => {
    const declared = declare([{ name: "grpc", containerPort: 9000 }], { servicePorts: { grpc: 80 } });
    expect(completePorts(declared, LISTS)).toEqual([
      {
        ...declared[0],
        skippedInbound: undefined,
        skippedOutbound: undefined,
        opaque: false,
        opaqueSource: undefined,
        opaqueServiceNumber: false,
        appProtocol: "kubernetes.io/h2c",
      },
    ]);
  });

  test.each([
    ["http", "http"],
    ["http-admin", "http"],
    ["https", undefined],
    ["http1", undefined],
    ["http2", "kubernetes.io/h2c"],
    ["http2-admin", "kubernetes.io/h2c"],
    ["h2c", "kubernetes.io/h2c"],
    ["h2c-admin", "kubernetes.io/h2c"],
    ["h2", undefined],
    ["grpc", "kubernetes.io/h2c"],
    ["grpc-admin", "kubernetes.io/h2c"],
    ["grpcweb", undefined],
    ["grpc-web", "http"],
    ["grpc-web-admin", "http"],
    ["http-web", "http"],
    ["https-admin", undefined],
    ["http-ssl", undefined],
    ["http-tls", undefined],
    ["http-admin-tls", undefined],
    ["http-mtls", undefined],
    ["http2-tls", undefined],
    ["grpc-tls", undefined],
    ["grpc-ssl", undefined],
    ["grpc-web-tls", undefined],
    ["grpcs", undefined],
    ["tls", undefined],
    ["tls-http", undefined],
    ["http-grpc", undefined],
    ["grpc-gateway", undefined],
    ["metrics", undefined],
    [undefined, undefined],
  ])("a port named %s has the appProtocol %s, and none if it is opaque", (name, appProtocol) => {
    const port = { name, containerPort: 8080 };
    expect(rowOf(port)?.appProtocol).toBe(appProtocol);
    expect(rowOf(port, { opaque: PortSet.of(8080) })).toMatchObject({ opaque: true, appProtocol: undefined });
  });

  const { mesh } = LISTS;
  const skipping = (port: number) => ({ ...mesh, skipInbound: mesh.skipInbound.union(PortSet.of(port)) });

  test.each<[string, number, Partial<PortLists>, Partial<PortContext>, PortRow["skippedInbound"]]>([
    [
      "the workload, where its own plain list has the port",
      8080,
      { skipInbound: PortSet.of(8080), mesh: skipping(8080) },
      { skipInbound: PortSet.of(8080) },
      "workload",
    ],
    [
      "the workload, where only the list in force has the port",
      8080,
      { skipInbound: PortSet.of(8080) },
      {},
      "workload",
    ],
    [
      "the mesh, where its list has the port",
      8080,
      { skipInbound: PortSet.of(8080), mesh: skipping(8080) },
      {},
      "mesh",
    ],
    ["Linkerd's defaults, for port 4567", 4567, { skipInbound: mesh.skipInbound }, {}, "defaults"],
    ["the proxy, for its admin port", 4191, {}, {}, "proxy"],
    [
      "the proxy, for its control port without a list in force",
      4190,
      { skipInbound: undefined },
      {},
      "proxy",
    ],
    [
      "nothing, where the list of the mesh is not in force",
      8080,
      { skipInbound: PortSet.EMPTY, mesh: skipping(8080) },
      {},
      undefined,
    ],
    ["nothing, where no list has the port", 8080, { skipInbound: mesh.skipInbound }, {}, undefined],
  ])("inbound connections bypass the proxy due to %s", (_, containerPort, lists, given, source) => {
    expect(rowOf({ containerPort }, lists, given)?.skippedInbound).toBe(source);
  });

  test.each<[string, number, Record<string, number> | undefined, PortRow["skippedOutbound"]]>([
    ["a port of SMTP bypasses them due to the mesh", 25, {}, "mesh"],
    ["a port of Galera bypasses them due to Linkerd's defaults", 4568, {}, "defaults"],
    ["a port that the Service moves to a port of SMTP bypasses them", 2500, { mail: 25 }, "mesh"],
    ["a port of SMTP that the Service moves does not bypass them", 25, { mail: 2500 }, undefined],
    ["without a Service, the number of the container port decides", 25, undefined, "mesh"],
    ["a port that no list has does not bypass them", 8080, {}, undefined],
  ])("among connections to the proxies of callers, %s", (_, containerPort, servicePorts, source) => {
    const row = rowOf({ name: "mail", containerPort }, {}, { servicePorts });
    expect(row?.skippedOutbound).toBe(source);
  });
});
