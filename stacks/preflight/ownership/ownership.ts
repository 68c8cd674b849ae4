/**
 * Which objects in the cluster belong to this stack. A stack changes and deletes only what it created, or was told to
 * adopt or to use.
 */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import {
  type FoundNamespace,
  type FoundObjects,
  type FoundRelease,
  isCrd,
  isGatewayCrd,
} from "./found-objects.ts";
import {
  foreignCaIssue,
  foreignMeshIssue,
  foreignNamespaceIssue,
  foreignPolicyIssue,
  foreignSecretIssue,
  gatewayApiIssue,
  misplacedReleaseIssue,
  missingReleaseIssue,
  otherStackIssue,
  terminatingNamespaceIssue,
  unmanagedCrdIssue,
  unmanagedMeshIssue,
} from "./messages.ts";
import {
  namespaceKey,
  type OwnershipSettings,
  type Plan,
  planObjects,
  planWithout,
  releaseKey,
} from "./planned-objects.ts";

/** What belongs to a stack, according to its state. */
export interface Ownership {
  /** The stack, as `<organization>/<project>/<stack>`. */
  readonly stack: string;
  /**
   * Whether the state contains the mesh. Without it, this is the stack's first `up`: an object with its annotation
   * belongs to a stack of the same name in another backend, or to one whose state is lost.
   */
  readonly hasMesh: boolean;
  /** The keys of the objects in the state. */
  readonly keys: ReadonlySet<string>;
  /** SHA-256 of the trust anchors that this stack generated, lower-case hex. */
  readonly trustAnchors: ReadonlySet<string>;
}

/**
 * Finds what the cluster has and this stack may neither change nor delete. An object belongs to the stack if
 *
 * - its state contains it,
 * - or the state contains the mesh, and the object has the stack's annotation, or is in a namespace that has it: an
 *   interrupted `up` created it and did not record it,
 * - or it is a Helm release with a trust anchor that the stack generated.
 *
 * `adopt` accepts the mesh that Helm installed in the namespaces of the settings, and `useExistingNamespaces` accepts
 * namespaces without Linkerd. Neither accepts the mesh of another stack.
 */
export function findOwnershipIssues(
  found: FoundObjects,
  ownership: Ownership,
  settings: OwnershipSettings,
): ValidationIssue[] {
  const plan = planWithout(planObjects(settings), ownership.keys);
  if (plan === undefined) return [];
  const { others, rest } = separateOtherStacks(withoutOwn(found, ownership, plan), ownership);
  const situation: Situation = { found: rest, ownership, settings, plan };
  const missing = settings.adopt ? findMissingReleases(found.releases, plan) : [];
  const unmanaged = findUnmanagedIssues(situation);
  return [
    ...others,
    ...(missing.length > 0 ? [missingReleaseIssue(missing)] : []),
    ...findReleaseIssues(situation),
    ...unmanaged,
    // In the namespaces of an installation without a release, `useExistingNamespaces` is not a way forward.
    ...(missing.length > 0 || unmanaged.length > 0 ? [] : findNamespaceIssues(situation)),
    ...findObjectIssues(situation),
  ];
}

/** What is left to decide about. */
interface Situation {
  /** What the cluster has, without what belongs to this stack or to another stack. */
  readonly found: FoundObjects;
  readonly ownership: Ownership;
  readonly settings: OwnershipSettings;
  /** The objects that the state does not contain. */
  readonly plan: Plan;
}

interface InNamespace {
  readonly namespace?: string | undefined;
}

interface OfStack {
  readonly stack?: string | undefined;
}

