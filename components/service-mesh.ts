import * as pulumi from "@pulumi/pulumi";
import type { MeshCertificates } from "./certificates/certificate-options.ts";
import {
  bundleSha256,
  planCertificates,
  reportCertificates,
} from "./certificates/modes/mesh-certificates.ts";
import type { CertificateSummary } from "./certificates/report.ts";
import type { DeployedTrust } from "./certificates/rotation.ts";
import { fingerprint } from "./certificates/x509/pem.ts";
import { chartPin, type LinkerdCharts, linkerdVersion } from "./linkerd/charts/charts.ts";
import { LinkerdCni } from "./linkerd/cni.ts";
import { LinkerdControlPlane } from "./linkerd/control-plane.ts";
import { LinkerdCrds } from "./linkerd/crds.ts";
import { settingIssues } from "./linkerd/mesh-validation.ts";
import { ValidationError } from "./inputs/validation.ts";
import { controlPlaneNamespace } from "./linkerd/namespaces.ts";
import type { MeshSettings } from "./linkerd/values/mesh-settings.ts";
import { type MeshPorts, meshPorts } from "./linkerd/values/ports.ts";
import { LinkerdViz } from "./linkerd/viz.ts";
import { InjectionByLabel } from "./meshing/injection-by-label.ts";

/** {@link ServiceMesh}. Every setting has a default that suits a private cluster. */
export interface ServiceMeshArgs extends MeshSettings {
  /** Linkerd's charts: their versions, and where they are. @default the version this release was tested with */
  charts?: LinkerdCharts | undefined;
  /** Namespace of the control plane. @default "linkerd" */
  namespace?: string | undefined;
  /** Namespace of the viz extension. @default "linkerd-viz" */
  vizNamespace?: string | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: string | undefined;
  /** Trust domain of the mesh's identities. A running mesh keeps it. @default the cluster domain */
  trustDomain?: string | undefined;
  /**
   * CIDRs that hold every address of a node, pod or Service.
   * @default the chart's: the private ranges of RFC 1918, RFC 6598 and RFC 4193
   */
  clusterNetworks?: string[] | undefined;
  /** Generated here, brought by you, or left to cert-manager. @default { mode: "generated" }, for 100 years */
  certificates?: MeshCertificates | undefined;
  /**
   * What the last deployment left, so that no anchor is replaced and no step of a rotation skipped.
   * @default the certificates are taken to be the mesh's first, and nothing is refused
   */
  deployed?: DeployedTrust | undefined;
  /** Install the Gateway API's definitions too; `false` where the cluster has them. @default true */
  installGatewayApi?: boolean | undefined;
  /** Leave Linkerd's definitions in the cluster when the mesh goes, and with them everybody's policies. @default true */
  keepCrds?: boolean | undefined;
  /** Install the viz extension and its dashboard. @default true */
  viz?: boolean | undefined;
}

/**
 * Linkerd, whole: certificates that outlive the cluster, custom resource definitions, CNI plugin, control
 * plane, viz, and injection by label, in the order in which they need one another.
 */
export class ServiceMesh extends pulumi.ComponentResource {
  /** Linkerd's own version, the control plane's, e.g. `edge-26.8.3`. */
  public readonly linkerdVersion: pulumi.Output<string>;
  /** The trust anchor that signed the issuer, PEM. Public. Absent where it is cert-manager's. */
  public readonly trustAnchorPem: pulumi.Output<string> | undefined;
  /** SHA-256 of that anchor (DER), lower-case hex. */
  public readonly trustAnchorSha256: pulumi.Output<string> | undefined;
  /** Every anchor that proxies trust, PEM. Public. Absent where the bundle is trust-manager's. */
  public readonly trustBundlePem: pulumi.Output<string> | undefined;
  /** Changes when and only when the set of trusted anchors does: what a workload has to be restarted for. */
  public readonly trustBundleSha256: pulumi.Output<string> | undefined;
  /** The port lists of its proxies: what those of a workload are added to. */
  public readonly ports: pulumi.Output<MeshPorts>;
  /** Every certificate of the mesh, what ends first first. Without those that cert-manager makes. */
  public readonly certificates: pulumi.Output<CertificateSummary[]>;

  constructor(name: string, args: ServiceMeshArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const { clusterDomain = "cluster.local", vizNamespace = "linkerd-viz", cni = false } = args;
    const { trustDomain = clusterDomain, charts = {}, viz = true } = args;
    const { certificates = { mode: "generated" }, deployed } = args;
    const controlPlaneName = args.namespace ?? "linkerd";
    const names = { name, namespace: controlPlaneName, vizNamespace, trustDomain, viz };
    const plan = planCertificates(certificates, names, deployed);
    // Before super: not even the component itself is registered where it cannot be made as asked for.
    const mistakes = [
      ...settingIssues(args),
      ...plan.issues,
    ];
    if (mistakes.length > 0) throw new ValidationError(`ServiceMesh "${name}"`, mistakes as never);

    super("linkerd-mesh:index:ServiceMesh", name, {}, opts);
    const set = plan.create(this);
    this.trustBundleSha256 = set.trustBundlePem?.apply(bundleSha256);

    // What is checked during `up` only is checked before the cluster is touched: everything in it has a namespace.
    // Not by way of the name: one that a preview does not know would have it replace everything.
    const checked = set.checked?.apply(() => []) ?? [];
    const namespace = controlPlaneNamespace(`${name}-namespace`, controlPlaneName, cni, {
      parent: this,
      dependsOn: checked,
    }).metadata.name;
    const crds = new LinkerdCrds(`${name}-crds`, { ...args, charts, namespace }, { parent: this });
    const nodes = cni
      ? [new LinkerdCni(`${name}-cni`, { ...args, charts }, { parent: this, dependsOn: crds })]
      : [];
    const controlPlane = new LinkerdControlPlane(
      `${name}-control-plane`,
      {
        ...args,
        charts,
        namespace,
        clusterDomain,
        trustDomain,
        trustBundlePem: set.trustBundlePem,
        issuer: set.issuer,
        webhooks: set.webhooks,
        chartAfter: [crds, ...nodes],
      },
      { parent: this },
    );
    if (viz) {
      new LinkerdViz(
        `${name}-viz`,
        {
          ...args,
          charts,
          namespace: vizNamespace,
          namespaceAfter: checked,
          controlPlaneNamespace: namespace,
          clusterDomain,
          trustDomain,
          webhooks: set.webhooks,
          trustBundleSha256: this.trustBundleSha256,
          chartAfter: [controlPlane],
        },
        { parent: this },
      );
    }
    if ((args.injection ?? "policy") === "policy") {
      new InjectionByLabel(`${name}-injection-by-label`, { parent: this, dependsOn: controlPlane });
    }

    this.linkerdVersion = pulumi.output(linkerdVersion(chartPin("linkerd-control-plane", charts).version));
    this.trustAnchorPem = set.trustAnchorPem;
    this.trustAnchorSha256 = set.trustAnchorPem?.apply(fingerprint);
    this.trustBundlePem = set.trustBundlePem;
    this.ports = pulumi.output(meshPorts(args.ports));
    this.certificates = reportCertificates(set, certificates.warnWithinDays, this);
    this.registerOutputs({
      linkerdVersion: this.linkerdVersion,
      trustAnchorSha256: this.trustAnchorSha256,
      trustBundleSha256: this.trustBundleSha256,
      ports: this.ports,
      certificates: this.certificates,
    });
  }
}
