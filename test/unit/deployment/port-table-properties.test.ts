import fc from "fast-check";
import { expect, test } from "vitest";
import type { MeshedDeploymentArgs } from "../../../components/deployment/arguments.ts";
import { type DeploymentPlan, planDeployment } from "../../../components/deployment/plan.ts";
import { completePorts, declarePorts, type PortRow } from "../../../components/deployment/port-table.ts";
import { readWorkloadPorts } from "../../../components/deployment/workload-ports.ts";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";

const OPAQUE = "config.linkerd.io/opaque-ports";
const SKIP_INBOUND = "config.linkerd.io/skip-inbound-ports";

/** Few different ports, so that lists and containers have some in common: those with a meaning, and others. */
const port = fc.oneof(
  fc.constantFrom(25, 587, 4190, 4191, 4567, 4568, 5432, 8080, 8081, 9000),
  fc.integer({ min: 1, max: 65_535 }),
);
const range = fc.tuple(port, port).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
/** Ports and short ranges, in Linkerd's form. */
const list = fc
  .array(
    fc.oneof(
      port,
      range.filter(([from, to]) => to - from < 2_000).map((ends) => ends.join("-")),
    ),
    {
      maxLength: 5,
    },
  )
  .map((items) => items.join(","));
const name = fc.constantFrom(undefined, "http", "http-a", "https", "h2c", "http2", "grpc", "grpc-a", "db");
const protocol = fc.constantFrom(undefined, "TCP", "TCP", "UDP", "SCTP");
const containerPort = fc.record({ name, containerPort: port, protocol });

/** Whether a list has a port: its obvious meaning, item by item. */
function has(list: string, port: number): boolean {
  return list
    .split(",")
    .filter((item) => item !== "")
    .map((item) => item.split("-").map(Number))
    .some(([from = 0, to = from]) => from <= port && port <= to);
}

