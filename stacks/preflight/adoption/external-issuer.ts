/** The issuer that someone else manages, which the state does not contain. */
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import { fingerprintCertificate } from "../../../components/certificates/x509/pem.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { type CheckReport, NOTHING_FOUND } from "../unchecked.ts";
import { reportUnreadCluster } from "../unread-cluster.ts";
import { readAll } from "./compare-trust.ts";
import { readIssuer } from "./read-running-mesh.ts";

/** The trust of the last deployment, and what could not be read for it. */
export interface TrustReport extends CheckReport {
  readonly deployed: DeployedTrust;
}

/**
 * Adds the running issuer to the trust of the last deployment, if the settings retire a trust anchor that may have signed
 * it. In all other cases, the cluster is not read. In a preview without the cluster, the rules accept every bundle that
 * keeps one of the anchors.
 */
export async function addExternalIssuer(
  deployed: DeployedTrust,
  { certificates, namespace }: Pick<Settings, "certificates" | "namespace">,
  openCluster: OpenCluster,
): Promise<TrustReport> {
  const { trustBundlePem, issuerPem } = deployed;
  if (certificates.mode !== "provided" || trustBundlePem === undefined || issuerPem !== undefined)
    return { ...NOTHING_FOUND, deployed };
  const next = new Set(readAll(certificates.trustAnchors).map(fingerprintCertificate));
  if (readAll(trustBundlePem).every((anchor) => next.has(fingerprintCertificate(anchor)))) {
    return { ...NOTHING_FOUND, deployed };
  }
  try {
    const issuer = await readIssuer(await openCluster(), namespace);
    const externalIssuerPem = readAll(issuer?.certPem).length > 0 ? issuer?.certPem : undefined;
    return { ...NOTHING_FOUND, deployed: { ...deployed, externalIssuerPem } };
  } catch (error) {
    const unread = reportUnreadCluster(error, {
      what: ["whether a trust anchor that `certificates.trustAnchors` retires signed the running issuer"],
      because:
        "Before it retires a trust anchor, `up` checks that the anchor did not sign the running issuer",
    });
    return { ...unread, deployed };
  }
}
