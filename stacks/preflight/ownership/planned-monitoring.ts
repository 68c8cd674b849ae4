/**
 * The objects of monitoring that are outside of the mesh's namespaces. Those inside have names of this program, and the
 * check of their namespace covers them.
 */
import {
  deliveredDashboards,
  hasVizPrometheus,
} from "../../../components/linkerd/values/monitoring/delivery.ts";
import { DASHBOARD_KINDS, dashboardObjectName } from "../../../components/monitoring/dashboards.ts";
import { apiServerRoleName } from "../../../components/monitoring/prometheus-access.ts";
import { dashboardNames } from "../../../components/observability/dashboards/dashboards.ts";
import type { Settings } from "../../settings/settings-schema.ts";

type MonitoringSettings = Pick<Settings, "namespace" | "vizNamespace" | "viz" | "monitoring">;

/** Lists the objects with these settings. */
export function planMonitoring(settings: MonitoringSettings) {
  return [...planRoles(settings), ...planDashboards(settings)];
}

/** What lets viz's Prometheus scrape the API server. */
function planRoles(settings: MonitoringSettings) {
  if (!hasVizPrometheus(settings)) return [];
  const kinds = [
    ...["ClusterRole", "ClusterRoleBinding"].map((kind) => ({ kind })),
    ...["Role", "RoleBinding"].map((kind) => ({ kind, namespace: "default" })),
  ];
  return kinds.map((object) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    name: apiServerRoleName(settings.vizNamespace),
    setting: "viz" as const,
    ...object,
  }));
}

const API_VERSIONS = { configMap: "v1", grafanaDashboard: "grafana.integreatly.org/v1beta1" };

function planDashboards(settings: MonitoringSettings) {
  const dashboards = deliveredDashboards(settings);
  const namespace = dashboards?.namespace;
  const { namespace: controlPlane, vizNamespace, viz, monitoring } = settings;
  const isOfMesh =
    namespace === undefined || namespace === controlPlane || (viz && namespace === vizNamespace);
  if (dashboards === undefined || isOfMesh) return [];
  return dashboardNames(monitoring.grafana !== undefined).map((name) => ({
    apiVersion: API_VERSIONS[dashboards.as],
    kind: DASHBOARD_KINDS[dashboards.as],
    name: dashboardObjectName(name),
    namespace: String(namespace),
    setting: "monitoring" as const,
  }));
}
