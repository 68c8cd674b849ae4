/** From the argument `certificates` to the certificates that a mesh is installed with, whatever the mode. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { MeshCertificates } from "../certificate-options.ts";
import type { CertificatePlan, CertificateSet, MeshNames } from "../certificate-set.ts";
import {
  type CertificateSummary,
  DEFAULT_WARN_WITHIN_DAYS,
  formatExpiryWarnings,
  report,
} from "../report.ts";
import type { DeployedTrust } from "../rotation.ts";
import { toKebabCase, WEBHOOK_SERVICES, type WebhookServer } from "../webhook-servers.ts";
import { fingerprintCertificate, parseCertificates } from "../x509/pem.ts";
import { planCertManager } from "./cert-manager.ts";
import { planGenerated } from "./generated.ts";
import { planProvided } from "./provided.ts";

export type { CertificatePlan } from "../certificate-set.ts";

/**
 * Checks the certificates of a mesh before anything is registered. `create` of the plan uses the results, so every check
 * runs once. A check of an Output runs when the Output resolves; its issues are thrown inside the Outputs of the
 * {@link CertificateSet}, as a `ResourceError` of the mesh.
 *
 * @param deployed trust that the last deployment left; without it, the rules of a rotation are not checked
 */
export function planCertificates(
  options: MeshCertificates,
  names: MeshNames,
  deployed?: DeployedTrust,
): CertificatePlan {
  const guarded = options.acceptTrustAnchorOutage ? undefined : deployed;
  switch (options.mode) {
    case "generated":
      return planGenerated(options, names, guarded);
    case "provided":
      return planProvided(options, names, guarded);
    case "certManager":
      return planCertManager(options, names, guarded);
  }
}

/** The report of all certificates except those that cert-manager manages. Warns about expiry within `warnWithinDays`. */
export function reportCertificates(
  certificates: CertificateSet,
  warnWithinDays: number | undefined,
  resource: pulumi.Resource,
): pulumi.Output<CertificateSummary[]> {
  const pems: Record<string, pulumi.Output<string>> = { ...certificates.anchorPems };
  if ("certPem" in certificates.issuer) pems["identity-issuer"] = certificates.issuer.certPem;
  for (const server of Object.keys(WEBHOOK_SERVICES) as WebhookServer[]) {
    const source = certificates.webhooks[server];
    if (!("certPem" in source)) continue;
    pems["webhook-authority"] = source.caPem;
    pems[toKebabCase(server)] = source.certPem;
  }
  return pulumi.all(pems).apply(async (resolved) => {
    const summaries = report(resolved);
    for (const warning of formatExpiryWarnings(summaries, warnWithinDays ?? DEFAULT_WARN_WITHIN_DAYS)) {
      await pulumi.log.warn(warning, resource);
    }
    return summaries;
  });
}

/** SHA-256 of the set of anchors in a bundle: it changes if and only if the set does, not with their order. */
export function bundleSha256(bundlePem: string): string {
  const fingerprints = new Set(parseCertificates(bundlePem).map(fingerprintCertificate));
  return createHash("sha256")
    .update([...fingerprints].sort().join("\n"))
    .digest("hex");
}
