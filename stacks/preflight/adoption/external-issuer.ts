/** The issuer that someone else manages, which the state does not contain. */
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import { fingerprintCertificate } from "../../../components/certificates/x509/pem.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/connection.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { readAll } from "./compare-trust.ts";
import { readIssuer } from "./read-running-mesh.ts";

/**
 * Adds the running issuer to the trust of the last deployment, if the settings retire a trust anchor that may have signed
 * it. In all other cases, the cluster is not read.
 */
export async function addExternalIssuer(
  deployed: DeployedTrust,
  { certificates, namespace }: Pick<Settings, "certificates" | "namespace">,
  openCluster: OpenCluster,
): Promise<DeployedTrust> {
  const { trustBundlePem, issuerPem } = deployed;
  if (certificates.mode !== "provided" || trustBundlePem === undefined || issuerPem !== undefined)
    return deployed;
  const next = new Set(readAll(certificates.trustAnchors).map(fingerprintCertificate));
  if (readAll(trustBundlePem).every((anchor) => next.has(fingerprintCertificate(anchor)))) return deployed;
  try {
    const issuer = await readIssuer(await openCluster(), namespace);
    return {
      ...deployed,
      externalIssuerPem: readAll(issuer?.certPem).length > 0 ? issuer?.certPem : undefined,
    };
  } catch (error) {
    // The rules then accept every bundle that keeps one of the anchors. `up` fails by itself without a cluster.
    if (error instanceof ClusterError) return deployed;
    throw error;
  }
}
