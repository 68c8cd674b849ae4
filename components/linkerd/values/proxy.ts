/** Settings of the proxies, in terms of Kubernetes quantities and Linkerd's log directives. */
import type * as pulumi from "@pulumi/pulumi";
import type { ChartValues } from "../../inputs/merge.ts";
import { knownValue } from "../../inputs/outputs.ts";
import { parseQuantity } from "../../inputs/quantity.ts";
import type { ValidationIssue } from "../../inputs/validation.ts";
import { CONTROL_PLANE_HA } from "./high-availability.ts";

/** Settings of every proxy: those of the control plane and the injected ones. Annotations of a workload override them. */
export interface ProxySettings {
  /** Kubernetes quantity, e.g. `100m`. @default none; `100m` with high availability */
  cpuRequest?: pulumi.Input<string> | undefined;
  /** Kubernetes quantity, e.g. `1`. @default none */
  cpuLimit?: pulumi.Input<string> | undefined;
  /** Kubernetes quantity in bytes, e.g. `20Mi`. @default none; `20Mi` with high availability */
  memoryRequest?: pulumi.Input<string> | undefined;
  /** Kubernetes quantity in bytes, e.g. `250Mi`. @default none; `250Mi` with high availability */
  memoryLimit?: pulumi.Input<string> | undefined;
  /** Log directives, `level` or `target=level`, separated by commas. @default "warn,linkerd=info,hickory=error" */
  logLevel?: pulumi.Input<string> | undefined;
  /**
   * Run the proxy as a native sidecar, which starts before the pod's containers and stops after them.
   * @default the chart's: `true` since Linkerd 2.20
   */
  nativeSidecar?: pulumi.Input<boolean> | undefined;
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

/**
 * Requests that exceed their limit, where both are known. A field that is not set has the value that high
 * availability gives it. Outputs are not checked.
 */
export function proxyIssues(proxy: ProxySettings = {}, highAvailability = false): ValidationIssue[] {
  return [
    ...resourceIssues("cpu", proxy, highAvailability),
    ...resourceIssues("memory", proxy, highAvailability),
  ];
}

function resourceIssues(
  resource: "cpu" | "memory",
  proxy: ProxySettings,
  highAvailability: boolean,
): ValidationIssue[] {
  const preset: Presets = highAvailability ? CONTROL_PLANE_HA.proxy.resources[resource] : {};
  const [givenRequest, givenLimit] = [proxy[`${resource}Request`], proxy[`${resource}Limit`]];
  const [request, limit] = [
    knownValue(givenRequest ?? preset.request),
    knownValue(givenLimit ?? preset.limit),
  ];
  const [requested, limited] = [parseQuantity(request ?? ""), parseQuantity(limit ?? "")];
  if (requested === undefined || limited === undefined || requested <= limited) return [];
  const because = "Kubernetes rejects pods whose request exceeds their limit";
  const isPreset = givenRequest === undefined || givenLimit === undefined;
  const [field, other] = givenRequest === undefined ? ["Limit", "Request"] : ["Request", "Limit"];
  return [
    {
      path: ["proxy", `${resource}${field}`],
      ...(field === "Request"
        ? { reason: `must be at most the ${resource} limit`, got: `${request} with a limit of ${limit}` }
        : {
            reason: `must be at least the ${resource} request`,
            got: `${limit} with a request of ${request}`,
          }),
      because: isPreset ? `${because}, and highAvailability sets the one that is not given` : because,
      conflictsWith: isPreset ? ["highAvailability"] : ["proxy", `${resource}${other}`],
    },
  ];
}

interface Presets {
  readonly request?: string;
  readonly limit?: string;
}
