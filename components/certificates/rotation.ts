/**
 * Rules for changing the trust of a running mesh in one deployment.
 *
 * A proxy holds the bundle that it started with, and a certificate that is valid for up to 24 hours. Hence two rules,
 * whatever the mode: proxies already hold the anchor of the issuer that signs from now on, and the new bundle still
 * contains the anchor of the issuer that has signed so far. They lead to three steps, each of which can be reverted:
 * trust the new anchor beside the old one, sign with its issuer, retire the old anchor.
 */
import type { X509Certificate } from "node:crypto";
import { type Fix, formatValue, type Path, type ValidationIssue } from "../inputs/validation.ts";
import { formatDistinguishedName, formatName, isSignedBy } from "./x509/chain.ts";
import { fingerprintCertificate, parseCertificates } from "./x509/pem.ts";

/** The trust that the last deployment of a mesh left in the cluster and in the state. It contains no private key. */
export interface DeployedTrust {
  /**
   * The bundle that proxies hold, PEM. `undefined` if the control plane is not deployed, or if trust-manager
   * distributes the bundle.
   */
  readonly trustBundlePem?: string | undefined;
  /** Whether trust-manager distributes the bundle, as in the mode `certManager`. */
  readonly certManager: boolean;
  /** The certificate of the issuer that signs, PEM. `undefined` if someone else manages it, e.g. cert-manager. */
  readonly issuerPem?: string | undefined;
  /**
   * The certificate of the issuer that someone else manages, PEM, if it was read from the cluster. Without it, a bundle may
   * not lose all deployed anchors.
   */
  readonly externalIssuerPem?: string | undefined;
  /** The anchors that Pulumi created, by the name of their `TrustAnchor`. */
  readonly anchors: Readonly<Record<string, DeployedAnchor>>;
}

/** A generated anchor as it was deployed. */
export interface DeployedAnchor {
  /** The certificate, PEM. */
  readonly certPem: string;
  readonly spec: AnchorSpec;
}

/** The properties of an anchor whose change replaces it. */
export interface AnchorSpec {
  /** Its DNS name, `root.<namespace>.<trust domain>`. */
  readonly identity: string;
  readonly validityYears: number;
  /** An `AnchorAlgorithm`, e.g. `ECDSA-P256`. */
  readonly algorithm: string;
}

/** A generated anchor as the options request it. */
export interface PlannedAnchor {
  readonly generation: number;
  /** Name of its `TrustAnchor`. */
  readonly name: string;
  readonly spec: AnchorSpec;
}

const FIXES: readonly Fix[] = [
  { kind: "instruction", text: "follow docs/rotation.md" },
  { kind: "set", path: ["certificates", "acceptTrustAnchorOutage"], value: true },
];

/** An issue that has the same two fixes as every issue of this file. `because` gets the price of the second one. */
function rotationIssue(path: Path, reason: string, got: string, because: string): ValidationIssue {
  return {
    path: ["certificates", ...path],
    reason,
    got,
    because: `${because}; acceptTrustAnchorOutage skips this check and breaks every connection until all workloads restart`,
    fixes: FIXES,
  };
}

/** Checks a change to generated anchors. `anchors` are all that the options trust. */
export function checkGeneratedTrust(
  deployed: DeployedTrust,
  anchors: readonly PlannedAnchor[],
  issuingAnchor: number,
): ValidationIssue[] {
  const replaced = anchors.flatMap((anchor) => checkReplacement(deployed.anchors[anchor.name]?.spec, anchor));
  if (replaced.length > 0) return replaced;
  if (deployed.trustBundlePem === undefined) return checkLeavingCertManager(deployed, "generated");

  const held = new Set(parseCertificates(deployed.trustBundlePem).map(fingerprintCertificate));
  const deployedPem = (anchor: PlannedAnchor | undefined) => deployed.anchors[anchor?.name ?? ""]?.certPem;
  const kept = anchors.flatMap((anchor) => parseCertificates(deployedPem(anchor) ?? ""));
  const signerPem = deployedPem(anchors.find(({ generation }) => generation === issuingAnchor));
  const isHeld =
    signerPem !== undefined &&
    parseCertificates(signerPem).every((anchor) => held.has(fingerprintCertificate(anchor)));
  const issues = isHeld
    ? []
    : [
        rotationIssue(
          ["issuingAnchor"],
          "must be a generation that an earlier deployment added to trustAnchors",
          `generation ${issuingAnchor}`,
          "Proxies reject the certificates of an issuer whose anchor they do not hold yet",
        ),
      ];
  return [...issues, ...checkRetirement(deployed, kept)];
}

/** A provided identity. */
export interface NextTrust {
  /** All trust anchors, PEM. */
  readonly trustBundlePem: string;
  /** The issuer's certificate, PEM. `undefined` if someone else manages it. */
  readonly issuerPem?: string | undefined;
}

