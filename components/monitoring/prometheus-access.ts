/** What viz's Prometheus may read, and who may read it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../inputs/owner.ts";
import type { NamespacedIdentity } from "../inputs/workload-identity.ts";
import { TAKE_FIELDS_OVER } from "../linkerd/field-ownership.ts";
import { authorizationPolicy, DELETE_AT_ONCE, meshTlsAuthentication } from "../linkerd/policy-objects.ts";
import { DISCOVERY_RULES, METRICS_RULES } from "../observability/scraping/api-server.ts";

/** The namespace of viz, and who manages the objects. */
export interface PrometheusTarget {
  readonly vizNamespace: pulumi.Input<string>;
  readonly owner: pulumi.Input<string> | undefined;
}

/** The resources that let viz's Prometheus scrape the API server. */
export interface ApiServerAccess {
  /** To read the metrics, and in the namespace `default` to discover the API servers. */
  readonly roles: readonly [k8s.rbac.v1.ClusterRole, k8s.rbac.v1.Role];
  /** Of these roles to the ServiceAccount of Prometheus. */
  readonly bindings: readonly [k8s.rbac.v1.ClusterRoleBinding, k8s.rbac.v1.RoleBinding];
}

/** The resources that let more workloads query viz's Prometheus. */
export interface ReaderAccess {
  readonly authentication: k8s.apiextensions.CustomResource;
  readonly policy: k8s.apiextensions.CustomResource;
}

/** The name of both roles and their bindings, beside `linkerd-<namespace>-prometheus` of the chart. */
export function apiServerRoleName(vizNamespace: string): string {
  return `linkerd-${vizNamespace}-prometheus-api-server`;
}

/** The name of both policy resources. */
export const READERS_NAME = "prometheus-readers";

/** Lets viz's Prometheus discover the API servers, and read their metrics, among them those of admission. */
export function allowApiServerMetrics(
  name: string,
  target: PrometheusTarget,
  opts: pulumi.CustomResourceOptions,
): ApiServerAccess {
  const { ClusterRole, ClusterRoleBinding, Role, RoleBinding } = k8s.rbac.v1;
  const objectName = pulumi.output(target.vizNamespace).apply(apiServerRoleName);
  const metadata = { name: objectName, annotations: annotations(target) };
  const inDefault = { ...metadata, namespace: "default" };
  const refer = (kind: string) => ({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: objectName },
    subjects: [{ kind: "ServiceAccount", name: "prometheus", namespace: target.vizNamespace }],
  });
  const metrics = `${name}-api-server-metrics`;
  const discovery = `${name}-api-server-discovery`;
  return {
    roles: [
      new ClusterRole(metrics, { metadata, rules: METRICS_RULES }, opts),
      new Role(discovery, { metadata: inDefault, rules: DISCOVERY_RULES }, opts),
    ],
    bindings: [
      new ClusterRoleBinding(`${metrics}-binding`, { metadata, ...refer("ClusterRole") }, opts),
      new RoleBinding(`${discovery}-binding`, { metadata: inDefault, ...refer("Role") }, opts),
    ],
  };
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
  const metadata = {
    name: READERS_NAME,
    namespace: target.vizNamespace,
    annotations: { ...annotations(target), ...DELETE_AT_ONCE },
  };
  const authentication = new CustomResource(
    `${name}-readers-authentication`,
    meshTlsAuthentication(metadata, readers),
    opts,
  );
  const policy = new CustomResource(
    `${name}-readers-policy`,
    authorizationPolicy(metadata, "prometheus-admin", READERS_NAME),
    pulumi.mergeOptions(opts, { dependsOn: authentication }),
  );
  return { authentication, policy };
}

const annotations = ({ owner }: PrometheusTarget) => ({ ...TAKE_FIELDS_OVER, ...ownerAnnotation(owner) });
