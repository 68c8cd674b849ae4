/** Inputs and outputs of resources as plain values without secrets. */
import type { Json } from "../objects/kubernetes-object.ts";
import { isFields } from "../objects/list-keys.ts";
import { SECRET_TYPE } from "../objects/program-resource.ts";
import type { Fields } from "../objects/workloads.ts";
import { redact } from "./redact.ts";

/** Key of Pulumi's special values, and the value of a secret (pulumi, sdk/go/common/resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270";

/** Fields of a Secret of Kubernetes whose values are never shown, also if the program does not mark them. */
export const SECRET_FIELDS: readonly string[] = ["data", "stringData"];

/** Plain values of a resource: secrets as `[secret]`, files as `[file]`, certificates by their identity. */
export function readInputs(type: string, inputs: Json | undefined): Fields | undefined {
  if (!isFields(inputs)) return undefined;
  const entries = Object.entries(inputs).filter(([field]) => !field.startsWith("__"));
  const isSecret = type === SECRET_TYPE;
  return Object.fromEntries(
    entries.map(([field, value]) => [
      field,
      isSecret && SECRET_FIELDS.includes(field) ? hide(value) : toPlain(value),
    ]),
  );
}

function toPlain(value: Json | undefined): Json | undefined {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((item) => toPlain(item) ?? null);
  if (!isFields(value)) return value;
  if (SIGNATURE in value) return value[SIGNATURE] === SECRET_MARK ? "[secret]" : "[file]";
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, toPlain(item)]));
}

/** The keys of a Secret are public, unless all of it is one secret value. */
function hide(value: Json | undefined): Json | undefined {
  if (!isFields(value) || SIGNATURE in value) return "[secret]";
  return Object.fromEntries(Object.keys(value).map((key) => [key, "[secret]"]));
}
