/** How an issue with a setting is printed. */
import { type Fix, joinIssue, type ValidationIssue } from "../../../components/inputs/validation.ts";
import { redactText } from "../../secrets/redaction.ts";
import { changeCommand, removeCommand, setCommand } from "./fix-command.ts";
import type { GivenSettings } from "./given-settings.ts";
import { formatSettingPath, nameSettings, valueAt } from "./setting-path.ts";
import { type SettingSchema, schemaAt } from "./setting-schema.ts";

const CHANGE: readonly Fix[] = [{ kind: "change" }];

/**
 * `linkerd-mesh:<path>: <reason>, got <value>. <because>. Fix: <pulumi config command>`
 *
 * Only `got` quotes a value, so only that is redacted: it is "a secret" where the setting is encrypted. Fields of
 * `certificates` are exceptions: all of them are encrypted as soon as a key is, and PEM is never shown.
 */
export function formatSettingIssue(
  issue: ValidationIssue,
  given: GivenSettings,
  settings: SettingSchema,
): string {
  const { path, reason, got, because } = issue;
  const setting = String(path[0]);
  const isHidden = setting !== "certificates" && given.isSecret(setting);
  return joinIssue(
    formatSettingPath(path),
    {
      path,
      reason: nameSettings(reason),
      got: got === undefined ? undefined : isHidden ? "a secret" : redactText(got),
      because: because && nameSettings(because),
    },
    formatFixes(issue, given, settings),
  );
}

function formatFixes(
  { path, fixes = CHANGE }: ValidationIssue,
  given: GivenSettings,
  settings: SettingSchema,
): string[] {
  const schema = schemaAt(settings, path, given.values);
  const change = changeCommand(path, schema, valueAt(given.values, path));
  // Instructions alone prepare the file of a certificate or key, which then has to be stored.
  const isPrepared = schema?.file !== undefined && fixes.every(({ kind }) => kind === "instruction");
  const format = (fix: Fix): string => {
    switch (fix.kind) {
      case "change":
        return change;
      case "remove":
        return removeCommand(path);
      case "set":
        return setCommand(fix.path, fix.value);
      case "command":
        return fix.text;
      case "instruction":
        return `${nameSettings(fix.text)}${isPrepared ? `, then ${change}` : ""}`;
    }
  };
  return fixes.map(format);
}