/** Checks a change to a provided identity. The issuer that someone else manages is not known, so it is not checked. */
export function checkProvidedTrust(deployed: DeployedTrust, next: NextTrust): ValidationIssue[] {
  if (deployed.trustBundlePem === undefined) return checkLeavingCertManager(deployed, "provided");
  const held = parseCertificates(deployed.trustBundlePem);
  const anchors = parseCertificates(next.trustBundlePem);
  if (next.issuerPem === undefined && deployed.issuerPem !== undefined) return [externalIssuerIssue()];
  const issues = parseCertificates(next.issuerPem ?? "")
    .filter((issuer) => !held.some((anchor) => isSignedBy(issuer, anchor)))
    .map((issuer) =>
      rotationIssue(
        ["issuer", "certificate"],
        "must be signed by an anchor that an earlier deployment added to trustAnchors",
        `one that is signed by ${formatDistinguishedName(issuer.issuer)}, while proxies hold ${held.map(formatName).join("; ")}`,
        "Proxies reject the certificates of an issuer whose anchor they do not hold yet",
      ),
    );
  return [...issues, ...checkRetirement(deployed, anchors), ...checkExternalRetirement(deployed, anchors)];
}

/** The Secret of the deployed issuer belongs to the stack, and someone else is to manage it. */
function externalIssuerIssue(): ValidationIssue {
  return {
    path: ["certificates", "issuer", "external"],
    reason: "must not become true in a running mesh whose issuer Pulumi manages",
    got: "true",
    because:
      "Pulumi would delete its Secret linkerd-identity-issuer, and cannot check whether proxies trust the issuer that replaces it",
    fixes: [{ kind: "instruction", text: 'follow docs/certificates.md, "Changing the mode"' }],
  };
}

/**
 * Checks the bundle of an issuer that someone else manages and that was not read. Any of its anchors may have signed that
 * issuer, so one of them has to stay. With a single anchor, that is certain to be the one.
 */
function checkExternalRetirement(
  deployed: DeployedTrust,
  next: readonly X509Certificate[],
): ValidationIssue[] {
  const { trustBundlePem, issuerPem, externalIssuerPem } = deployed;
  if (trustBundlePem === undefined || (issuerPem ?? externalIssuerPem) !== undefined) return [];
  const held = parseCertificates(trustBundlePem);
  const kept = new Set(next.map(fingerprintCertificate));
  if (held.some((anchor) => kept.has(fingerprintCertificate(anchor)))) return [];
  return [
    rotationIssue(
      ["trustAnchors"],
      "must keep the anchor of the running issuer",
      `none of the deployed anchors (${held.map(formatName).join("; ")})`,
      "One of them signed the issuer that someone else manages",
    ),
  ];
}

/** Checks a change to cert-manager. Its bundle is not visible to Pulumi, so only a first deployment is allowed. */
export function checkCertManagerTrust(deployed: DeployedTrust): ValidationIssue[] {
  if (deployed.trustBundlePem === undefined) return [];
  return [
    rotationIssue(
      ["mode"],
      "must not change to certManager in a running mesh",
      formatValue("certManager"),
      "Proxies hold trust anchors of this stack, and Pulumi cannot check whether cert-manager's bundle contains them",
    ),
  ];
}

/** Allows everything before the first deployment of a control plane, and nothing while the bundle is cert-manager's. */
function checkLeavingCertManager(deployed: DeployedTrust, mode: string): ValidationIssue[] {
  if (!deployed.certManager) return [];
  return [
    rotationIssue(
      ["mode"],
      "must not change from certManager in a running mesh",
      formatValue(mode),
      "Proxies hold cert-manager's bundle, and Pulumi cannot check whether it contains the new trust anchors",
    ),
  ];
}

function checkRetirement(deployed: DeployedTrust, next: readonly X509Certificate[]): ValidationIssue[] {
  const issuerPem = deployed.issuerPem ?? deployed.externalIssuerPem;
  if (deployed.trustBundlePem === undefined || issuerPem === undefined) return [];
  return parseCertificates(issuerPem)
    .filter((issuer) => !next.some((anchor) => isSignedBy(issuer, anchor)))
    .map((issuer) =>
      rotationIssue(
        ["trustAnchors"],
        "must keep the anchor of the deployed issuer until a deployment in which another issuer signs",
        `a bundle without the anchor ${formatDistinguishedName(issuer.issuer)}`,
        "Proxies hold certificates of that issuer",
      ),
    );
}

function checkReplacement(
  deployed: AnchorSpec | undefined,
  { generation, spec }: PlannedAnchor,
): ValidationIssue[] {
  if (deployed === undefined) return [];
  return (Object.keys(spec) as (keyof AnchorSpec)[])
    .filter((key) => deployed[key] !== spec[key])
    .map((key) =>
      rotationIssue(
        ["trustAnchors"],
        `must keep the ${key} of every deployed generation`,
        `${spec[key]} for generation ${generation}, which was created with ${deployed[key]}`,
        `A change replaces the anchor that every proxy holds; ${WHERE_TO_CHANGE[key]}`,
      ),
    );
}

const WHERE_TO_CHANGE: Record<keyof AnchorSpec, string> = {
  identity: "it contains the namespace and the trust domain, and another trust domain is another mesh",
  validityYears: "a new value belongs to a new generation, to which the mesh rotates",
  algorithm: "a new value belongs to a new generation, to which the mesh rotates",
};