/** What the cluster has, without what belongs to this stack. */
function withoutOwn(found: FoundObjects, ownership: Ownership, plan: Plan): FoundObjects {
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
function separateOtherStacks(
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

/** The releases that `adopt` would import and the cluster does not have: `up` would fail after it imported others. */
function findMissingReleases(found: readonly FoundRelease[], plan: Plan): ReleaseRef[] {
  const existing = new Set(found.map(releaseKey));
  return plan.releases.filter((release) => !existing.has(releaseKey(release)));
}

/** Issues with Helm releases that belong to nobody, as far as this program knows. */
function findReleaseIssues({ found, ownership, settings, plan }: Situation): ValidationIssue[] {
  const planned = new Set(plan.releases.map(releaseKey));
  const { adoptable = [], misplaced = [] } = Object.groupBy(found.releases, (release) =>
    planned.has(releaseKey(release)) ? "adoptable" : "misplaced",
  );
  // Its annotation, without the mesh in the state.
  const hasSameName = found.namespaces.some(({ stack }) => stack === ownership.stack);
  return [
    ...(adoptable.length > 0 && !settings.adopt ? [foreignMeshIssue(adoptable, hasSameName)] : []),
    ...(misplaced.length > 0 ? [misplacedReleaseIssue(misplaced, plan)] : []),
  ];
}

/**
 * Issues with objects of charts that Helm would refuse to change. Helm takes over objects of a release with the same
 * name and namespace: an earlier mesh left its CRDs (`keepCrds`), or the release's record was deleted (docs/recovery.md).
 */
function findUnmanagedIssues({ found, plan }: Situation): ValidationIssue[] {
  const accepted = new Set([...plan.releases, ...found.releases].map(releaseKey));
  const objects = found.chartObjects.filter(({ release }) => !release || !accepted.has(releaseKey(release)));
  const gatewayCrds = objects.filter(isGatewayCrd);
  const ofLinkerd = objects.filter((object) => !isGatewayCrd(object));
  const isCrdOnly = ofLinkerd.every(isCrd);
  return [
    ...(gatewayCrds.length > 0 ? [gatewayApiIssue(gatewayCrds)] : []),
    ...(isCrdOnly ? [] : [unmanagedMeshIssue(ofLinkerd)]),
    ...(isCrdOnly && ofLinkerd.length > 0 ? [unmanagedCrdIssue(ofLinkerd, plan)] : []),
  ];
}

/** Issues with planned namespaces that exist. Those with a release are reported with it, or adopted. */
function findNamespaceIssues({ found, ownership, settings, plan }: Situation): ValidationIssue[] {
  const withRelease = new Set(found.releases.map(({ namespace }) => namespace));
  return plan.namespaces.flatMap((planned) => {
    const namespace = found.namespaces.find(({ name }) => name === planned.name);
    if (namespace === undefined) return [];
    if (namespace.isTerminating) return [terminatingNamespaceIssue(planned)];
    if (settings.useExistingNamespaces || withRelease.has(planned.name)) return [];
    return [foreignNamespaceIssue(planned, namespace.stack === ownership.stack)];
  });
}

/** Issues with the label policy, Secrets and objects of cert-manager. */
function findObjectIssues({ found, ownership, settings }: Situation): ValidationIssue[] {
  const { adopt, useExistingNamespaces, namespace, vizNamespace } = settings;
  const withRelease = new Set(found.releases.map((release) => release.namespace));
  const {
    policies = [],
    secrets = [],
    cas = [],
  } = Object.groupBy(found.objects, (object) => {
    if (object.kind.startsWith("MutatingAdmissionPolicy")) return "policies";
    return object.namespace === namespace || object.namespace === vizNamespace ? "secrets" : "cas";
  });
  // Without `useExistingNamespaces`, the issue is with their namespace.
  const replaced = secrets.filter(
    (secret) => useExistingNamespaces && !withRelease.has(secret.namespace ?? ""),
  );
  const foreignCas = cas.filter(({ stack }) => !adopt || stack !== ownership.stack);
  return [
    ...(policies.length > 0 && !adopt ? [foreignPolicyIssue(policies)] : []),
    ...(replaced.length > 0 && !adopt ? [foreignSecretIssue(replaced)] : []),
    ...(foreignCas.length > 0 ? [foreignCaIssue(foreignCas)] : []),
  ];
}
