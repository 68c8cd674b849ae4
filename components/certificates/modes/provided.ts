/** The mode `provided`: certificates that the user provides, checked and in the encodings that Linkerd reads. */
import * as pulumi from "@pulumi/pulumi";
import { IssueCollector, type Reject, type ValidationIssue } from "../../inputs/validation.ts";
import type { ProvidedCertificates } from "../certificate-options.ts";
import { checkValidityYears } from "../certificate-rules.ts";
import type { CertificatePlan, CertificateSet, MeshNames } from "../certificate-set.ts";
import { DeferrableChecks } from "../provided/deferrable-checks.ts";
import { type CheckedIdentity, checkIdentity, checkTrustAnchors } from "../provided/identity-checks.ts";
import { type CheckedWebhooks, checkWebhookCa, checkWebhooks } from "../provided/webhook-checks.ts";
import { checkProvidedTrust, type DeployedTrust, type NextTrust } from "../rotation.ts";
import type { ServingCertificate } from "../webhook-certificates.ts";
import { WEBHOOK_SERVICES, type WebhookServer } from "../webhook-servers.ts";
import { externalSource, isExternalIssuer, isExternalWebhooks, sameSource } from "./external.ts";
import { createWebhooks } from "./generated.ts";

/** The trust of an issuer with a valid chain. */
type IdentityTrust = Required<NextTrust> & { readonly trustAnchorPem: string };

/** Plans the certificates of the mode `provided`. Without `deployed`, the rules of a rotation are not checked. */
export function planProvided(
  options: ProvidedCertificates,
  names: MeshNames,
  deployed: DeployedTrust | undefined,
): CertificatePlan {
  const checks = new DeferrableChecks(["certificates"]);
  const { trustAnchors, issuer, validityYears } = options;
  const isExternal = isExternalIssuer(issuer);
  const identity: CheckedIdentity = isExternal
    ? { trustBundlePem: checkTrustAnchors(trustAnchors, checks) }
    : checkIdentity({ trustAnchors, issuer }, `identity.${names.namespace}.${names.trustDomain}`, checks);
  const createWebhookSources = planWebhooks(options, names, checks);
  if (deployed) {
    const { trustAnchorPem, trustBundlePem, issuerPem } = identity;
    const check = (next: NextTrust, reject: Reject) => {
      // Its paths are complete.
      for (const issue of checkProvidedTrust(deployed, next)) reject({ ...issue, path: issue.path.slice(1) });
    };
    if (isExternal) checks.relate([], { trustBundlePem }, check);
    else checks.relate<IdentityTrust, void>([], { trustAnchorPem, trustBundlePem, issuerPem }, check);
  }
  const validityPath = ["certificates", "validityYears"];
  return {
    issues: [...checkValidityYears(validityPath, { ...validityYears }), ...checks.issues],
    create: (parent) => {
      const checked = whenDeferredChecksPass(checks, names, parent);
      return {
        ...identityOutputs(identity, isExternal, checked),
        webhooks: createWebhookSources(parent, checked),
        ...(checked ? { checked } : {}),
      };
    },
  };
}

/** Checks the webhook certificates. Returns a function that creates their sources. */
function planWebhooks(
  { webhooks, validityYears }: ProvidedCertificates,
  names: MeshNames,
  checks: DeferrableChecks,
): (parent: pulumi.Resource, checked: Checked) => CertificateSet["webhooks"] {
  if (webhooks === undefined) return (parent) => createWebhooks(names, validityYears?.webhooks, parent);
  if (isExternalWebhooks(webhooks)) {
    const ca = checkWebhookCa(webhooks.ca, checks);
    return (_, checked) => sameSource(externalSource(ca && toPublic(ca, checked)));
  }
  const pairs = checkWebhooks(webhooks, listHosts(names), checks);
  return (_, checked) => webhookOutputs(pairs, checked);
}

/** The name by which the API server calls each server that is installed. */
function listHosts(names: MeshNames): { [server in WebhookServer]?: string } {
  return Object.fromEntries(
    Object.entries(WEBHOOK_SERVICES)
      .filter(([, { extension }]) => names.viz || extension !== "viz")
      .map(([server, { service, extension }]) => [
        server,
        `${service}.${extension === "viz" ? names.vizNamespace : names.namespace}.svc`,
      ]),
  );
}

/** Resolves when the values of Outputs have passed their checks. `undefined` if no value is an Output. */
export function whenDeferredChecksPass(
  { deferredIssues }: DeferrableChecks,
  names: MeshNames,
  parent: pulumi.Resource,
): Checked {
  return (
    deferredIssues && pulumi.unsecret(deferredIssues.apply((issues) => assertEmpty(issues, names, parent)))
  );
}

/** Throws the issues with the values of Outputs, as a `ResourceError` of the mesh. */
function assertEmpty(issues: readonly ValidationIssue[], names: MeshNames, parent: pulumi.Resource): string {
  const collector = new IssueCollector(`ServiceMesh "${names.name}"`);
  collector.attachTo(parent);
  collector.add(...issues);
  collector.assertValid();
  return "";
}

type Checked = pulumi.Output<string> | undefined;

/** The value of a check, as an Output that waits until the values of all Outputs have passed their checks. */
function whenChecked(pem: pulumi.Input<string | undefined>, checked: Checked): pulumi.Output<string> {
  return checked
    ? pulumi.all([pem, checked]).apply(([value]) => value ?? "")
    : pulumi.output(pem).apply((value) => value ?? "");
}

/** A certificate is public, also if it is given as a secret. */
export function toPublic(pem: pulumi.Input<string | undefined>, checked: Checked): pulumi.Output<string> {
  return pulumi.unsecret(whenChecked(pem, checked));
}

function toSecret(pem: pulumi.Input<string | undefined>, checked: Checked): pulumi.Output<string> {
  return pulumi.secret(whenChecked(pem, checked));
}

function identityOutputs(
  identity: CheckedIdentity,
  isExternal: boolean,
  checked: Checked,
): Omit<CertificateSet, "webhooks"> {
  const trustBundlePem = toPublic(identity.trustBundlePem, checked);
  const bundle = { trustBundlePem, anchorPems: { "trust-anchor": trustBundlePem } };
  if (isExternal) return { ...bundle, issuer: {} };
  return {
    ...bundle,
    trustAnchorPem: toPublic(identity.trustAnchorPem, checked),
    issuer: {
      certPem: toPublic(identity.issuerPem, checked),
      privateKeyPem: toSecret(identity.issuerKeyPem, checked),
    },
  };
}

function webhookOutputs({ caPem, pairs }: CheckedWebhooks, checked: Checked): CertificateSet["webhooks"] {
  // A server that is not installed has no pair, and nothing uses its Outputs.
  const serve = (server: WebhookServer): ServingCertificate => ({
    caPem: toPublic(caPem, checked),
    certPem: toPublic(pairs[server]?.certPem, checked),
    privateKeyPem: toSecret(pairs[server]?.privateKeyPem, checked),
  });
  return {
    proxyInjector: serve("proxyInjector"),
    profileValidator: serve("profileValidator"),
    policyValidator: serve("policyValidator"),
    tap: serve("tap"),
    tapInjector: serve("tapInjector"),
  };
}
