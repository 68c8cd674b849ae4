/** Compares certificates in the cluster with the output `certificates` of the stack. */
import type { X509Certificate } from "node:crypto";
import { formatName } from "../../../components/certificates/x509/chain.ts";
import type { StackFacts } from "../../cluster/mesh-facts.ts";
import type { Problem } from "../../report/finding.ts";

/** The result of a comparison: equal, different, or not in the output. */
export type Comparison = "equal" | "absent" | Problem;

/**
 * Compares the expiry of the certificate with the entry of this name. Several certificates of one role are numbered in
 * the output, in an order of their own: their entry is the one with the serial number of the certificate.
 */
export function compareExpiry(
  certificate: X509Certificate,
  name: string,
  { stack, certificates }: StackFacts,
): Comparison {
  const ofRole = certificates.filter((entry) => entry.name.replace(/-\d+$/, "") === name);
  if (ofRole.length === 0) return "absent";
  const notAfter = certificate.validToDate.toISOString();
  const entry = ofRole.find(({ serial }) => serial === certificate.serialNumber);
  if (entry?.notAfter === notAfter) return "equal";
  const expected =
    entry === undefined
      ? `the output certificates of ${stack} has ${ofRole.map((each) => `${each.name} with serial number ${each.serial}`).join(" and ")}`
      : `the output certificates of ${stack} has ${entry.notAfter}`;
  return {
    observed: `${formatName(certificate)} with serial number ${certificate.serialNumber} expires ${notAfter}, but ${expected}`,
    cause: `The certificate is not the one that the last \`pulumi up\` of ${stack} installed: someone replaced the Secret, or the server has not loaded it.`,
    docs: "docs/certificates.md#expiry",
  };
}
