/** Issues with objects that do not belong to this stack. Each names what was found, and every way forward. */
import { OWNER_ANNOTATION } from "../../../components/inputs/owner.ts";
import type { Fix, ValidationIssue } from "../../../components/inputs/validation.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import { formatChartObjects, formatObjects, formatReleases, join } from "./format-objects.ts";
import type { FoundChartObject, FoundNamespace, FoundObject, FoundRelease } from "./found-objects.ts";
import type { ObjectRef, Plan, PlannedNamespace } from "./planned-objects.ts";

const CLUSTER_PATH = ["kubernetes:context"];

const instruction = (text: string): Fix => ({ kind: "instruction", text });
const OTHER_CLUSTER = instruction(
  "install into another cluster: pulumi config set kubernetes:context <context>",
);
const ADOPT = instruction("take the mesh over: pulumi config set adopt true, then follow docs/adoption.md");

/** Fixes where the annotation names this stack, and its state does not contain the mesh. */
const SAME_NAME: readonly Fix[] = [
  instruction("if a stack of this name in another backend owns it, pulumi login <backend>"),
  instruction("if this stack's state was lost, pulumi stack import --file <backup>"),
];

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
        `if that stack no longer exists, remove its annotation and take the mesh over (docs/adoption.md): ` +
          removeAnnotationCommand(refs),
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
      ? `The annotation ${OWNER_ANNOTATION} of its namespace names this stack, but the stack's state contains no mesh`
      : "Otherwise `up` would change a mesh that belongs to someone else, and `destroy` would delete its namespaces",
    fixes: [...(hasSameName ? SAME_NAME : []), ADOPT, OTHER_CLUSTER],
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
    fixes: [OTHER_CLUSTER, ...new Map(releases.map((release) => takeOverFix(release, plan))).values()],
  };
}

/** How a release can be taken over, by a text that identifies the way. */
function takeOverFix(release: FoundRelease, { releases }: Plan): [string, Fix] {
  const planned = releases.find(({ name }) => name === release.name);
  if (planned === undefined || planned.setting === "cni") {
    const text = "give the release the name of its chart, and take it over (docs/adoption.md)";
    return ["rename", instruction(text)];
  }
  const command = `pulumi config set ${planned.setting} ${release.namespace}`;
  return [command, instruction(`take the mesh over: ${command}, then follow docs/adoption.md`)];
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
    fixes: [OTHER_CLUSTER, instruction("give the installation to Helm, and take it over (docs/adoption.md)")],
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

/** A namespace without Linkerd exists. */
export function foreignNamespaceIssue(
  { name, setting }: PlannedNamespace,
  hasSameName: boolean,
): ValidationIssue {
  const isCni = setting === "cni";
  return {
    path: [setting],
    reason: isCni
      ? `must be false in a cluster with a namespace ${name} that this stack did not create`
      : "must be a namespace that this stack created, or that does not exist",
    got: isCni ? "true" : JSON.stringify(name),
    because: hasSameName
      ? `The annotation ${OWNER_ANNOTATION} of the namespace names this stack, but the stack's state contains no mesh`
      : "`up` would change the namespace, and `destroy` would delete it with everything in it",
    fixes: [
      ...(hasSameName ? SAME_NAME : []),
      instruction("use the namespace and never delete it: pulumi config set useExistingNamespaces true"),
      isCni ? { kind: "set", path: ["cni"], value: false } : { kind: "change" },
    ],
  };
}

/** A namespace is being deleted. */
export function terminatingNamespaceIssue({ name, setting }: PlannedNamespace): ValidationIssue {
  return {
    path: [setting],
    reason: "must not need a namespace that is being deleted",
    got: JSON.stringify(name),
    fixes: [
      instruction(`kubectl wait --for=delete namespace/${name} --timeout=5m, then run the command again`),
    ],
  };
}

/** The label policy exists. */
export function foreignPolicyIssue(policies: readonly FoundObject[]): ValidationIssue {
  return {
    path: ["injection"],
    reason: 'must be "namespace" or "off" in a cluster with a label policy that this stack did not create',
    got: `"policy" in a cluster with ${join(formatObjects(policies))}`,
    because: "The policy applies to the pods of all namespaces, and `destroy` would delete it",
    fixes: [
      { kind: "set", path: ["injection"], value: "namespace" },
      instruction(
        "take the policy over with its mesh: pulumi config set adopt true, then follow docs/adoption.md",
      ),
    ],
  };
}

/** An existing namespace contains Secrets, or Certificates of cert-manager, that the program would replace. */
export function foreignSecretIssue(objects: readonly FoundObject[]): ValidationIssue {
  return {
    path: ["certificates"],
    reason: "must not replace Secrets or Certificates that this stack did not create",
    got: join(formatObjects(objects)),
    because: "They may contain the identity issuer of a running mesh",
    fixes: [
      instruction("use other namespaces: pulumi config set namespace <name>"),
      instruction(
        "leave the Secrets to whoever manages them: docs/certificates.md, certManager with create: false",
      ),
    ],
  };
}

/** cert-manager has a CA with the name of one that the program creates. */
export function foreignCaIssue(objects: readonly FoundObject[]): ValidationIssue {
  return {
    path: ["certificates", "create"],
    reason:
      "must be false in a cluster with cert-manager's objects for Linkerd that this stack did not create",
    got: `true in a cluster with ${join(formatObjects(objects))}`,
    because: "cert-manager would replace a trust anchor that a running mesh may use",
    fixes: [{ kind: "set", path: ["certificates", "create"], value: false }, OTHER_CLUSTER],
  };
}
