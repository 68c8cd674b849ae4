/** The mode `provided`: certificates that the user provides, checked and in the encodings that Linkerd reads. */
import * as pulumi from "@pulumi/pulumi";
import { IssueCollector, type ValidationIssue } from "../../inputs/validation.ts";
import type { ProvidedCertificates } from "../certificate-options.ts";
import { checkValidityYears } from "../certificate-rules.ts";
import type { CertificatePlan, CertificateSet, MeshNames } from "../certificate-set.ts";
import { DeferrableChecks } from "../provided/deferrable-checks.ts";
import { type CheckedIdentity, checkIdentity } from "../provided/identity-checks.ts";
import { type CheckedWebhooks, checkWebhooks } from "../provided/webhook-checks.ts";
import { checkProvidedTrust, type DeployedTrust } from "../rotation.ts";
import type { ServingCertificate } from "../webhook-certificates.ts";
import { WEBHOOK_SERVICES, type WebhookServer } from "../webhook-servers.ts";
import { createWebhooks } from "./generated.ts";

/** Plans the certificates of the mode `provided`. Without `deployed`, the rules of a rotation are not checked. */
export function planProvided(
  options: ProvidedCertificates,
  names: MeshNames,
  deployed: DeployedTrust | undefined,
): CertificatePlan {
  const checks = new DeferrableChecks(["certificates"]);
  const identity = checkIdentity(options, `identity.${names.namespace}.${names.trustDomain}`, checks);
  const webhooks = options.webhooks && checkWebhooks(options.webhooks, listHosts(names), checks);
  if (deployed) {
    const { trustAnchorPem, trustBundlePem, issuerPem } = identity;
    checks.relate([], { trustAnchorPem, trustBundlePem, issuerPem }, (next, reject) => {
      // Its paths are complete.
      for (const issue of checkProvidedTrust(deployed, next)) reject({ ...issue, path: issue.path.slice(1) });
    });
  }
  const validityPath = ["certificates", "validityYears"];
  return {
    issues: [...checkValidityYears(validityPath, { ...options.validityYears }), ...checks.issues],
    create: (parent) => {
      const deferred = checks.deferredIssues;
      const checked =
        deferred && pulumi.unsecret(deferred.apply((issues) => assertEmpty(issues, names, parent)));
      const validityYears = options.validityYears?.webhooks;
      return {
        ...identityOutputs(identity, checked),
        webhooks: webhooks ? webhookOutputs(webhooks, checked) : createWebhooks(names, validityYears, parent),
        ...(checked ? { checked } : {}),
      };
    },
  };
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
function toPublic(pem: pulumi.Input<string | undefined>, checked: Checked): pulumi.Output<string> {
  return pulumi.unsecret(whenChecked(pem, checked));
}

function toSecret(pem: pulumi.Input<string | undefined>, checked: Checked): pulumi.Output<string> {
  return pulumi.secret(whenChecked(pem, checked));
}

function identityOutputs(identity: CheckedIdentity, checked: Checked): Omit<CertificateSet, "webhooks"> {
  const trustBundlePem = toPublic(identity.trustBundlePem, checked);
  return {
    trustBundlePem,
    trustAnchorPem: toPublic(identity.trustAnchorPem, checked),
    issuer: {
      certPem: toPublic(identity.issuerPem, checked),
      privateKeyPem: toSecret(identity.issuerKeyPem, checked),
    },
    anchorPems: { "trust-anchor": trustBundlePem },
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
