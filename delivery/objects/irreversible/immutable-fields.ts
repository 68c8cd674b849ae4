/** Fields that Kubernetes does not change in an existing object. */
import { formatObject, type KubernetesObject } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { FieldChange, Irreversible, ObjectChanges } from "../object-changes.ts";
import { formatFields } from "../path.ts";

/** By group and kind: paths of immutable fields, each with everything below it. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  // k8s.io/kubernetes/pkg/apis/apps/validation
  "apps/Deployment": ["spec.selector"],
  "apps/ReplicaSet": ["spec.selector"],
  "apps/DaemonSet": ["spec.selector"],
  // pkg/apis/batch/validation
  "batch/Job": ["spec.selector", "spec.template", "spec.completionMode", "spec.podFailurePolicy"],
  // pkg/apis/rbac/validation
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  // pkg/apis/core/validation
  "/Secret": ["type"],
  // pkg/apis/storage/validation
  "storage.k8s.io/StorageClass": ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
  // pkg/apis/scheduling/validation, pkg/apis/networking/validation
  "scheduling.k8s.io/PriorityClass": ["value", "preemptionPolicy"],
  "networking.k8s.io/IngressClass": ["spec.controller"],
  // k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation
  "apiextensions.k8s.io/CustomResourceDefinition": [
    "spec.group",
    "spec.scope",
    "spec.names.kind",
    "spec.names.plural",
  ],
};

/** By group and kind: the only fields of `spec` that are mutable. Same sources. */
const MUTABLE_SPEC: Readonly<Record<string, readonly string[]>> = {
  "apps/StatefulSet": [
    "spec.replicas",
    "spec.ordinals",
    "spec.template",
    "spec.updateStrategy",
    "spec.revisionHistoryLimit",
    "spec.persistentVolumeClaimRetentionPolicy",
    "spec.minReadySeconds",
  ],
  "/PersistentVolumeClaim": ["spec.resources", "spec.volumeAttributesClassName"],
};

/** Finds changes that the API server rejects in an existing object. */
export function findImmutableFields({ changed }: ObjectChanges): Irreversible[] {
  return changed.flatMap(({ before, after, fields }): Irreversible[] => {
    const rejected = fields.filter((field) => isRejected(field, before, after)).map(({ path }) => path);
    if (rejected.length === 0) return [];
    return [
      {
        object: formatObject(after),
        what: `changes ${rejected.join(", ")}, which ${rejected.length === 1 ? "is" : "are"} immutable`,
        why:
          "The API server rejects the update. `up` fails for an object of a chart, and deletes and creates an object of " +
          "the program. Plan the interruption, and delete the object of a chart first.",
      },
    ];
  });
}

function isRejected(change: FieldChange, before: KubernetesObject, after: KubernetesObject): boolean {
  const kind = groupKind(after);
  const path = formatFields(change.steps);
  const isAt = (field: string) => path === field || path.startsWith(`${field}.`);
  // The API server keeps the address of a Service whose manifest does not set one (pkg/registry/core/service).
  if (kind === "/Service" && isAt("spec.clusterIP")) return change.after !== undefined;
  if ((kind === "/ConfigMap" || kind === "/Secret") && before.immutable === true) {
    return ["data", "binaryData", "immutable"].some(isAt);
  }
  const mutable = MUTABLE_SPEC[kind];
  return (
    (IMMUTABLE[kind] ?? []).some(isAt) ||
    (mutable !== undefined && path.startsWith("spec.") && !mutable.some(isAt))
  );
}
