/** Certificates and the CAs that sign them. */
import type { X509Certificate } from "node:crypto";
import { formatName } from "../../../components/certificates/x509/chain.ts";
import type { CheckedResource } from "../checked-resource.ts";
import type { Report, Rule } from "../rule.ts";
import { textAt } from "../values.ts";
import { isCertificate, LOCALLY_SIGNED_CERT, readCertificatesOf } from "./certificate-inputs.ts";

/** Mandatory: verifiers reject a certificate after its CA expires, and no report about the certificate shows it. */
export const certificateChains: Rule = {
  name: "certificate-chains",
  description: "A certificate is signed by a CA, and is valid for a shorter period than its CA.",
  enforcement: "mandatory",
  scope: "stack",
  check(resources, report) {
    const byId = new Map(resources.map((resource) => [resource.id, resource]));
    for (const resource of resources) {
      if (resource.type !== LOCALLY_SIGNED_CERT) continue;
      const signer = findSigner(resource, byId);
      if (signer !== undefined) checkSigner(resource, signer, report);
    }
  },
};

/** The known facts about the CA of a certificate. */
interface Signer {
  readonly name: string;
  readonly isCa: boolean | undefined;
  readonly hours: number | undefined;
}

/** The CA: its certificate if that is known, else the one resource that creates a certificate for this one. */
function findSigner(
  { inputs, dependencies }: CheckedResource,
  byId: ReadonlyMap<string, CheckedResource>,
): Signer | undefined {
  const [certificate] = readCertificatesOf(textAt(inputs, "caCertPem"));
  if (certificate !== undefined) {
    return { name: formatName(certificate), isCa: certificate.ca, hours: hoursOf(certificate) };
  }
  const [ca, ...others] = dependencies
    .map((id) => byId.get(id))
    .filter((each) => each !== undefined)
    .filter(isCertificate);
  if (ca === undefined || others.length > 0) return undefined;
  const { isCaCertificate = false, validityPeriodHours } = ca.inputs;
  return {
    name: ca.name,
    isCa: typeof isCaCertificate === "boolean" ? isCaCertificate : undefined,
    hours: typeof validityPeriodHours === "number" ? validityPeriodHours : undefined,
  };
}

function hoursOf({ validFromDate, validToDate }: X509Certificate): number {
  return Math.round((validToDate.getTime() - validFromDate.getTime()) / 3_600_000);
}

function checkSigner(
  resource: CheckedResource,
  { name, isCa, hours: caHours }: Signer,
  report: Report,
): void {
  if (isCa === false) {
    report(resource, {
      path: ["caCertPem"],
      reason: "must be a CA certificate",
      got: name,
      because: "The provider signs with it all the same, and every verifier rejects the result",
      fixes: [{ kind: "instruction", text: "set isCaCertificate to true for the certificate of the signer" }],
    });
  }
  const { validityPeriodHours: hours } = resource.inputs;
  if (typeof hours === "number" && caHours !== undefined && hours >= caHours) {
    report(resource, {
      path: ["validityPeriodHours"],
      reason: `must be less than ${caHours}, the validity of its CA ${name}`,
      got: String(hours),
      because:
        "Verifiers reject the certificate when its CA expires, which no report about the certificate shows",
      fixes: [{ kind: "instruction", text: `set validityPeriodHours to ${caHours - 24} or less` }],
    });
  }
}
