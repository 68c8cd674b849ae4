/** Pure: the objects that monitoring needs, and that someone else creates. */
import { type DeployedState, releasesIn } from "../../../components/deployed/deployed-state.ts";
import type { Path, ValidationIssue } from "../../../components/inputs/validation.ts";
import {
  deliveredAlerts,
  deliveredDashboards,
} from "../../../components/linkerd/values/monitoring/delivery.ts";
import type { Settings } from "../../settings/settings-schema.ts";

/** The settings that decide which objects are needed. */
export type MonitoringSettings = Pick<Settings, "monitoring" | "namespace" | "vizNamespace" | "viz">;

/** An object, and the issue if the cluster does not have it. */
export interface RequiredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly issue: ValidationIssue;
}

const MONITORING = "monitoring.coreos.com/v1";
const GRAFANA = "grafana.integreatly.org/v1beta1";

/**
 * The objects that must be in the cluster before anything is created, except those that the last deployment used: with
 * these, an `up` without changes causes no call.
 */
export function requiredObjects(settings: MonitoringSettings, state: DeployedState): RequiredObject[] {
  return [
    ...operatorKinds(settings, state),
    ...dashboardKind(settings, state),
    ...dashboardNamespace(settings, state),
  ];
}

function operatorKinds(settings: MonitoringSettings, state: DeployedState): RequiredObject[] {
  if (!settings.monitoring.external?.operator) return [];
  const hasMonitors = releasesIn(state).some(({ values }) => values?.podMonitor?.enabled === true);
  const kinds = [
    ...(hasMonitors ? [] : ["PodMonitor"]),
    ...(deliveredAlerts(settings) === undefined || hasType(state, `kubernetes:${MONITORING}:PrometheusRule`)
      ? []
      : ["PrometheusRule"]),
  ];
  const path = ["monitoring", "external", "operator"];
  return kinds.map((kind) =>
    definitionOf(`${kind.toLowerCase()}s.monitoring.coreos.com`, {
      path,
      reason: "must be false without the Prometheus Operator",
      got: "true",
      because: `The cluster does not serve ${kind} of ${MONITORING}`,
      fixes: [
        { kind: "instruction", text: "install the Prometheus Operator first" },
        { kind: "set", path, value: false },
      ],
    }),
  );
}

function dashboardKind(settings: MonitoringSettings, state: DeployedState): RequiredObject[] {
  const isNeeded = deliveredDashboards(settings)?.as === "grafanaDashboard";
  if (!isNeeded || hasType(state, `kubernetes:${GRAFANA}:GrafanaDashboard`)) return [];
  const path = ["monitoring", "dashboards", "as"];
  return [
    definitionOf("grafanadashboards.grafana.integreatly.org", {
      path,
      reason: 'must be "configMap" without Grafana\'s operator',
      got: '"grafanaDashboard"',
      because: `The cluster does not serve GrafanaDashboard of ${GRAFANA}`,
      fixes: [
        { kind: "instruction", text: "install Grafana's operator first" },
        { kind: "set", path, value: "configMap" },
      ],
    }),
  ];
}

function dashboardNamespace(settings: MonitoringSettings, state: DeployedState): RequiredObject[] {
  const { namespace, vizNamespace, viz, monitoring } = settings;
  const target = monitoring.dashboards ? monitoring.dashboards.namespace : undefined;
  const isOfMesh = target === namespace || (viz && target === vizNamespace);
  if (target === undefined || isOfMesh || isUsed(state, target)) return [];
  const path: Path = ["monitoring", "dashboards", "namespace"];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      name: target,
      issue: {
        path,
        reason: "must be a namespace of the cluster",
        got: JSON.stringify(target),
        because: "The program creates only the namespaces of the mesh",
        fixes: [{ kind: "change" }, { kind: "command", text: `kubectl create namespace ${target}` }],
      },
    },
  ];
}

/** Whether the stack has an object in a namespace. */
export function isUsed(state: DeployedState, namespace: string): boolean {
  return Object.values(state).some(({ outputs }) => outputs?.metadata?.namespace === namespace);
}

/** Whether the stack has a resource of a type. */
export function hasType(state: DeployedState, wanted: string): boolean {
  return Object.values(state).some(({ type }) => type === wanted);
}

/** A CRD that is needed. */
export function definitionOf(name: string, issue: ValidationIssue): RequiredObject {
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name, issue };
}
