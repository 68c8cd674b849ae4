/** From the wish for certificates to what the mesh is installed with, whatever the mode. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { CertManagerAuthorities } from "../cert-manager.ts";
import type { MeshCertificates } from "../certificate-options.ts";
import type { CertificateSet, MeshNames } from "../certificate-set.ts";
import { type CertificateSummary, DEFAULT_WARN_WITHIN_DAYS, endingSoon, report } from "../report.ts";
import { certManagerTrustIssues, type DeployedTrust } from "../rotation.ts";
import { kebab, type ServingCertificate, type WebhookServer } from "../webhook-certificates.ts";
import type { Mistake } from "../x509/certificate-text.ts";
import { certificatesIn, fingerprintOf } from "../x509/pem.ts";
import { generatedCertificates, generatedIssues, validityIssues } from "./generated.ts";
import { providedCertificates, providedIssues } from "./provided.ts";

/**
 * What is wrong with the certificates asked for, as far as can be said before anything is registered. `deployed`
 * is what they follow; without it, nothing is said about rotation.
 */
export function certificateIssues(
  wanted: MeshCertificates,
  mesh: MeshNames,
  deployed: DeployedTrust | undefined,
): Mistake[] {
  const followed = wanted.acceptTrustAnchorOutage ? undefined : deployed;
  switch (wanted.mode) {
    case "generated":
      return generatedIssues(wanted, mesh, followed);
    case "provided":
      return providedIssues(wanted, mesh, followed);
    case "certManager":
      return [...validityIssues(wanted.validityYears), ...(followed ? certManagerTrustIssues(followed) : [])];
  }
}

/** Makes the certificates, or takes what was brought, as children of `parent`. */
export function meshCertificates(
  wanted: MeshCertificates,
  mesh: MeshNames,
  deployed: DeployedTrust | undefined,
  parent: pulumi.Resource,
): CertificateSet {
  switch (wanted.mode) {
    case "generated":
      return generatedCertificates(wanted, mesh, parent);
    case "provided":
      return providedCertificates(
        wanted,
        mesh,
        wanted.acceptTrustAnchorOutage ? undefined : deployed,
        parent,
      );
    case "certManager": {
      const { identity, webhooks } =
        (wanted.create ?? true)
          ? new CertManagerAuthorities(
              `${mesh.name}-cert-manager`,
              {
                identity: `root.${mesh.namespace}.${mesh.trustDomain}`,
                namespace: wanted.namespace ?? "cert-manager",
                validityYears: wanted.validityYears,
              },
              { parent },
            )
          : { identity: {}, webhooks: {} };
      return {
        issuer: identity,
        webhooks: {
          proxyInjector: webhooks,
          profileValidator: webhooks,
          policyValidator: webhooks,
          tap: webhooks,
          tapInjector: webhooks,
        },
        anchorPems: {},
      };
    }
  }
}

/** The report of all certificates at hand. Warns of those that end within `warnWithinDays`. */
export function reportCertificates(
  certificates: CertificateSet,
  warnWithinDays: number | undefined,
  resource: pulumi.Resource,
): pulumi.Output<CertificateSummary[]> {
  const pems: Record<string, pulumi.Output<string>> = { ...certificates.anchorPems };
  if ("certPem" in certificates.issuer) pems["identity-issuer"] = certificates.issuer.certPem;
  for (const [server, source] of Object.entries(certificates.webhooks)) {
    if (!isServing(source)) continue;
    pems["webhook-authority"] = source.caPem;
    pems[kebab(server as WebhookServer)] = source.certPem;
  }
  return pulumi.all(pems).apply(async (known) => {
    const lines = report(known);
    for (const warning of endingSoon(lines, warnWithinDays ?? DEFAULT_WARN_WITHIN_DAYS)) {
      await pulumi.log.warn(warning, resource);
    }
    return lines;
  });
}

function isServing(source: unknown): source is ServingCertificate {
  return typeof source === "object" && source !== null && "caPem" in source && "certPem" in source;
}

/** SHA-256 of the set of anchors in a bundle, whatever their order: changes when and only when the set does. */
export function bundleSha256(bundlePem: string): string {
  const set = [...new Set(certificatesIn(bundlePem).map(fingerprintOf))].sort();
  return createHash("sha256").update(set.join("\n")).digest("hex");
}
