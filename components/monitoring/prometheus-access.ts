/** What viz's Prometheus may read, and who may read it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../inputs/owner.ts";
import type { NamespacedIdentity } from "../inputs/workload-identity.ts";
import { TAKE_FIELDS_OVER } from "../linkerd/field-ownership.ts";

/** The namespace of viz, and who manages the objects. */
export interface PrometheusTarget {
  readonly vizNamespace: pulumi.Input<string>;
  readonly owner: pulumi.Input<string> | undefined;
}

/** The resources that let viz's Prometheus scrape the API server. */
export interface ApiServerAccess {
  readonly role: k8s.rbac.v1.ClusterRole;
  readonly binding: k8s.rbac.v1.ClusterRoleBinding;
}

/** The resources that let more workloads query viz's Prometheus. */
export interface ReaderAccess {
  readonly authentication: k8s.apiextensions.CustomResource;
  readonly policy: k8s.apiextensions.CustomResource;
}

/** The name of the ClusterRole and its binding, beside `linkerd-<namespace>-prometheus` of the chart. */
export function apiServerRoleName(vizNamespace: string): string {
  return `linkerd-${vizNamespace}-prometheus-api-server`;
}

/** The name of both policy resources. */
export const READERS_NAME = "prometheus-readers";

/** Lets viz's Prometheus read the metrics of the API server, among them those of admission. */
export function allowApiServerMetrics(
  name: string,
  target: PrometheusTarget,
  opts: pulumi.CustomResourceOptions,
): ApiServerAccess {
  const metadata = {
    name: pulumi.output(target.vizNamespace).apply(apiServerRoleName),
    annotations: annotations(target),
  };
  const role = new k8s.rbac.v1.ClusterRole(
    `${name}-api-server-role`,
    { metadata, rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }] },
    opts,
  );
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    `${name}-api-server-role-binding`,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: "prometheus", namespace: target.vizNamespace }],
    },
    opts,
  );
  return { role, binding };
}

/**
 * Lets the pods of `readers` query viz's Prometheus. The chart's Server `prometheus-admin` denies everyone but viz itself
 * (linkerd2, viz/charts/linkerd-viz/templates/prometheus-policy.yaml). A policy in addition allows more callers.
 */
export function allowReaders(
  name: string,
  readers: readonly NamespacedIdentity[],
  target: PrometheusTarget,
  opts: pulumi.CustomResourceOptions,
): ReaderAccess {
  const { CustomResource } = k8s.apiextensions;
  const group = "policy.linkerd.io";
  const metadata = { name: READERS_NAME, namespace: target.vizNamespace, annotations: annotations(target) };
  const authentication = new CustomResource(
    `${name}-readers-authentication`,
    {
      apiVersion: `${group}/v1alpha1`,
      kind: "MeshTLSAuthentication",
      metadata,
      spec: {
        identityRefs: readers.map(({ serviceAccount, namespace }) => ({
          kind: "ServiceAccount",
          name: serviceAccount,
          namespace,
        })),
      },
    },
    opts,
  );
  const policy = new CustomResource(
    `${name}-readers-policy`,
    {
      apiVersion: `${group}/v1alpha1`,
      kind: "AuthorizationPolicy",
      metadata,
      spec: {
        targetRef: { group, kind: "Server", name: "prometheus-admin" },
        requiredAuthenticationRefs: [{ group, kind: "MeshTLSAuthentication", name: READERS_NAME }],
      },
    },
    pulumi.mergeOptions(opts, { dependsOn: authentication }),
  );
  return { authentication, policy };
}

const annotations = ({ owner }: PrometheusTarget) => ({ ...TAKE_FIELDS_OVER, ...ownerAnnotation(owner) });
