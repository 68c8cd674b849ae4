/** Issues with installations of Linkerd that do not belong to this stack. Each names the objects, and every way forward. */
import { OWNER_ANNOTATION } from "../../../components/inputs/owner.ts";
import type { Fix, ValidationIssue } from "../../../components/inputs/validation.ts";
import { CNI_NAMESPACE } from "../../../components/linkerd/namespaces.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import { ADOPT, CLUSTER_PATH, instruction, LOST_STATE, OTHER_CLUSTER, SAME_NAME } from "./fixes.ts";
import { formatChartObjects, formatObjects, formatReleases, join } from "./format-objects.ts";
import type { FoundChartObject, FoundNamespace, FoundObject, FoundRelease } from "./found-objects.ts";
import type { ObjectRef, Plan } from "./planned-objects.ts";

/** Where docs/adoption.md describes installations that `adopt` does not recognize. */
const OTHER_NAMES = 'docs/adoption.md, "Other release names, and installations without Helm"';
const CNI_NAME = 'docs/adoption.md, "A CNI plugin with the release name linkerd-cni"';

/** What another stack of this program created. */
export interface OtherMesh {
  readonly namespaces: readonly FoundNamespace[];
  readonly releases: readonly FoundRelease[];
  readonly objects: readonly FoundObject[];
}

/** Another stack has a mesh in the cluster. */
export function otherStackIssue(
  stack: string,
  { namespaces, releases, objects }: OtherMesh,
): ValidationIssue {
  // Secrets have no annotation. Those of the mesh are in its namespaces.
  const annotated = objects.filter((object) => object.stack !== undefined);
  const refs = [...namespaces.map(({ name }) => ({ kind: "Namespace", name })), ...annotated];
  return {
    path: CLUSTER_PATH,
    reason: "must select a cluster without the mesh of another stack",
    got: `one in which stack ${stack} has ${join([...formatObjects(refs), ...formatReleases(releases)])}`,
    because: "A cluster has one mesh, and only the stack that created it may change or delete it",
    fixes: [
      instruction(`change that mesh: pulumi stack select ${stack}`),
      OTHER_CLUSTER,
      instruction(
        `if that stack no longer exists, ${removeAnnotationCommand(refs)}, then run the command again`,
      ),
    ],
  };
}

