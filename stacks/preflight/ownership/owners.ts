/** Separates the objects in a cluster by their owners. */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import type { FoundNamespace, FoundObjects, FoundRelease } from "./found-objects.ts";
import { otherStackIssue } from "./installation-issues.ts";
import type { Ownership } from "./owned-objects.ts";
import { namespaceKey, type Plan, releaseKey } from "./planned-objects.ts";

interface InNamespace {
  readonly namespace?: string | undefined;
}

interface OfStack {
  readonly stack?: string | undefined;
}

/** What the cluster has, without what belongs to this stack. */
export function withoutOwn(found: FoundObjects, ownership: Ownership, plan: Plan): FoundObjects {
  const { stack, hasMesh, keys, trustAnchors } = ownership;
  const hasOwnAnchor = (release: FoundRelease) =>
    release.trustAnchors.some((anchor) => trustAnchors.has(anchor));
  const withOwnAnchor = new Set(found.releases.filter(hasOwnAnchor).map(({ namespace }) => namespace));
  const isAnnotated = (object: OfStack) => hasMesh && object.stack === stack;
  const isOwnNamespace = (namespace: FoundNamespace) =>
    keys.has(namespaceKey(namespace.name)) || isAnnotated(namespace) || withOwnAnchor.has(namespace.name);
  const ownNamespaces = new Set(found.namespaces.filter(isOwnNamespace).map(({ name }) => name));
  const isInside = ({ namespace }: InNamespace) => namespace !== undefined && ownNamespaces.has(namespace);
  // The state may contain the namespace of a foreign release, because an adoption imports namespaces first and may be
  // interrupted. `adopt` sets no annotation, so a namespace has it only if the stack found no release in it.
  const annotated = new Set(found.namespaces.filter(isAnnotated).map(({ name }) => name));
  // Any other release is not the one that `up` creates, e.g. viz in the namespace of the control plane.
  const planned = new Set(plan.releases.map(releaseKey));
  const isOwnRelease = (release: ReleaseRef) =>
    keys.has(releaseKey(release)) || (annotated.has(release.namespace) && planned.has(releaseKey(release)));
  return {
    namespaces: found.namespaces.filter((namespace) => !isOwnNamespace(namespace)),
    releases: found.releases.filter((release) => !hasOwnAnchor(release) && !isOwnRelease(release)),
    chartObjects: found.chartObjects.filter(({ release }) => release === undefined || !isOwnRelease(release)),
    objects: found.objects.filter((object) => !isAnnotated(object) && !isInside(object)),
  };
}

/** Separates what belongs to other stacks, which no setting accepts. There is one issue for each of them. */
export function separateOtherStacks(
  found: FoundObjects,
  ownership: Ownership,
): { others: ValidationIssue[]; rest: FoundObjects } {
  const stackByNamespace = new Map(found.namespaces.map(({ name, stack }) => [name, stack]));
  const stackOf = ({ stack, namespace }: OfStack & InNamespace) =>
    stack ?? (namespace === undefined ? undefined : stackByNamespace.get(namespace));
  const isOther = (object: OfStack & InNamespace) => ![undefined, ownership.stack].includes(stackOf(object));
  const namespaces = Map.groupBy(found.namespaces.filter(isOther), stackOf);
  const releases = Map.groupBy(found.releases.filter(isOther), stackOf);
  const objects = Map.groupBy(found.objects.filter(isOther), stackOf);
  const stacks = new Set([...namespaces.keys(), ...releases.keys(), ...objects.keys()]);
  return {
    others: [...stacks].map((stack = "") =>
      otherStackIssue(stack, {
        namespaces: namespaces.get(stack) ?? [],
        releases: releases.get(stack) ?? [],
        objects: objects.get(stack) ?? [],
      }),
    ),
    rest: {
      namespaces: found.namespaces.filter((namespace) => !isOther(namespace)),
      releases: found.releases.filter((release) => !isOther(release)),
      chartObjects: found.chartObjects.filter(({ release }) => release === undefined || !isOther(release)),
      objects: found.objects.filter((object) => !isOther(object)),
    },
  };
}
