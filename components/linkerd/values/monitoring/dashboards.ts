/** How dashboards reach Grafana. */
import type * as pulumi from "@pulumi/pulumi";

/** What carries a dashboard: a ConfigMap for Grafana's sidecar, or a resource of Grafana's operator. */
export type DashboardCarrier = "configMap" | "grafanaDashboard";

/** All values of {@link DashboardCarrier}. */
export const DASHBOARD_CARRIERS = [
  "configMap",
  "grafanaDashboard",
] as const satisfies readonly DashboardCarrier[];

/** Where dashboards are created, and how Grafana finds them. Options that are plain decide which resources exist. */
export interface DashboardOptions {
  /**
   * Namespace of the dashboards. It must exist. Grafana's sidecar searches its own namespace, or all of them with
   * `sidecar.dashboards.searchNamespace: ALL` as in kube-prometheus-stack.
   * @default the namespace of viz; required without viz
   */
  namespace?: pulumi.Input<string> | undefined;
  /**
   * `configMap`: a ConfigMap for each dashboard, which the sidecar of Grafana's chart loads. `grafanaDashboard`: a
   * GrafanaDashboard (grafana.integreatly.org/v1beta1) for each, which Grafana's operator loads. Plain.
   * @default "configMap"
   */
  as?: DashboardCarrier | undefined;
  /** Label by which the sidecar finds ConfigMaps, its `sidecar.dashboards.label`. Plain. @default "grafana_dashboard" */
  label?: string | undefined;
  /** Value of that label, the sidecar's `sidecar.dashboards.labelValue`. Plain. @default "1" */
  labelValue?: string | undefined;
  /**
   * Annotation of a ConfigMap that names the folder, the sidecar's `sidecar.dashboards.folderAnnotation`. Plain.
   * @default "grafana_folder"
   */
  folderAnnotation?: string | undefined;
  /** Folder of the dashboards in Grafana. Plain. @default "Linkerd" */
  folder?: string | undefined;
  /**
   * Labels of the Grafana resources that load the dashboards, with `as: "grafanaDashboard"` only. Plain.
   * @default { dashboards: "grafana" }
   */
  instanceSelector?: Readonly<Record<string, string>> | undefined;
}

/** {@link DashboardOptions} with their defaults. */
export interface ResolvedDashboardOptions {
  /** `undefined` for the namespace of viz. */
  readonly namespace: pulumi.Input<string> | undefined;
  readonly as: DashboardCarrier;
  readonly label: string;
  readonly labelValue: string;
  readonly folderAnnotation: string;
  readonly folder: string;
  readonly instanceSelector: Readonly<Record<string, string>>;
}

/** Fills in the defaults: those of Grafana's chart and of the examples of its operator. */
export function resolveDashboardOptions(options: DashboardOptions): ResolvedDashboardOptions {
  return {
    namespace: options.namespace,
    as: options.as ?? "configMap",
    label: options.label ?? "grafana_dashboard",
    labelValue: options.labelValue ?? "1",
    folderAnnotation: options.folderAnnotation ?? "grafana_folder",
    folder: options.folder ?? "Linkerd",
    instanceSelector: options.instanceSelector ?? { dashboards: "grafana" },
  };
}
