/** Reads the trust that the last deployment of a mesh left. */
import type { DeployedAnchor, DeployedTrust } from "../certificates/rotation.ts";
import { type DeployedState, readDeployedState, type StateResource } from "./deployed-state.ts";

/**
 * Reads the trust that the last deployment of this stack left in the mesh with this name. Pass it to the mesh as
 * `deployed`, so that an update which replaces a running trust anchor or skips a step of a rotation is rejected. Call it
 * before the mesh is created; it registers no resource.
 *
 * ```ts
 * new ServiceMesh("linkerd", { deployed: await readDeployedTrust("linkerd") });
 * ```
 *
 * @param name name of the `ServiceMesh`
 * @returns public certificates and their properties, no private key; no trust if the mesh was never deployed
 */
export async function readDeployedTrust(name: string): Promise<DeployedTrust> {
  return deployedTrust(await readDeployedState(), name);
}

/** {@link readDeployedTrust}, from a state that is read already. */
export function deployedTrust(state: DeployedState, name: string): DeployedTrust {
  const release = findOutputs(state, "kubernetes:helm.sh/v3:Release", `${name}-control-plane-release`);
  const issuer = findOutputs(state, "kubernetes:core/v1:Secret", `${name}-control-plane-identity-issuer`);
  return {
    trustBundlePem: release?.values?.identityTrustAnchorsPEM,
    certManager: release?.values?.identity?.externalCA === true,
    issuerPem: issuer?.stringData?.["tls.crt"] ?? decodeBase64(issuer?.data?.["tls.crt"]),
    anchors: listAnchors(state, name),
  };
}

/** A URN is `urn:pulumi:<stack>::<project>::<types of the parents and its own, joined by $>::<name>`. */
function parseUrn(urn: string): { types: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { types, name: name.join("::") };
}

function findOutputs(state: DeployedState, type: string, name: string): StateResource["outputs"] | undefined {
  return Object.entries(state).find(
    ([urn, resource]) => resource.type === type && parseUrn(urn).name === name,
  )?.[1].outputs;
}

function decodeBase64(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}

const ANCHOR_TYPES = "linkerd-mesh:index:ServiceMesh$linkerd-mesh:certificates:TrustAnchor";
const CERT_TYPE = "$tls:index/selfSignedCert:SelfSignedCert";
const KEY_TYPE = "$tls:index/privateKey:PrivateKey";

function listAnchors(state: DeployedState, meshName: string): Record<string, DeployedAnchor> {
  const anchors: Record<string, DeployedAnchor> = {};
  for (const [urn, { outputs: cert }] of Object.entries(state)) {
    const { types, name } = parseUrn(urn);
    if (!types.endsWith(ANCHOR_TYPES + CERT_TYPE) || !name.startsWith(`${meshName}-trust-anchor`)) continue;
    const anchorName = name.slice(0, -"-cert".length);
    const generation = anchorName.slice(`${meshName}-trust-anchor`.length);
    if (!/^(-\d+)?$/.test(generation)) continue; // The anchor of a mesh whose name begins with this mesh's.
    const keyUrn = urn.replace(CERT_TYPE, KEY_TYPE).replace(/-cert$/, "-key");
    const key = state[keyUrn]?.outputs;
    anchors[anchorName] = {
      certPem: cert.certPem,
      spec: {
        identity: String(cert.dnsNames?.[0]),
        validityYears: cert.validityPeriodHours / (365 * 24),
        algorithm: `${key?.algorithm}-${key?.algorithm === "RSA" ? key.rsaBits : key?.ecdsaCurve}`,
      },
    };
  }
  return anchors;
}
