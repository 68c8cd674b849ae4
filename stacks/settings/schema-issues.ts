/** Zod's issues as issues with settings. */
import type { z } from "zod";
import type { Fix, Path, ValidationIssue } from "../../components/inputs/validation.ts";
import { redactValue } from "../secrets/redaction.ts";
import { givenMode, modesWith } from "./messages/certificate-mode.ts";
import type { GivenSettings } from "./messages/given-settings.ts";
import { valueAt } from "./messages/setting-path.ts";
import type { SettingSchema } from "./messages/setting-schema.ts";
import { unknownFieldIssue } from "./messages/unknown-field.ts";

/** The issues that Zod found in the given settings. Zod's messages are reasons, and quote no value. */
export function toValidationIssues(
  issues: readonly z.core.$ZodIssue[],
  given: GivenSettings,
  settings: SettingSchema,
): ValidationIssue[] {
  return issues.flatMap((issue) => toIssues(issue, given, settings));
}

function toIssues(issue: z.core.$ZodIssue, given: GivenSettings, settings: SettingSchema): ValidationIssue[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownFieldIssue([...path, key], settings, given));
  }
  if (issue.code === "invalid_union") {
    // If one of the alternatives accepts the type of the value, its issues inside the value are the relevant ones.
    const inside = issue.errors.find((issues) => issues.every(isInside));
    if (inside !== undefined) {
      const nested = inside.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
      return toValidationIssues(nested, given, settings);
    }
  }
  const value = valueAt(given.values, path);
  const { because, fixes } = (issue.code === "custom" && issue.params) || {};
  return [
    {
      path,
      reason: issue.message,
      got: redactValue(path, value),
      ...(because === undefined ? {} : { because }),
      ...(fixes === undefined ? fixesFor(path, value, given, settings) : { fixes }),
    },
  ];
}

function isInside({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
}

/** A value that only another mode of `certificates` accepts, without any mode: the mode was forgotten. */
function fixesFor(
  path: Path,
  value: unknown,
  given: GivenSettings,
  settings: SettingSchema,
): { fixes?: Fix[] } {
  if (value === undefined || givenMode(given.values) !== undefined) return {};
  const modes = modesWith(settings, path, value);
  const [mode] = modes;
  if (mode === undefined || modes.includes("generated")) return {};
  return { fixes: [{ kind: "set", path: ["certificates", "mode"], value: mode }] };
}
