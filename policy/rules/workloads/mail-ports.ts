/** Mail ports: connections to them skip the proxy. */
import { PortSet } from "../../../components/inputs/port-set.ts";
import { formatValue, type Path, type ValidationIssue } from "../../../components/inputs/validation.ts";
import { MAIL_PORTS } from "../../../components/linkerd/values/ports.ts";
import { SKIP_OUTBOUND_PORTS } from "../../../components/meshing/port-annotations.ts";
import type { CheckedResource } from "../checked-resource.ts";
import { formatAll } from "../format-list.ts";
import { NAMESPACE, RELEASE } from "../resource-types.ts";
import type { Rule } from "../rule.ts";
import { UNKNOWN, type Value, valueAt } from "../values.ts";
import { podTemplateOf, requestedMode } from "./pod-templates.ts";

/** Advisory: a mesh whose workloads send no mail, or whose mail servers are meshed, does not need these ports. */
export const mailPorts: Rule = {
  name: "mail-ports",
  description: "Outbound connections to mail servers skip the proxy.",
  enforcement: "advisory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources) {
      const issue = checkList(resource);
      if (issue !== undefined) report(resource, issue);
    }
  },
};

const CONTROL_PLANE = /(^|\/)linkerd-control-plane(-[^/]*\.tgz)?$/;

/** The list of ports that a workload, a namespace or the control plane sets. It replaces the one of the level above. */
function checkList(resource: CheckedResource): ValidationIssue | undefined {
  const { type, inputs } = resource;
  if (type === RELEASE) {
    if (typeof inputs.chart !== "string" || !CONTROL_PLANE.test(inputs.chart)) return undefined;
    const path = ["values", "proxyInit", "ignoreOutboundPorts"];
    const list = valueAt(inputs, ...path);
    return list === undefined
      ? describe(path, MAIL_PORTS, "nothing, for which the chart skips 4567 and 4568")
      : findMissing(path, list);
  }
  const pods = podTemplateOf(resource);
  const path = type === NAMESPACE ? [] : pods?.path;
  if (path === undefined) return undefined;
  const metadata = valueAt(inputs, ...path, "metadata");
  const mode = requestedMode(metadata);
  if (mode === "disabled" || mode === UNKNOWN) return undefined;
  return findMissing(
    [...path, "metadata", "annotations", SKIP_OUTBOUND_PORTS],
    valueAt(metadata, "annotations", SKIP_OUTBOUND_PORTS),
  );
}

/** Only complete lists of numbers: an annotation may also have names of ports. */
const PORT_LIST = /^\s*\d+(-\d+)?(\s*,\s*\d+(-\d+)?)*\s*$/;

function findMissing(path: Path, list: Value | undefined): ValidationIssue | undefined {
  if (list === UNKNOWN || typeof list !== "string" || !PORT_LIST.test(list)) return undefined;
  const missing = MAIL_PORTS.without(readPorts(list));
  return missing.isEmpty ? undefined : describe(path, missing, formatValue(list));
}

function readPorts(list: string): PortSet {
  try {
    return PortSet.of(list);
  } catch {
    return MAIL_PORTS; // Linkerd's injector rejects the list.
  }
}

function describe(path: Path, missing: PortSet, got: string): ValidationIssue {
  const ports = formatAll(`${missing}`.split(","));
  return {
    path,
    reason: `must contain the mail ports ${ports}`,
    got,
    because:
      "A mail server speaks first, so a proxy that waits for the client delays each connection by 10 s",
    fixes: [{ kind: "instruction", text: `add ${ports}` }],
  };
}
