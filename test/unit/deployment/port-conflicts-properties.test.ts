/** For any workload and any lists of its mesh: no option on a port is without effect, unless an issue names the port. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MeshedDeploymentArgs } from "../../../components/deployment/arguments.ts";
import { planDeployment } from "../../../components/deployment/plan.ts";
import type { PortRow } from "../../../components/deployment/port-table.ts";
import { declaredProtocol } from "../../../components/deployment/traffic/app-protocol.ts";
import { readWorkloadPorts } from "../../../components/deployment/workload-ports.ts";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { isMailPort } from "../../../components/meshing/mail-ports.ts";

const OPAQUE = "config.linkerd.io/opaque-ports";
const SKIP_INBOUND = "config.linkerd.io/skip-inbound-ports";

/** Few different ports, so that lists, containers and the Service have some in common. */
const port = fc.constantFrom(25, 465, 587, 2525, 1025, 4191, 4444, 4567, 5432, 6000, 8080, 9000);
const list = fc.array(port, { maxLength: 3 });
const names = ["http", "http-a", "grpc", "grpc-web", "https", "smtp", "submission-a", "db", "web", "x"];

const workload = fc.record({
  ports: fc
    .uniqueArray(port, { minLength: 1, maxLength: 5 })
    .chain((numbers) =>
      fc.tuple(
        fc.constant(numbers),
        fc.shuffledSubarray(names, { minLength: 5, maxLength: 5 }),
        fc.array(fc.constantFrom("TCP", "TCP", "TCP", "UDP"), { minLength: 5, maxLength: 5 }),
      ),
    )
    .map(([numbers, names, protocols]) =>
      numbers.map((containerPort, index) => ({
        containerPort,
        name: names[index] as string,
        protocol: protocols[index] as string,
      })),
    ),
  moved: fc.dictionary(fc.constantFrom(...names), port, { maxKeys: 3 }),
  mesh: fc.record({ skipOutbound: list, skipInbound: list, opaque: list, skipSmtp: fc.boolean() }),
  opaquePorts: fc.option(list, { nil: undefined }),
  skipInboundPorts: fc.option(list, { nil: undefined }),
  isRestricted: fc.boolean(),
  timeouts: fc.constantFrom(undefined, { request: "1s" }),
  retries: fc.constantFrom<MeshedDeploymentArgs["retries"]>(undefined, { limit: 2 }, { http: ["5xx"] }),
});
type Workload = typeof workload extends fc.Arbitrary<infer T> ? T : never;

function plan({ ports, moved, mesh, isRestricted, ...given }: Workload) {
  const labels = { app: "web" };
  const lists = meshPorts(mesh);
  const args: MeshedDeploymentArgs = {
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1", ports }] } },
    },
    mesh: {
      ref: { linkerdVersion: "1", trustBundleSha256: "ab", ports: lists },
      opaquePorts: given.opaquePorts,
      skipInboundPorts: given.skipInboundPorts,
    },
    service: {
      ports: Object.fromEntries(
        Object.entries(moved).filter(([key]) => ports.some(({ name }) => name === key)),
      ),
    },
    timeouts: given.timeouts,
    retries: given.retries,
    ...(isRestricted && { allowFrom: [{ serviceAccount: "caller" }] }),
  };
  const issues = new IssueCollector("it");
  const planned = planDeployment("web", args, issues, () => {});
  const rows = readWorkloadPorts(args, planned.deployment, new IssueCollector("it")).table as PortRow[];
  const { annotations: pods = {} } = (
    planned.deployment.spec as { template: { metadata: { annotations?: Record<string, string> } } }
  ).template.metadata;
  const { metadata } = planned.service as { metadata: { annotations: Record<string, string> } };
  return {
    rows: rows.filter(({ protocol }) => protocol === "TCP"),
    opaque: PortSet.of(pods[OPAQUE] ?? lists.opaque),
    skipped: PortSet.of(pods[SKIP_INBOUND] ?? lists.skipInbound, 4190, 4191),
    serviceOpaque: PortSet.of(metadata.annotations[OPAQUE] ?? lists.opaque),
    /** Whether an issue with one of these arguments names the port. */
    isNamed: (number: number, ...paths: string[]) =>
      issues.issues.some(
        ({ path, got = "" }) =>
          paths.some((each) => path.join(".").startsWith(each)) && new RegExp(`\\b${number}\\b`).test(got),
      ),
  };
}

const forAny = (check: (given: Workload, planned: ReturnType<typeof plan>) => void) =>
  fc.assert(
    fc.property(workload, (given) => check(given, plan(given))),
    { numRuns: 300 },
  );

describe("for any workload and any lists of its mesh", () => {
  test("no port that opaquePorts lists is skipped inbound without an issue that names it", () => {
    forAny(({ opaquePorts = [] }, { skipped, isNamed }) => {
      for (const port of opaquePorts.filter((each) => skipped.has(each))) {
        expect(isNamed(port, "mesh.opaquePorts")).toBe(true);
      }
    });
  });

  test("no port is authorized and skipped without an issue that names it", () => {
    forAny(({ mesh }, { rows, skipped, isNamed }) => {
      const outbound = PortSet.of(meshPorts(mesh).skipOutbound);
      for (const { authorized, containerPort, servicePort = containerPort } of rows) {
        if (!authorized) continue;
        if (skipped.has(containerPort)) expect(isNamed(containerPort, "allowFrom")).toBe(true);
        else if (outbound.has(servicePort)) expect(isNamed(servicePort, "allowFrom")).toBe(true);
      }
    });
  });

  test("no port is retried and opaque or skipped outbound without an issue that names it", () => {
    forAny(({ timeouts, retries, mesh }, { rows, isNamed }) => {
      const outbound = PortSet.of(meshPorts(mesh).skipOutbound);
      const paths = [...(timeouts ? ["timeouts"] : []), ...(retries ? ["retries"] : [])];
      const isDead = ({ opaque, servicePort = 0 }: PortRow) => opaque || outbound.has(servicePort);
      for (const row of rows.filter(isDead)) {
        const isRetried = declaredProtocol(row.name) !== undefined || rows.every(isDead);
        const port = row.opaque ? row.containerPort : (row.servicePort as number);
        for (const path of isRetried ? paths : []) expect(isNamed(port, path)).toBe(true);
      }
    });
  });

  test("a mail port is opaque on the pods and on the Service, unless it is skipped inbound", () => {
    forAny((_, { rows, opaque, skipped, serviceOpaque }) => {
      for (const { name, containerPort, protocol, servicePort = 0 } of rows) {
        if (!isMailPort({ name, containerPort, protocol }, servicePort) || skipped.has(containerPort))
          continue;
        expect([opaque.has(containerPort), serviceOpaque.has(servicePort)]).toEqual([true, true]);
      }
    });
  });

  test("the pods and the Service have the same opaque ports, of those that reach the proxy", () => {
    forAny((_, { rows, opaque, skipped, serviceOpaque }) => {
      // A number that two ports share in the Service is an issue.
      const unique = rows.filter(
        ({ servicePort }) => rows.filter((row) => row.servicePort === servicePort).length === 1,
      );
      if (unique.length < rows.length) return;
      for (const { containerPort, servicePort = 0 } of rows) {
        if (skipped.has(containerPort)) continue;
        expect(serviceOpaque.has(servicePort)).toBe(opaque.has(containerPort));
      }
    });
  });
});
