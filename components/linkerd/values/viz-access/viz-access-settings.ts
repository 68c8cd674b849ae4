/** The settings of access to viz's dashboard. */
import type * as pulumi from "@pulumi/pulumi";
import type { NamespacedIdentity } from "../../../inputs/workload-identity.ts";

/**
 * An ingress controller whose basic authentication this library can configure: Traefik, F5's NGINX Ingress Controller,
 * HAProxy Technologies' HAProxy Kubernetes Ingress Controller, or the retired ingress-nginx of Kubernetes. `other` is
 * every other one.
 */
export type IngressControllerName = "traefik" | "f5-nginx" | "haproxy" | "ingress-nginx" | "other";

/** All values of {@link IngressControllerName}. */
export const INGRESS_CONTROLLERS = [
  "traefik",
  "f5-nginx",
  "haproxy",
  "ingress-nginx",
  "other",
] as const satisfies readonly IngressControllerName[];

/** Who checks the password: the ingress controller with one that this library generates, or something else. */
export type VizAuth = "basic" | "external";

/** All values of {@link VizAuth}. */
export const VIZ_AUTHS = ["basic", "external"] as const satisfies readonly VizAuth[];

/** An Ingress that routes to the dashboard. */
export interface VizIngress {
  /** The controller that serves the Ingress. Plain, because it decides which resources exist. */
  controller: IngressControllerName;
  /** Name of the IngressClass. @default the cluster's default class */
  className?: pulumi.Input<string> | undefined;
  /**
   * Annotations of the Ingress beside those that this library sets, e.g. `cert-manager.io/cluster-issuer`. The object is
   * plain, because its keys are checked before anything is registered.
   * @default none
   */
  annotations?: Record<string, pulumi.Input<string>> | undefined;
  /**
   * Name of the `kubernetes.io/tls` Secret in viz's namespace. cert-manager creates it if the Ingress has its
   * annotation. Whether there is one must be known, because without it `insecure` is required.
   * @default none: plain HTTP
   */
  tlsSecret?: pulumi.Input<string> | undefined;
}

/** A listener of a Gateway, as in `parentRefs` of an HTTPRoute (gateway.networking.k8s.io/v1, `ParentReference`). */
export interface GatewayParent {
  /** Name of the Gateway. */
  name: pulumi.Input<string>;
  /** Namespace of the Gateway. @default viz's */
  namespace?: pulumi.Input<string> | undefined;
  /** Name of the listener, e.g. `https`. @default every listener that admits the host */
  sectionName?: pulumi.Input<string> | undefined;
}

/** An HTTPRoute that routes to the dashboard. */
export interface VizGateway {
  /** The Gateways and listeners that the route is attached to, at least one. */
  parentRefs: GatewayParent[];
  /** Filters of the route, as in an `HTTPRouteRule`, e.g. one that refers to the Gateway's authentication. @default none */
  filters?: Record<string, unknown>[] | undefined;
}

/**
 * Who may reach viz's dashboard, and by which route. Without any of it, only `kubectl port-forward` does, and so
 * `linkerd viz dashboard`.
 */
export interface VizAccessSettings {
  /**
   * Callers inside the cluster: usually the ServiceAccount of the ingress controller, whose pods must be meshed. `"all"`
   * opens the dashboard to every pod, also to those without an identity. Plain, because it decides which resources exist.
   * @default none
   */
  allowFrom?: NamespacedIdentity[] | "all" | undefined;
  /**
   * Host name under which browsers open the dashboard, in lower case, without scheme and port. Whether there is one must
   * be known.
   * @default none: the host names of the chart
   */
  host?: pulumi.Input<string> | undefined;
  /** Create an Ingress for the host. Plain, because it decides which resources exist. @default none */
  ingress?: VizIngress | undefined;
  /** Create an HTTPRoute for the host. Plain, because it decides which resources exist. @default none */
  gateway?: VizGateway | undefined;
  /**
   * `basic`: the ingress controller requires a password that this library generates. `external`: something else
   * authenticates people, which is the only possibility without an Ingress of a known controller. Plain, because it
   * decides which resources exist.
   * @default "basic" with an Ingress of a known controller
   */
  auth?: VizAuth | undefined;
  /** Name of the user with `auth: "basic"`. Plain, because it is a key in a Secret. @default "viz" */
  user?: string | undefined;
  /** Serve the host with plain HTTP. Plain, because it decides the scheme of the URL. @default false */
  insecure?: boolean | undefined;
  /**
   * Take the permission to tap and to check the installation from the dashboard (chart value
   * `dashboard.restrictPrivileges`).
   * @default false
   */
  restrictPrivileges?: pulumi.Input<boolean> | undefined;
}

/** The user with `auth: "basic"`, if none is given. */
export const DEFAULT_VIZ_USER = "viz";

/** Who authenticates people. `undefined` without a host, and where `auth` must be set. */
export function vizAuth({ host, ingress, auth }: VizAccessSettings): VizAuth | undefined {
  if (host === undefined) return undefined;
  return auth ?? (ingress && ingress.controller !== "other" ? "basic" : undefined);
}
