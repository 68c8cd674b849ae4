/** Schemas that several settings share. Their messages are reasons: they complete "<setting>: …". */
import { z } from "zod";
import type { ValidationIssue } from "../../components/inputs/validation.ts";
import type { SettingMeta } from "./messages/setting-schema.ts";

/** Attaches metadata. Unlike `.meta` itself, it accepts known fields only. */
export function setting<Schema extends z.ZodType>(schema: Schema, meta: SettingMeta): Schema {
  return schema.meta({ ...meta });
}

/** The parameters of a `.refine` whose reason needs an explanation. */
export function because(reason: string, explanation: string) {
  return { error: reason, params: { because: explanation } satisfies Partial<ValidationIssue> };
}

export const flag = z.boolean("must be true or false");

/** An integer. `requirement` completes "must be". */
export function integer(from: number, to: number, requirement: string, explanation?: string) {
  const reason = `must be ${requirement}`;
  const isInRange = (value: number) => value >= from && value <= to;
  return z.int(reason).refine(isInRange, explanation === undefined ? reason : because(reason, explanation));
}

/** A string that matches. `requirement` completes "must be". */
export function matching(pattern: RegExp, requirement: string) {
  const reason = `must be ${requirement}`;
  return z.string(reason).regex(pattern, reason);
}

/** One of several strings. */
export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, `must be one of ${values.map((value) => `"${value}"`).join(", ")}`);
}

// RFC 1123: the name of a namespace, and each label of a domain.
const LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

export const dnsLabel = matching(
  new RegExp(`^${LABEL}$`),
  'a DNS label: lower-case letters, digits and "-", at most 63 characters',
);
export const dnsDomain = matching(
  new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`),
  'a DNS domain of at most 253 characters, e.g. "cluster.local"',
);

/** An object with these fields and no others. */
export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined),
  });
}
