/** The mode `generated`: trust anchors by generation, the issuer of one of them, and webhook certificates. */
import * as pulumi from "@pulumi/pulumi";
import { formatValue, type ValidationIssue } from "../../inputs/validation.ts";
import type { AnchorAlgorithm, GeneratedCertificates } from "../certificate-options.ts";
import { checkValidityYears, DEFAULT_VALIDITY_YEARS } from "../certificate-rules.ts";
import type { CertificatePlan, CertificateSet, MeshNames } from "../certificate-set.ts";
import { IdentityIssuer } from "../identity-issuer.ts";
import { checkGeneratedTrust, type DeployedTrust } from "../rotation.ts";
import { TrustAnchor } from "../trust-anchor.ts";
import { WebhookCertificates } from "../webhook-certificates.ts";

interface AnchorPlan {
  readonly generation: number;
  /** Name of its `TrustAnchor`. */
  readonly name: string;
  readonly spec: { identity: string; validityYears: number; algorithm: AnchorAlgorithm };
}

/** Plans the certificates of the mode `generated`. Without `deployed`, the rules of a rotation are not checked. */
export function planGenerated(
  options: GeneratedCertificates,
  names: MeshNames,
  deployed: DeployedTrust | undefined,
): CertificatePlan {
  const anchors = planAnchors(options, names);
  const issuingAnchor = options.issuingAnchor ?? anchors[0]?.generation;
  const issues = checkOptions(options, anchors, issuingAnchor);
  const isComplete = issues.length === 0 && issuingAnchor !== undefined;
  return {
    issues: isComplete && deployed ? checkGeneratedTrust(deployed, anchors, issuingAnchor) : issues,
    create: (parent) => createCertificates(options, names, anchors, issuingAnchor as number, parent),
  };
}

/** The anchors in the order given. */
function planAnchors(options: GeneratedCertificates, names: MeshNames): AnchorPlan[] {
  return (options.trustAnchors ?? [1]).map((anchor) => {
    const { generation, validityYears, algorithm } =
      typeof anchor === "number" ? { generation: anchor } : anchor;
    return {
      generation,
      name: `${names.name}-trust-anchor${suffix(generation)}`,
      spec: {
        identity: `root.${names.namespace}.${names.trustDomain}`,
        validityYears: validityYears ?? options.validityYears?.trustAnchor ?? DEFAULT_VALIDITY_YEARS,
        algorithm: algorithm ?? "ECDSA-P256",
      },
    };
  });
}

/** The first generation has no number, so that it keeps the name that it had before there was a second one. */
function suffix(generation: number): string {
  return generation === 1 ? "" : `-${generation}`;
}

function checkOptions(
  options: GeneratedCertificates,
  anchors: readonly AnchorPlan[],
  issuingAnchor: number | undefined,
): ValidationIssue[] {
  const issues = checkValidityYears(["certificates", "validityYears"], { ...options.validityYears });
  const generations = anchors.map(({ generation }) => generation);
  for (const [index, anchor] of (options.trustAnchors ?? []).entries()) {
    const path = ["certificates", "trustAnchors", index];
    const isObject = typeof anchor === "object";
    if (isObject) issues.push(...checkValidityYears(path, { validityYears: anchor.validityYears }));
    const generation = generations[index] as number;
    const generationPath = isObject ? [...path, "generation"] : path;
    if (!Number.isInteger(generation) || generation < 1) {
      issues.push({ path: generationPath, reason: "must be an integer from 1", got: String(generation) });
    } else if (generations.indexOf(generation) < index) {
      issues.push({
        path: generationPath,
        reason: "must be a generation that is not in the list already",
        got: String(generation),
      });
    }
  }
  if (issuingAnchor === undefined) {
    issues.push({
      path: ["certificates", "trustAnchors"],
      reason: "must have at least one generation, e.g. [1]",
      got: formatValue([]),
    });
  } else if (!generations.includes(issuingAnchor)) {
    issues.push({
      path: ["certificates", "issuingAnchor"],
      reason: "must be one of the generations in trustAnchors",
      got: `${issuingAnchor}, while trustAnchors has ${generations.join(", ")}`,
      because: "Proxies trust the issuer of no other generation",
    });
  }
  return issues;
}

function createCertificates(
  options: GeneratedCertificates,
  names: MeshNames,
  plans: readonly AnchorPlan[],
  issuingAnchor: number,
  parent: pulumi.Resource,
): CertificateSet {
  const anchors = plans
    .toSorted((a, b) => a.generation - b.generation)
    .map(({ generation, name, spec }) => {
      // Only the issuing anchor: the engine would refuse to delete a protected one that is retired.
      const protect = options.protect && generation === issuingAnchor;
      return {
        generation,
        anchor: new TrustAnchor(name, spec, { parent, ...(protect ? { protect } : {}) }),
      };
    });
  const signer = anchors.find(({ generation }) => generation === issuingAnchor)?.anchor as TrustAnchor;
  const issuer = new IdentityIssuer(
    `${names.name}-identity-issuer${suffix(issuingAnchor)}`,
    {
      identity: `identity.${names.namespace}.${names.trustDomain}`,
      trustAnchor: signer,
      validityYears: options.validityYears?.issuer,
    },
    { parent },
  );
  return {
    trustBundlePem:
      anchors.length === 1
        ? signer.certPem
        : pulumi.all(anchors.map(({ anchor }) => anchor.certPem)).apply((pems) => pems.join("")),
    trustAnchorPem: signer.certPem,
    issuer,
    anchorPems: Object.fromEntries(
      anchors.map(({ generation, anchor }) => [`trust-anchor${suffix(generation)}`, anchor.certPem]),
    ),
    webhooks: createWebhooks(names, options.validityYears?.webhooks, parent),
  };
}

/** Creates the five webhook certificates, also for the mode `provided` if none are given. */
export function createWebhooks(
  { name, namespace, vizNamespace }: MeshNames,
  validityYears: number | undefined,
  parent: pulumi.Resource,
): WebhookCertificates {
  return new WebhookCertificates(`${name}-webhooks`, { namespace, vizNamespace, validityYears }, { parent });
}
