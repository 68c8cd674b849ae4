/** The trust that the last deployment of this stack left. */
import type { DeployedAnchor, DeployedTrust } from "../certificates/rotation.ts";
import { type DeployedState, releasesIn } from "./deployed-state.ts";

/** Picks what is public and matters from a state, by URN. */
export function deployedTrust(state: DeployedState): DeployedTrust {
  const controlPlane = releasesIn(state).find(({ name }) => name === "linkerd-control-plane")?.values;
  const issuer = Object.values(state).find(
    ({ type, outputs }) =>
      type === "kubernetes:core/v1:Secret" && outputs.metadata?.name === "linkerd-identity-issuer",
  )?.outputs;
  return {
    trustBundlePem: controlPlane?.identityTrustAnchorsPEM,
    certManager: controlPlane?.identity?.externalCA === true,
    issuerPem: issuer?.stringData?.["tls.crt"] ?? decode(issuer?.data?.["tls.crt"]),
    anchors: anchors(state),
  };
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}

// As the URN of a child tells it: …$linkerd-mesh:certificates:TrustAnchor$<type>::<name of the anchor>-cert
const CERT = /TrustAnchor\$tls:index\/selfSignedCert:SelfSignedCert::(.*)-cert$/;

function anchors(state: DeployedState): Record<string, DeployedAnchor> {
  const found: Record<string, DeployedAnchor> = {};
  for (const [urn, { outputs: cert }] of Object.entries(state)) {
    const name = CERT.exec(urn)?.[1];
    if (name === undefined) continue;
    const keyUrn = urn
      .replace("selfSignedCert:SelfSignedCert", "privateKey:PrivateKey")
      .replace(/-cert$/, "-key");
    const key = state[keyUrn]?.outputs;
    found[name] = {
      certPem: cert.certPem,
      spec: {
        identity: String(cert.dnsNames?.[0]),
        validityYears: cert.validityPeriodHours / (365 * 24),
        algorithm: `${key?.algorithm}-${key?.algorithm === "RSA" ? key.rsaBits : key?.ecdsaCurve}`,
      },
    };
  }
  return found;
}
