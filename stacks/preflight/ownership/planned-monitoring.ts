/** The objects of monitoring that the program creates outside of Helm. */
import { RULES_NAME } from "../../../components/linkerd/prometheus-rules.ts";
import {
  deliveredAlerts,
  deliveredDashboards,
  hasVizPrometheus,
} from "../../../components/linkerd/values/monitoring/delivery.ts";
import { PROMETHEUS_RULE_NAME } from "../../../components/monitoring/alerts.ts";
import { DASHBOARD_KINDS, dashboardObjectName } from "../../../components/monitoring/dashboards.ts";
import { apiServerRoleName, READERS_NAME } from "../../../components/monitoring/prometheus-access.ts";
import { dashboardNames } from "../../../components/observability/dashboards/dashboards.ts";
import type { Settings } from "../../settings/settings-schema.ts";

/** An object of monitoring. */
export interface MonitoringObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const RBAC = "rbac.authorization.k8s.io/v1";
const POLICY = "policy.linkerd.io/v1alpha1";

/** Lists the objects. */
export function planMonitoring(
  settings: Pick<Settings, "namespace" | "vizNamespace" | "viz" | "monitoring">,
): MonitoringObject[] {
  return [...planDashboards(settings), ...planAlerts(settings), ...planAccess(settings)];
}

type MonitoringSettings = Parameters<typeof planMonitoring>[0];

function planDashboards(settings: MonitoringSettings): MonitoringObject[] {
  const options = deliveredDashboards(settings);
  if (options === undefined) return [];
  const apiVersion = options.as === "configMap" ? "v1" : "grafana.integreatly.org/v1beta1";
  const namespace = (options.namespace as string | undefined) ?? settings.vizNamespace;
  return dashboardNames(settings.monitoring.grafana !== undefined).map((name) => ({
    apiVersion,
    kind: DASHBOARD_KINDS[options.as],
    name: dashboardObjectName(name),
    namespace,
  }));
}

function planAlerts(settings: MonitoringSettings): MonitoringObject[] {
  const { namespace, vizNamespace } = settings;
  switch (deliveredAlerts(settings)?.evaluator) {
    case "viz":
      return [{ apiVersion: "v1", kind: "ConfigMap", name: RULES_NAME, namespace: vizNamespace }];
    case "operator": {
      const apiVersion = "monitoring.coreos.com/v1";
      return [{ apiVersion, kind: "PrometheusRule", name: PROMETHEUS_RULE_NAME, namespace }];
    }
    default:
      return [];
  }
}

function planAccess(settings: MonitoringSettings): MonitoringObject[] {
  if (!hasVizPrometheus(settings)) return [];
  const { vizNamespace, monitoring } = settings;
  const name = apiServerRoleName(vizNamespace);
  const { readers = [] } = monitoring.prometheus ?? {};
  return [
    ...["ClusterRole", "ClusterRoleBinding"].map((kind) => ({ apiVersion: RBAC, kind, name })),
    ...["Role", "RoleBinding"].map((kind) => ({ apiVersion: RBAC, kind, name, namespace: "default" })),
    ...(readers.length > 0 ? ["MeshTLSAuthentication", "AuthorizationPolicy"] : []).map((kind) => ({
      apiVersion: POLICY,
      kind,
      name: READERS_NAME,
      namespace: vizNamespace,
    })),
  ];
}
