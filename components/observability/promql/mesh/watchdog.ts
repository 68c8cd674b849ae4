/** Queries about what should be there and is not, for alerts. */

import { rate, select, sumBy } from "../expression.ts";
import { controlFailureRate } from "./control-plane.ts";
import { targetsDown, targetsUp, unscrapedProxies } from "./scraping.ts";

/** Containers of the control plane that the proxies and the API server depend on. */
export const REQUIRED_COMPONENTS = ["destination", "identity", "policy", "proxy-injector"] as const;

/** 1 for each component of {@link REQUIRED_COMPONENTS} of which no replica answers a scrape, by `component`. */
export function absentComponents(): string {
  const expected = REQUIRED_COMPONENTS.map(
    (component) => `label_replace(vector(1), "component", "${component}", "", "")`,
  ).join(" or ");
  return `(${expected}) unless on (component) ${targetsUp("controllers", { by: ["component"] })} > 0`;
}

/** The share of failed calls of the proxies to the control plane, by `controller`. */
export function controlPlaneFailureShare(window: string): string {
  return controlFailureRate({ by: ["controller"], window });
}

/** The number of failed calls of the proxies to the control plane in 5 minutes, by `controller`. */
export function failedControlPlaneCalls(): string {
  const failures = select("control_response_total", 'classification="failure"');
  return `300 * ${sumBy(["controller"], rate(failures, { window: "5m" }))}`;
}

/**
 * The number of different versions of the proxies. A pod label `version` takes the place of the proxy's label, which
 * becomes `exported_version`.
 */
export function proxyVersions(): string {
  const versions = 'label_replace(proxy_build_info, "version", "$1", "exported_version", "(.+)")';
  return `count(count by (version) (${versions}))`;
}

/** A metric of every running container. The container `POD` and the empty name are those of the pod itself. */
const containers = (matcher: string, matchers?: string) =>
  select("container_memory_working_set_bytes", matcher, matchers);

/**
 * 1 for each running pod without a proxy in a namespace with meshed pods, by `namespace` and `pod`. Pods of Jobs are
 * left out where kube-state-metrics reports the owners of pods. The containers are those that the kubelet reports
 * (cAdvisor): native sidecars are among them, although they are init containers.
 */
export function unmeshedPods(matchers?: string): string {
  const proxies = containers('container="linkerd-proxy"', matchers);
  const running = `group by (namespace, pod) (${containers('container!~"|POD"', matchers)})`;
  const jobs = 'kube_pod_owner{owner_kind="Job"}';
  const unmeshed = `${running} unless on (namespace, pod) ${proxies} unless on (namespace, pod) ${jobs}`;
  return `(${unmeshed}) and on (namespace) ${proxies}`;
}

/** Running proxies that are not a target, or whose scrape fails, by `namespace` and `pod`. */
export function unseenProxies(): string {
  return `${unscrapedProxies()} or ${targetsDown("proxies", { by: ["namespace", "pod"] })} > 0`;
}
