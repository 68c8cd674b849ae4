/** The ports for which `allowFrom` restricts the callers, and the checks that the restriction would take effect. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { peekPath, readPath } from "../../inputs/outputs.ts";
import type { IssueCollector, Reader, Reject } from "../../inputs/validation.ts";
import { INJECT_KEY, type PodSpec } from "../../meshing/pod-template.ts";
import { requireKnownPorts } from "../../meshing/port-items.ts";
import { findProxyObstacle, type ProxyObstacle } from "../../meshing/proxy-obstacles.ts";
import type { MeshedDeploymentArgs } from "../arguments.ts";
import { pathIssue } from "../kubelet/probe-paths.ts";
import type { DeclaredPort, PortRow, SkipSource, WorkloadPorts } from "../port-table.ts";
import type { AuthorizedPort } from "./authorization.ts";

/**
 * The ports that need a Server, one entry for all ports of one name. Adds an issue for each reason why Linkerd would not
 * enforce the restriction, or would deny the kubelet.
 *
 * @param deployment the Deployment as it is created
 */
export function findAuthorizedPorts(
  args: MeshedDeploymentArgs,
  deployment: k8s.apps.v1.DeploymentArgs,
  { declared, table }: WorkloadPorts,
  issues: IssueCollector,
): readonly AuthorizedPort[] {
  const { allowFrom } = args;
  if (allowFrom === undefined) return [];
  if (allowFrom.length === 0) {
    issues.add({
      path: ["allowFrom"],
      reason: 'must have at least one caller, e.g. { serviceAccount: "web" }',
      got: "an empty list",
      fixes: [{ kind: "instruction", text: "list the callers" }, { kind: "remove" }],
    });
  }
  const pods = {
    inject: readPath(deployment.spec, "template", "metadata", "annotations", INJECT_KEY),
    obstacle: findProxyObstacle(readPath(deployment.spec, "template", "spec") as pulumi.Input<PodSpec>),
  };
  const meshed = issues.read(["allowFrom"], pods, readMeshedPods);
  const purpose = "A Server is created for each of them";
  const ports = requireKnownPorts(["allowFrom"], declared, purpose, issues) as DeclaredPort[] | undefined;
  if (ports === undefined) return [];
  const authorized = ports.filter((port) => port.authorized);
  if (authorized.length === 0) addNoPorts(ports, issues);
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
  return [...new Set(authorized.map(serverPort))].map((port) => ({
    port,
    proxyProtocol: issues.read(["allowFrom"], { meshed, rows: table }, ({ rows }: Table, reject) => {
      const selected = rows.filter((row) => row.authorized && serverPort(row) === port);
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

function addNoPorts(ports: readonly DeclaredPort[], issues: IssueCollector): void {
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
  for (const { containerPort, skippedInbound } of rows) {
    if (skippedInbound !== undefined) return rejectSkipped(containerPort, skippedInbound, reject);
  }
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
  for (const { containerPort, kubeletCalls } of opaque) {
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

function rejectSkipped(port: number, source: SkipSource, reject: Reject): undefined {
  return reject({
    reason: "must not restrict a port that skips the proxy",
    got: `port ${port}, ${SKIP_SOURCES[source]}`,
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
