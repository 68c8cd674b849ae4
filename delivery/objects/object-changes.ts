/** The types of the differences between two sets of Kubernetes objects, and of their consequences. */
import type { Json, KubernetesObject } from "./kubernetes-object.ts";

/** One step of a path: the name of a field, the key of an entry in a list, or the order of the list. */
export type PathStep = string | { readonly entry: string } | { readonly order: true };

/**
 * A field that differs. `before` is missing for an added field, `after` for a removed one. If the last step is the order
 * of a list, they are the keys of the entries that the list has before and after.
 */
export interface FieldChange {
  /** E.g. `spec.template.spec.containers[linkerd-proxy].env[LINKERD2_PROXY_LOG].value`. For display only. */
  readonly path: string;
  /** The same path as steps. */
  readonly steps: readonly PathStep[];
  /** `[secret]` in a Secret. */
  readonly before?: Json;
  /** `[secret]` in a Secret; `[another secret]` for a changed value. */
  readonly after?: Json;
}

/** An object that exists before and after, and differs. */
export interface ChangedObject {
  readonly before: KubernetesObject;
  readonly after: KubernetesObject;
  /** Never empty. Sorted by path. */
  readonly fields: readonly FieldChange[];
}

/** The result of `compareObjects`. Each list is sorted by namespace, kind and name. */
export interface ObjectChanges {
  readonly added: readonly KubernetesObject[];
  readonly removed: readonly KubernetesObject[];
  readonly changed: readonly ChangedObject[];
}

/** A workload whose pods are replaced. */
export interface Restart {
  /** `namespace/name`. */
  readonly workload: string;
  /** `Deployment`, `StatefulSet` or `DaemonSet`. */
  readonly kind: string;
  /** Number of pods. `undefined` for a DaemonSet, which has one on each node. */
  readonly pods: number | undefined;
  /** The PodDisruptionBudget that selects the pods, e.g. `linkerd-destination (maxUnavailable 1)`. */
  readonly budget?: string;
  /** Paths of the fields that cause the restart. */
  readonly because: readonly string[];
}

/** A change that running pods take at their next start, which nothing in this change causes. */
export interface DeferredChange {
  /** E.g. `CronJob linkerd/linkerd-heartbeat`. */
  readonly object: string;
  /** Which pods take the change, and when. A complete sentence. */
  readonly effect: string;
  /** Paths of the fields that cause it. */
  readonly because: readonly string[];
}

/** A change that a second change does not undo, or that fails halfway. */
export interface Irreversible {
  /** E.g. `CustomResourceDefinition servers.policy.linkerd.io`. */
  readonly object: string;
  /** What happens, e.g. `no longer serves v1beta1`. Completes the name of the object to a sentence. */
  readonly what: string;
  /** The consequence, and what to do. Complete sentences. */
  readonly why: string;
}
