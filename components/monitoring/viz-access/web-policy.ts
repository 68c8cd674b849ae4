/** Linkerd's policy resources that lock viz's dashboard inside the cluster. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { NamespacedIdentity } from "../../inputs/workload-identity.ts";
import {
  authorizationPolicy,
  DELETE_AT_ONCE,
  meshTlsAuthentication,
  POLICY_GROUP,
} from "../../linkerd/policy-objects.ts";
import type { ObjectMeta } from "../../meshing/pod-template.ts";

/** The resources of {@link createWebPolicy}. */
export interface WebPolicy {
  /** Selects the dashboard's port, and denies everyone that no policy authorizes. */
  readonly server: k8s.apiextensions.CustomResource;
  /** The identities of the callers; absent unless callers are given. */
  readonly meshTlsAuthentication: k8s.apiextensions.CustomResource | undefined;
  /** Authorizes the callers; absent unless callers are given. */
  readonly authorizationPolicy: k8s.apiextensions.CustomResource | undefined;
}

/**
 * Restricts the port `http` (8084) of viz's component `web` to the given callers. The chart has no policy for it, so every
 * pod could read the statistics of all workloads, and tap them (linkerd-viz, templates/web.yaml).
 *
 * A Server with `accessPolicy: deny` denies everyone, unless an AuthorizationPolicy authorizes the caller (linkerd.io,
 * "Authorization Policy"). So without callers, no AuthorizationPolicy is needed. Connections from the pod's own loopback
 * address do not pass through the proxy, so `kubectl port-forward` and with it `linkerd viz dashboard` keep working. The
 * kubelet probes another port, 9994, and Prometheus scrapes that one. No component of viz calls the port.
 */
export function createWebPolicy(
  name: string,
  args: {
    /** Metadata of each resource: name, namespace and annotations. */
    metadata: ObjectMeta & { annotations: Record<string, string> };
    allowFrom: readonly NamespacedIdentity[] | "all" | undefined;
  },
  opts: pulumi.CustomResourceOptions,
): WebPolicy {
  const { allowFrom } = args;
  const metadata = { ...args.metadata, annotations: { ...args.metadata.annotations, ...DELETE_AT_ONCE } };
  const { CustomResource } = k8s.apiextensions;
  const server = new CustomResource(
    `${name}-server`,
    {
      apiVersion: `${POLICY_GROUP}/v1beta3`,
      kind: "Server",
      metadata,
      spec: {
        podSelector: { matchLabels: { "linkerd.io/extension": "viz", component: "web" } },
        port: "http",
        proxyProtocol: "HTTP/1",
        accessPolicy: allowFrom === "all" ? "all-unauthenticated" : "deny",
      },
    },
    opts,
  );
  if (allowFrom === undefined || allowFrom === "all") {
    return { server, meshTlsAuthentication: undefined, authorizationPolicy: undefined };
  }
  const authentication = new CustomResource(
    `${name}-callers`,
    meshTlsAuthentication(metadata, allowFrom),
    opts,
  );
  const policy = new CustomResource(
    `${name}-policy`,
    authorizationPolicy(metadata, server.metadata.name, authentication.metadata.name),
    opts,
  );
  return { server, meshTlsAuthentication: authentication, authorizationPolicy: policy };
}
