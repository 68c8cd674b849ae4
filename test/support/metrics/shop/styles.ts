/** The labels that a scrape adds, which depend on who scrapes. */
import type { Labels } from "../history.ts";
import type { Pod } from "./pods.ts";

/**
 * - `viz`: viz's own Prometheus.
 * - `operator`: the Prometheus operator, with the PodMonitors of Linkerd's chart and with kube-prometheus-stack.
 * - `federated`: another Prometheus that takes the series of viz's, as Linkerd documents it
 *   (https://linkerd.io/2/tasks/external-prometheus/), and cAdvisor's from kube-prometheus-stack.
 */
export type LabelStyle = "viz" | "operator" | "federated";

/** Adds the labels of a target to those of a series. The target's take precedence, unless labels are honored. */
export function attach(target: Labels, honorLabels = false): (own: Labels) => Labels {
  return (own) => {
    const result: Record<string, string> = { ...target };
    for (const [name, value] of Object.entries(own)) {
      const hidden = !honorLabels && value !== "" && (target[name] ?? "") !== "";
      if (value !== "") result[hidden ? `exported_${name}` : name] = value;
    }
    return result;
  };
}

/** A label that viz's Prometheus adds to all series that others take from it: `prometheus.globalConfig` of its chart. */
const EXTERNAL: Readonly<Record<LabelStyle, Labels>> = {
  viz: {},
  operator: {},
  federated: { cluster: "linkerd" },
};

/** The labels of a proxy. */
export function labelProxy({ workload, name, ip, labels, owner }: Pod, style: LabelStyle): Labels {
  const operated = { job: "linkerd/linkerd-proxy", container: "linkerd-proxy", endpoint: "linkerd-admin" };
  return {
    ...labels,
    ...owner,
    ...{ control_plane_ns: "linkerd", workload_ns: workload.namespace },
    ...{ namespace: workload.namespace, pod: name, instance: `${ip}:4191` },
    ...(style === "operator" ? operated : { job: "linkerd-proxy" }),
    ...EXTERNAL[style],
  };
}

/** A container of a controller. */
export interface Controller {
  readonly pod: Pod;
  readonly component: string;
  /** Its admin port and the name of it. */
  readonly port: number;
  readonly endpoint: string;
}

/** The labels of a controller. Only with the operator are the namespace and the pod among them. */
export function labelController({ pod, component, port, endpoint }: Controller, style: LabelStyle): Labels {
  const common = { component, instance: `${pod.ip}:${port}`, ...EXTERNAL[style] };
  if (style !== "operator") return { ...common, job: "linkerd-controller" };
  const place = { namespace: pod.workload.namespace, pod: pod.name, container: component, endpoint };
  return { ...common, ...place, job: "linkerd/linkerd-controller" };
}

/** The labels of cAdvisor's series of a node, and whether the series' own labels take precedence. */
export function labelNode(style: LabelStyle): Labels {
  if (style === "viz") {
    const node = {
      beta_kubernetes_io_os: "linux",
      kubernetes_io_hostname: "node-1",
      kubernetes_io_os: "linux",
    };
    return { job: "kubernetes-nodes-cadvisor", instance: "node-1", ...node };
  }
  const kubelet = {
    endpoint: "https-metrics",
    metrics_path: "/metrics/cadvisor",
    service: "kubelet",
    node: "node-1",
  };
  return { job: "kubelet", instance: "192.0.2.10:10250", ...kubelet };
}

export const API_SERVER: Labels = {
  ...{ job: "apiserver", instance: "192.0.2.10:6443", namespace: "default", service: "kubernetes" },
  endpoint: "https",
};
