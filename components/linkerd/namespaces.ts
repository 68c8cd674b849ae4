/**
 * The namespaces of the mesh. Linkerd's charts render theirs only for Linkerd's CLI, not for Helm, so their labels and
 * annotations are repeated here (linkerd2, templates/namespace.yaml, and cni-plugin.yaml of linkerd2-cni).
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../inputs/owner.ts";
import { TAKE_FIELDS_OVER } from "./field-ownership.ts";
import type { MonitoringSettings } from "./values/monitoring/monitoring-settings.ts";

/** The namespace of the CNI plugin, named as upstream does. */
export const CNI_NAMESPACE = "linkerd-cni";

// The init container that configures iptables needs privileges that the other levels forbid. With the CNI plugin, pods
// have no such container.
const podSecurity = (cni = false) => ({
  "pod-security.kubernetes.io/enforce": cni ? "restricted" : "privileged",
});

/** Arguments about who manages the namespaces of a mesh. */
export interface NamespaceOwnership {
  /**
   * Who manages the mesh: the value of the annotation `linkerd-mesh/stack` of the objects that are created outside of
   * Helm. The program of this project sets `<organization>/<project>/<stack>`, and rejects objects of other stacks.
   * @default no annotation
   */
  owner?: pulumi.Input<string> | undefined;
  /**
   * Use namespaces that exist already, and keep all namespaces of the mesh when it is deleted. Labels and annotations
   * of the mesh are added to them, and remain. Plain, because it is a resource option.
   * @default false
   */
  useExistingNamespaces?: boolean | undefined;
}

/** {@link createControlPlaneNamespace} */
export interface ControlPlaneNamespaceArgs extends NamespaceOwnership {
  /** Name of the namespace, e.g. `linkerd`. */
  namespace: pulumi.Input<string>;
  /** Whether the mesh has the CNI plugin, so that no pod in the namespace needs privileges. @default false */
  cni?: boolean | undefined;
}

/** Creates a namespace for `LinkerdControlPlane`. Linkerd's own webhook injects no pod in it. */
export function createControlPlaneNamespace(
  name: string,
  args: ControlPlaneNamespaceArgs,
  opts?: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const { namespace, cni } = args;
  const labels = pulumi.output(namespace).apply((ns) => ({
    "linkerd.io/is-control-plane": "true",
    "linkerd.io/control-plane-ns": ns,
    "config.linkerd.io/admission-webhooks": "disabled",
    ...podSecurity(cni),
  }));
  return createNamespace(
    name,
    namespace,
    { labels, annotations: { "linkerd.io/inject": "disabled" } },
    args,
    opts,
  );
}

/**
 * Creates the namespace of the viz extension. `linkerd check` finds the extension by the label, and learns from the
 * annotation that Prometheus is external (linkerd2, viz/pkg/healthcheck).
 */
export function createVizNamespace(
  name: string,
  args: NamespaceOwnership & {
    namespace: pulumi.Input<string>;
    cni?: boolean | undefined;
    monitoring?: MonitoringSettings | undefined;
  },
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = { "linkerd.io/extension": "viz", ...podSecurity(args.cni) };
  const prometheus = args.monitoring?.external?.url;
  const annotations = prometheus ? { "viz.linkerd.io/external-prometheus": prometheus } : {};
  return createNamespace(name, args.namespace, { labels, annotations }, args, opts);
}

/** Creates the namespace of the CNI plugin, whose pods write to every node. */
export function createCniNamespace(
  name: string,
  args: NamespaceOwnership,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = {
    "linkerd.io/cni-resource": "true",
    "config.linkerd.io/admission-webhooks": "disabled",
    ...podSecurity(),
  };
  return createNamespace(name, CNI_NAMESPACE, { labels, annotations: {} }, args, opts);
}

/** Creates a namespace of the mesh, with the annotations that all of them have. */
function createNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  metadata: {
    labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
    annotations: Record<string, pulumi.Input<string>>;
  },
  { owner, useExistingNamespaces = false }: NamespaceOwnership,
  opts?: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const annotations = { ...TAKE_FIELDS_OVER, ...ownerAnnotation(owner), ...metadata.annotations };
  return new k8s.core.v1.Namespace(
    name,
    { metadata: { name: namespace, labels: metadata.labels, annotations } },
    { ...opts, ...(useExistingNamespaces ? { retainOnDelete: true } : {}) },
  );
}
