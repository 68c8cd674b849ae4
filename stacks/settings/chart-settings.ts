/** The settings of Linkerd's charts: their shapes. What they mean is said in `components/linkerd/charts.ts`. */
import { z } from "zod";
import {
  CHART_KEYS,
  type ChartName,
  DEFAULT_CHART_SOURCE,
  DEFAULT_CHART_VERSION,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import { object } from "./common-schemas.ts";

const version = z
  .string('expected an exact chart version, YYYY.M.N, e.g. "2026.8.3"')
  .regex(/^20\d\d\.([1-9]|1[0-2])\.[1-9]\d*$/, 'expected an exact chart version, YYYY.M.N, e.g. "2026.8.3"');
const SOURCE = 'expected "https://…", "oci://…" or a directory';
const source = z
  .string(SOURCE)
  .min(1, SOURCE)
  .regex(/^(https?:\/\/[^/]|oci:\/\/[^/]|(?!\w+:\/\/))/, SOURCE);

const pin = object({ version: version.optional(), source: source.optional() }).optional();

/** Each setting with its default: what counts for all charts, and what is different about one. */
export const chartShape = {
  chartVersion: version.default(DEFAULT_CHART_VERSION),
  chartSource: source.default(DEFAULT_CHART_SOURCE),
  charts: object({ crds: pin, controlPlane: pin, viz: pin, cni: pin }).default({}),
};

type ChartSettings = { [setting in keyof typeof chartShape]?: z.output<(typeof chartShape)[setting]> };

/** The same as the library takes it. */
export function chartsOf({ chartVersion, chartSource, charts }: ChartSettings): LinkerdCharts {
  return { version: chartVersion, source: chartSource, ...charts };
}

/** Where a chart's version is set: for it alone, else for all. */
export function versionSetting(name: ChartName, charts: LinkerdCharts): string[] {
  const key = CHART_KEYS[name];
  return charts[key]?.version === undefined ? ["chartVersion"] : ["charts", key, "version"];
}

/** The charts that these settings install. */
export function installedCharts({ cni, viz }: { cni?: boolean; viz?: boolean }): ChartName[] {
  return [
    "linkerd-crds",
    ...(cni ? (["linkerd2-cni"] as const) : []),
    "linkerd-control-plane",
    ...(viz ? (["linkerd-viz"] as const) : []),
  ];
}
