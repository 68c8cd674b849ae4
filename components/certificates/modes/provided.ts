/** The mode `provided`: what the user brought, checked, and in the encodings that Linkerd reads. */
import * as pulumi from "@pulumi/pulumi";
import { inCertificates, MeshSettingsError } from "../../linkerd/mistakes.ts";
import type { ProvidedCertificates } from "../certificate-options.ts";
import type { CertificateSet, MeshNames } from "../certificate-set.ts";
import { checkIdentity, signed } from "../provided/identity-checks.ts";
import { checkWebhooks } from "../provided/webhook-checks.ts";
import { type DeployedTrust, providedTrustIssues } from "../rotation.ts";
import { type ServingCertificate, WEBHOOK_SERVICES, type WebhookServer } from "../webhook-certificates.ts";
import type { Mistake } from "../x509/certificate-text.ts";
import { canonicalPem, certificatesIn } from "../x509/pem.ts";
import { generatedWebhooks, validityIssues } from "./generated.ts";

/** Everything that was brought, as text; `undefined` is what is an Output and not known yet. */
interface Texts {
  trustAnchors: string | undefined;
  issuer: { certificate: string | undefined; key: string | undefined };
  webhooks?: { ca: string | undefined } & {
    [server in WebhookServer]?: { certificate: string | undefined; key: string | undefined };
  };
}

/** Checks what is known. Nothing is said about what is not. */
function check(given: Texts, mesh: MeshNames, deployed: DeployedTrust | undefined) {
  const identity = checkIdentity(given, `identity.${mesh.namespace}.${mesh.trustDomain}`);
  const webhooks = given.webhooks && checkWebhooks(given.webhooks, hosts(mesh));
  const mistakes = [...identity.mistakes, ...(webhooks?.mistakes ?? [])];
  if (mistakes.length === 0 && deployed && given.trustAnchors && given.issuer.certificate) {
    mistakes.push(...providedTrustIssues(deployed, identity));
  }
  return { identity, webhooks, mistakes };
}

function hosts(mesh: MeshNames): Partial<Record<WebhookServer, string>> {
  return Object.fromEntries(
    Object.entries(WEBHOOK_SERVICES)
      .filter(([, { extension }]) => mesh.viz || extension !== "viz")
      .map(([server, { service, extension }]) => [
        server,
        `${service}.${extension === "viz" ? mesh.vizNamespace : mesh.namespace}.svc`,
      ]),
  );
}

/** What is wrong with those values that are plain text, before any resource is registered. */
export function providedIssues(
  wanted: ProvidedCertificates,
  mesh: MeshNames,
  deployed: DeployedTrust | undefined,
): Mistake[] {
  return [...validityIssues(wanted.validityYears), ...check(texts(wanted), mesh, deployed).mistakes];
}

/** The values that are plain text, the others left out. */
function texts(wanted: ProvidedCertificates): Texts {
  const known = <T>(value: T): unknown => {
    if (typeof value === "string") return value;
    if (
      value === null ||
      typeof value !== "object" ||
      pulumi.Output.isInstance(value) ||
      value instanceof Promise
    ) {
      return undefined;
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, known(inner)]));
  };
  const { trustAnchors, issuer, webhooks } = wanted;
  return known({ trustAnchors, issuer, ...(webhooks ? { webhooks } : {}) }) as Texts;
}

/**
 * What was brought, as Outputs that hold only what has passed the checks. Where a value is known during `up`
 * only, they are made then; everything that takes these Outputs waits for it, and `checked` is for the rest.
 */
export function providedCertificates(
  wanted: ProvidedCertificates,
  mesh: MeshNames,
  deployed: DeployedTrust | undefined,
  parent: pulumi.Resource,
): CertificateSet {
  const { trustAnchors, issuer, webhooks: brought } = wanted;
  const checked = pulumi.secret({ trustAnchors, issuer, webhooks: brought }).apply((values) => {
    const result = check(values as Texts, mesh, deployed);
    if (result.mistakes.length > 0) {
      throw new MeshSettingsError(mesh.name, result.mistakes.map(inCertificates));
    }
    return result;
  });
  // Certificates are public, whatever they were kept in.
  const open = (pick: (result: ReturnType<typeof check>) => string) => pulumi.unsecret(checked.apply(pick));
  const trustBundlePem = open(({ identity }) => identity.trustBundlePem);
  const issuerPem = open(({ identity }) => identity.issuerPem);
  const serve = (server: WebhookServer): ServingCertificate => {
    const pair = ({ webhooks }: ReturnType<typeof check>) => webhooks?.pairs[server];
    return {
      caPem: open(({ webhooks }) => webhooks?.caPem ?? ""),
      certPem: open((result) => pair(result)?.certPem ?? ""),
      privateKeyPem: checked.apply((result) => pair(result)?.privateKeyPem ?? ""),
    };
  };
  const webhooks = brought
    ? {
        proxyInjector: serve("proxyInjector"),
        profileValidator: serve("profileValidator"),
        policyValidator: serve("policyValidator"),
        tap: serve("tap"),
        tapInjector: serve("tapInjector"),
      }
    : generatedWebhooks(mesh, wanted.validityYears?.webhooks, parent);
  return {
    trustBundlePem,
    trustAnchorPem: open(({ identity }) => {
      const [certificate] = certificatesIn(identity.issuerPem);
      const anchor = certificatesIn(identity.trustBundlePem).find(
        (a) => certificate && signed(a, certificate),
      );
      return anchor ? canonicalPem(anchor) : "";
    }),
    issuer: { certPem: issuerPem, privateKeyPem: checked.apply(({ identity }) => identity.issuerKeyPem) },
    anchorPems: { "trust-anchor": trustBundlePem },
    webhooks,
    checked: open(() => ""),
  };
}
