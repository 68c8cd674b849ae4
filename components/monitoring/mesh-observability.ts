import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateSummary } from "../certificates/report.ts";
import { IssueCollector } from "../inputs/validation.ts";
import { settingIssues } from "../linkerd/mesh-validation.ts";
import {
  deliveredAlerts,
  deliveredDashboards,
  hasVizPrometheus,
} from "../linkerd/values/monitoring/delivery.ts";
import type { MonitoringSettings } from "../linkerd/values/monitoring/monitoring-settings.ts";
import { type AlertSummary, createPrometheusRule, listAlerts } from "./alerts.ts";
import { createDashboards, type DashboardSummary } from "./dashboards.ts";
import {
  type ApiServerAccess,
  allowApiServerMetrics,
  allowReaders,
  type ReaderAccess,
} from "./prometheus-access.ts";
import { externalScrapeConfig, prometheusUrl } from "./prometheus-outputs.ts";

/** {@link MeshObservability} */
export interface MeshObservabilityArgs {
  /** What to deliver. Plain, because it decides which resources exist. @default dashboards and alerts are on */
  monitoring?: MonitoringSettings | undefined;
  /** Namespace of the control plane, in which a PrometheusRule is created. */
  namespace: pulumi.Input<string>;
  /** Namespace of the viz extension. Whether it is given is plain. @default none: the mesh has no viz */
  vizNamespace?: pulumi.Input<string> | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: pulumi.Input<string> | undefined;
  /** The certificates of the mesh, whose expiry alerts need. @default none */
  certificates?: pulumi.Input<readonly CertificateSummary[]> | undefined;
  /** Value of the annotation `linkerd-mesh/stack` of all objects. @default no annotation */
  owner?: pulumi.Input<string> | undefined;
  /**
   * Resources that Linkerd's policies depend on: those that install the CRDs of the policies and the webhook that
   * validates them.
   * @default none
   */
  policiesDependOn?: pulumi.Resource[] | undefined;
}

/**
 * Dashboards and alerts for the Prometheus and the Grafana of a team, and the access that they need.
 *
 * The rules of viz's own Prometheus are part of `LinkerdViz`, whose release mounts them.
 */
export class MeshObservability extends pulumi.ComponentResource {
  /** The resources of the dashboards; empty if dashboards are off. */
  public readonly dashboardResources: readonly (k8s.core.v1.ConfigMap | k8s.apiextensions.CustomResource)[];
  /** The PrometheusRule; `undefined` unless the Prometheus Operator evaluates the alerts. */
  public readonly prometheusRule: k8s.apiextensions.CustomResource | undefined;
  /** What lets viz's Prometheus scrape the API server; `undefined` without viz's Prometheus. */
  public readonly apiServerAccess: ApiServerAccess | undefined;
  /** What lets the readers query viz's Prometheus; `undefined` without readers. */
  public readonly readerAccess: ReaderAccess | undefined;
  /** The dashboards. */
  public readonly dashboards: pulumi.Output<DashboardSummary[]>;
  /** The alerts. */
  public readonly alerts: pulumi.Output<AlertSummary[]>;
  /** URL of the Prometheus with the metrics of the mesh, in the cluster; `undefined` if there is none. */
  public readonly prometheusUrl: pulumi.Output<string> | undefined;
  /**
   * The scrapes of the mesh, JSON, for `scrape_config_files` of an external Prometheus; `undefined` with viz's own, or with
   * the operator's.
   */
  public readonly scrapeConfig: pulumi.Output<string> | undefined;

  constructor(name: string, args: MeshObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    const { monitoring = {}, namespace, vizNamespace, owner, certificates = [] } = args;
    const { clusterDomain = "cluster.local" } = args;
    const mesh = { monitoring, viz: vizNamespace !== undefined };
    const issues = new IssueCollector(`MeshObservability "${name}"`);
    issues.add(...settingIssues(mesh));
    issues.assertValid();

    super("linkerd-mesh:observability:MeshObservability", name, {}, opts);
    const parent = { parent: this };
    const dashboards = deliveredDashboards(mesh);
    const dashboardsNamespace = dashboards?.namespace ?? vizNamespace;
    const delivered =
      dashboards && dashboardsNamespace !== undefined
        ? createDashboards(
            name,
            dashboards,
            { namespace: dashboardsNamespace, owner },
            { hasVizLinks: monitoring.grafana !== undefined, uidPrefix: monitoring.grafana?.uidPrefix },
            parent,
          )
        : [];
    this.dashboardResources = delivered.map(({ resource }) => resource);
    const alerts = deliveredAlerts(mesh);
    this.prometheusRule =
      alerts?.evaluator === "operator"
        ? createPrometheusRule(`${name}-rule`, alerts, { namespace, owner, certificates }, parent)
        : undefined;
    const viz = hasVizPrometheus(mesh) && vizNamespace !== undefined ? { vizNamespace, owner } : undefined;
    this.apiServerAccess = viz && allowApiServerMetrics(name, viz, parent);
    const { readers = [] } = monitoring.prometheus ?? {};
    this.readerAccess =
      viz && readers.length > 0
        ? allowReaders(name, readers, viz, { ...parent, dependsOn: args.policiesDependOn ?? [] })
        : undefined;

    this.dashboards = pulumi.output(delivered.map(({ summary }) => summary));
    this.alerts = pulumi.output(alerts ? listAlerts(alerts) : []);
    const names = { monitoring, namespace, vizNamespace, clusterDomain };
    this.prometheusUrl = prometheusUrl(names);
    this.scrapeConfig = externalScrapeConfig(names);
    this.registerOutputs({
      dashboards: this.dashboards,
      alerts: this.alerts,
      prometheusUrl: this.prometheusUrl,
      scrapeConfig: this.scrapeConfig,
    });
  }
}
