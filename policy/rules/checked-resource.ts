/** One view of Pulumi resources, recorded resources and rendered Kubernetes objects, for rules. */
import type { Value } from "./values.ts";

/** A resource as rules see it. */
export interface CheckedResource {
  /** Identifies the resource in findings. */
  readonly id: string;
  /** Pulumi type, e.g. `kubernetes:apps/v1:Deployment`, also of a rendered object. */
  readonly type: string;
  /** Name of the resource in its program, or of the object in its namespace. */
  readonly name: string;
  /** Types of its parents. Empty for children of the stack, and for rendered objects. */
  readonly ancestors: readonly string[];
  readonly inputs: { readonly [key: string]: Value };
  /** {@link id} of the resources that it depends on. */
  readonly dependencies: readonly string[];
}

/** A resource of a recorded stack (`RecordedResource` in `delivery/program`). */
export interface RecordedInputs {
  readonly type: string;
  readonly name: string;
  /** Name of the parent. Empty for children of the stack. */
  readonly parent: string;
  readonly dependsOn: readonly string[];
  readonly inputs: Readonly<Record<string, Value>>;
}

/** A rendered Kubernetes object. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly [key: string]: unknown;
}

/** Recorded resources for rules. Parents and dependencies are found by name. */
export function fromRecorded(recorded: readonly RecordedInputs[]): CheckedResource[] {
  const byName = Map.groupBy(recorded, ({ name }) => name);
  const ancestorsOf = (parent: string, below: readonly string[] = []): readonly string[] => {
    // A component and its child may have one name: `MeshedDeployment` and its Deployment. The component is the parent.
    const candidates = byName.get(parent) ?? [];
    const found = candidates.find(({ type }) => type.startsWith(LIBRARY)) ?? candidates[0];
    if (found === undefined || below.includes(parent)) return [];
    return [found.type, ...ancestorsOf(found.parent, [...below, parent])];
  };
  // A recording has a component instead of all of its children.
  const children = Map.groupBy(recorded, ({ parent }) => parent);
  const withChildren = (name: string, above: readonly string[] = []): readonly string[] =>
    above.includes(name)
      ? []
      : [
          ...(byName.get(name) ?? []).map(recordedId),
          ...(children.get(name) ?? []).flatMap((child) => withChildren(child.name, [...above, name])),
        ];
  return recorded.map(({ type, name, parent, dependsOn, inputs }) => ({
    id: recordedId({ type, name }),
    type,
    name,
    ancestors: ancestorsOf(parent),
    inputs,
    dependencies: [...new Set(dependsOn.flatMap((each) => withChildren(each)))],
  }));
}

const recordedId = ({ type, name }: Pick<RecordedInputs, "type" | "name">) => `${type} ${name}`;

/** Types of this library's components begin with it. */
const LIBRARY = "linkerd-mesh:";

/** Whether a component of this library created the resource. */
export function isOfMesh({ type, ancestors }: CheckedResource): boolean {
  return [type, ...ancestors].some((each) => each.startsWith(LIBRARY));
}

/** Rendered objects for rules. */
export function fromObjects(objects: readonly RenderedObject[]): CheckedResource[] {
  return objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
    return {
      id: `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`,
      type: `kubernetes:${group}:${kind}`,
      name: metadata.name,
      ancestors: [],
      inputs: object as unknown as CheckedResource["inputs"],
      dependencies: [],
    };
  });
}
