/** Linkerd's policy resources that restrict the callers of a workload. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../../inputs/outputs.ts";
import type { WorkloadIdentity } from "../../inputs/workload-identity.ts";
import { authorizationPolicy, meshTlsAuthentication, POLICY_GROUP } from "../../linkerd/policy-objects.ts";
import type { ObjectMeta } from "../../meshing/pod-template.ts";
import { createChild, type DeploymentTransforms } from "../transform.ts";
import type { PortCallers } from "./callers.ts";

/** Ports that one Server selects. */
export interface AuthorizedPort {
  /** The name of the ports, or the number of a port without a name. */
  readonly port: string | number;
  /** `opaque` for opaque ports: a Server replaces their configuration, and would bring protocol detection back. */
  readonly proxyProtocol: pulumi.Input<"opaque" | "unknown">;
  readonly callers: PortCallers;
}

/** A workload and its callers. */
export interface Authorization {
  /** The name of the workload, to which the names of the Servers are a suffix, its namespace and its labels. */
  readonly metadata: ObjectMeta & { name: pulumi.Input<string> };
  readonly selector: pulumi.Input<k8s.types.input.meta.v1.LabelSelector>;
  readonly ports: readonly AuthorizedPort[];
  /** The callers of all ports, if `allowFrom` is one list. */
  readonly callers: readonly WorkloadIdentity[] | undefined;
}

/** The resources of {@link createAuthorization}. */
interface AuthorizationResources {
  meshTlsAuthentications: k8s.apiextensions.CustomResource[];
  authorizationPolicies: k8s.apiextensions.CustomResource[];
  servers: k8s.apiextensions.CustomResource[];
}

/**
 * Allows the callers of each port to call it, and denies everyone else: a Server and an AuthorizationPolicy for each port,
 * and a MeshTLSAuthentication for each list of callers. An open port has only a Server that allows everyone, whatever the
 * default policy of the mesh is. Linkerd exempts the plain HTTP probes that the pods declare.
 *
 * A Server without an AuthorizationPolicy denies all callers, so the policy is created before its Server and deleted
 * after it. For that, the name of the Server must be known in advance. A port without a Server allows all callers, so a
 * Server that is renamed is deleted after the new one is created. Of two Servers for one port, Linkerd uses the older one
 * (policy-controller, inbound/index.rs).
 */
export function createAuthorization(
  name: string,
  { metadata: { name: workload, ...metadata }, selector, ports, callers }: Authorization,
  transform: DeploymentTransforms,
  opts: pulumi.CustomResourceOptions,
): AuthorizationResources {
  const { CustomResource } = k8s.apiextensions;
  const authenticate = (name: string, identities: readonly WorkloadIdentity[]) =>
    createChild(
      CustomResource,
      transform.meshTlsAuthentication,
      name,
      meshTlsAuthentication(metadata, identities),
      opts,
    );
  const shared = callers && authenticate(`${name}-callers`, callers);
  const resources: AuthorizationResources = {
    meshTlsAuthentications: shared ? [shared] : [],
    authorizationPolicies: [],
    servers: [],
  };
  const authorize = (
    port: string | number,
    own: readonly WorkloadIdentity[],
    server: pulumi.Input<string>,
  ) => {
    const authentication = shared ?? authenticate(`${name}-${port}`, own);
    if (!shared) resources.meshTlsAuthentications.push(authentication);
    const policy = createChild(
      CustomResource,
      transform.authorizationPolicy,
      `${name}-${port}`,
      authorizationPolicy(metadata, server, authentication.metadata.name),
      // An update in place would leave the Server of the former name without a policy.
      { ...opts, replaceOnChanges: ["spec.targetRef.name"] },
    );
    resources.authorizationPolicies.push(policy);
    return policy;
  };
  for (const { port, proxyProtocol, callers: own } of ports) {
    const serverName = mapInput(workload, (own) => `${own}-${port}`);
    const policy = own === "all" ? undefined : authorize(port, own, serverName);
    const server = createChild(
      CustomResource,
      transform.server,
      `${name}-${port}`,
      {
        apiVersion: `${POLICY_GROUP}/v1beta3`,
        kind: "Server",
        metadata: { ...metadata, name: serverName },
        spec: {
          podSelector: selector,
          port,
          proxyProtocol,
          ...(policy === undefined && { accessPolicy: "all-unauthenticated" }),
        },
      },
      policy ? pulumi.mergeOptions(opts, { dependsOn: policy }) : opts,
    );
    resources.servers.push(server);
  }
  return resources;
}
