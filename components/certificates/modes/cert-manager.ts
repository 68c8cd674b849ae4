/** The mode `certManager`: certificates that cert-manager creates and renews. */
import { CertManagerAuthorities, type FromCertManager } from "../cert-manager.ts";
import type { CertManagerCertificates } from "../certificate-options.ts";
import { checkValidityYears } from "../certificate-rules.ts";
import type { CertificatePlan, MeshNames } from "../certificate-set.ts";
import { checkCertManagerTrust, type DeployedTrust } from "../rotation.ts";

/** Plans the certificates of the mode `certManager`. Without `deployed`, the rules of a rotation are not checked. */
export function planCertManager(
  options: CertManagerCertificates,
  names: MeshNames,
  deployed: DeployedTrust | undefined,
): CertificatePlan {
  return {
    issues: [
      ...checkValidityYears(["certificates", "validityYears"], { ...options.validityYears }),
      ...(deployed ? checkCertManagerTrust(deployed) : []),
    ],
    create: (parent, owner) => {
      const { identity, webhooks }: { identity: FromCertManager; webhooks: FromCertManager } =
        (options.create ?? true)
          ? new CertManagerAuthorities(
              `${names.name}-cert-manager`,
              {
                identity: `root.${names.namespace}.${names.trustDomain}`,
                namespace: options.namespace ?? "cert-manager",
                validityYears: options.validityYears,
                owner,
              },
              { parent },
            )
          : { identity: {}, webhooks: {} };
      return {
        issuer: identity,
        webhooks: {
          proxyInjector: webhooks,
          profileValidator: webhooks,
          policyValidator: webhooks,
          tap: webhooks,
          tapInjector: webhooks,
        },
        anchorPems: {},
      };
    },
  };
}
