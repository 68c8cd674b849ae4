/**
 * The namespaces. Linkerd's charts render theirs for Linkerd's own CLI only, never for Helm, so what
 * they would say is said here (linkerd2, templates/namespace.yaml, and cni-plugin.yaml of linkerd2-cni).
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { TAKE_FIELDS_OVER } from "./field-ownership.ts";
import type { ExtraValues } from "./values/extra-values.ts";

/** The CNI plugin's own namespace, by the name that upstream gives it. */
export const CNI_NAMESPACE = "linkerd-cni";

// An init container sets up iptables, which takes privileges that the other levels refuse; a CNI plugin does without.
const podSecurity = (cni = false) => ({
  "pod-security.kubernetes.io/enforce": cni ? "restricted" : "privileged",
});

/** The control plane's own namespace: nothing in it is injected by its own webhook. */
export function controlPlaneNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  cni: boolean | undefined,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = pulumi.output(namespace).apply((ns) => ({
    "linkerd.io/is-control-plane": "true",
    "linkerd.io/control-plane-ns": ns,
    "config.linkerd.io/admission-webhooks": "disabled",
    ...podSecurity(cni),
  }));
  const annotations = { ...TAKE_FIELDS_OVER, "linkerd.io/inject": "disabled" };
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels, annotations } }, opts);
}

/**
 * The namespace of the viz extension. `linkerd check` finds it by its label, and by its annotation knows that
 * Prometheus is somebody else's (linkerd2, viz/pkg/healthcheck).
 */
export function vizNamespace(
  name: string,
  viz: {
    namespace: pulumi.Input<string>;
    cni?: boolean | undefined;
    extraValues?: ExtraValues | undefined;
  },
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = { "linkerd.io/extension": "viz", ...podSecurity(viz.cni) };
  const prometheus = viz.extraValues?.viz?.prometheusUrl as pulumi.Input<string> | undefined;
  const annotations = {
    ...TAKE_FIELDS_OVER,
    ...(prometheus && { "viz.linkerd.io/external-prometheus": prometheus }),
  };
  const metadata = { name: viz.namespace, labels, annotations };
  return new k8s.core.v1.Namespace(name, { metadata }, opts);
}

/** The namespace of the CNI plugin, which writes to every node. */
export function cniNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = {
    "linkerd.io/cni-resource": "true",
    "config.linkerd.io/admission-webhooks": "disabled",
    ...podSecurity(),
  };
  const metadata = { name: namespace, labels, annotations: TAKE_FIELDS_OVER };
  return new k8s.core.v1.Namespace(name, { metadata }, opts);
}
