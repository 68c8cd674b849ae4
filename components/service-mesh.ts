import * as pulumi from "@pulumi/pulumi";
import {
  bundleSha256,
  planCertificates,
  reportCertificates,
} from "./certificates/modes/mesh-certificates.ts";
import type { CertificateSummary } from "./certificates/report.ts";
import { fingerprint } from "./certificates/x509/pem.ts";
import { IssueCollector } from "./inputs/validation.ts";
import { chartPin, linkerdVersion } from "./linkerd/charts/charts.ts";
import { LinkerdCni } from "./linkerd/cni.ts";
import { LinkerdControlPlane } from "./linkerd/control-plane.ts";
import { LinkerdCrds } from "./linkerd/crds.ts";
import { settingIssues } from "./linkerd/mesh-validation.ts";
import { createControlPlaneNamespace } from "./linkerd/namespaces.ts";
import { checkOutputs } from "./linkerd/output-validation.ts";
import { DEFAULT_INBOUND_POLICY, type InboundPolicy } from "./linkerd/values/mesh-settings.ts";
import { type MeshPorts, meshPorts } from "./linkerd/values/ports.ts";
import { LinkerdViz } from "./linkerd/viz.ts";
import { InjectionByLabel } from "./meshing/injection-by-label.ts";
import type { MeshRef } from "./meshing/mesh-options.ts";
import type { AlertSummary } from "./monitoring/alerts.ts";
import type { DashboardSummary } from "./monitoring/dashboards.ts";
import { MeshObservability } from "./monitoring/mesh-observability.ts";
import { VizAccess } from "./monitoring/viz-access/viz-access.ts";
import type { ServiceMeshArgs } from "./service-mesh-args.ts";

/**
 * A Linkerd installation: certificates, CRDs, CNI plugin, control plane, viz and injection by label, created in the
 * order in which they depend on each other.
 *
 * Arguments are checked before anything is registered; all issues are in one `ValidationError`. Arguments that are
 * Outputs are checked when they resolve, before the namespaces are created.
 */
export class ServiceMesh extends pulumi.ComponentResource implements MeshRef {
  /** The control plane. */
  public readonly controlPlane: LinkerdControlPlane;
  /** The viz extension; `undefined` without `viz`. */
  public readonly viz: LinkerdViz | undefined;
  /** Who may reach viz's dashboard, and who may tap; `undefined` without `viz`. */
  public readonly vizAccess: VizAccess | undefined;
  /** Linkerd's CRDs. */
  public readonly crds: LinkerdCrds;
  /** The CNI plugin; `undefined` without `cni`. */
  public readonly cni: LinkerdCni | undefined;
  /** The admission policy that injects labelled pods; `undefined` unless `injection` is `policy`. */
  public readonly injectionByLabel: InjectionByLabel | undefined;
  /** Dashboards, alerts, and the access that they need. */
  public readonly observability: MeshObservability;
  /** Name of the control plane's namespace, known once the namespace exists. */
  public readonly namespace: pulumi.Output<string>;
  /** Name of the viz extension's namespace, known once the namespace exists; `undefined` without `viz`. */
  public readonly vizNamespace: pulumi.Output<string> | undefined;
  /** Trust domain of the mesh's identities. */
  public readonly trustDomain: pulumi.Output<string>;
  /** DNS domain of the cluster. */
  public readonly clusterDomain: pulumi.Output<string>;
  /** Linkerd version of the control plane, e.g. `edge-26.8.3`. */
  public readonly linkerdVersion: pulumi.Output<string>;
  /** The trust anchor that signed the issuer, PEM. Public. `undefined` if cert-manager manages it. */
  public readonly trustAnchorPem: pulumi.Output<string> | undefined;
  /** SHA-256 of that trust anchor (DER), lower-case hex. */
  public readonly trustAnchorSha256: pulumi.Output<string> | undefined;
  /** All trust anchors of the proxies, PEM. Public. `undefined` if trust-manager manages the bundle. */
  public readonly trustBundlePem: pulumi.Output<string> | undefined;
  /** SHA-256 of the set of trust anchors. Workloads must restart when it changes. */
  public readonly trustBundleSha256: pulumi.Output<string> | undefined;
  /** The port lists of the proxies, to which workloads add theirs. */
  public readonly ports: pulumi.Output<MeshPorts>;
  /** Who may connect to a meshed pod for which no policy exists. */
  public readonly defaultInboundPolicy: pulumi.Output<InboundPolicy>;
  /** All certificates of the mesh, soonest expiry first, except those that cert-manager manages. */
  public readonly certificates: pulumi.Output<CertificateSummary[]>;
  /** The dashboards that Grafana loads. */
  public readonly dashboards: pulumi.Output<DashboardSummary[]>;
  /** The alerts that Prometheus evaluates. */
  public readonly alerts: pulumi.Output<AlertSummary[]>;
  /** URL of the Prometheus with the metrics of the mesh, in the cluster; `undefined` if there is none. */
  public readonly prometheusUrl: pulumi.Output<string> | undefined;
  /** The scrapes of the mesh, JSON, for an external Prometheus that no operator manages; `undefined` for any other. */
  public readonly scrapeConfig: pulumi.Output<string> | undefined;

