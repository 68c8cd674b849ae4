/** The report of what changes in a stack: the data that all output formats print. */
import { compareObjects } from "../objects/compare-objects.ts";
import { findDeferredChanges } from "../objects/deferred-changes.ts";
import { findIrreversible, splitKept } from "../objects/irreversible/find-irreversible.ts";
import { formatObject, type KubernetesObject } from "../objects/kubernetes-object.ts";
import type {
  ChangedObject,
  DeferredChange,
  FieldChange,
  Irreversible,
  Restart,
} from "../objects/object-changes.ts";
import type { ProgramResource, ResourceChanges } from "../objects/program-resource.ts";
import { findRestarts } from "../objects/restarts.ts";
import { redactValue } from "./redact-value.ts";

/** One side of a comparison. */
export interface Snapshot {
  /** Rendered or live objects, each with its namespace. */
  readonly objects: readonly KubernetesObject[];
  /** Resources that the program registers. Empty on both sides if one is not the program, but a cluster. */
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
  /** Whether `before` does not have it. Missing if `before` is not checked: in a comparison with a cluster. */
  readonly isNew?: boolean;
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
  /** Violations of `after`. */
  readonly violations: readonly Violation[];
  /** Finds who set the fields of an object that differ, e.g. `kubectl-edit at 2026-11-29T18:00:00Z`. @default nobody */
  readonly findChangedBy?: (changed: ChangedObject) => readonly string[];
}

/** A field that differs. `before` is missing for an added field, `after` for a removed one. */
export type ReportedField = Pick<FieldChange, "path" | "before" | "after">;

/** An object that differs. */
export interface ReportedObject {
  /** E.g. `Deployment linkerd/linkerd-destination`. */
  readonly object: string;
  /** Sorted by path, without checksums: the restart that they cause is in `restarts`. Empty if only checksums differ. */
  readonly fields: readonly ReportedField[];
  /** Who set these fields, in a comparison with a cluster. Missing if nobody but Pulumi did, or if it is not recorded. */
  readonly changedBy?: readonly string[];
}

/** What changes in one stack. Contains no secret: certificates appear by identity, and Secrets by the names of keys. */
export interface Report {
  readonly stack: string;
  readonly against: string;
  readonly commit?: string | undefined;
  readonly irreversible: readonly Irreversible[];
  /** Workloads that restart: `namespace/name`, sorted by namespace, kind and name. */
  readonly rolls: readonly string[];
  readonly restarts: readonly Restart[];
  readonly deferred: readonly DeferredChange[];
  /** E.g. `ConfigMap linkerd/linkerd-config`. */
  readonly added: readonly string[];
  /** Objects that the cluster deletes. */
  readonly removed: readonly string[];
  /** Objects that are no longer managed and stay in the cluster. */
  readonly kept: readonly string[];
  readonly changed: readonly ReportedObject[];
  readonly violations: readonly Violation[];
}

/** Annotations with a digest of something that the report shows by itself. */
const CHECKSUM =
  /\[(checksum\/[^\]]*|linkerd\.io\/trust-root-sha256|linkerd-mesh\/(trust-bundle-sha256|prometheus-config))\]$/;

const NO_RESOURCES: ResourceChanges = { before: [], after: [] };

/**
 * Compares the two sides of a stack.
 *
 * @throws Error if two objects of one side are the same object.
 */
export function createReport({
  stack,
  against,
  commit,
  before,
  after,
  violations,
  findChangedBy = () => [],
}: Comparison): Report {
  const changes = compareObjects(before.objects, after.objects);
  const { deleted, kept } = splitKept(changes.removed, before.resources);
  const effective = { ...changes, removed: deleted };
  const resources = { before: before.resources, after: after.resources };
  const restarts = findRestarts(changes, after.objects);
  return {
    stack,
    against,
    commit,
    irreversible: findIrreversible(effective, after.resources.length > 0 ? resources : NO_RESOURCES),
    rolls: restarts.map(({ workload }) => workload),
    restarts,
    deferred: findDeferredChanges(changes, after.objects),
    added: changes.added.map(formatObject),
    removed: deleted.map(formatObject),
    kept: kept.map(formatObject),
    changed: changes.changed.map((changed) => reportObject(changed, findChangedBy(changed))),
    violations,
  };
}

/** Whether the path is that of an annotation with a digest. */
export function isChecksum(path: string): boolean {
  return CHECKSUM.test(path);
}

/** Whether the report has nothing to show. */
export function isUnchanged({ irreversible, added, removed, kept, changed, violations }: Report): boolean {
  return [irreversible, added, removed, kept, changed, violations].every((list) => list.length === 0);
}

/** The violations that `before` does not have, or all of them if it is not checked. */
export function listNewViolations({ violations }: Report): Violation[] {
  return violations.filter(({ isNew = true }) => isNew);
}

/** The violations that `before` has too. */
export function listKnownViolations({ violations }: Report): Violation[] {
  return violations.filter(({ isNew }) => isNew === false);
}

function reportObject({ after, fields }: ChangedObject, changedBy: readonly string[]): ReportedObject {
  return {
    object: formatObject(after),
    fields: fields
      .filter(({ path }) => !isChecksum(path))
      .map(({ path, before, after: value }) => ({
        path,
        ...(before === undefined ? {} : { before: redactValue(before) }),
        ...(value === undefined ? {} : { after: redactValue(value) }),
      })),
    ...(changedBy.length > 0 ? { changedBy } : {}),
  };
}
