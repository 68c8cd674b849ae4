/** The ports for which `allowFrom` restricts the callers, and the checks that the restriction would take effect. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { peekPath, readPath } from "../../inputs/outputs.ts";
import { formatPath, type IssueCollector, type Reader, type Reject } from "../../inputs/validation.ts";
import { MAIL_PORTS } from "../../linkerd/values/ports.ts";
import { INJECT_KEY, type PodSpec } from "../../meshing/pod-template.ts";
import { requireKnownPorts } from "../../meshing/port-items.ts";
import { findProxyObstacle, type ProxyObstacle } from "../../meshing/proxy-obstacles.ts";
import type { MeshedDeploymentArgs } from "../arguments.ts";
import { pathIssue } from "../kubelet/probe-paths.ts";
import type { DeclaredPort, PortRow, SkipSource, WorkloadPorts } from "../port-table.ts";
import type { AuthorizedPort } from "./authorization.ts";
import { validateCallers } from "./caller-issues.ts";
import { callersOf, type PortCallers } from "./callers.ts";
import { describeSkippedOutbound } from "./ineffective-options.ts";

/**
 * The ports that need a Server, one entry for all ports of one name. Adds an issue for each reason why Linkerd would not
 * enforce the restriction, or would deny the kubelet.
 *
 * @param deployment the Deployment as it is created
 */
export function findAuthorizedPorts(
  args: MeshedDeploymentArgs,
  deployment: k8s.apps.v1.DeploymentArgs,
  { declared, inbound }: WorkloadPorts,
  issues: IssueCollector,
): readonly AuthorizedPort[] {
  const { allowFrom } = args;
  if (allowFrom === undefined) return [];
  const pods = {
    inject: readPath(deployment.spec, "template", "metadata", "annotations", INJECT_KEY),
    obstacle: findProxyObstacle(readPath(deployment.spec, "template", "spec") as pulumi.Input<PodSpec>),
  };
  const meshed = issues.read(["allowFrom"], pods, readMeshedPods);
  const purpose = "A Server is created for each of them";
  const ports = requireKnownPorts(["allowFrom"], declared, purpose, issues) as DeclaredPort[] | undefined;
  if (ports === undefined) return [];
  validateCallers(allowFrom, ports, issues);
  const reachable = ports.filter(({ access }) => access !== undefined);
  const authorized = ports.filter((port) => port.authorized);
  const isComplete = Array.isArray(allowFrom) || Object.keys(allowFrom).length > 0;
  if (authorized.length === 0 && isComplete) addNoPorts(ports, reachable.length > 0, issues);
  for (const { containerPort, kubeletCalls } of authorized) {
    for (const { caller, path, differingPaths } of kubeletCalls.filter(({ exempt }) => !exempt)) {
      if (differingPaths === undefined) {
        issues.add({ path: ["allowFrom"], ...deniedCall(`${caller} on port ${containerPort}`) });
      } else if (peekPath(args, ...path.map(String)) !== undefined) {
        // The paths of `probes` are checked where they are read.
        const { written, requested } = differingPaths;
        issues.add({ path: [...path, "httpGet", "path"], ...pathIssue(written, requested) });
      }
    }
  }
  // A Server selects all ports of its name (linkerd2, policy-controller, workload.rs).
  const findCallers = callersOf(allowFrom);
  const firstOf = new Map(reachable.toReversed().map((port) => [serverPort(port), port]));
  return [...new Set(reachable.map(serverPort))].map((port) => ({
    port,
    callers: findCallers(firstOf.get(port) as DeclaredPort) as PortCallers,
    proxyProtocol: issues.read(["allowFrom"], { meshed, rows: inbound }, ({ rows }: Table, reject) => {
      const selected = rows.filter((row) => row.access !== undefined && serverPort(row) === port);
      return readProxyProtocol(selected, reject);
    }) as AuthorizedPort["proxyProtocol"],
  }));
}

interface Table {
  rows: PortRow[];
}

function serverPort({ name, containerPort }: DeclaredPort): string | number {
  return name ?? containerPort;
}

/** Rejects pods without a proxy, which is where authorization is enforced. */
const readMeshedPods: Reader<{ inject?: string; obstacle?: ProxyObstacle }, true> = (pods, reject) => {
  const { inject, obstacle } = pods;
  if (obstacle !== undefined) {
    const { field, value, because, fix } = obstacle;
    return reject({
      reason: "must be used with meshed pods",
      got: `${field}: ${value}`,
      because,
      fixes: [
        { kind: "remove" },
        ...(fix === undefined ? [] : [{ kind: "instruction" as const, text: `${fix} from the spec` }]),
      ],
    });
  }
  if (inject === "disabled") {
    return reject({
      reason: "must be used with meshed pods",
      got: `${INJECT_KEY}: disabled`,
      because: "Authorization is enforced in the proxy",
      fixes: [{ kind: "remove" }, { kind: "instruction", text: "enable injection" }],
    });
  }
  return true;
};

