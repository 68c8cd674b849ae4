/**
 * Values that the templates of a chart reject while Helm renders them, which would be after other resources exist. From
 * each `fail` and `required` in linkerd2, charts/ and viz/charts/ (2.19, 2.20, edge-26.8.3).
 */
import { isTable } from "../../inputs/merge.ts";
import { peekPath } from "../../inputs/outputs.ts";
import { formatValue, type ValidationIssue } from "../../inputs/validation.ts";
import { chartPin, isOlder, type LinkerdCharts } from "../charts/charts.ts";
import type { ExtraValues } from "./extra-values.ts";
import type { MeshSettings } from "./mesh-settings.ts";

/** The first charts that accept `waitBeforeExitSeconds` with native sidecars (linkerd2 009a25fa3, edge-26.5.2). */
const FIRST_WITH_BOTH = "2026.5.2";

type CheckedSettings = Pick<MeshSettings, "extraValues" | "proxy"> & {
  readonly charts?: LinkerdCharts | undefined;
};

/** Finds combinations of values that a chart rejects. A value inside an Output counts as valid. */
export function chartRuleIssues({
  extraValues = {},
  proxy,
  charts = {},
}: CheckedSettings): ValidationIssue[] {
  return [...controlPlaneIssues(extraValues), ...sidecarIssues(extraValues, proxy?.nativeSidecar, charts)];
}

/** Whether a value counts as set in a Go template. An Output does, because it is not known. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isTable(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "" && value !== 0 && value !== false;
}

/** Whether a value is known and is none of these. */
function isOther(value: unknown, ...accepted: readonly unknown[]): boolean {
  const isKnown = value === null || ["string", "number", "boolean"].includes(typeof value);
  return isKnown && !accepted.includes(value);
}

function controlPlaneIssues({ controlPlane = {} }: ExtraValues): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const at = (...path: string[]) => ["extraValues", "controlPlane", ...path];
  const value = (...path: string[]) => peekPath(controlPlane, ...path);
  const logHeaders = value("proxy", "logHTTPHeaders");
  if (isOther(logHeaders, "insecure", "off", "")) {
    issues.push({
      path: at("proxy", "logHTTPHeaders"),
      reason: 'must be "insecure" or "off"',
      got: formatValue(logHeaders),
    });
  }
  const iptables = value("proxyInit", "iptablesMode");
  if (isOther(iptables, "nft", "legacy")) {
    issues.push({
      path: at("proxyInit", "iptablesMode"),
      reason: 'must be "nft" or "legacy"',
      got: formatValue(iptables),
    });
  }
  if (isSet(value("proxyInit", "closeWaitTimeoutSecs")) && !isSet(value("proxyInit", "runAsRoot"))) {
    issues.push({
      path: at("proxyInit", "closeWaitTimeoutSecs"),
      reason: "must not be set without proxyInit.runAsRoot",
      because: "Only a privileged init container can change this kernel parameter",
      conflictsWith: at("proxyInit", "runAsRoot"),
      fixes: [{ kind: "remove" }, { kind: "set", path: at("proxyInit", "runAsRoot"), value: true }],
    });
  }
  const required = (tracing: string, ...fields: string[][]) => {
    for (const field of fields.filter((path) => !isSet(value("proxy", "tracing", "collector", ...path)))) {
      const path = at("proxy", "tracing", "collector", ...field);
      issues.push({
        path,
        reason: `must be set with ${tracing}`,
        got: "nothing",
        conflictsWith: at(...tracing.split(".")),
      });
    }
  };
  if (isSet(value("proxy", "tracing", "enabled"))) {
    required(
      "proxy.tracing.enabled",
      ["endpoint"],
      ["meshIdentity", "serviceAccountName"],
      ["meshIdentity", "namespace"],
    );
  } else if (
    isSet(value("controller", "tracing", "enabled")) &&
    !isSet(value("controller", "tracing", "collector", "endpoint"))
  ) {
    required("controller.tracing.enabled", ["endpoint"]);
  }
  return issues;
}

function sidecarIssues(
  { controlPlane = {} }: ExtraValues,
  nativeSidecar: unknown,
  charts: LinkerdCharts,
): ValidationIssue[] {
  const seconds = peekPath(controlPlane, "proxy", "waitBeforeExitSeconds");
  const { version } = chartPin("linkerd-control-plane", charts);
  if (nativeSidecar !== true || !isSet(seconds) || !isOlder(version, FIRST_WITH_BOTH)) return [];
  return [
    {
      path: ["extraValues", "controlPlane", "proxy", "waitBeforeExitSeconds"],
      reason: `must not be set with proxy.nativeSidecar before chart version ${FIRST_WITH_BOTH}`,
      because: "A native sidecar stops after the containers of its pod in any case",
      conflictsWith: ["proxy", "nativeSidecar"],
      fixes: [{ kind: "remove" }],
    },
  ];
}
