/** Settings of Linkerd's charts. `components/linkerd/charts/charts.ts` defines what they mean. */
import type { z } from "zod";
import type { Path } from "../../components/inputs/validation.ts";
import {
  CHART_KEYS,
  type ChartName,
  DEFAULT_CHART_SOURCE,
  DEFAULT_CHART_VERSION,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import { matching, object, setting } from "./common-schemas.ts";

const version = matching(
  /^20\d\d\.([1-9]|1[0-2])\.[1-9]\d*$/,
  'an exact chart version YYYY.M.N, e.g. "2026.8.3"',
);

/** The forms of a chart source. */
export const CHART_SOURCE = "a Helm repository (https://…), an OCI registry path (oci://…) or a directory";

const source = matching(/^(https?:\/\/[^/]|oci:\/\/[^/]|(?!\w+:\/\/).)/, CHART_SOURCE);

const pin = object({ version: version.optional(), source: source.optional() }).optional();

/** The settings with their defaults: for all charts, and overrides for single ones. */
export const chartShape = {
  chartVersion: setting(version.default(DEFAULT_CHART_VERSION), {
    description:
      "Version of Linkerd's charts, exact: `YYYY.M.N`. `2026.8.3` is edge-26.8.3. A version that is not in [the table](../README.md#what-you-get) causes a warning.",
    table: "cluster",
    chartValues: { controlPlane: ["linkerdVersion"], viz: ["linkerdVersion"] },
    renamedFrom: "linkerdVersion",
  }),
  chartSource: setting(source.default(DEFAULT_CHART_SOURCE), {
    description:
      "Where Helm finds the charts: a Helm repository (`https://…`), an OCI registry path (`oci://…`), or a directory with the charts as folders or archives.",
    table: "cluster",
  }),
  charts: setting(object({ crds: pin, controlPlane: pin, viz: pin, cni: pin }).default({}), {
    description:
      "`version` and `source` of single charts, where they differ from the settings above. CRDs older than the control plane are rejected. Another version of viz or CNI causes a warning, because upstream tests them at one version. The output `linkerdVersion` is the control plane's.",
    table: "cluster",
  }),
};

type ChartSettings = { [name in keyof typeof chartShape]?: z.output<(typeof chartShape)[name]> };

/** The settings as the argument `charts` of `ServiceMesh`. */
export function toCharts({ chartVersion, chartSource, charts }: ChartSettings): LinkerdCharts {
  return { version: chartVersion, source: chartSource, ...charts };
}

/** The setting that pins a chart's version: its own, or the one for all charts. */
export function versionSetting(name: ChartName, charts: LinkerdCharts): Path {
  const key = CHART_KEYS[name];
  return charts[key]?.version === undefined ? ["chartVersion"] : ["charts", key, "version"];
}

/** The charts that these settings install, in the order of their installation. */
export function installedCharts({ cni, viz }: { cni?: boolean; viz?: boolean }): ChartName[] {
  return [
    "linkerd-crds",
    ...(cni ? (["linkerd2-cni"] as const) : []),
    "linkerd-control-plane",
    ...(viz ? (["linkerd-viz"] as const) : []),
  ];
}
