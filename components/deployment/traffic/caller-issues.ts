/** Checks of `allowFrom`, given the ports of the workload. */
import { formatValue, type IssueCollector, type ValidationIssue } from "../../inputs/validation.ts";
import type { WorkloadIdentity } from "../../inputs/workload-identity.ts";
import type { DeclaredPort } from "../port-table.ts";
import { type AllowFrom, isPortKey, unknownPort } from "./callers.ts";

/** Adds an issue for each entry that is invalid, and for ports without an entry. */
export function validateCallers(
  allowFrom: AllowFrom,
  ports: readonly DeclaredPort[],
  issues: IssueCollector,
): void {
  if (Array.isArray(allowFrom)) {
    if (allowFrom.length > 0) return;
    issues.add({
      path: ["allowFrom"],
      reason: 'must have at least one caller, e.g. { serviceAccount: "web" }',
      got: "an empty list",
      fixes: [{ kind: "instruction", text: "list the callers" }, { kind: "remove" }],
    });
    return;
  }
  for (const [key, callers] of Object.entries(allowFrom)) {
    const path = ["allowFrom", key];
    const named = ports.filter((port) => isPortKey(key, port));
    if (named.length === 0) issues.add({ path, ...unknownPort(key, ports) });
    else if (callers !== "all") issues.add(...unrestrictable(path, named));
    if (callers === "all" || (Array.isArray(callers) && callers.length > 0)) continue;
    issues.add({
      path,
      reason: 'must be a list with at least one caller, e.g. [{ serviceAccount: "web" }], or "all"',
      got: formatValue(callers),
    });
  }
  validateEntries(allowFrom, ports, issues);
}

/** Issues with an entry whose ports do not reach a proxy. */
function unrestrictable(path: string[], named: readonly DeclaredPort[]): ValidationIssue[] {
  if (named.every(({ protocol }) => protocol !== "TCP")) {
    return [
      {
        path,
        reason: "must be a TCP port",
        got: named[0]?.protocol,
        because: "Linkerd proxies TCP only",
        fixes: [{ kind: "remove" }],
      },
    ];
  }
  if (named.every(({ protocol, skippedByWorkload }) => protocol !== "TCP" || skippedByWorkload)) {
    return [
      {
        path,
        reason: "must be a port that reaches the proxy",
        got: "a port that the workload skips inbound",
        because: "Authorization is enforced in the proxy",
        conflictsWith: ["mesh", "skipInboundPorts"],
        fixes: [
          { kind: "instruction", text: "remove the port from mesh.skipInboundPorts" },
          { kind: "remove" },
        ],
      },
    ];
  }
  return [];
}

/** Requires one entry for each port, and the same one for ports of one name. */
function validateEntries(
  allowFrom: Record<string, WorkloadIdentity[] | "all">,
  ports: readonly DeclaredPort[],
  issues: IssueCollector,
): void {
  const keys = Object.keys(allowFrom);
  const reachable = ports.filter(
    ({ protocol, skippedByWorkload }) => protocol === "TCP" && !skippedByWorkload,
  );
  const missing = reachable
    .filter((port) => !keys.some((key) => isPortKey(key, port)))
    .map(({ name, containerPort }) => name ?? containerPort);
  if (missing.length > 0) {
    issues.add({
      path: ["allowFrom"],
      reason: "must have an entry for each TCP port that reaches the proxy",
      got: `no entry for ${[...new Set(missing)].join(", ")}`,
      because: "A port that was forgotten would be open or closed without notice",
      fixes: [{ kind: "instruction", text: 'list the callers of the port, or set it to "all"' }],
    });
  }
  for (const [index, key] of keys.entries()) {
    const port = reachable.find((each) => isPortKey(key, each));
    const earlier = keys.slice(0, index);
    const repeated = port && earlier.find((each) => isPortKey(each, port));
    const sibling =
      port?.name &&
      earlier.find((each) => reachable.some((other) => other.name === port.name && isPortKey(each, other)));
    if (repeated !== undefined) issues.add(repeatedEntry(key, repeated));
    else if (sibling) issues.add(siblingEntry(key, sibling));
  }
}

function repeatedEntry(key: string, other: string): ValidationIssue {
  return {
    path: ["allowFrom", key],
    reason: "must be the only entry for its port",
    got: `another one, ${formatValue(other)}`,
    conflictsWith: ["allowFrom", other],
    fixes: [{ kind: "remove" }],
  };
}

function siblingEntry(key: string, other: string): ValidationIssue {
  return {
    path: ["allowFrom", key],
    reason: "must be the only entry for ports of one name",
    got: `another one, ${formatValue(other)}`,
    because: "One Server selects all ports of a name",
    conflictsWith: ["allowFrom", other],
    fixes: [
      { kind: "instruction", text: "use the name instead of the numbers" },
      { kind: "instruction", text: "give the ports different names" },
    ],
  };
}
