/** The mode `generated`: anchors by generation, the issuer of one of them, webhook certificates. */
import * as pulumi from "@pulumi/pulumi";
import type {
  AnchorAlgorithm,
  AnchorGeneration,
  GeneratedCertificates,
  ValidityYears,
} from "../certificate-options.ts";
import { DEFAULT_VALIDITY_YEARS, MAX_VALIDITY_YEARS } from "../certificate-rules.ts";
import type { CertificateSet, MeshNames } from "../certificate-set.ts";
import { IdentityIssuer } from "../identity-issuer.ts";
import { type DeployedTrust, generatedTrustIssues } from "../rotation.ts";
import { TrustAnchor } from "../trust-anchor.ts";
import { WebhookCertificates } from "../webhook-certificates.ts";
import type { Mistake } from "../x509/certificate-text.ts";

/** The anchors that are trusted, oldest first, and the one that signs. */
function plan(wanted: GeneratedCertificates, mesh: MeshNames) {
  const given = (wanted.trustAnchors ?? [1]).map(
    (anchor): AnchorGeneration => (typeof anchor === "number" ? { generation: anchor } : anchor),
  );
  const anchors = given
    .map(({ generation, validityYears, algorithm }) => ({
      generation,
      // The first generation bears no number: it is called as it was when there was no second.
      name: `${mesh.name}-trust-anchor${suffix(generation)}`,
      spec: {
        identity: `root.${mesh.namespace}.${mesh.trustDomain}`,
        validityYears: validityYears ?? wanted.validityYears?.trustAnchor ?? DEFAULT_VALIDITY_YEARS,
        algorithm: algorithm ?? ("ECDSA-P256" satisfies AnchorAlgorithm),
      },
    }))
    .sort((a, b) => a.generation - b.generation);
  return { anchors, issuingAnchor: wanted.issuingAnchor ?? given[0]?.generation };
}

function suffix(generation: number): string {
  return generation === 1 ? "" : `-${generation}`;
}

/** What is wrong with the wish itself, or, where it is well-formed, with it after what is deployed. */
export function generatedIssues(
  wanted: GeneratedCertificates,
  mesh: MeshNames,
  deployed: DeployedTrust | undefined,
): Mistake[] {
  const { anchors, issuingAnchor } = plan(wanted, mesh);
  const generations = anchors.map((anchor) => anchor.generation);
  const mistakes = [
    ...validityIssues(wanted.validityYears),
    ...anchors
      .filter(({ spec }) => spec.validityYears !== wanted.validityYears?.trustAnchor)
      .flatMap(({ generation, spec }) =>
        validityIssue(
          "trustAnchors",
          `generation ${generation} lives ${spec.validityYears} years`,
          spec.validityYears,
        ),
      ),
  ];
  if (generations.some((generation) => !Number.isInteger(generation) || generation < 1)) {
    mistakes.push({
      path: "trustAnchors",
      problem: "a generation is no whole number from 1. Expected e.g. [1, 2]",
    });
  }
  if (new Set(generations).size < generations.length) {
    mistakes.push({ path: "trustAnchors", problem: `${generations.join(", ")} holds a generation twice` });
  }
  if (issuingAnchor === undefined) {
    mistakes.push({
      path: "trustAnchors",
      problem: "no generation is trusted. Expected at least one, e.g. [1]",
    });
  } else if (!generations.includes(issuingAnchor)) {
    mistakes.push({
      path: "issuingAnchor",
      problem: `generation ${issuingAnchor} is not in trustAnchors (${generations.join(", ")}): nobody would trust its issuer. Expected one of them`,
    });
  } else if (mistakes.length === 0 && deployed) {
    return generatedTrustIssues(deployed, anchors, issuingAnchor);
  }
  return mistakes;
}

/** Validities that no certificate can have. */
export function validityIssues(years: ValidityYears = {}): Mistake[] {
  return Object.entries(years).flatMap(([key, value]) =>
    value === undefined ? [] : validityIssue(`validityYears.${key}`, `given ${value}`, value),
  );
}

function validityIssue(path: string, what: string, years: number): Mistake[] {
  if (Number.isInteger(years) && years >= 1 && years <= MAX_VALIDITY_YEARS) return [];
  return [{ path, problem: `${what}. Expected whole years from 1 to ${MAX_VALIDITY_YEARS}` }];
}

/** Makes them, as children of the mesh. */
export function generatedCertificates(
  wanted: GeneratedCertificates,
  mesh: MeshNames,
  parent: pulumi.Resource,
): CertificateSet {
  const { anchors: planned, issuingAnchor } = plan(wanted, mesh);
  const anchors = planned.map(({ generation, name, spec }) => {
    // Only the one that signs: the engine would refuse to delete a protected one that is retired.
    const protect = wanted.protect && generation === issuingAnchor;
    return {
      generation,
      anchor: new TrustAnchor(name, spec, { parent, ...(protect ? { protect } : {}) }),
    };
  });
  const signer = anchors.find(({ generation }) => generation === issuingAnchor)?.anchor as TrustAnchor;
  const issuer = new IdentityIssuer(
    `${mesh.name}-identity-issuer${suffix(issuingAnchor as number)}`,
    {
      identity: `identity.${mesh.namespace}.${mesh.trustDomain}`,
      trustAnchor: signer,
      validityYears: wanted.validityYears?.issuer,
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
    webhooks: generatedWebhooks(mesh, wanted.validityYears?.webhooks, parent),
  };
}

/** The five webhook certificates, for the modes that leave them to us. */
export function generatedWebhooks(
  { name, namespace, vizNamespace }: MeshNames,
  validityYears: number | undefined,
  parent: pulumi.Resource,
): WebhookCertificates {
  return new WebhookCertificates(`${name}-webhooks`, { namespace, vizNamespace, validityYears }, { parent });
}
