/** Pods as the injector leaves them, in the sandbox's API server. No node runs them: their status is written here. */
import type { V1Pod, V1PodTemplateSpec } from "@kubernetes/client-node";
import type { Pod } from "../metrics/shop/pods.ts";

/** The names that Kubernetes and Linkerd give to the labels of the shop, whose names are those of Prometheus. */
const LABELS: Readonly<Record<string, string>> = {
  pod_template_hash: "pod-template-hash",
  controller_revision_hash: "controller-revision-hash",
  pod_template_generation: "pod-template-generation",
  apps_kubernetes_io_pod_index: "apps.kubernetes.io/pod-index",
  statefulset_kubernetes_io_pod_name: "statefulset.kubernetes.io/pod-name",
  batch_kubernetes_io_controller_uid: "batch.kubernetes.io/controller-uid",
  batch_kubernetes_io_job_name: "batch.kubernetes.io/job-name",
  controller_uid: "controller-uid",
  job_name: "job-name",
};

/** Where the injector puts the proxy: before the containers of the pod as a native sidecar, or beside them. */
export type ProxyKind = "native sidecar" | "container";

/** A pod of the shop. */
export function createShopPod({ workload, name, labels, owner }: Pod, proxy: ProxyKind): V1Pod {
  const own = Object.entries(labels).map(([label, value]) => [LABELS[label] ?? label, value]);
  const owners = Object.entries(owner).map(([kind, value]) => [
    `linkerd.io/proxy-${kind === "k8s_job" ? "job" : kind}`,
    value,
  ]);
  const { metadata, spec } = injectTemplate(
    workload.namespace,
    proxy,
    Object.fromEntries([...own, ...owners]),
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name, namespace: workload.namespace },
    ...(spec && { spec }),
  };
}

/** The labels and containers of an injected pod: linkerd2, pkg/inject/inject.go. */
export function injectTemplate(
  namespace: string,
  proxy: ProxyKind,
  labels: Readonly<Record<string, string>>,
): V1PodTemplateSpec {
  const container = {
    name: "linkerd-proxy",
    image: "proxy:1",
    ports: [
      { name: "linkerd-proxy", containerPort: 4143 },
      { name: "linkerd-admin", containerPort: 4191 },
    ],
  };
  const application = { name: "app", image: "app:1", ports: [{ name: "http", containerPort: 8080 }] };
  const isNative = proxy === "native sidecar";
  return {
    metadata: {
      labels: { ...labels, "linkerd.io/control-plane-ns": "linkerd", "linkerd.io/workload-ns": namespace },
    },
    spec: {
      // Neither a scheduler nor a simulated node changes it.
      schedulerName: "none",
      restartPolicy: "Never",
      initContainers: [
        { name: "linkerd-init", image: "init:1" },
        ...(isNative ? [{ ...container, restartPolicy: "Always" }] : []),
      ],
      containers: isNative ? [application] : [container, application],
    },
  };
}
