/** Values that do not reach the templates of a chart as they were given. */
import { type ChartValues, isTable } from "../../inputs/merge.ts";
import { isDeferred } from "../../inputs/outputs.ts";
import type { Path, ValidationIssue } from "../../inputs/validation.ts";

/**
 * Pulumi's Kubernetes provider passes every number to Helm as a 64-bit float: its resource properties have no other
 * number, and it parses `valueYamlFiles` without `UseNumber` (pulumi-kubernetes, provider/pkg/provider/helm_release.go,
 * `decodeRelease`). A template prints a float with Go's `%v`, which has an exponent below 1e-4 and from 1e6 on
 * (strconv, `FormatFloat`): `1.00068e+09` is not a number for a flag or a user ID. Strings are printed as they are, but
 * `toYaml`, with which the control plane passes its values to the injector, quotes them.
 */
function hasExponent(value: number): boolean {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e6);
}

// Lists and security contexts are printed with `toYaml`, which writes integers in full. Only lists of command line
// arguments are printed item by item (linkerd2, charts/, edge-26.8.3).
const PRINTED_AS_YAML = /securityContext$/i;
const PRINTED_BY_ITEM = /args$/i;

/** Finds numbers and nulls that would change on their way to the chart. Values inside Outputs are not considered. */
export function changedValueIssues(values: ChartValues, path: Path): ValidationIssue[] {
  return Object.entries(values).flatMap(([key, value]) => findChanged(value, [...path, key], false));
}

function findChanged(value: unknown, path: Path, isYaml: boolean): ValidationIssue[] {
  const key = String(path.at(-1));
  if (typeof value === "number") return numberIssues(value, path, isYaml);
  if (value === null) return [nullIssue(path)];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findChanged(item, [...path, index], !PRINTED_BY_ITEM.test(key)));
  }
  if (isDeferred(value) || !isTable(value)) return [];
  const below = isYaml || PRINTED_AS_YAML.test(key);
  return Object.entries(value).flatMap(([name, child]) => findChanged(child, [...path, name], below));
}

function numberIssues(value: number, path: Path, isYaml: boolean): ValidationIssue[] {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return [
      {
        path,
        reason: `must be a number from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
        got: String(value),
        because: "Pulumi passes numbers as 64-bit floats, which change larger integers",
      },
    ];
  }
  if (!hasExponent(value) || (isYaml && Number.isInteger(value))) return [];
  return [
    {
      path,
      reason: "must be 0, or a number of at least 0.0001 and less than 1000000",
      got: String(value),
      because:
        "Pulumi's Kubernetes provider passes numbers to Helm as floats, and charts print others with an exponent, e.g. 1.5e+06",
      fixes: [{ kind: "instruction", text: alternative(path) }],
    },
  ];
}

function alternative(path: Path): string {
  const namespace = path[1] === "viz" ? "linkerd-viz" : path[1] === "cni" ? "linkerd-cni" : "linkerd";
  return /^(.*uid|.*gid|runAs(User|Group)|fsGroup)$/i.test(String(path.at(-1)))
    ? "use an ID below 1000000 and allow it in the mesh's namespaces, on OpenShift with: oc adm policy " +
        `add-scc-to-group nonroot-v2 system:serviceaccounts:${namespace}`
    : "use a smaller number, or a unit if the chart accepts one";
}

function nullIssue(path: Path): ValidationIssue {
  return {
    path,
    reason: "must not be null",
    because: "Pulumi's Kubernetes provider drops null, so the chart's default would stay in effect",
    fixes: [
      { kind: "instruction", text: 'set a value that the chart treats as empty, e.g. "" or false' },
      { kind: "remove" },
    ],
  };
}
