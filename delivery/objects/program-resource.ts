/** The part of a recorded resource that its guards and its replacement depend on. */
import type { Json } from "./kubernetes-object.ts";

/** Type token of a Helm release. */
export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Type token of a Secret. */
export const SECRET_TYPE = "kubernetes:core/v1:Secret";

/** A resource that the program registers. `RecordedResource` of `delivery/program` is one. */
export interface ProgramResource {
  /** Type token, e.g. `kubernetes:core/v1:Secret`. */
  readonly type: string;
  readonly name: string;
  /** Name of the parent. Empty for children of the stack. */
  readonly parent: string;
  /** Options that differ from their defaults, e.g. `{ protect: true }`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Inputs, without secrets. */
  readonly inputs: Readonly<Record<string, Json | undefined>>;
}

/** The resources of the program on both sides. Both are empty if the program does not take part, as for a cluster. */
export interface ResourceChanges {
  readonly before: readonly ProgramResource[];
  readonly after: readonly ProgramResource[];
}

/** The name of a resource in messages, e.g. `Release linkerd-crds-release`. */
export function formatResource({ type, name }: Pick<ProgramResource, "type" | "name">): string {
  return `${type.split(":").at(-1)} ${name}`;
}
