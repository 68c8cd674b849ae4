/** The common parts of Linkerd's policy objects (linkerd.io, "Authorization Policy"). */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadIdentity } from "../inputs/workload-identity.ts";

/** The API group of the policy resources. */
export const POLICY_GROUP = "policy.linkerd.io";

/**
 * The annotation with which the provider deletes an object at once.
 *
 * By default, the provider deletes in the foreground: the garbage collector removes a finalizer, and so updates the object.
 * Linkerd's validator is called for updates of policies. With high availability, an update fails while the validator does
 * not run, and the deletion never ends. Policies own no objects that the garbage collector would have to delete first.
 */
export const DELETE_AT_ONCE = { "pulumi.com/deletionPropagationPolicy": "background" };

type Metadata = pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>;

/** Arguments of the MeshTLSAuthentication of these identities. Without a namespace, an identity is of its own namespace. */
export function meshTlsAuthentication(metadata: Metadata, identities: readonly WorkloadIdentity[]) {
  return {
    apiVersion: `${POLICY_GROUP}/v1alpha1`,
    kind: "MeshTLSAuthentication",
    metadata,
    spec: {
      identityRefs: identities.map(({ serviceAccount, namespace }) => ({
        kind: "ServiceAccount",
        name: serviceAccount,
        ...(namespace !== undefined && { namespace }),
      })),
    },
  };
}

/** Arguments of the AuthorizationPolicy that lets the clients of a MeshTLSAuthentication call a Server, both given by name. */
export function authorizationPolicy(
  metadata: Metadata,
  server: pulumi.Input<string>,
  authentication: pulumi.Input<string>,
) {
  return {
    apiVersion: `${POLICY_GROUP}/v1alpha1`,
    kind: "AuthorizationPolicy",
    metadata,
    spec: {
      targetRef: { group: POLICY_GROUP, kind: "Server", name: server },
      requiredAuthenticationRefs: [
        { group: POLICY_GROUP, kind: "MeshTLSAuthentication", name: authentication },
      ],
    },
  };
}
