/** The error for an invalid configuration. */
import * as pulumi from "@pulumi/pulumi";
import { ValidationError, type ValidationIssue } from "../../components/inputs/validation.ts";
import { formatSettingIssue } from "./messages/format-setting.ts";
import type { GivenSettings } from "./messages/given-settings.ts";
import { toSettingPath } from "./messages/setting-path.ts";
import { settingJsonSchema } from "./settings-schema.ts";

/** All issues with a stack's configuration, each with the command that resolves it. */
export function settingsError(issues: readonly ValidationIssue[], given: GivenSettings): ValidationError {
  return new ValidationError(`The configuration of stack "${pulumi.getStack()}"`, issues, {
    noun: "setting",
    format: (issue) => formatStackIssue(issue, given),
  });
}

/** An issue with the configuration as one line, for an error or a warning. */
export function formatStackIssue(issue: ValidationIssue, given: GivenSettings): string {
  return formatSettingIssue(issue, given, settingJsonSchema());
}

/** An issue that a component found in its arguments, as an issue with the settings that they come from. */
export function toSettingIssue(issue: ValidationIssue): ValidationIssue {
  return {
    ...issue,
    path: toSettingPath(issue.path),
    conflictsWith: issue.conflictsWith && toSettingPath(issue.conflictsWith),
    fixes: issue.fixes?.map((fix) => (fix.kind === "set" ? { ...fix, path: toSettingPath(fix.path) } : fix)),
  };
}
