/** The rule file that people import by hand. */
import { stringify } from "yaml";
import type { RuleGroup } from "../../components/observability/rules/rule-groups.ts";
import { rules } from "../../components/observability/rules/rules.ts";

/** Path of the rule file in the repository and in the package. */
export const RULE_FILE = "alerts/linkerd.rules.yaml";

const HEADER = `Recording rules and alerts for Linkerd, with the default options. Written by \`npm run dashboards\`.
https://github.com/linkerd-mesh/linkerd-mesh/blob/main/docs/alerts.md explains the alerts.

Nothing exports when the trust anchor and the webhook certificates expire. The rules of a stack begin the group
linkerd-certificates with a constant for each certificate of its output \`certificates\`. Without them, the alerts
MeshCertificateExpires and MeshIssuerDiffers never fire. To add one by hand, compute the Unix time of its expiry:

  openssl x509 -in ca.crt -noout -enddate
  date -u -d 'Oct 28 19:30:36 2126 GMT' +%s

  - record: linkerd_mesh:certificate_expiration_timestamp_seconds
    expr: vector(4948889436)
    labels:
      certificate: trust-anchor`;

/** Formats groups as the text of a rule file, below a comment. */
export function formatRuleFile(groups: readonly RuleGroup[] = rules()): string {
  const comment = HEADER.split("\n")
    .map((line) => `# ${line}`.trimEnd())
    .join("\n");
  return `${comment}\n${stringify({ groups }, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
