/** Rules for the logins of chart sources. */
import type { Path, ValidationIssue } from "../../inputs/validation.ts";
import { CHART_KEYS, type ChartPin, DEFAULT_CHART_SOURCE, type LinkerdCharts, sourceKind } from "./charts.ts";

/** Finds logins in URLs, which Pulumi would store in plain text, and logins that Helm would not use. */
export function credentialIssues(charts: LinkerdCharts = {}): ValidationIssue[] {
  return [
    ...pinIssues(charts, DEFAULT_CHART_SOURCE, ["charts"]),
    ...Object.values(CHART_KEYS).flatMap((key) =>
      pinIssues(charts[key] ?? {}, charts.source ?? DEFAULT_CHART_SOURCE, ["charts", key]),
    ),
  ];
}

function pinIssues(pin: ChartPin, inherited: string, path: Path): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  if (pin.source !== undefined && hasCredentials(pin.source)) {
    issues.push({
      path: [...path, "source"],
      reason: "must not contain a user name and a password",
      because: "Pulumi stores the source in plain text",
      fixes: [{ kind: "instruction", text: `use ${[...path, "credentials"].join(".")}` }],
    });
  }
  const reason = pin.credentials && unusedReason(pin.source ?? inherited);
  if (reason !== undefined) {
    issues.push({
      path: [...path, "credentials"],
      ...reason,
      conflictsWith: pin.source === undefined ? ["charts", "source"] : [...path, "source"],
      fixes: [{ kind: "remove" }],
    });
  }
  return issues;
}

/** Whether a source is a URL with a user name or a password. */
export function hasCredentials(source: string): boolean {
  return sourceKind(source) !== "directory" && /^\w+:\/\/[^/?#]*@/.test(source);
}

function unusedReason(source: string) {
  switch (sourceKind(source)) {
    case "repository":
      if (source !== DEFAULT_CHART_SOURCE) return undefined;
      return {
        reason: "must not be set for Linkerd's own repository",
        because: "The repository is public, and the password would be sent to it",
      };
    case "registry":
      return {
        reason: "must not be set for an OCI registry",
        because:
          "Pulumi's Kubernetes provider reads the logins of registries from Docker's and Helm's configuration, into " +
          "which `helm registry login <registry>` writes",
      };
    case "directory":
      return { reason: "must not be set for a directory", because: "A directory has no login" };
  }
}
