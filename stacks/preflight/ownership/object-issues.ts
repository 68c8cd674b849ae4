/** Issues with single objects that do not belong to this stack. Each names the objects, and every way forward. */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { instruction, LOST_STATE, OTHER_CLUSTER, SAME_NAME } from "./fixes.ts";
import { formatObjects, join } from "./format-objects.ts";
import type { FoundObject } from "./found-objects.ts";
import type { PlannedNamespace } from "./planned-objects.ts";

/** A namespace without Linkerd exists. */
export function foreignNamespaceIssue(
  { name, setting }: PlannedNamespace,
  hasSameName: boolean,
): ValidationIssue {
  const isCni = setting === "cni";
  return {
    path: [setting],
    reason: isCni
      ? `must be false in a cluster with a namespace ${name} that this stack did not create`
      : "must be a namespace that this stack created, or that does not exist",
    got: isCni ? "true" : JSON.stringify(name),
    because: hasSameName
      ? LOST_STATE
      : "`up` would change the namespace, and `destroy` would delete it with everything in it",
    fixes: [
      ...(hasSameName ? SAME_NAME : []),
      instruction("use the namespace and never delete it: pulumi config set useExistingNamespaces true"),
      isCni ? { kind: "set", path: ["cni"], value: false } : { kind: "change" },
    ],
  };
}

/** A namespace is being deleted. */
export function terminatingNamespaceIssue({ name, setting }: PlannedNamespace): ValidationIssue {
  return {
    path: [setting],
    reason: "must not need a namespace that is being deleted",
    got: JSON.stringify(name),
    fixes: [
      instruction(`kubectl wait --for=delete namespace/${name} --timeout=5m, then run the command again`),
    ],
  };
}

/** The label policy exists. */
export function foreignPolicyIssue(policies: readonly FoundObject[]): ValidationIssue {
  return {
    path: ["injection"],
    reason: 'must be "namespace" or "off" in a cluster with a label policy that this stack did not create',
    got: `"policy" in a cluster with ${join(formatObjects(policies))}`,
    because: "The policy applies to the pods of all namespaces, and `destroy` would delete it",
    fixes: [
      { kind: "set", path: ["injection"], value: "namespace" },
      instruction(
        "take the policy over with its mesh: pulumi config set adopt true, then follow docs/adoption.md",
      ),
    ],
  };
}

/** An existing namespace contains Secrets, or Certificates of cert-manager, that the program would replace. */
export function foreignSecretIssue(objects: readonly FoundObject[]): ValidationIssue {
  return {
    path: ["certificates"],
    reason: "must not replace Secrets or Certificates that this stack did not create",
    got: join(formatObjects(objects)),
    because: "They may contain the identity issuer of a running mesh",
    fixes: [
      instruction("use other namespaces: pulumi config set namespace <name>"),
      instruction(
        'leave the Secrets to whoever manages them: docs/certificates.md, "An issuer that someone else manages"',
      ),
    ],
  };
}

/** cert-manager has a CA with the name of one that the program creates. */
export function foreignCaIssue(objects: readonly FoundObject[]): ValidationIssue {
  return {
    path: ["certificates", "create"],
    reason:
      "must be false in a cluster with cert-manager's objects for Linkerd that this stack did not create",
    got: `true in a cluster with ${join(formatObjects(objects))}`,
    because: "cert-manager would replace a trust anchor that a running mesh may use",
    fixes: [{ kind: "set", path: ["certificates", "create"], value: false }, OTHER_CLUSTER],
  };
}

/** The namespace of the dashboards has some with the names of those that the program creates. */
export function foreignDashboardsIssue(objects: readonly FoundObject[]): ValidationIssue {
  const path = ["monitoring", "dashboards"];
  return {
    path: [...path, "namespace"],
    reason: "must be a namespace without dashboards of Linkerd that this stack did not create",
    got: join(formatObjects(objects)),
    because: "`up` would change them, and `destroy` would delete them",
    fixes: [{ kind: "change" }, { kind: "set", path, value: false }],
  };
}

/** Roles with the names of those of viz's Prometheus exist. */
export function foreignRolesIssue(objects: readonly FoundObject[], vizNamespace: string): ValidationIssue {
  const commands = objects.map(({ kind, name, namespace }) =>
    ["kubectl delete", kind.toLowerCase(), name, ...(namespace ? ["-n", namespace] : [])].join(" "),
  );
  return {
    path: ["vizNamespace"],
    reason: "must be a namespace for whose Prometheus no role exists that this stack did not create",
    got: `${JSON.stringify(vizNamespace)} in a cluster with ${join(formatObjects(objects))}`,
    because: "`up` would change them, and `destroy` would delete them",
    fixes: [{ kind: "change" }, instruction(`delete them: ${commands.join(" && ")}`)],
  };
}

/** Permissions to tap with the name of the program's exist. */
export function foreignTapPermissionsIssue(objects: readonly FoundObject[]): ValidationIssue {
  const commands = objects.map(
    ({ kind, name, namespace }) => `kubectl delete ${kind.toLowerCase()} ${name} -n ${namespace}`,
  );
  return {
    path: ["tap", "viewers"],
    reason: "must list namespaces without permissions of this name that this stack did not create",
    got: join(formatObjects(objects)),
    because: "`up` would change them, and `destroy` would delete them",
    fixes: [instruction(`delete them: ${commands.join(" && ")}`), { kind: "remove" }],
  };
}
