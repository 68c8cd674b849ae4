/**
 * Which objects in the cluster belong to this stack. A stack changes and deletes only objects that it created, or that
 * its settings allow it to adopt or to use.
 */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { TAP_VIEWER_NAME } from "../../../components/monitoring/viz-access/tap-permissions.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import { type FoundObjects, type FoundRelease, isCrd, isGatewayCrd } from "./found-objects.ts";
import {
  foreignCrdsIssue,
  foreignMeshIssue,
  gatewayApiIssue,
  misplacedReleaseIssue,
  missingReleaseIssue,
  unmanagedCrdIssue,
  unmanagedMeshIssue,
} from "./installation-issues.ts";
import {
  foreignCaIssue,
  foreignDashboardsIssue,
  foreignNamespaceIssue,
  foreignPolicyIssue,
  foreignRolesIssue,
  foreignSecretIssue,
  foreignTapPermissionsIssue,
  terminatingNamespaceIssue,
} from "./object-issues.ts";
import type { Ownership } from "./owned-objects.ts";
import { separateOtherStacks, withoutOwn } from "./owners.ts";
import {
  type OwnershipSettings,
  type Plan,
  planObjects,
  planWithout,
  releaseKey,
} from "./planned-objects.ts";

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
  const foreign = withoutOwn(found, ownership, plan);
  const leftover = findLeftoverRelease(found, ownership, settings);
  const releases = foreign.releases.filter((release) => release !== leftover);
  const { others, rest } = separateOtherStacks({ ...foreign, releases }, ownership);
  const situation: Situation = { found: rest, ownership, settings, plan };
  const missing = settings.adopt ? findMissingReleases(found.releases, plan) : [];
  const { gatewayCrds, crds, mesh } = groupUnmanaged(situation);
  return [
    ...others,
    ...(missing.length > 0 ? [missingReleaseIssue(missing)] : []),
    ...findReleaseIssues(situation),
    ...(mesh.length > 0 ? [unmanagedMeshIssue(mesh)] : []),
    ...(crds.length > 0 ? [unmanagedCrdIssue(crds, plan)] : []),
    ...(gatewayCrds.length > 0 ? [gatewayApiIssue(gatewayCrds)] : []),
    // In the namespaces of an installation without a release, `useExistingNamespaces` is not a way forward.
    ...(missing.length > 0 || mesh.length > 0 ? [] : findNamespaceIssues(situation)),
    ...findObjectIssues(situation),
  ];
}

/**
 * Finds the release of the CRDs that the stack's last `destroy` kept, with the CRDs (`keepCrds`), in a namespace that it
 * also kept (`useExistingNamespaces`). `up` imports it: Helm installs no second release of the same name.
 */
export function findLeftoverRelease(
  { namespaces, releases }: FoundObjects,
  { stack, keys }: Ownership,
  { namespace, useExistingNamespaces }: OwnershipSettings,
): FoundRelease | undefined {
  const isAnnotated = namespaces.some((each) => each.name === namespace && each.stack === stack);
  const others = releases.filter((release) => !keys.has(releaseKey(release)));
  const [release] = others.length === 1 ? others : [];
  const isOfCrds = release?.name === "linkerd-crds" && release.namespace === namespace;
  return useExistingNamespaces && isAnnotated && isOfCrds && release.status === "deployed"
    ? release
    : undefined;
}

/** The objects to decide about. */
interface Situation {
  /** What the cluster has, without what belongs to this stack or to another stack. */
  readonly found: FoundObjects;
  readonly ownership: Ownership;
  readonly settings: OwnershipSettings;
  /** The objects that the state does not contain. */
  readonly plan: Plan;
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
  const isCrdsOnly = adoptable.every(({ name }) => name === "linkerd-crds");
  const issue = isCrdsOnly ? foreignCrdsIssue : foreignMeshIssue;
  return [
    ...(adoptable.length > 0 && !settings.adopt ? [issue(adoptable, hasSameName)] : []),
    ...(misplaced.length > 0 ? [misplacedReleaseIssue(misplaced, plan)] : []),
  ];
}

/**
 * Groups the objects of charts that Helm would refuse to change. Helm takes over objects of a release with the same name
 * and namespace: an earlier mesh left its CRDs (`keepCrds`), or the release's record was deleted (docs/recovery.md).
 */
function groupUnmanaged({ found, plan }: Situation) {
  const accepted = new Set([...plan.releases, ...found.releases].map(releaseKey));
  const objects = found.chartObjects.filter(({ release }) => !release || !accepted.has(releaseKey(release)));
  const ofLinkerd = objects.filter((object) => !isGatewayCrd(object));
  const isCrdOnly = ofLinkerd.every(isCrd);
  return {
    gatewayCrds: objects.filter(isGatewayCrd),
    crds: isCrdOnly ? ofLinkerd : [],
    mesh: isCrdOnly ? [] : ofLinkerd,
  };
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

/** Issues with the label policy, Secrets, objects of cert-manager, and objects of monitoring. */
function findObjectIssues({ found, ownership, settings }: Situation): ValidationIssue[] {
  const { adopt, useExistingNamespaces, namespace, vizNamespace } = settings;
  const withRelease = new Set(found.releases.map((release) => release.namespace));
  const {
    policies = [],
    secrets = [],
    cas = [],
    dashboards = [],
    roles = [],
    tapPermissions = [],
  } = Object.groupBy(found.objects, (object) => {
    if (object.kind.startsWith("MutatingAdmissionPolicy")) return "policies";
    if (object.name === TAP_VIEWER_NAME) return "tapPermissions";
    if (/^(Cluster)?Role(Binding)?$/.test(object.kind)) return "roles";
    if (object.kind === "ConfigMap" || object.kind === "GrafanaDashboard") return "dashboards";
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
    ...(dashboards.length > 0 ? [foreignDashboardsIssue(dashboards)] : []),
    ...(roles.length > 0 ? [foreignRolesIssue(roles, vizNamespace)] : []),
    ...(tapPermissions.length > 0 ? [foreignTapPermissionsIssue(tapPermissions)] : []),
  ];
}
