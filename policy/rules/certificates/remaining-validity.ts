/** How long certificates in a stack remain valid. */
import { formatName } from "../../../components/certificates/x509/chain.ts";
import type { Rule } from "../rule.ts";
import { findCertificates } from "./certificate-inputs.ts";

const DAY = 24 * 3_600_000;

/** The days that a certificate must remain valid by default: enough for two releases that renew it. */
export const DEFAULT_DAYS = 60;

/** Advisory: the deployment that is refused may be the one that renews another certificate. */
export const remainingValidity: Rule = {
  name: "remaining-validity",
  description: "Certificates that a stack deploys remain valid for some time.",
  enforcement: "advisory",
  scope: "resource",
  options: ["days"],
  check(resources, report, { now = new Date(), days = DEFAULT_DAYS }) {
    for (const resource of resources) {
      if (!resource.type.startsWith("kubernetes:")) continue;
      for (const { certificate, path } of findCertificates(resource)) {
        const end = certificate.validToDate.getTime();
        const left = Math.floor((end - now.getTime()) / DAY);
        if (end >= now.getTime() + days * DAY) continue;
        const date = certificate.validToDate.toISOString().slice(0, 10);
        report(resource, {
          path,
          reason: `must be valid for ${days} more days`,
          got: `${formatName(certificate)}, which ${end <= now.getTime() ? "expired" : "expires"} ${date}${left > 0 ? ` (in ${left} days)` : ""}`,
          because: "Renewing a certificate takes deployments of all stacks that have it",
          fixes: [{ kind: "instruction", text: "renew the certificate as in docs/rotation.md" }],
        });
      }
    }
  },
};
