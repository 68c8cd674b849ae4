/** What the last deployment of this stack left, read from its state. */
import * as pulumi from "@pulumi/pulumi";
import type { DeployedAnchor, DeployedTrust } from "../components/certificates/rotation.ts";

/** A resource in the state: its type and what the provider said of it, secrets opened. */
export interface StateResource {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: outputs are whatever a resource's type says
  outputs: any;
}

/**
 * Reads the state as it was before this deployment, before anything is registered.
 *
 * Three ways lead there. A resource hook is told the old inputs of an update but not of a replacement
 * (`before_create` has none), and runs when other resources have changed already (pulumi v3.256,
 * pkg/resource/deploy/step.go). A StackReference to the stack itself is a resource of its own, seen as `read: 1` in
 * every summary, and tells outputs, which an `up` that broke off leaves behind the cluster. The engine's invoke
 * below (pkg/resource/deploy/builtins.go) reads the resources themselves: seen to tell what a broken `up` made, and
 * nothing for a stack that was never deployed, in preview and in `up --skip-preview` alike.
 */
export async function readDeployed(): Promise<Record<string, StateResource>> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return outputs ?? {};
}

/** Picks what is public and matters from a state, by URN. */
export function deployedTrust(state: Record<string, StateResource>): DeployedTrust {
  const all = Object.values(state);
  const controlPlane = all.find(
    ({ type, outputs }) =>
      type === "kubernetes:helm.sh/v3:Release" && outputs.name === "linkerd-control-plane",
  )?.outputs.values;
  const issuer = all.find(
    ({ type, outputs }) =>
      type === "kubernetes:core/v1:Secret" && outputs.metadata?.name === "linkerd-identity-issuer",
  )?.outputs;
  return {
    trustAnchorsPem: controlPlane?.identityTrustAnchorsPEM,
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

function anchors(state: Record<string, StateResource>): Record<string, DeployedAnchor> {
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
