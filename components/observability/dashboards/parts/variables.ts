/** Variables of dashboards. */
import { SELECTION_KINDS, VARIABLE_QUERIES } from "../../promql/selection.ts";
import { dataSource } from "./queries.ts";
import type { Variable } from "./sdk-types.ts";

const ALL = { selected: true, text: ["All"], value: ["$__all"] };

/** A variable that holds a Prometheus. Grafana selects its default one first. */
function dataSourceVariable(name: "datasource" | "cluster", label: string, description: string): Variable {
  return { type: "datasource", name, label, description, query: "prometheus", refresh: 1, regex: "" };
}

/** The data sources: the one of the mesh, and the one of containers and the API server. Often the same. */
export const DATA_SOURCES: readonly Variable[] = [
  dataSourceVariable(
    "datasource",
    "Mesh metrics",
    "The Prometheus that scrapes the proxies and the control plane.",
  ),
  dataSourceVariable(
    "cluster",
    "Cluster metrics",
    "The Prometheus that scrapes the kubelets (cAdvisor) and the API server. Often the same.",
  ),
];

/**
 * A variable with the values of a label, of which several or all can be selected. `All` is `.+`, which is shorter than a list
 * and matches values that appear later.
 */
function labelVariable(name: string, label: string, description: string, query: string): Variable {
  return {
    type: "query",
    name,
    label,
    description,
    datasource: dataSource("datasource"),
    definition: query,
    query: { query, refId: `variable-${name}` },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".+",
    current: ALL,
  };
}

/** Namespaces with meshed pods. */
export const NAMESPACE = labelVariable(
  "namespace",
  "Namespace",
  "Namespaces that have pods with a proxy.",
  VARIABLE_QUERIES.namespaces,
);

/** The kind of workloads to choose from. Its value is the label that names them. */
export function kindVariable(): Variable {
  const options = SELECTION_KINDS.map(({ name, label }, index) => ({
    selected: index === 0,
    text: name,
    value: label,
  }));
  return {
    type: "custom",
    name: "kind",
    label: "Kind",
    description: "The kind of workloads in the next list. Pods without an owner are listed as pods.",
    query: SELECTION_KINDS.map(({ name, label }) => `${name} : ${label}`).join(","),
    options,
    current: { selected: true, text: options[0]?.text ?? "", value: options[0]?.value ?? "" },
    multi: false,
    includeAll: false,
  };
}

/** The workloads of a kind. */
export function workloadVariable(name: string, label: string, kind: string): Variable {
  const description = "Workloads that have pods with a proxy.";
  return labelVariable(name, label, description, VARIABLE_QUERIES.workloads(kind));
}

/**
 * The pods of the selected workloads, hidden. Series of containers have no label of a workload, and may be in another data
 * source, so a join is not possible. `All` is the list of these pods: `.+` would be the pods of all workloads.
 */
export function podsVariable(matchers: string): Variable {
  const { allValue: _, ...variable } = labelVariable(
    "pods",
    "Pods",
    "The pods of the selected workloads.",
    VARIABLE_QUERIES.pods(matchers),
  );
  return { ...variable, hide: 2 };
}
