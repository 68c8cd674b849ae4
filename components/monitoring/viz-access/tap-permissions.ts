/** Permissions to tap the workloads of single namespaces. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { TapViewer } from "../../linkerd/values/viz-access/tap-settings.ts";

/** The permission of one namespace. */
export interface TapPermission {
  readonly role: k8s.rbac.v1.Role;
  readonly binding: k8s.rbac.v1.RoleBinding;
}

/** The name of the Roles and RoleBindings. */
export const TAP_VIEWER_NAME = "linkerd-tap-viewer";

/**
 * Permits groups to tap every workload of a namespace. The API server requires the verb `watch` on subresources of
 * `tap.linkerd.io`, such as `deployments/tap`, and tap reviews it again (linkerd2, viz/tap/api/handlers.go).
 */
export function createTapPermission(
  name: string,
  { namespace, groups }: TapViewer,
  annotations: Record<string, pulumi.Input<string>>,
  opts: pulumi.CustomResourceOptions,
): TapPermission {
  const metadata = { name: TAP_VIEWER_NAME, namespace, annotations };
  const role = new k8s.rbac.v1.Role(
    `${name}-tap-${namespace}`,
    { metadata, rules: [{ apiGroups: ["tap.linkerd.io"], resources: ["*"], verbs: ["watch"] }] },
    opts,
  );
  const binding = new k8s.rbac.v1.RoleBinding(
    `${name}-tap-${namespace}`,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subjects: pulumi
        .output(groups)
        .apply((names) =>
          names.map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name })),
        ),
    },
    opts,
  );
  return { role, binding };
}
