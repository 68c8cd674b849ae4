/** The targets of the recordings, with the labels that viz's Prometheus adds to their series. */
import type { Labels } from "../history.ts";

export interface RecordedTarget {
  /** A scrape, and for rates one before it. */
  readonly files: { readonly last: string; readonly first?: string };
  /** Their names are those that the recording `as-viz-scrapes-it.json` lists for `up`. */
  readonly labels: Labels;
}

/** @param place the owner and the namespace, such as `deployment/billing` */
function describeProxy(
  files: RecordedTarget["files"],
  place: `${string}/${string}`,
  app: string,
  pod: string,
  more: Labels = {},
): RecordedTarget {
  const [kind = "", namespace = ""] = place.split("/");
  const labels = {
    ...{ job: "linkerd-proxy", namespace, pod, workload_ns: namespace, control_plane_ns: "linkerd" },
    // Not every recording has the address of its pod. The name identifies the target as well.
    instance: `${pod}:4191`,
    ...{ [kind]: app, ...more },
  };
  return { files, labels };
}

function pair(name: string): RecordedTarget["files"] {
  return { first: `two-scrapes-${name}.first.prom`, last: `two-scrapes-${name}.second.prom` };
}

function describeController(component: string, port: number): RecordedTarget {
  const labels = { job: "linkerd-controller", component, instance: `${component}:${port}` };
  return { files: { last: `${component}.prom` }, labels };
}

/** One target for each pod and controller that was recorded. */
export const RECORDED_TARGETS: readonly RecordedTarget[] = [
  describeProxy(
    pair("deployment-invoices-a"),
    "deployment/billing",
    "invoices",
    "invoices-7fb7d96f94-2jtdj",
    {
      ...{ app: "invoices", pod_template_hash: "7fb7d96f94" },
    },
  ),
  describeProxy(
    pair("deployment-invoices-b"),
    "deployment/billing",
    "invoices",
    "invoices-7fb7d96f94-64t9b",
    {
      ...{ app: "invoices", pod_template_hash: "7fb7d96f94" },
    },
  ),
  describeProxy(pair("daemonset-agent-caller"), "daemonset/billing", "agent", "agent-9fdn4", {
    ...{ app: "agent", pod_template_generation: "1" },
  }),
  describeProxy(pair("statefulset-cache-tcp"), "statefulset/billing", "cache", "cache-0", {
    ...{ app: "cache", apps_kubernetes_io_pod_index: "0", statefulset_kubernetes_io_pod_name: "cache-0" },
  }),
  describeProxy(pair("denied-caller"), "deployment/outside", "denied", "denied-646cccf8db-qdj67", {
    ...{ app: "denied", pod_template_hash: "646cccf8db" },
  }),
  describeProxy(
    { last: "proxy-of-deployment-web-with-policy.prom" },
    ...(["deployment/shop", "web", "web-fb8748f65-fmbvf"] as const),
    { app: "web", pod_template_hash: "fb8748f65" },
  ),
  describeProxy(
    { last: "proxy-of-mail-relay.prom" },
    ...(["deployment/shop", "mail25", "mail25-6c6cd65484-d4g4x"] as const),
    { app: "mail25", pod_template_hash: "6c6cd65484" },
  ),
  describeProxy(
    { last: "proxy-of-linkerd-identity.prom" },
    ...(["deployment/linkerd", "linkerd-identity", "linkerd-identity-778b969bbf-txxmn"] as const),
    { control_plane_component: "identity", pod_template_hash: "778b969bbf" },
  ),
  describeController("identity", 9990),
  describeController("destination", 9996),
  describeController("sp-validator", 9997),
  describeController("policy", 9990),
  describeController("proxy-injector", 9995),
];
