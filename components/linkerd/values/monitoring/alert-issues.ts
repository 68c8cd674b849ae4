/** The checks of the alerts: their options, and whether anything evaluates them. */
import type { Fix, Path, ValidationIssue } from "../../../inputs/validation.ts";
import { ruleIssues } from "../../../observability/rules/rules.ts";
import { at, ineffectiveIssues, labelIssues } from "./checks.ts";
import { alertEvaluator, deliveredAlerts, type MonitoredMesh } from "./delivery.ts";

const PATH = at("alerts");
const OFF: Fix = { kind: "set", path: PATH, value: false };

/** Issues with the alerts of a mesh. */
export function alertIssues(mesh: MonitoredMesh): ValidationIssue[] {
  const { alerts } = mesh.monitoring ?? {};
  const evaluator = alertEvaluator(mesh);
  const given = alerts === false || alerts === undefined ? {} : alerts;
  const delivered = deliveredAlerts(mesh);
  return [
    ...(evaluator === undefined && alerts ? [unevaluated(mesh)] : []),
    ...ruleIssues(delivered?.options ?? given).map(toSetting),
    ...labelIssues([...PATH, "ruleLabels"], evaluator === "viz" ? undefined : given.ruleLabels),
    ...(evaluator === "viz"
      ? ineffectiveIssues(PATH, given, ["ruleLabels"], "without monitoring.external.operator", {
          because: "viz's Prometheus reads a file, which has no labels",
          conflictsWith: at("external"),
        })
      : []),
  ];
}

/** Nothing loads the alerts into a Prometheus. */
function unevaluated({ monitoring = {} }: MonitoredMesh): ValidationIssue {
  const { external } = monitoring;
  return {
    path: PATH,
    reason: `must be false ${external === undefined ? "without viz" : "with monitoring.external"}, unless monitoring.external.operator is true`,
    because:
      "Nothing would evaluate the alerts. Any other Prometheus loads the file alerts/linkerd.rules.yaml of this project",
    conflictsWith: external === undefined ? ["viz"] : at("external"),
    fixes: [OFF, { kind: "set", path: at("external", "operator"), value: true }],
  };
}

/** The issue with an option of the rules, as one with the setting that it comes from. */
function toSetting(issue: ValidationIssue): ValidationIssue {
  const isRetention = issue.path[0] === "retention";
  const toPath = (path: Path) => (isRetention ? at("prometheus", ...path) : [...PATH, ...path]);
  const fixes = issue.fixes?.map((fix) => (fix.kind === "set" ? { ...fix, path: toPath(fix.path) } : fix));
  return {
    ...issue,
    path: toPath(issue.path),
    ...(isRetention
      ? { conflictsWith: PATH, fixes: [...(fixes ?? []), OFF] }
      : fixes === undefined
        ? {}
        : { fixes }),
  };
}
