/** The report of what changes in a stack: the data that all output formats print. */
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import type { DeferredChange, FieldChange, Irreversible, Restart } from "../objects/object-changes.ts";
import type { ProgramResource } from "../objects/program-resource.ts";

/** One side of a comparison. */
export interface Snapshot {
  /** Rendered or live objects, each with its namespace. */
  readonly objects: readonly KubernetesObject[];
  /** Resources that the program registers. Empty if they are unknown, as for a cluster. */
  readonly resources: readonly ProgramResource[];
}

/** A violation of a rule of `policy/rules`. */
export interface Violation {
  /** The object or resource. */
  readonly object: string;
  /** The name of the rule. */
  readonly rule: string;
  /** A complete sentence. */
  readonly message: string;
  readonly level: "mandatory" | "advisory";
}

/** What `createReport` compares. */
export interface Comparison {
  /** Name of the stack. */
  readonly stack: string;
  /** What `before` is, e.g. `origin/main` or `the cluster`. */
  readonly against: string;
  /** The commit of `after`, if it is one. */
  readonly commit?: string | undefined;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly violations: readonly Violation[];
}

/** The fields of an object that differ, without any secret. */
export interface ReportedObject {
  /** E.g. `Deployment linkerd/linkerd-destination`. */
  readonly object: string;
  /** Without checksums. May be empty, if only checksums differ. */
  readonly fields: readonly FieldChange[];
}

/** What changes in one stack. Contains no secret: certificates appear by identity, and Secrets by the names of keys. */
export interface Report {
  readonly stack: string;
  readonly against: string;
  readonly commit?: string | undefined;
  readonly irreversible: readonly Irreversible[];
  /** Workloads that restart: `namespace/name`, sorted. */
  readonly rolls: readonly string[];
  readonly restarts: readonly Restart[];
  readonly deferred: readonly DeferredChange[];
  /** E.g. `ConfigMap linkerd/linkerd-config`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ReportedObject[];
  readonly violations: readonly Violation[];
}