function removeAnnotationCommand(objects: readonly ObjectRef[]): string {
  const byNamespace = Map.groupBy(objects, ({ namespace }) => namespace);
  return [...byNamespace]
    .map(([namespace, inside]) => {
      const names = inside.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`).join(" ");
      return `kubectl annotate${namespace ? ` -n ${namespace}` : ""} ${names} ${OWNER_ANNOTATION}-`;
    })
    .join(" && ");
}

/** Helm installed a mesh in the namespaces of the settings. */
export function foreignMeshIssue(releases: readonly FoundRelease[], hasSameName: boolean): ValidationIssue {
  return {
    path: ["adopt"],
    reason: "must be true to take over a mesh that this stack did not install",
    got: `false in a cluster with ${join(formatReleases(releases))}`,
    because: hasSameName
      ? LOST_STATE
      : "Otherwise `up` would change a mesh that belongs to someone else, and `destroy` would delete its namespaces",
    fixes: [...(hasSameName ? SAME_NAME : []), ADOPT, OTHER_CLUSTER],
  };
}

/** The cluster has the release of the CRDs, and no other one of Linkerd. `adopt` takes over complete meshes only. */
export function foreignCrdsIssue(releases: readonly FoundRelease[], hasSameName: boolean): ValidationIssue {
  const [{ name, namespace } = { name: "", namespace: "" }] = releases;
  return {
    path: ["namespace"],
    reason: "must not be the namespace of a Helm release of CRDs that this stack did not install",
    got: `${JSON.stringify(namespace)} with ${join(formatReleases(releases))}`,
    because: hasSameName ? LOST_STATE : "Helm installs no second release of the same name",
    fixes: [
      ...(hasSameName ? SAME_NAME : []),
      instruction(
        "if nothing else manages the CRDs, delete Helm's record of them, and keep the CRDs: " +
          `kubectl delete secrets -n ${namespace} -l owner=helm,name=${name}`,
      ),
      OTHER_CLUSTER,
    ],
  };
}

/** Linkerd's releases have other names, or are in other namespaces, than those of the settings. */
export function misplacedReleaseIssue(releases: readonly FoundRelease[], plan: Plan): ValidationIssue {
  return {
    path: CLUSTER_PATH,
    reason: "must select a cluster without another Linkerd installation",
    got: `one with ${join(formatReleases(releases))}`,
    because:
      "A cluster has one mesh, because the names of its cluster-scoped objects are fixed. `adopt` takes over only " +
      `${join(formatReleases(plan.releases))}, as the settings name them`,
    fixes: [OTHER_CLUSTER, ...takeOverFixes(releases, plan)],
  };
}

/** How releases in other namespaces, or with other names, can be taken over. */
function takeOverFixes(releases: readonly FoundRelease[], { releases: planned }: Plan): Fix[] {
  const settingOf = ({ name }: FoundRelease) => planned.find((each) => each.name === name)?.setting;
  const isNamed = (release: FoundRelease) => ["namespace", "vizNamespace"].includes(settingOf(release) ?? "");
  const moves = planned
    .flatMap(({ name }) => releases.filter((release) => release.name === name && isNamed(release)))
    .map((release) => `pulumi config set ${settingOf(release)} ${release.namespace}`);
  const isCni = ({ chart }: FoundRelease) => chart.startsWith("linkerd2-cni-");
  const { cni = [], others = [] } = Object.groupBy(
    releases.filter((release) => !isNamed(release)),
    (release) => (isCni(release) ? "cni" : "others"),
  );
  return [
    ...(moves.length > 0
      ? [instruction(`take the mesh over: ${[...new Set(moves)].join(" && ")}, then follow docs/adoption.md`)]
      : []),
    ...(others.length > 0
      ? [instruction(`give the release the name of its chart, then take the mesh over: ${OTHER_NAMES}`)]
      : []),
    ...(cni.length > 0
      ? [
          instruction(
            `give the CNI plugin the release linkerd2-cni in namespace ${CNI_NAMESPACE}, then take the mesh over: ${CNI_NAME}`,
          ),
        ]
      : []),
  ];
}

/** `adopt` is set, and Helm does not have the releases. */
export function missingReleaseIssue(releases: readonly ReleaseRef[]): ValidationIssue {
  return {
    path: ["adopt"],
    reason: "must be false to install a chart that the cluster does not have",
    got: `true without ${join(formatReleases(releases))}`,
    because:
      "`adopt` imports every release of the mesh, and `up` would fail after it imported the namespaces",
    fixes: [
      { kind: "set", path: ["adopt"], value: false },
      instruction(
        "set namespace, vizNamespace, viz and cni as helm list -A prints the releases (docs/adoption.md)",
      ),
    ],
  };
}

/** Objects of Linkerd's charts belong to no release. */
export function unmanagedMeshIssue(objects: readonly FoundChartObject[]): ValidationIssue {
  return {
    path: CLUSTER_PATH,
    reason: "must select a cluster without another Linkerd installation",
    got: `one with ${formatChartObjects(objects)}`,
    because:
      "Helm changes no object that it did not install, so `up` would fail after it created other objects",
    fixes: [OTHER_CLUSTER, instruction(`give the installation to Helm, then take it over: ${OTHER_NAMES}`)],
  };
}

/** CRDs of Linkerd belong to no release, or to one that no longer exists. */
export function unmanagedCrdIssue(crds: readonly FoundChartObject[], plan: Plan): ValidationIssue {
  const namespace = plan.releases.find(({ name }) => name === "linkerd-crds")?.namespace;
  const names = crds.map(({ name }) => name).join(" ");
  const formers = new Set(
    crds.map(({ release }) => (release?.name === "linkerd-crds" ? release.namespace : undefined)),
  );
  const [former] = formers.size === 1 ? formers : [];
  return {
    path: ["namespace"],
    reason: "must be the namespace of the Helm release that owns Linkerd's CRDs",
    got: `${JSON.stringify(namespace)} in a cluster with ${formatChartObjects(crds)}`,
    because: "Helm changes no CRD of another release",
    fixes: [
      ...(former === undefined ? [] : [{ kind: "set", path: ["namespace"], value: former } as const]),
      instruction(
        "if nothing else manages the CRDs, give them to this stack: " +
          `kubectl label crd ${names} app.kubernetes.io/managed-by=Helm --overwrite && ` +
          `kubectl annotate crd ${names} meta.helm.sh/release-name=linkerd-crds ` +
          `meta.helm.sh/release-namespace=${namespace} --overwrite`,
      ),
    ],
  };
}

/** The cluster has the Gateway API from somewhere else. */
export function gatewayApiIssue(crds: readonly FoundChartObject[]): ValidationIssue {
  return {
    path: ["installGatewayApi"],
    reason: "must be false in a cluster that has the Gateway API already",
    got: `true in a cluster with ${formatChartObjects(crds)}`,
    because: "Helm changes no CRD of another release",
    fixes: [{ kind: "set", path: ["installGatewayApi"], value: false }],
  };
}
