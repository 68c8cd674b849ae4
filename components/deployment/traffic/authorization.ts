/** Linkerd's policy resources that restrict the callers of a workload. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../../inputs/outputs.ts";
import type { ObjectMeta } from "../../meshing/pod-template.ts";
import { createChild, type DeploymentTransforms } from "../transform.ts";

/** The mesh identity of a workload: the ServiceAccount that its pods run as. */
export interface WorkloadIdentity {
  /** Name of the ServiceAccount. */
  serviceAccount: pulumi.Input<string>;
  /** Namespace of the ServiceAccount. @default the namespace of the workload that is called */
  namespace?: pulumi.Input<string> | undefined;
}

/** Ports that one Server selects. */
export interface AuthorizedPort {
  /** The name of the ports, or the number of a port without a name. */
  readonly port: string | number;
  /** `opaque` for opaque ports: a Server replaces their configuration, and would bring protocol detection back. */
  readonly proxyProtocol: pulumi.Input<"opaque" | "unknown">;
}

/** A workload and its callers. */
export interface Authorization {
  /** The name of the workload, to which the names of the Servers are a suffix, its namespace and its labels. */
  readonly metadata: ObjectMeta & { name: pulumi.Input<string> };
  readonly selector: pulumi.Input<k8s.types.input.meta.v1.LabelSelector>;
  readonly ports: readonly AuthorizedPort[];
  readonly callers: readonly WorkloadIdentity[];
}

/** The resources of {@link createAuthorization}. */
interface AuthorizationResources {
  meshTlsAuthentication: k8s.apiextensions.CustomResource;
  authorizationPolicies: k8s.apiextensions.CustomResource[];
  servers: k8s.apiextensions.CustomResource[];
}

const GROUP = "policy.linkerd.io";

/**
 * Allows `callers` to call the ports, and denies everyone else: a Server and an AuthorizationPolicy for each port, and one
 * MeshTLSAuthentication. Linkerd exempts the plain HTTP probes that the pods declare.
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
  const meshTlsAuthentication = createChild(
    CustomResource,
    transform.meshTlsAuthentication,
    `${name}-callers`,
    {
      apiVersion: `${GROUP}/v1alpha1`,
      kind: "MeshTLSAuthentication",
      metadata,
      spec: {
        identityRefs: callers.map(({ serviceAccount, namespace }) => ({
          kind: "ServiceAccount",
          name: serviceAccount,
          ...(namespace !== undefined && { namespace }),
        })),
      },
    },
    opts,
  );
  const resources: AuthorizationResources = {
    meshTlsAuthentication,
    authorizationPolicies: [],
    servers: [],
  };
  for (const { port, proxyProtocol } of ports) {
    const serverName = mapInput(workload, (own) => `${own}-${port}`);
    const policy = createChild(
      CustomResource,
      transform.authorizationPolicy,
      `${name}-${port}`,
      {
        apiVersion: `${GROUP}/v1alpha1`,
        kind: "AuthorizationPolicy",
        metadata,
        spec: {
          targetRef: { group: GROUP, kind: "Server", name: serverName },
          requiredAuthenticationRefs: [
            { group: GROUP, kind: "MeshTLSAuthentication", name: meshTlsAuthentication.metadata.name },
          ],
        },
      },
      // An update in place would leave the Server of the former name without a policy.
      { ...opts, replaceOnChanges: ["spec.targetRef.name"] },
    );
    const server = createChild(
      CustomResource,
      transform.server,
      `${name}-${port}`,
      {
        apiVersion: `${GROUP}/v1beta3`,
        kind: "Server",
        metadata: { ...metadata, name: serverName },
        spec: { podSelector: selector, port, proxyProtocol },
      },
      pulumi.mergeOptions(opts, { dependsOn: policy }),
    );
    resources.authorizationPolicies.push(policy);
    resources.servers.push(server);
  }
  return resources;
}
