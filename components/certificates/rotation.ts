/**
 * Pure: what may change about the trust of a running mesh in one deployment, and what may not.
 *
 * A proxy holds the bundle it was started with and a certificate of up to 24 hours. So two rules, whatever the
 * mode: who signs from now on must stand in the bundle that proxies hold already, and the bundle that they get
 * must still hold the one that has signed so far. They lead through three steps, each of which can be taken
 * back: trust the new anchor beside the old, sign with its issuer, retire the old.
 */
import type { X509Certificate } from "node:crypto";
import { signed } from "./provided/identity-checks.ts";
import { type Mistake, nameOf } from "./x509/certificate-text.ts";
import { certificatesIn, fingerprintOf } from "./x509/pem.ts";

/** What the last deployment left in the cluster and in the state. Holds no key. */
export interface DeployedTrust {
  /** The bundle that proxies hold; `undefined` where there is no control plane yet, or the bundle is not ours. */
  readonly trustBundlePem?: string | undefined;
  /** Whether the bundle is cert-manager's. */
  readonly certManager: boolean;
  /** The certificate of the issuer that signs; `undefined` where it is cert-manager's. */
  readonly issuerPem?: string | undefined;
  /** Anchors that Pulumi made, by the name of their component. */
  readonly anchors: Readonly<Record<string, DeployedAnchor>>;
}

/** A generated anchor as it was made. */
export interface DeployedAnchor {
  readonly certPem: string;
  readonly spec: AnchorSpec;
}

/** What decides about an anchor: another value in any of these makes another anchor. */
export interface AnchorSpec {
  readonly identity: string;
  readonly validityYears: number;
  readonly algorithm: string;
}

/** A generated anchor as it is wanted. */
export interface PlannedAnchor {
  readonly generation: number;
  /** Name of its component. */
  readonly name: string;
  readonly spec: AnchorSpec;
}

const ROTATE = "See docs/rotation.md";
const OVERRIDE =
  "To do it all the same, and break every connection until all workloads are restarted: " +
  "pulumi config set --path certificates.acceptTrustAnchorOutage true";

/** Why generated anchors may not change like this. `anchors` are all that will be trusted. */
export function generatedTrustIssues(
  deployed: DeployedTrust,
  anchors: readonly PlannedAnchor[],
  issuingAnchor: number,
): Mistake[] {
  const replaced = anchors.flatMap((anchor) =>
    replacementIssues(deployed.anchors[anchor.name]?.spec, anchor),
  );
  if (replaced.length > 0) return replaced;
  if (deployed.trustBundlePem === undefined) return withoutBundle(deployed);

  const held = new Set(certificatesIn(deployed.trustBundlePem).map(fingerprintOf));
  const known = anchors.flatMap((anchor) => {
    const certPem = deployed.anchors[anchor.name]?.certPem;
    return certPem === undefined ? [] : certificatesIn(certPem);
  });
  const signerPem =
    deployed.anchors[anchors.find((a) => a.generation === issuingAnchor)?.name ?? ""]?.certPem;
  const mistakes: Mistake[] = [];
  if (!signerPem || !certificatesIn(signerPem).every((anchor) => held.has(fingerprintOf(anchor)))) {
    mistakes.push({
      path: "issuingAnchor",
      problem:
        `generation ${issuingAnchor} would sign before proxies trust it: every certificate of its issuer would be refused. ` +
        `Expected a deployment with ${issuingAnchor} in trustAnchors and the old issuingAnchor first. ${ROTATE}. ${OVERRIDE}`,
    });
  }
  return [...mistakes, ...retirementIssues(deployed, known)];
}

/** Why this identity may not follow the deployed one. */
export function providedTrustIssues(
  deployed: DeployedTrust,
  next: { trustBundlePem: string; issuerPem: string },
): Mistake[] {
  if (deployed.trustBundlePem === undefined) return withoutBundle(deployed);
  const mistakes: Mistake[] = [];
  const held = certificatesIn(deployed.trustBundlePem);
  for (const issuer of certificatesIn(next.issuerPem)) {
    if (held.some((anchor) => signed(anchor, issuer))) continue;
    mistakes.push({
      path: "issuer.certificate",
      problem:
        `none of the anchors that proxies hold (${held.map(nameOf).join("; ")}) signed it: every certificate of this issuer would be refused. ` +
        `Expected a deployment with its anchor in trustAnchors and the old issuer first. ${ROTATE}. ${OVERRIDE}`,
    });
  }
  return [...mistakes, ...retirementIssues(deployed, certificatesIn(next.trustBundlePem))];
}

/** Why cert-manager may not take over. Its bundle is not ours to see, so nothing can be said for it. */
export function certManagerTrustIssues(deployed: DeployedTrust): Mistake[] {
  if (deployed.trustBundlePem === undefined) return [];
  return [
    {
      path: "mode",
      problem: `the mesh runs on trust anchors of this stack, and whether cert-manager's bundle holds them too cannot be seen from here. Expected the mode to stay. ${ROTATE}. ${OVERRIDE}`,
    },
  ];
}

/** Nothing to say where the control plane was never reached; much where its bundle is not ours. */
function withoutBundle(deployed: DeployedTrust): Mistake[] {
  if (!deployed.certManager) return [];
  return [
    {
      path: "mode",
      problem: `the mesh runs on a bundle of cert-manager's, and whether it holds the new trust anchors cannot be seen from here. Expected the mode to stay. ${ROTATE}. ${OVERRIDE}`,
    },
  ];
}

function retirementIssues(deployed: DeployedTrust, next: readonly X509Certificate[]): Mistake[] {
  if (deployed.trustBundlePem === undefined || deployed.issuerPem === undefined) return [];
  return certificatesIn(deployed.issuerPem)
    .filter((issuer) => !next.some((anchor) => signed(anchor, issuer)))
    .map((issuer) => ({
      path: "trustAnchors",
      problem:
        `the anchor of the issuer that signs now (${issuer.issuer?.replaceAll("\n", ", ")}) would be retired while proxies hold certificates under it. ` +
        `Expected it to stay until a deployment in which another signs. ${ROTATE}. ${OVERRIDE}`,
    }));
}

function replacementIssues(was: AnchorSpec | undefined, { generation, spec }: PlannedAnchor): Mistake[] {
  if (was === undefined) return [];
  return (Object.keys(spec) as (keyof AnchorSpec)[])
    .filter((key) => was[key] !== spec[key])
    .map((key) => ({
      path: "trustAnchors",
      problem:
        `generation ${generation} runs with ${key} ${was[key]}, and ${spec[key]} would replace it under every proxy. ` +
        `Expected it to stay as it was made${HOW[key]}. ${ROTATE}. ${OVERRIDE}`,
    }));
}

const HOW: Record<keyof AnchorSpec, string> = {
  identity: ", and so namespace and trustDomain; another trust domain is another mesh",
  validityYears: "; give the new value to a new generation, and rotate to it",
  algorithm: "; give the new value to a new generation, and rotate to it",
};
