/** Recording rules and alerts about the expiry of certificates. */
import type { CertificateSummary } from "../../certificates/report.ts";
import { CERTIFICATE_END, certificateSeconds, issuerSeconds } from "../promql/mesh/certificates.ts";
import { issuerExpiryDifference, proxyCertificateShareLeft } from "../promql/mesh/expiry.ts";
import { proxiesWithoutIdentity } from "../promql/mesh/proxies.ts";
import {
  type AlertDefinition,
  type CommonAlertOptions,
  type RecordingRule,
  type RuleGroup,
  type Severity,
  toAlertRule,
} from "./rule-groups.ts";

const DAY = 86_400;

/** Days before the expiry from which an alert has a severity, until the next one applies. */
const EXPIRY_SEVERITIES: readonly (readonly [severity: Severity, days: number])[] = [
  ["info", 90],
  ["warning", 30],
  ["critical", 7],
];

/** The rules about certificates. The constants precede the alerts that use them. */
export function certificateRules(
  options: CommonAlertOptions & { readonly certificates: readonly CertificateSummary[] },
): RuleGroup {
  return {
    name: "linkerd-certificates",
    interval: "1m",
    rules: [
      ...options.certificates.map(recordExpiry),
      ...certificateAlerts().map((definition) => toAlertRule(definition, options)),
    ],
  };
}

/** The expiry of one certificate as a constant. */
function recordExpiry({ name, notAfter }: CertificateSummary): RecordingRule {
  return {
    record: CERTIFICATE_END,
    expr: `vector(${Date.parse(notAfter) / 1000})`,
    labels: { certificate: name },
  };
}

function certificateAlerts(): AlertDefinition[] {
  return [
    ...EXPIRY_SEVERITIES.map(([severity, days], index) => {
      const next = EXPIRY_SEVERITIES[index + 1]?.[1];
      const due = `${certificateSeconds()} < ${days * DAY}`;
      return {
        alert: "MeshCertificateExpires",
        severity,
        expr: next === undefined ? due : `${due} and ${certificateSeconds()} >= ${next * DAY}`,
        summary:
          "The certificate {{ $labels.certificate }} {{ if gt $value 0.0 }}expires in {{ $value | humanizeDuration }}{{ else }}has expired{{ end }}.",
        description:
          "When it expires, meshed workloads cannot connect (trust anchor, issuer), or the API server cannot call Linkerd (webhook certificates).",
      };
    }),
    {
      alert: "MeshIssuerNotRenewed",
      severity: "critical",
      expr: `${issuerSeconds()} < ${DAY}`,
      for: "10m",
      summary:
        "The identity issuer {{ if gt $value 0.0 }}expires in {{ $value | humanizeDuration }}{{ else }}has expired{{ end }}.",
      description:
        "Whoever manages the issuer has not renewed it. When it expires, no proxy gets or renews a certificate.",
    },
    {
      alert: "MeshIssuerDiffers",
      severity: "warning",
      expr: `${issuerExpiryDifference()} > ${DAY}`,
      for: "15m",
      summary: "The identity issuer in use is not the one that the stack deployed.",
      description:
        "Their expiry differs by {{ $value | humanizeDuration }}. Someone replaced the Secret of the issuer, or the identity controller has not loaded the new issuer.",
    },
    {
      alert: "MeshProxyWithoutIdentity",
      severity: "warning",
      expr: `${proxiesWithoutIdentity({ by: ["namespace", "pod"] })} > 0`,
      for: "5m",
      summary: "The proxy of {{ $labels.namespace }}/{{ $labels.pod }} has no identity.",
      description: "It has not received a certificate since it started. The pod does not become ready.",
    },
    {
      alert: "MeshProxyCertificateNotRenewed",
      severity: "critical",
      expr: `${proxyCertificateShareLeft()} < 0.25`,
      for: "5m",
      summary: "The proxy of {{ $labels.namespace }}/{{ $labels.pod }} has not renewed its certificate.",
      description:
        "{{ $value | humanizePercentage }} of the validity is left, and a proxy renews its certificate at 30%. When it expires, other proxies reject the connections of the pod.",
    },
  ];
}
