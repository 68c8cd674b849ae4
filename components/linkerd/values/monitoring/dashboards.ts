/** How dashboards reach Grafana. */
import type * as pulumi from "@pulumi/pulumi";
import { isDnsLabel, isLabelKey, isLabelValue } from "../../../inputs/kubernetes-names.ts";
import type { ValidationIssue } from "../../../inputs/validation.ts";
import { at, ineffectiveIssues, labelIssues, textIssues } from "./checks.ts";

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

const PATH = at("dashboards");
const LABEL_KEY = "the key of a label or an annotation, e.g. grafana_folder";

/** Issues with the dashboards of a mesh with or without viz. */
export function dashboardIssues(options: DashboardOptions, viz: boolean): ValidationIssue[] {
  const { namespace, as = "configMap" } = options;
  const conflictsWith = [...PATH, "as"];
  return [
    ...(viz || namespace !== undefined ? [] : [missingNamespace()]),
    ...textIssues(
      [...PATH, "namespace"],
      namespace,
      isDnsLabel,
      'the name of a namespace: at most 63 lower-case letters, digits and "-"',
    ),
    ...textIssues([...PATH, "label"], options.label, isLabelKey, LABEL_KEY),
    ...textIssues(
      [...PATH, "labelValue"],
      options.labelValue,
      isLabelValue,
      'the value of a label: at most 63 letters, digits, "-", "_" and "."',
    ),
    ...textIssues([...PATH, "folderAnnotation"], options.folderAnnotation, isLabelKey, LABEL_KEY),
    ...textIssues([...PATH, "folder"], options.folder, (text) => /\S/.test(text), "a name that is not empty"),
    ...labelIssues([...PATH, "instanceSelector"], options.instanceSelector),
    ...(as === "configMap"
      ? ineffectiveIssues(PATH, options, ["instanceSelector"], 'unless as is "grafanaDashboard"', {
          because: "Grafana's sidecar finds ConfigMaps by label and labelValue",
          conflictsWith,
          fixes: [{ kind: "remove" }, { kind: "set", path: conflictsWith, value: "grafanaDashboard" }],
        })
      : ineffectiveIssues(
          PATH,
          options,
          ["label", "labelValue", "folderAnnotation"],
          'with as: "grafanaDashboard"',
          {
            because: "Grafana's operator finds dashboards by instanceSelector and folder",
            conflictsWith,
            fixes: [{ kind: "remove" }, { kind: "set", path: conflictsWith, value: "configMap" }],
          },
        )),
  ];
}

function missingNamespace(): ValidationIssue {
  return {
    path: [...PATH, "namespace"],
    reason: "must be set without viz",
    got: "nothing",
    because: "By default, dashboards are in the namespace of viz",
    conflictsWith: ["viz"],
    fixes: [{ kind: "change" }, { kind: "set", path: PATH, value: false }],
  };
}