  constructor(name: string, args: ServiceMeshArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const { clusterDomain = "cluster.local", vizNamespace = "linkerd-viz", charts = {} } = args;
    const { trustDomain = clusterDomain, namespace = "linkerd", viz = true, cni = false } = args;
    const { certificates = { mode: "generated" }, owner, useExistingNamespaces } = args;
    const plan = planCertificates(
      certificates,
      { name, namespace, vizNamespace, trustDomain, viz },
      args.deployed,
    );
    const issues = new IssueCollector(`ServiceMesh "${name}"`);
    issues.add(...settingIssues(args), ...plan.issues);
    issues.assertValid();

    super("linkerd-mesh:index:ServiceMesh", name, {}, opts);
    issues.attachTo(this);
    const { settings, checked } = checkOutputs(args, issues);
    const set = plan.create(this, owner);
    this.trustBundleSha256 = set.trustBundlePem?.apply(bundleSha256);
    this.certificates = reportCertificates(set, certificates.warnWithinDays, this);

    // Checks that need resolved Outputs gate the namespaces, which everything else depends on. They gate with
    // `dependsOn` and not with an unknown name, with which a preview would replace everything.
    const gates = [...(set.checked ? [set.checked] : []), ...checked];
    const namespaceDependsOn = gates.length > 0 ? pulumi.all(gates).apply(() => []) : [];
    this.namespace = createControlPlaneNamespace(
      `${name}-namespace`,
      { namespace, cni, owner, useExistingNamespaces },
      { parent: this, dependsOn: namespaceDependsOn },
    ).metadata.name;
    this.crds = new LinkerdCrds(`${name}-crds`, { ...settings, namespace: this.namespace }, { parent: this });
    this.cni = cni
      ? new LinkerdCni(`${name}-cni`, settings, { parent: this, dependsOn: this.crds })
      : undefined;
    this.controlPlane = new LinkerdControlPlane(
      `${name}-control-plane`,
      {
        ...settings,
        namespace: this.namespace,
        vizNamespace: viz ? vizNamespace : undefined,
        clusterDomain,
        trustDomain,
        trustBundlePem: set.trustBundlePem,
        issuer: set.issuer,
        webhooks: set.webhooks,
        chartDependsOn: this.cni ? [this.crds, this.cni] : [this.crds],
      },
      { parent: this },
    );
    this.viz = viz
      ? new LinkerdViz(
          `${name}-viz`,
          {
            ...settings,
            namespace: vizNamespace,
            namespaceDependsOn,
            controlPlaneNamespace: this.namespace,
            clusterDomain,
            trustDomain,
            webhooks: set.webhooks,
            trustBundleSha256: this.trustBundleSha256,
            certificates: this.certificates,
            chartDependsOn: [this.controlPlane],
          },
          { parent: this },
        )
      : undefined;
    this.vizAccess = this.viz
      ? new VizAccess(
          `${name}-viz-access`,
          { ...settings, namespace: this.viz.namespace.metadata.name },
          // The control plane's webhook checks policies, and with high availability none is accepted without it.
          { parent: this, dependsOn: this.controlPlane },
        )
      : undefined;
    this.vizNamespace = this.viz?.namespace.metadata.name;
    this.observability = new MeshObservability(
      `${name}-observability`,
      {
        monitoring: settings.monitoring,
        namespace: this.namespace,
        vizNamespace: this.vizNamespace,
        clusterDomain,
        certificates: this.certificates,
        owner,
        policiesDependOn: [this.controlPlane],
      },
      { parent: this, dependsOn: namespaceDependsOn },
    );
    this.injectionByLabel =
      (args.injection ?? "policy") === "policy"
        ? new InjectionByLabel(
            `${name}-injection-by-label`,
            { owner },
            { parent: this, dependsOn: this.controlPlane },
          )
        : undefined;

    this.trustDomain = pulumi.output(trustDomain);
    this.clusterDomain = pulumi.output(clusterDomain);
    this.linkerdVersion = pulumi.output(linkerdVersion(chartPin("linkerd-control-plane", charts).version));
    this.trustAnchorPem = set.trustAnchorPem;
    this.trustAnchorSha256 = set.trustAnchorPem?.apply(fingerprint);
    this.trustBundlePem = set.trustBundlePem;
    this.ports = pulumi.output(settings.ports).apply(meshPorts);
    this.defaultInboundPolicy = pulumi
      .output(settings.defaultInboundPolicy)
      .apply((policy) => policy ?? DEFAULT_INBOUND_POLICY);
    this.dashboards = this.observability.dashboards;
    this.alerts = this.observability.alerts;
    this.prometheusUrl = this.observability.prometheusUrl;
    this.scrapeConfig = this.observability.scrapeConfig;
    this.registerOutputs({
      namespace: this.namespace,
      vizNamespace: this.vizNamespace,
      trustDomain: this.trustDomain,
      clusterDomain: this.clusterDomain,
      linkerdVersion: this.linkerdVersion,
      trustAnchorSha256: this.trustAnchorSha256,
      trustBundlePem: this.trustBundlePem,
      trustBundleSha256: this.trustBundleSha256,
      ports: this.ports,
      defaultInboundPolicy: this.defaultInboundPolicy,
      certificates: this.certificates,
      dashboards: this.dashboards,
      alerts: this.alerts,
      prometheusUrl: this.prometheusUrl,
      scrapeConfig: this.scrapeConfig,
    });
  }
}
