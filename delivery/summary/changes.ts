/** The fields that an operation changes, and how sure a preview is about them. */
import { compareText } from "../objects/compare-text.ts";
import { compareValues } from "../objects/compare-values.ts";
import type { Json } from "../objects/kubernetes-object.ts";
import { groupKind, isFields } from "../objects/list-keys.ts";
import type { FieldChange } from "../objects/object-changes.ts";
import { formatFields, formatPath } from "../objects/path.ts";
import { RELEASE, SECRET_TYPE } from "../objects/program-resource.ts";
import type { Fields } from "../objects/workloads.ts";
import type { Operation, Step } from "./operation.ts";
import type { UnknownOutputs } from "./unknown-outputs.ts";
import { SECRET_FIELDS } from "./values.ts";

/** The changes of one resource. */
export interface StepChanges {
  /** Changes whose values are known, sorted by path. */
  readonly known: readonly FieldChange[];
  /** Changes whose new value is known only during `up`. */
  readonly unknown: readonly FieldChange[];
  /** Changes without a new value: the field is removed, or its value is known only during `up`. */
  readonly uncertain: readonly FieldChange[];
}

/** Whether a step happens whatever the values are that are known only during `up`: a known change causes it. */
export function isKnown({ replacePaths }: Step, { known, unknown, uncertain }: StepChanges): boolean {
  return unknown.length + uncertain.length === 0 || known.some((field) => isAtOneOf(field, replacePaths));
}

/** Operations that change fields of a resource that exists before and after. */
const CHANGING: readonly string[] = ["update", "replace", "refresh"];

/** Compares the states of a step by field. Lists of Kubernetes objects are compared by the names of their entries. */
export function findChanges(step: Step, { steps, unknownOutputs: outputs }: Operation): StepChanges {
  const changes = {
    known: [] as FieldChange[],
    unknown: [] as FieldChange[],
    uncertain: [] as FieldChange[],
  };
  if (!CHANGING.includes(step.op) || step.after === undefined) return changes;
  const { before = {}, after = {} } = isUnknownSecret(step) ? withoutData(step) : step;
  const isKept = isImported(step, steps);
  const kind = kindOf(step);
  const fields = compareValues(kind, [], before, after)
    .flatMap((field) => splitTable(kind, field))
    .filter((field) => isReported(field, step) && !(isKept && field.after === undefined));
  for (const field of fields) changes[classify(field, step, outputs)].push(field);
  changes.known.push(
    ...findSecretChanges(
      step,
      fields.map(({ path }) => path),
    ),
  );
  if (isUnknownSecret(step)) changes.unknown.push({ path: "data", steps: ["data"], before: "[secret]" });
  for (const list of Object.values(changes)) list.sort((a, b) => compareText(a.path, b.path));
  return changes;
}

/**
 * Splits a table that is added or removed into its fields, so that a reader finds each value by its path. An entry of a list
 * stays one value.
 */
function splitTable(kind: string, change: FieldChange): FieldChange[] {
  const { steps, before, after } = change;
  if (typeof steps.at(-1) !== "string" || !isFields(before ?? {}) || !isFields(after ?? {})) return [change];
  const fields = compareValues(kind, steps, before ?? {}, after ?? {});
  return fields.length === 0 ? [change] : fields.flatMap((field) => splitTable(kind, field));
}

function classify({ before, after }: FieldChange, { op }: Step, outputs: UnknownOutputs): keyof StepChanges {
  if (after !== undefined || op === "refresh") return "known";
  if (isFormerOutput(before, outputs)) return "unknown";
  return outputs.ofNewResource ? "uncertain" : "known";
}

/**
 * Whether a step updates an object of Kubernetes that the same operation imports. Server-side apply removes only fields that
 * Pulumi applied before, so it keeps fields that the program does not have.
 */
function isImported({ urn, type }: Step, steps: readonly Step[]): boolean {
  return (
    type.startsWith("kubernetes:") &&
    type !== RELEASE &&
    steps.some((each) => each.op === "import" && each.urn === urn)
  );
}

/**
 * Whether the provider reports a change at the path, above it or below it. It ignores fields that the API server sets, which an
 * imported object has and the program does not. It counts the entries of lists, so only the fields are compared.
 */
function isReported(field: FieldChange, { diffPaths }: Step): boolean {
  return diffPaths.length === 0 || isAtOneOf(field, diffPaths);
}

/** Whether a change is at one of the provider's paths, above it or below it. */
function isAtOneOf({ steps }: FieldChange, paths: readonly string[]): boolean {
  const field = `${formatFields(steps)}.`;
  return paths
    .map((path) => `${path.replaceAll(/\["((?:[^"\\]|\\.)*)"\]/g, ".$1").replaceAll(/\[\d+\]/g, "")}.`)
    .some((path) => path.startsWith(field) || field.startsWith(path));
}

/**
 * The provider moves `stringData` of a Secret to `data` as soon as all of it is known (pulumi-kubernetes,
 * provider/pkg/provider/provider.go, Check).
 */
function isUnknownSecret({ type, before, after }: Step): boolean {
  const isSecret = type === SECRET_TYPE;
  return (
    isSecret && before?.data !== undefined && after?.data === undefined && after?.stringData !== undefined
  );
}

/** The states of a Secret without the fields that have its data. */
function withoutData({ before, after }: Step): Pick<Step, "before" | "after"> {
  const omit = (state: Fields = {}) =>
    Object.fromEntries(Object.entries(state).filter(([field]) => !SECRET_FIELDS.includes(field)));
  return { before: omit(before), after: omit(after) };
}

/** Whether each text of a value that disappears was an output that is unknown now. */
function isFormerOutput(value: Json | undefined, outputs: UnknownOutputs): boolean {
  if (typeof value === "string") return outputs.former.has(value.trim());
  const items = isFields(value) ? Object.values(value) : Array.isArray(value) ? value : [];
  return items.length > 0 && items.every((item) => isFormerOutput(item, outputs));
}

function kindOf({ before, after }: Step): string {
  const { apiVersion, kind } = after ?? before ?? {};
  return typeof apiVersion === "string" && typeof kind === "string" ? groupKind({ apiVersion, kind }) : "";
}

/** Changes that the states do not show, because both values are secret. The provider has compared the values. */
function findSecretChanges({ before, after, diffPaths }: Step, found: readonly string[]): FieldChange[] {
  return diffPaths.flatMap((path) => {
    const steps = parsePath(path);
    const plain = formatPath(steps);
    if (found.includes(plain) || !(isSecretAt(before, steps) && isSecretAt(after, steps))) return [];
    return [{ path: plain, steps, before: "[secret]", after: "[another secret]" }];
  });
}

/** The steps of a path as the provider writes it, e.g. `data["ca.crt"]` or `spec.ports[0].port`. */
function parsePath(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? "",
  );
}

function isSecretAt(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (value === "[secret]") return true;
  if (step === undefined || typeof value !== "object" || value === null) return false;
  return isSecretAt((value as Record<string, unknown>)[step], rest);
}
