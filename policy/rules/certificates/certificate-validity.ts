/** How long certificates of the TLS provider are valid. */
import { MAX_VALIDITY_YEARS, toValidityHours } from "../../../components/certificates/certificate-rules.ts";
import type { CheckedResource } from "../checked-resource.ts";
import type { Report, Rule } from "../rule.ts";
import { isCertificate } from "./certificate-inputs.ts";

/** Mandatory: the provider reports neither error, and both replace or break a certificate that is in use. */
export const certificateValidity: Rule = {
  name: "certificate-validity",
  description:
    "The validity of a certificate is a period that the TLS provider can compute, and longer than its renewal.",
  enforcement: "mandatory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources.filter(isCertificate)) checkHours(resource, report);
  },
};

const MAX_HOURS = toValidityHours(MAX_VALIDITY_YEARS);

function checkHours(resource: CheckedResource, report: Report): void {
  const { validityPeriodHours: hours, earlyRenewalHours: renewal } = resource.inputs;
  if (typeof hours !== "number") return;
  if (hours < 1 || hours > MAX_HOURS) {
    report(resource, {
      path: ["validityPeriodHours"],
      reason: `must be from 1 to ${MAX_HOURS} (${MAX_VALIDITY_YEARS} years)`,
      got: String(hours),
      because:
        "The provider counts nanoseconds in 64 bits, so the certificate of a longer period is expired at once",
      fixes: [{ kind: "instruction", text: `set validityPeriodHours to ${MAX_HOURS} or less` }],
    });
  }
  if (typeof renewal === "number" && renewal >= hours) {
    report(resource, {
      path: ["earlyRenewalHours"],
      reason: `must be less than validityPeriodHours (${hours})`,
      got: String(renewal),
      because: "Each update replaces the certificate otherwise",
      fixes: [{ kind: "remove" }],
    });
  }
}
