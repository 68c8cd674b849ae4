/** The resources from which Grafana loads the dashboards. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../inputs/owner.ts";
import { TAKE_FIELDS_OVER } from "../linkerd/field-ownership.ts";
import type { ResolvedDashboardOptions } from "../linkerd/values/monitoring/dashboards.ts";
import {
  type RenderedDashboard,
  type RenderOptions,
  renderDashboards,
} from "../observability/dashboards/dashboards.ts";

/** A dashboard in the cluster. */
export interface DashboardSummary {
  /** Its UID in Grafana, whose page is `/d/<uid>`. */
  uid: string;
  /** Its title in Grafana. */
  title: string;
  /** The kind of the object: `ConfigMap` or `GrafanaDashboard`. */
  kind: string;
  /** The namespace of the object. */
  namespace: string;
  /** The name of the object. */
  name: string;
}

/** The resource of a dashboard, and what the output `dashboards` has about it. */
export interface DeliveredDashboard {
  readonly resource: k8s.core.v1.ConfigMap | k8s.apiextensions.CustomResource;
  readonly summary: pulumi.Unwrap<DashboardSummary> | { [K in keyof DashboardSummary]: pulumi.Input<string> };
}

/** Where the dashboards are created, and by whom. */
export interface DashboardTarget {
  readonly namespace: pulumi.Input<string>;
  readonly owner: pulumi.Input<string> | undefined;
}

/** The name of the object of a dashboard. */
export function dashboardObjectName(dashboard: string): string {
  return `linkerd-dashboard-${dashboard}`;
}

/** Creates a resource for each dashboard. */
export function createDashboards(
  name: string,
  options: ResolvedDashboardOptions,
  target: DashboardTarget,
  render: RenderOptions,
  opts: pulumi.CustomResourceOptions,
): DeliveredDashboard[] {
  const create = options.as === "configMap" ? createConfigMap : createGrafanaDashboard;
  return renderDashboards(render).map((dashboard) => {
    const { uid, title } = dashboard;
    const { namespace, owner } = target;
    const metadata = {
      name: dashboardObjectName(dashboard.name),
      namespace,
      annotations: { ...TAKE_FIELDS_OVER, ...ownerAnnotation(owner) },
    };
    return {
      resource: create(`${name}-dashboard-${dashboard.name}`, dashboard, metadata, options, opts),
      summary: { uid, title, kind: DASHBOARD_KINDS[options.as], namespace, name: metadata.name },
    };
  });
}

/** The kinds of objects that carry a dashboard. */
export const DASHBOARD_KINDS = { configMap: "ConfigMap", grafanaDashboard: "GrafanaDashboard" } as const;

interface Metadata {
  name: string;
  namespace: pulumi.Input<string>;
  annotations: Record<string, pulumi.Input<string>>;
}

/** A ConfigMap for the sidecar of Grafana's chart (k8s-sidecar), which writes each key to a file of this name. */
function createConfigMap(
  name: string,
  { uid, json }: RenderedDashboard,
  metadata: Metadata,
  { label, labelValue, folderAnnotation, folder }: ResolvedDashboardOptions,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
  return new k8s.core.v1.ConfigMap(
    name,
    {
      metadata: {
        ...metadata,
        labels: { [label]: labelValue },
        annotations: { ...metadata.annotations, [folderAnnotation]: folder },
      },
      data: { [`${uid}.json`]: json },
    },
    opts,
  );
}

/**
 * A GrafanaDashboard for Grafana's operator. The Grafana may be in any namespace. The selector is immutable
 * (grafana-operator, api/v1beta1/grafanadashboard_types.go), so a change of it replaces the object.
 */
function createGrafanaDashboard(
  name: string,
  { json }: RenderedDashboard,
  metadata: Metadata,
  { folder, instanceSelector }: ResolvedDashboardOptions,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "grafana.integreatly.org/v1beta1",
      kind: "GrafanaDashboard",
      metadata,
      spec: {
        instanceSelector: { matchLabels: { ...instanceSelector } },
        allowCrossNamespaceImport: true,
        folder,
        json,
      },
    },
    { ...opts, replaceOnChanges: ["spec.instanceSelector"], deleteBeforeReplace: true },
  );
}
