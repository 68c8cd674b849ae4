/**
 * Copies of *Applications* at the addresses that the viz dashboard links to: `/d/linkerd-<resource>` with the variables
 * `<resource>` and `namespace` (linkerd2 web/app/js/components/GrafanaLink.jsx). Without them, its Grafana icons lead to
 * "dashboard not found".
 */
import { NAMESPACES, SELECTION_KINDS, selectedWorkloads } from "../promql/selection.ts";
import { applicationsDashboard, type Selection } from "./applications/applications.ts";
import type { Dashboard } from "./parts/sdk-types.ts";
import { workloadVariable } from "./parts/variables.ts";

/** For each resource of viz, the label of {@link SELECTION_KINDS}. viz calls a Job `job`. */
const RESOURCES = {
  deployment: "deployment",
  statefulset: "statefulset",
  daemonset: "daemonset",
  job: "k8s_job",
  cronjob: "cronjob",
  pod: "pod",
} as const;

function resourceSelection([resource, label]: [string, string]): Selection {
  const name = SELECTION_KINDS.find((kind) => kind.label === label)?.name ?? resource;
  return {
    uid: `linkerd-${resource}`,
    title: `Linkerd: ${name}`,
    variables: [workloadVariable(resource, name, label)],
    matchers: selectedWorkloads(label, resource),
  };
}

const NAMESPACE_SELECTION: Selection = {
  uid: "linkerd-namespace",
  title: "Linkerd: Namespace",
  variables: [],
  matchers: NAMESPACES,
};

/** The UIDs of {@link vizDashboards}, in their order. */
export const VIZ_UIDS = [
  ...Object.keys(RESOURCES).map((resource) => `linkerd-${resource}`),
  NAMESPACE_SELECTION.uid,
];

/** The copies: of each kind of workload, and of namespaces. */
export function vizDashboards(): Dashboard[] {
  return [...Object.entries(RESOURCES).map(resourceSelection), NAMESPACE_SELECTION].map(
    applicationsDashboard,
  );
}
