/** The mode `certManager`: certificates that cert-manager creates and renews. */
import type * as pulumi from "@pulumi/pulumi";
import type { ValidationIssue } from "../../inputs/validation.ts";
import { CertManagerAuthorities, type FromCertManager } from "../cert-manager.ts";
import type { CertManagerCertificates } from "../certificate-options.ts";
import { checkValidityYears } from "../certificate-rules.ts";
import type { CertificatePlan, MeshNames } from "../certificate-set.ts";
import { DeferrableChecks } from "../provided/deferrable-checks.ts";
import { checkWebhookCa } from "../provided/webhook-checks.ts";
import { checkCertManagerTrust, type DeployedTrust } from "../rotation.ts";
import { externalSource, isExternalWebhooks, sameSource } from "./external.ts";
import { createWebhooks } from "./generated.ts";
import { toPublic, whenDeferredChecksPass } from "./provided.ts";

/** Plans the certificates of the mode `certManager`. Without `deployed`, the rules of a rotation are not checked. */
export function planCertManager(
  options: CertManagerCertificates,
  names: MeshNames,
  deployed: DeployedTrust | undefined,
): CertificatePlan {
  const { create = true, validityYears, webhooks } = options;
  const checks = new DeferrableChecks(["certificates"]);
  const ca = isExternalWebhooks(webhooks) ? checkWebhookCa(webhooks.ca, checks) : undefined;
  return {
    issues: [
      ...checkValidityYears(["certificates", "validityYears"], { ...validityYears }),
      ...(create && webhooks !== undefined ? [createdWebhooksIssue()] : []),
      ...checks.issues,
      ...(deployed ? checkCertManagerTrust(deployed) : []),
    ],
    create: (parent, owner) => {
      const checked = whenDeferredChecksPass(checks, names, parent);
      if (!create) {
        return {
          issuer: {},
          webhooks:
            webhooks?.external === false
              ? createWebhooks(names, validityYears?.webhooks, parent)
              : sameSource(externalSource(ca && toPublic(ca, checked))),
          anchorPems: {},
          ...(checked ? { checked } : {}),
        };
      }
      const authorities = createAuthorities(options, names, owner, parent);
      return { issuer: authorities.identity, webhooks: sameSource(authorities.webhooks), anchorPems: {} };
    },
  };
}

function createAuthorities(
  options: CertManagerCertificates,
  names: MeshNames,
  owner: pulumi.Input<string> | undefined,
  parent: pulumi.Resource,
): { identity: FromCertManager; webhooks: FromCertManager } {
  return new CertManagerAuthorities(
    `${names.name}-cert-manager`,
    {
      identity: `root.${names.namespace}.${names.trustDomain}`,
      namespace: options.namespace ?? "cert-manager",
      validityYears: options.validityYears,
      owner,
    },
    { parent },
  );
}

function createdWebhooksIssue(): ValidationIssue {
  return {
    path: ["certificates", "webhooks"],
    reason: "must not be set while create is true",
    because: "With create, cert-manager issues the webhook certificates",
    fixes: [{ kind: "remove" }, { kind: "set", path: ["certificates", "create"], value: false }],
  };
}
