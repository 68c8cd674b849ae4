import * as pulumi from "@pulumi/pulumi";
import { type CertificateSummary, fingerprint, summarize } from "./certificates/certificate.ts";
import { IdentityIssuer } from "./certificates/identity-issuer.ts";
import { TrustAnchor } from "./certificates/trust-anchor.ts";
import { WebhookCertificates } from "./certificates/webhook-certificates.ts";
import { InjectionByLabel } from "./injection-by-label.ts";
import { type LinkerdCharts, linkerdVersion } from "./linkerd/charts.ts";
import { LinkerdControlPlane } from "./linkerd/control-plane.ts";
import { LinkerdCrds } from "./linkerd/crds.ts";
import { controlPlaneNamespace } from "./linkerd/namespaces.ts";
import { LinkerdViz } from "./linkerd/viz.ts";

/** {@link ServiceMesh}. Every setting has a default that suits a private cluster. */
export interface ServiceMeshArgs {
  /** Linkerd's charts: their version, and where they are. @default the version this release was tested with */
  charts?: LinkerdCharts | undefined;
  /** Namespace of the control plane. @default "linkerd" */
  namespace?: string | undefined;
  /** Namespace of the viz extension. @default "linkerd-viz" */
  vizNamespace?: string | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: string | undefined;
  /** Trust domain of the mesh's identities. Changing it replaces the anchor. @default the cluster domain */
  trustDomain?: string | undefined;
  /**
   * CIDRs that hold every address of a node, pod or Service.
   * @default the chart's: the private ranges of RFC 1918, RFC 6598 and RFC 4193
   */
  clusterNetworks?: string[] | undefined;
  /** Whole years that every certificate lives, 1 to 292. @default 100 */
  validityYears?: number | undefined;
  /** Install the Gateway API's definitions too; `false` where the cluster has them. @default true */
  installGatewayApi?: boolean | undefined;
  /** Three replicas, apart from one another, as upstream's `values-ha.yaml`. @default false */
  highAvailability?: boolean | undefined;
  /** Make the label `linkerd.io/inject` count. Needs Kubernetes 1.36. @default true */
  injectionByLabel?: boolean | undefined;
  /** Install the viz extension and its dashboard. @default true */
  viz?: boolean | undefined;
}

/**
 * Linkerd, whole: certificates that outlive the cluster, custom resource definitions, control plane, viz,
 * and injection by label, in the order in which they need one another.
 */
export class ServiceMesh extends pulumi.ComponentResource {
  /** Linkerd's own version, e.g. `edge-26.8.3`. */
  public readonly linkerdVersion: pulumi.Output<string>;
  /** The trust anchor, PEM. Public. */
  public readonly trustAnchorPem: pulumi.Output<string>;
  /** SHA-256 of the trust anchor (DER), lower-case hex. */
  public readonly trustAnchorSha256: pulumi.Output<string>;
  /** Every certificate of the mesh and when it ends. */
  public readonly certificates: pulumi.Output<CertificateSummary[]>;

  constructor(name: string, args: ServiceMeshArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:index:ServiceMesh", name, {}, opts);
    const {
      clusterDomain = "cluster.local",
      vizNamespace = "linkerd-viz",
      validityYears,
      highAvailability,
    } = args;
    const { trustDomain = clusterDomain, charts = {} } = args;
    const controlPlaneName = args.namespace ?? "linkerd";
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    const trustAnchor = new TrustAnchor(
      `${name}-trust-anchor`,
      { identity: `root.${controlPlaneName}.${trustDomain}`, validityYears },
      { parent: this },
    );
    const issuer = new IdentityIssuer(
      `${name}-identity-issuer`,
      { identity: `identity.${controlPlaneName}.${trustDomain}`, trustAnchor, validityYears },
      { parent: this },
    );
    const webhooks = new WebhookCertificates(
      `${name}-webhooks`,
      { namespace: controlPlaneName, vizNamespace, validityYears },
      { parent: this },
    );

    const namespace = controlPlaneNamespace(`${name}-namespace`, controlPlaneName, { parent: this }).metadata
      .name;
    const crds = new LinkerdCrds(
      `${name}-crds`,
      { charts, namespace, installGatewayApi: args.installGatewayApi },
      { parent: this },
    );
    const controlPlane = new LinkerdControlPlane(
      `${name}-control-plane`,
      {
        charts,
        namespace,
        clusterDomain,
        trustDomain,
        clusterNetworks: args.clusterNetworks,
        trustAnchorsPem: trustAnchor.certPem,
        issuer,
        webhooks,
        highAvailability,
      },
      after(crds),
    );
    if (args.viz ?? true) {
      new LinkerdViz(
        `${name}-viz`,
        {
          charts,
          namespace: vizNamespace,
          controlPlaneNamespace: namespace,
          clusterDomain,
          trustDomain,
          webhooks,
          highAvailability,
        },
        after(controlPlane),
      );
    }
    if (args.injectionByLabel ?? true) {
      new InjectionByLabel(`${name}-injection-by-label`, { parent: this });
    }

    this.linkerdVersion = pulumi.output(linkerdVersion(charts.version));
    this.trustAnchorPem = trustAnchor.certPem;
    this.trustAnchorSha256 = trustAnchor.certPem.apply(fingerprint);
    this.certificates = pulumi
      .all({
        "trust-anchor": trustAnchor.certPem,
        "identity-issuer": issuer.certPem,
        "webhook-authority": webhooks.caPem,
        "proxy-injector": webhooks.proxyInjector.certPem,
        "profile-validator": webhooks.profileValidator.certPem,
        "policy-validator": webhooks.policyValidator.certPem,
        tap: webhooks.tap.certPem,
        "tap-injector": webhooks.tapInjector.certPem,
      })
      .apply((pems) => Object.entries(pems).map(([certificate, pem]) => summarize(certificate, pem)));
    this.registerOutputs({
      linkerdVersion: this.linkerdVersion,
      trustAnchorSha256: this.trustAnchorSha256,
      certificates: this.certificates,
    });
  }
}