test("for any ports and lists, each column of the table agrees with the lists that it is about", () => {
  const meshLists = fc.record({ opaque: list, skipInbound: list, skipOutbound: list });
  const given = fc.record({
    ports: fc.array(containerPort, { maxLength: 6 }),
    servicePorts: fc.option(fc.dictionary(name.map(String), port, { maxKeys: 4 }), { nil: undefined }),
    ownSkips: list,
    restrictsCallers: fc.boolean(),
    retriesGrpc: fc.boolean(),
    opaque: list,
    skipInbound: fc.option(list, { nil: undefined }),
    mesh: meshLists,
  });
  fc.assert(
    fc.property(given, ({ ports, servicePorts, ownSkips, opaque, skipInbound, mesh, ...options }) => {
      const declared = declarePorts(ports, {
        retriesGrpc: options.retriesGrpc,
        accessOf: () => (options.restrictsCallers ? "restricted" : undefined),
        template: undefined,
        servicePorts,
        skipInbound: PortSet.of(ownSkips),
      });
      const rows = completePorts(declared, {
        opaque: PortSet.of(opaque),
        skipInbound: skipInbound === undefined ? undefined : PortSet.of(skipInbound),
        mesh: {
          opaque: PortSet.of(mesh.opaque),
          skipInbound: PortSet.of(mesh.skipInbound),
          skipOutbound: PortSet.of(mesh.skipOutbound),
        },
      });

      expect(rows).toHaveLength(ports.length);
      for (const [index, row] of rows.entries()) {
        const { name, containerPort: number, protocol = "TCP" } = ports[index] as (typeof ports)[number];
        const isSkippedByWorkload = has(ownSkips, number);
        const isInForce = skipInbound !== undefined && has(skipInbound, number);
        const isProxyPort = number === 4190 || number === 4191;
        const isDefault = (port: number) => port === 4567 || port === 4568;

        expect(row).toMatchObject({ ...declared[index], name, containerPort: number, protocol });
        expect(row.servicePort).toBe(servicePorts && ((name && servicePorts[name]) ?? number));
        expect(row.opaque).toBe(has(opaque, number));
        expect(row.skippedByWorkload).toBe(isSkippedByWorkload);
        expect(row.authorized).toBe(options.restrictsCallers && protocol === "TCP" && !isSkippedByWorkload);

        expect(row.skippedInbound !== undefined).toBe(isSkippedByWorkload || isProxyPort || isInForce);
        const isFrom: Record<NonNullable<PortRow["skippedInbound"]>, boolean> = {
          workload: isSkippedByWorkload || (isInForce && !has(mesh.skipInbound, number)),
          proxy: isProxyPort && !isSkippedByWorkload,
          defaults: isInForce && isDefault(number),
          mesh: isInForce && has(mesh.skipInbound, number),
        };
        if (row.skippedInbound) expect(isFrom[row.skippedInbound]).toBe(true);

        const called = row.servicePort ?? number;
        expect(row.skippedOutbound !== undefined).toBe(has(mesh.skipOutbound, called));
        if (row.skippedOutbound) expect(row.skippedOutbound === "defaults").toBe(isDefault(called));

        if (row.opaque) expect(row.appProtocol).toBeUndefined();
        if (row.retriesGrpc) {
          expect([options.retriesGrpc, protocol, name?.split("-")[0]]).toEqual([true, "TCP", "grpc"]);
          expect(row.servicePort).toBeDefined();
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** A workload whose ports have different names and numbers, and all places where its port lists can be set. */
const workload = fc.record({
  ports: fc
    .uniqueArray(fc.integer({ min: 1, max: 9_999 }), { minLength: 1, maxLength: 5 })
    .chain((numbers) =>
      fc.tuple(
        fc.constant([...numbers, 8080].filter((each, index, all) => all.indexOf(each) === index)),
        fc.array(fc.constantFrom(undefined, "http", "grpc", "h2c", "db"), { minLength: 6, maxLength: 6 }),
        fc.array(protocol, { minLength: 6, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      ),
    )
    .map(([numbers, names, protocols, moved]) =>
      numbers.map((containerPort, index) => ({
        containerPort,
        name: names[index] && `${names[index]}-${index}`,
        protocol: protocols[index],
        isMoved: names[index] !== undefined && moved[index],
      })),
    ),
  mesh: fc.record({ opaque: list, skipInbound: list, skipOutbound: list }),
  opaquePorts: fc.option(fc.array(port, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  skipInboundPorts: fc.option(fc.array(port, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  ownOpaque: fc.option(list, { nil: undefined }),
  ownSkips: fc.option(list, { nil: undefined }),
});
type Workload = typeof workload extends fc.Arbitrary<infer T> ? T : never;

/** The plan and the port table of a workload, and the issues with it. */
function plan({ ports, mesh, opaquePorts, skipInboundPorts, ownOpaque, ownSkips }: Workload) {
  const moved = ports.filter(({ isMoved }) => isMoved);
  const annotations = {
    ...(ownOpaque !== undefined && { [OPAQUE]: ownOpaque }),
    ...(ownSkips !== undefined && { [SKIP_INBOUND]: ownSkips }),
  };
  const labels = { app: "web" };
  const container = {
    name: "web",
    ports: ports.map(({ containerPort, name, protocol }) => ({
      containerPort,
      ...(name && { name }),
      ...(protocol && { protocol }),
    })),
  };
  const args: MeshedDeploymentArgs = {
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [container] } },
    },
    mesh: {
      ref: { linkerdVersion: "1", trustBundleSha256: "ab", ports: mesh },
      opaquePorts,
      skipInboundPorts,
    },
    service: {
      ports: Object.fromEntries(moved.map(({ name, containerPort }) => [name, containerPort + 10_000])),
    },
    allowFrom: [{ serviceAccount: "caller" }],
  };
  const issues = new IssueCollector("it");
  const planned = planDeployment("web", args, issues, () => {});
  const { inbound } = readWorkloadPorts(args, planned.deployment, new IssueCollector("it"));
  return { planned, issues: issues.issues, rows: inbound as PortRow[] };
}

/** The number that a container port has in the Service. */
const served = ({ containerPort, isMoved }: Workload["ports"][number]) =>
  isMoved ? containerPort + 10_000 : containerPort;

function serviceOf({ service }: DeploymentPlan) {
  return service as unknown as {
    metadata: { annotations: Record<string, string> };
    spec: { ports: { port: number; targetPort: number | string; appProtocol?: string }[] };
  };
}

test("for any workload, the Service's annotation of opaque ports agrees with the table and with the lists in force", () => {
  fc.assert(
    fc.property(workload, (given) => {
      const { planned, rows } = plan(given);
      const annotation = serviceOf(planned).metadata.annotations[OPAQUE];
      // An annotation of the pods replaces all other lists; an option adds to the list of the mesh, as mail ports do.
      const skips = [4567, 4568, ...(given.skipInboundPorts ?? []), given.mesh.skipInbound].join(",");
      const mail = rows.filter((row) => row.mail && !has(given.ownSkips ?? skips, row.containerPort));
      const added = [...(given.opaquePorts ?? []), ...mail.map(({ containerPort }) => containerPort)];
      const inForce = given.ownOpaque ?? [given.mesh.opaque, ...added].join(",");
      const isListed = ({ containerPort }: { containerPort: number }) => has(inForce, containerPort);
      const tcp = rows.filter(({ protocol }) => protocol === "TCP");
      expect(tcp.filter(({ opaque }) => opaque).map(({ containerPort }) => containerPort)).toEqual(
        tcp.filter(isListed).map(({ containerPort }) => containerPort),
      );
      const listed = rows.filter(({ opaque }) => opaque).map(({ servicePort }) => servicePort);
      const isMovedOnto = tcp.some(
        ({ opaque, servicePort = 0, containerPort }) =>
          !opaque && servicePort !== containerPort && has(given.mesh.opaque, servicePort),
      );
      expect(annotation).toBe(listed.length > 0 ? listed.join(",") : isMovedOnto ? "" : undefined);
    }),
    { numRuns: 200 },
  );
});

test("for any workload, the ports of the Service have the numbers and the appProtocol of the table", () => {
  fc.assert(
    fc.property(workload, (given) => {
      const { planned, rows } = plan(given);
      const { ports } = serviceOf(planned).spec;
      expect(ports.map(({ port, appProtocol }) => [port, appProtocol])).toEqual(
        rows.map(({ servicePort, appProtocol }) => [servicePort, appProtocol]),
      );
      expect(ports.map(({ port }) => port)).toEqual(given.ports.map(served));
      expect(ports.map(({ targetPort }) => targetPort)).toEqual(
        given.ports.map(({ name, containerPort }) => name ?? containerPort),
      );
      // An absent appProtocol is not a field that is `undefined`.
      expect(ports.filter((port) => "appProtocol" in port).length).toBe(
        rows.filter(({ appProtocol }) => appProtocol !== undefined).length,
      );
    }),
    { numRuns: 200 },
  );
});

test("for any workload, allowFrom has a Server for each authorized port, and an issue for each of them that is skipped", () => {
  fc.assert(
    fc.property(workload, (given) => {
      const { planned, rows, issues } = plan(given);
      const authorized = rows.filter((row) => row.authorized);
      expect(planned.authorization?.ports.map(({ port }) => port)).toEqual(
        authorized.map(({ name, containerPort }) => name ?? containerPort),
      );
      const skipped = authorized.filter(({ skippedInbound }) => skippedInbound !== undefined);
      expect(
        issues
          .filter(({ reason }) => reason === "must not restrict a port that skips the proxy")
          .map(({ got }) => Number(/^port (\d+), /.exec(got ?? "")?.[1])),
      ).toEqual(skipped.map(({ containerPort }) => containerPort));
      for (const { port, proxyProtocol } of planned.authorization?.ports ?? []) {
        const row = authorized.find(({ name, containerPort }) => (name ?? containerPort) === port);
        if ((row?.skippedInbound ?? row?.skippedOutbound) === undefined) {
          expect(proxyProtocol).toBe(row?.opaque ? "opaque" : "unknown");
        }
      }
    }),
    { numRuns: 200 },
  );
});
