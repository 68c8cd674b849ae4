/** Settings of Linkerd's charts. `components/linkerd/charts/charts.ts` defines what they mean. */
import { z } from "zod";
import type { Path } from "../../components/inputs/validation.ts";
import {
  CHART_KEYS,
  type ChartName,
  type ChartPin,
  DEFAULT_CHART_SOURCE,
  DEFAULT_CHART_VERSION,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import { hasCredentials } from "../../components/linkerd/charts/credential-rules.ts";
import { readCredentials, withoutCredentials } from "../secrets/credentials.ts";
import { matching, object, setting } from "./common-schemas.ts";

const version = matching(
  /^20\d\d\.([1-9]|1[0-2])\.[1-9]\d*$/,
  'an exact chart version YYYY.M.N, e.g. "2026.8.3"',
);

/** The forms of a chart source. */
export const CHART_SOURCE = "a Helm repository (https://…), an OCI registry path (oci://…) or a directory";

const source = matching(/^(https?:\/\/[^/]|oci:\/\/[^/]|(?!\w+:\/\/).)/, CHART_SOURCE);

const text = z.string("must be a string that is not empty").min(1, "must be a string that is not empty");
const login = { username: text.optional(), password: setting(text.optional(), { secret: true }) };

const pin = object({
  version: version.optional(),
  source: source.optional(),
  credentials: object(login).optional(),
}).optional();

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
  chartCredentials: setting(object(login).default({}), {
    description:
      "Login of the Helm repository in `chartSource`: `username` and `password`, which must be a secret. See [Private chart repositories](#private-chart-repositories-and-registries).",
    table: "cluster",
  }),
  charts: setting(object({ crds: pin, controlPlane: pin, viz: pin, cni: pin }).default({}), {
    description:
      "`version`, `source` and `credentials` of single charts, where they differ from the settings above. CRDs older than the control plane are rejected. Another version of viz or CNI causes a warning, because upstream tests them at one version. The output `linkerdVersion` is the control plane's.",
    table: "cluster",
  }),
};

type ChartSettings = { [name in keyof typeof chartShape]?: z.output<(typeof chartShape)[name]> };

/** The settings as the argument `charts` of `ServiceMesh`. A login in a URL becomes `credentials`. */
export function toCharts({ chartVersion, chartSource, chartCredentials, charts = {} }: ChartSettings) {
  const pins = Object.entries(charts).map(([name, pin]) => [name, toPin(pin ?? {})]);
  return {
    version: chartVersion,
    ...toPin({ source: chartSource, credentials: chartCredentials }),
    ...(Object.fromEntries(pins) as Pick<LinkerdCharts, keyof typeof charts>),
  } satisfies LinkerdCharts;
}

interface PinSettings {
  readonly version?: string | undefined;
  readonly source?: string | undefined;
  readonly credentials?: { username?: string | undefined; password?: string | undefined } | undefined;
}

function toPin({ credentials: { username, password } = {}, source, ...version }: PinSettings): ChartPin {
  const given = username !== undefined && password !== undefined ? { username, password } : undefined;
  const isUrl = source !== undefined && hasCredentials(source);
  const credentials = given ?? (isUrl ? readCredentials(source) : undefined);
  return {
    ...version,
    ...(source === undefined ? {} : { source: isUrl ? withoutCredentials(source) : source }),
    ...(credentials === undefined ? {} : { credentials }),
  };
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
