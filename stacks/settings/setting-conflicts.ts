/** Conflicts between settings that `ServiceMesh` knows nothing of. */
import type { ValidationIssue } from "../../components/inputs/validation.ts";
import type { Settings } from "./settings-schema.ts";

/** Finds conflicts among the settings that are valid by themselves. */
export function settingConflicts({
  namespace,
  vizNamespace,
  adopt,
  certificates,
}: Partial<Settings>): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  if (vizNamespace !== undefined && vizNamespace === namespace) {
    issues.push({
      path: ["vizNamespace"],
      reason: "must not be the namespace of the control plane",
      got: JSON.stringify(vizNamespace),
      because: "Pods in the namespace of the control plane are never injected, but viz needs proxies",
      conflictsWith: ["namespace"],
    });
  }
  if (adopt && certificates?.mode === "generated") {
    issues.push({
      path: ["certificates", "mode"],
      reason: 'must be "provided" or "certManager" with adopt',
      got: JSON.stringify(certificates.mode),
      because: "Generated certificates would replace those that running proxies trust",
      conflictsWith: ["adopt"],
      fixes: [
        {
          kind: "instruction",
          text:
            "pulumi config set --path certificates.mode provided, then store the running certificates with the " +
            "commands of docs/adoption.md",
        },
      ],
    });
  }
  return issues;
}
