/** The proxies, in the field's terms: Kubernetes quantities, Linkerd's log directives. */

import type { ChartValues } from "../../inputs/merge.ts";
import type { SettingMistake } from "../mistakes.ts";
import { CONTROL_PLANE_HA } from "./high-availability.ts";

/** Every proxy, the control plane's own and the injected ones. A workload's annotations still win. */
export interface ProxySettings {
  /** Kubernetes quantity, e.g. `100m`. @default none, with high availability 100m */
  cpuRequest?: string | undefined;
  /** Kubernetes quantity, e.g. `1`. @default none */
  cpuLimit?: string | undefined;
  /** Kubernetes quantity in bytes, e.g. `20Mi`. @default none, with high availability 20Mi */
  memoryRequest?: string | undefined;
  /** Kubernetes quantity in bytes, e.g. `250Mi`. @default none, with high availability 250Mi */
  memoryLimit?: string | undefined;
  /** Log directives, `level` or `target=level`, separated by commas. @default "warn,linkerd=info,hickory=error" */
  logLevel?: string | undefined;
  /** Run as a native sidecar: starts before the pod's containers and ends after them. @default the chart's: true since 2.20 */
  nativeSidecar?: boolean | undefined;
}

const UNITS = ["", "k", "M", "G", "T", "P", "E"];

/**
 * A Kubernetes quantity as a number of its unit: "100m" is 0.1, "1Mi" is 1,048,576. `undefined` where it is
 * none (Kubernetes API conventions, "Resource Quantities"; without exponents).
 */
export function quantity(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(m|[kMGTPE]|[KMGTPE]i)?$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  if (unit === "m") return Number(amount) / 1000;
  const base = unit.endsWith("i") ? 1024 : 1000;
  const power = UNITS.indexOf(unit.replace("Ki", "k").replace("i", ""));
  return Number(amount) * base ** power;
}

/** The chart's `proxy.resources`, `logLevel` and `nativeSidecar`. */
export function proxyValues(proxy: ProxySettings = {}): ChartValues {
  return {
    resources: {
      cpu: { request: proxy.cpuRequest, limit: proxy.cpuLimit },
      memory: { request: proxy.memoryRequest, limit: proxy.memoryLimit },
    },
    logLevel: proxy.logLevel,
    nativeSidecar: proxy.nativeSidecar,
  };
}

/** A request over its limit, which the API server would refuse in every meshed pod. */
export function proxyIssues(proxy: ProxySettings = {}, highAvailability = false): SettingMistake[] {
  const { cpu, memory } = CONTROL_PLANE_HA.proxy.resources;
  const ha = highAvailability
    ? { cpuRequest: cpu.request, memoryRequest: memory.request, memoryLimit: memory.limit }
    : {};
  const given = Object.fromEntries(Object.entries(proxy).filter(([, value]) => value !== undefined));
  const all: ProxySettings = { ...ha, ...given };
  return (["cpu", "memory"] as const).flatMap((resource) => {
    const [request, limit] = [all[`${resource}Request`], all[`${resource}Limit`]];
    if (request === undefined || limit === undefined) return [];
    const [low, high] = [quantity(request), quantity(limit)];
    if (low === undefined || high === undefined || low <= high) return [];
    const stated = proxy[`${resource}Request`] === undefined ? "Limit" : "Request";
    const origin = highAvailability ? " (a side that is not set is high availability's)" : "";
    return [
      {
        path: ["proxy", `${resource}${stated}`],
        problem: `the proxy's ${resource} request of ${request} is over its limit of ${limit}${origin}; expected a request of at most the limit`,
      },
    ];
  });
}