function addNoPorts(ports: readonly DeclaredPort[], isOpen: boolean, issues: IssueCollector): void {
  if (isOpen) {
    issues.add({
      path: ["allowFrom"],
      reason: "must restrict the callers of at least one port",
      got: '"all" for each port',
      fixes: [{ kind: "instruction", text: "list the callers of a port" }, { kind: "remove" }],
    });
    return;
  }
  const isSkipped = ports.some(({ skippedByWorkload }) => skippedByWorkload);
  issues.add({
    path: ["allowFrom"],
    reason: "must be used with containers that declare TCP ports which reach the proxy",
    got: isSkipped ? "only ports that skip the proxy" : "no TCP ports",
    fixes: [
      { kind: "instruction", text: "declare the ports of the containers in the spec" },
      { kind: "remove" },
    ],
  });
}

function deniedCall(call: string) {
  return {
    reason: "must not restrict ports that the kubelet calls, except by plain HTTP probes",
    got: call,
    because: "Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied",
    fixes: [
      { kind: "instruction", text: "use a plain HTTP probe" },
      { kind: "instruction", text: "call a port that the containers do not declare" },
    ],
  } as const;
}

/** The protocol of a Server for these ports. Rejects ports for which Linkerd would not enforce the restriction. */
function readProxyProtocol(rows: readonly PortRow[], reject: Reject): "opaque" | "unknown" | undefined {
  const skipped = rows.filter(
    ({ authorized, skippedInbound, skippedOutbound }) => authorized && (skippedInbound ?? skippedOutbound),
  );
  for (const row of skipped) rejectSkipped(row, reject);
  if (skipped.length > 0) return undefined;
  const opaque = rows.filter((row) => row.opaque);
  const numbers = (some: readonly PortRow[]) => some.map(({ containerPort }) => containerPort).join(", ");
  if (opaque.length === 0) return "unknown";
  if (opaque.length < rows.length) {
    return reject({
      reason: "must not restrict ports of one name of which only some are opaque",
      got: `ports ${numbers(rows)}, of which ${numbers(opaque)} is opaque`,
      because: "One Server with one protocol selects all ports of a name",
      fixes: [{ kind: "instruction", text: "give the ports different names" }],
    });
  }
  for (const { containerPort, kubeletCalls } of opaque.filter(({ authorized }) => authorized)) {
    const [call] = kubeletCalls;
    if (call === undefined) continue;
    return reject({
      ...deniedCall(`${call.caller} on port ${containerPort}, which is opaque`),
      because: "Linkerd recognizes a probe by its HTTP path, which it does not read on an opaque port",
      fixes: [
        { kind: "instruction", text: "call a port that is not opaque" },
        { kind: "instruction", text: "call a port that the containers do not declare" },
      ],
    });
  }
  return "opaque";
}

const SKIP_SOURCES: Readonly<Record<SkipSource, string>> = {
  workload: "which the workload skips inbound by an Output",
  mesh: "which the mesh skips inbound",
  defaults: "which Linkerd skips inbound by default",
  proxy: "which is a port of the proxy",
};

function rejectSkipped(row: PortRow, reject: Reject): void {
  const { containerPort: port, skippedInbound } = row;
  if (skippedInbound === undefined) {
    rejectSkippedOutbound(row, reject);
    return;
  }
  reject({
    reason: "must not restrict a port that skips the proxy",
    got: `port ${port}, ${SKIP_SOURCES[skippedInbound]}`,
    because: "Authorization is enforced in the proxy",
    fixes: [
      { kind: "instruction", text: "use another port" },
      {
        kind: "instruction",
        text: `set mesh.skipInboundPorts to [${port}] as a plain value, which leaves the port open to all callers`,
      },
    ],
  });
}

function rejectSkippedOutbound(row: PortRow, reject: Reject): void {
  const { name, containerPort, servicePort, skippedOutbound } = row;
  const isMeshSetting = skippedOutbound === "mesh";
  const isSmtp = MAIL_PORTS.has(servicePort ?? containerPort);
  const open = formatPath(["allowFrom", name ?? String(containerPort)]);
  reject({
    reason: "must not restrict a port that callers skip outbound",
    got: describeSkippedOutbound(row),
    because:
      "The connection of a caller bypasses its proxy and has no identity, so Linkerd would deny every caller",
    fixes: [
      { kind: "instruction", text: `set ${open} to "all", which leaves the port open to all callers` },
      {
        kind: "instruction",
        text: servicePort === undefined ? "use another port" : "move the port with service.ports",
      },
      ...(isMeshSetting
        ? [
            {
              kind: "instruction" as const,
              text: isSmtp
                ? "set ports.skipSmtp of the mesh to false"
                : "remove the port from ports.skipOutbound of the mesh",
            },
          ]
        : []),
    ],
  });
}
