/** Checks that several settings of monitoring share. Outputs are not checked: they are read again when they resolve. */
import type * as pulumi from "@pulumi/pulumi";
import { isLabelKey, isLabelValue } from "../../../inputs/kubernetes-names.ts";
import { knownValue } from "../../../inputs/outputs.ts";
import { formatValue, type Path, type ValidationIssue } from "../../../inputs/validation.ts";

/** The path of a setting of monitoring. */
export function at(...path: Path): Path {
  return ["monitoring", ...path];
}

/** An issue if a text is known and not accepted. `requirement` completes "must be". */
export function textIssues(
  path: Path,
  value: pulumi.Input<string> | undefined,
  accepts: (text: string) => boolean,
  requirement: string,
  rest: Partial<ValidationIssue> = {},
): ValidationIssue[] {
  const text = knownValue(value);
  if (text === undefined || accepts(text)) return [];
  return [{ path, reason: `must be ${requirement}`, got: formatValue(text), ...rest }];
}

/** Issues with the keys and the values of labels. */
export function labelIssues(path: Path, labels: Readonly<Record<string, string>> = {}): ValidationIssue[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...textIssues([...path, key], key, isLabelKey, "named as a label of Kubernetes, e.g. release", {
      fixes: [{ kind: "remove" }],
    }),
    ...textIssues(
      [...path, key],
      value,
      isLabelValue,
      'the value of a label: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ),
  ]);
}

/** Issues with fields that are set and have no effect. `reason` completes "must not be set". */
export function ineffectiveIssues<Options extends object>(
  path: Path,
  options: Options,
  fields: readonly (keyof Options & string)[],
  reason: string,
  rest: Partial<ValidationIssue>,
): ValidationIssue[] {
  return fields
    .filter((field) => options[field] !== undefined)
    .map((field) => ({
      path: [...path, field],
      reason: `must not be set ${reason}`,
      fixes: [{ kind: "remove" }],
      ...rest,
    }));
}

/** Issues with an URL of http or https that is known. One with credentials is not shown. */
export function urlIssues(
  path: Path,
  value: pulumi.Input<string> | undefined,
  example: string,
  credentialsFix: string,
): ValidationIssue[] {
  const text = knownValue(value);
  if (text === undefined) return [];
  if (text.includes("@")) {
    return [
      {
        path,
        reason: "must not contain a user name and a password",
        because: "It is an argument of a container, which is not encrypted",
        fixes: [{ kind: "instruction", text: credentialsFix }],
      },
    ];
  }
  return textIssues(
    path,
    text,
    (url) => /^https?:\/\/[^\s?#]+$/.test(url) && URL.canParse(url),
    `a URL with http:// or https://, without a query and a fragment, e.g. ${JSON.stringify(example)}`,
  );
}

/** Whether a text is a host name or an address with a port. */
export function isHostWithPort(text: string): boolean {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):([1-9]\d{0,4})$/.exec(text) ?? [];
  return host !== undefined && Number(port) <= 65_535 && URL.canParse(`http://${host}`);
}

/** The issue with a setting that only viz uses. */
export function withoutViz(path: Path): ValidationIssue {
  return {
    path,
    reason: "must not be set without viz",
    because: "The chart linkerd-viz is not installed",
    conflictsWith: ["viz"],
    fixes: [{ kind: "remove" }, { kind: "set", path: ["viz"], value: true }],
  };
}
