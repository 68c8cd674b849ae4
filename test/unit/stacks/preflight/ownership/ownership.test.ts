import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  FoundNamespace,
  FoundObjects,
  FoundRelease,
} from "../../../../../stacks/preflight/ownership/found-objects.ts";
import type { Ownership } from "../../../../../stacks/preflight/ownership/owned-objects.ts";
import {
  findLeftoverRelease,
  findOwnershipIssues,
} from "../../../../../stacks/preflight/ownership/ownership.ts";
import {
  namespaceKey,
  type OwnershipSettings,
  planObjects,
  planWithout,
  releaseKey,
  toKey,
} from "../../../../../stacks/preflight/ownership/planned-objects.ts";
import { formatStackIssue } from "../../../../../stacks/settings/settings-error.ts";

const STACK = "organization/linkerd-mesh/prod";
const OTHER = "corp/linkerd-mesh/staging";

const settings: OwnershipSettings = {
  namespace: "linkerd",
  vizNamespace: "linkerd-viz",
  viz: true,
  cni: false,
  injection: "policy",
  installGatewayApi: true,
  certificates: { mode: "generated" },
  adopt: false,
  useExistingNamespaces: false,
  monitoring: {},
  tap: {},
};

/** A first `up`: the state is empty. */
const fresh: Ownership = { stack: STACK, hasMesh: false, keys: new Set(), trustAnchors: new Set() };
/** An `up` that was interrupted before it recorded an object. */
const interrupted: Ownership = { ...fresh, hasMesh: true, trustAnchors: new Set(["own"]) };

const nothing: FoundObjects = { namespaces: [], releases: [], chartObjects: [], objects: [] };

const namespace = (name: string, rest: Partial<FoundNamespace> = {}): FoundNamespace => ({
  name,
  isTerminating: false,
  ...rest,
});
const release = (name: string, inNamespace: string, rest: Partial<FoundRelease> = {}): FoundRelease => ({
  name,
  namespace: inNamespace,
  chart: `${name}-2026.8.3`,
  status: "deployed",
  trustAnchors: [],
  ...rest,
});
const policy = (stack?: string) => ({
  kind: "MutatingAdmissionPolicy",
  name: "linkerd-inject-by-label",
  stack,
});
const issuerSecret = { kind: "Secret", name: "linkerd-identity-issuer", namespace: "linkerd" };
const webhook = {
  chart: "linkerd-control-plane" as const,
  kind: "MutatingWebhookConfiguration",
  name: "linkerd-proxy-injector-webhook-config",
};
const crd = (name: string) => ({ chart: "linkerd-crds" as const, kind: "CustomResourceDefinition", name });

/** What `helm install` leaves as Linkerd's guide describes it. */
const helmMesh: FoundObjects = {
  namespaces: [namespace("linkerd"), namespace("linkerd-viz")],
  releases: [
    release("linkerd-crds", "linkerd"),
    release("linkerd-control-plane", "linkerd", { trustAnchors: ["theirs"] }),
    release("linkerd-viz", "linkerd-viz"),
  ],
  chartObjects: [
    { ...crd("servers.policy.linkerd.io"), release: { name: "linkerd-crds", namespace: "linkerd" } },
    { ...webhook, release: { name: "linkerd-control-plane", namespace: "linkerd" } },
  ],
  objects: [issuerSecret],
};
const stacksMesh = (stack: string): FoundObjects => ({
  ...helmMesh,
  namespaces: helmMesh.namespaces.map((each) => ({ ...each, stack })),
  objects: [issuerSecret, policy(stack)],
});

/** The messages for these objects. */
function messages(
  found: Partial<FoundObjects>,
  given: Partial<OwnershipSettings> = {},
  ownership: Ownership = fresh,
): string[] {
  const issues = findOwnershipIssues({ ...nothing, ...found }, ownership, { ...settings, ...given });
  return issues.map((issue) => formatStackIssue(issue, { values: given, isSecret: () => false }));
}

describe("what a first up may create or take over", () => {
  test("an empty cluster is accepted", () => {
    expect(messages({})).toEqual([]);
  });

  test("the release of the CRDs that the stack's last destroy kept in a kept namespace is accepted, to be imported", () => {
    const crds = release("linkerd-crds", "linkerd");
    const found = { ...nothing, namespaces: [namespace("linkerd", { stack: STACK })], releases: [crds] };
    const existing = { ...settings, useExistingNamespaces: true };
    for (const ownership of [fresh, interrupted]) {
      expect(messages(found, existing, ownership)).toEqual([]);
      expect(findLeftoverRelease(found, ownership, existing)).toBe(crds);
    }
    const others: [FoundObjects, OwnershipSettings][] = [
      [found, settings],
      [{ ...found, namespaces: [namespace("linkerd")] }, existing],
      [{ ...found, releases: [crds, release("linkerd-control-plane", "linkerd")] }, existing],
      [{ ...found, releases: [release("linkerd-crds", "linkerd", { status: "pending-install" })] }, existing],
    ];
    for (const [each, given] of others) {
      expect(findLeftoverRelease(each, fresh, given)).toBeUndefined();
      expect(messages(each, given)).not.toEqual([]);
    }
  });

  test("CRDs that an earlier mesh of the same release left are accepted", () => {
    const left = {
      ...crd("servers.policy.linkerd.io"),
      release: { name: "linkerd-crds", namespace: "linkerd" },
    };
    expect(messages({ chartObjects: [left] })).toEqual([]);
  });
});

describe("what a first up rejects", () => {
  test("a mesh that Helm installed is rejected with its releases and the ways forward", () => {
    expect(messages(helmMesh)).toEqual([
      "linkerd-mesh:adopt: must be true to take over a mesh that this stack did not install, got false in a cluster " +
        "with Helm releases linkerd-control-plane (chart linkerd-control-plane-2026.8.3, deployed) and linkerd-crds " +
        "(chart linkerd-crds-2026.8.3, deployed) in namespace linkerd and Helm release linkerd-viz (chart " +
        "linkerd-viz-2026.8.3, deployed) in namespace linkerd-viz. " +
        "Otherwise `up` would change a mesh that belongs to someone else, and `destroy` would delete its namespaces. " +
        "Fix: take the mesh over: pulumi config set adopt true, then follow docs/adoption.md, or install into " +
        "another cluster: pulumi config set kubernetes:context <context>",
    ]);
  });

  test("the mesh of another stack is rejected with the command that selects that stack", () => {
    expect(messages(stacksMesh(OTHER))).toEqual([
      `kubernetes:context: must select a cluster without the mesh of another stack, got one in which stack ${OTHER} ` +
        "has Namespaces linkerd and linkerd-viz, MutatingAdmissionPolicy linkerd-inject-by-label, Helm releases " +
        "linkerd-control-plane (chart linkerd-control-plane-2026.8.3, deployed) and linkerd-crds (chart " +
        "linkerd-crds-2026.8.3, deployed) in namespace linkerd and Helm release linkerd-viz (chart " +
        "linkerd-viz-2026.8.3, deployed) in namespace linkerd-viz. " +
        "A cluster has one mesh, and only the stack that created it may change or delete it. " +
        `Fix: change that mesh: pulumi stack select ${OTHER}, or install into another cluster: ` +
        "pulumi config set kubernetes:context <context>, or if that stack no longer exists, kubectl " +
        "annotate namespace/linkerd namespace/linkerd-viz mutatingadmissionpolicy/linkerd-inject-by-label " +
        "linkerd-mesh/stack-, then run the command again",
    ]);
  });

  test("the mesh of another stack in other namespaces is rejected, because its objects have the same names", () => {
    const found = {
      namespaces: [namespace("mesh", { stack: OTHER })],
      releases: [release("linkerd-control-plane", "mesh")],
      chartObjects: [{ ...webhook, release: { name: "linkerd-control-plane", namespace: "mesh" } }],
    };
    expect(messages(found)).toEqual([expect.stringContaining(`pulumi stack select ${OTHER}`)]);
  });

  test("a mesh with this stack's annotation is not its own while its state is empty", () => {
    expect(messages(stacksMesh(STACK))).toEqual([
      expect.stringMatching(
        /^linkerd-mesh:adopt: .*The annotation linkerd-mesh\/stack of the namespace names this stack, but the stack's state contains no mesh\. Fix: if a stack of this name in another backend owns it, pulumi login <backend>, or if this stack's state was lost, pulumi stack import --file <backup>, or take the mesh over: /,
      ),
      expect.stringMatching(/^linkerd-mesh:injection: /),
    ]);
  });

  test("an existing namespace is rejected with the setting that uses it", () => {
    expect(messages({ namespaces: [namespace("linkerd-viz")] })).toEqual([
      'linkerd-mesh:vizNamespace: must be a namespace that this stack created, or that does not exist, got "linkerd-viz". ' +
        "`up` would change the namespace, and `destroy` would delete it with everything in it. " +
        "Fix: use the namespace and never delete it: pulumi config set useExistingNamespaces true, or " +
        "pulumi config set vizNamespace <value>",
    ]);
  });

  test("an existing namespace of the CNI plugin is rejected only with cni", () => {
    const found = { namespaces: [namespace("linkerd-cni")] };
    expect(messages(found)).toEqual([]);
    expect(messages(found, { cni: true })).toEqual([
      expect.stringMatching(
        /^linkerd-mesh:cni: must be false in a cluster with a namespace linkerd-cni that this stack did not create, got true\. .*pulumi config set useExistingNamespaces true, or pulumi config set cni false$/,
      ),
    ]);
  });

  test("a namespace that is being deleted is rejected with the command that waits for it", () => {
    const found = { namespaces: [namespace("linkerd", { isTerminating: true })] };
    expect(messages(found, { useExistingNamespaces: true })).toEqual([
      'linkerd-mesh:namespace: must not need a namespace that is being deleted, got "linkerd". ' +
        "Fix: kubectl wait --for=delete namespace/linkerd --timeout=5m, then run the command again",
    ]);
  });

  test("a mesh in another namespace is rejected with the setting that names it", () => {
    expect(messages({ releases: [release("linkerd-control-plane", "mesh")] })).toEqual([
      expect.stringMatching(
        /^kubernetes:context: must select a cluster without another Linkerd installation, got one with Helm release linkerd-control-plane \(chart linkerd-control-plane-2026\.8\.3, deployed\) in namespace mesh\. .*take the mesh over: pulumi config set namespace mesh, then follow docs\/adoption\.md$/,
      ),
    ]);
  });

  test("a release with another name than its chart is rejected, and adopt does not accept it", () => {
    const found = {
      namespaces: [namespace("linkerd-cni")],
      releases: [release("linkerd-cni", "linkerd-cni", { chart: "linkerd2-cni-2026.8.3" })],
    };
    const expected =
      /^kubernetes:context: .*give the CNI plugin the release linkerd2-cni in namespace linkerd-cni, then take the mesh over: docs\/adoption\.md, "A CNI plugin with the release name linkerd-cni"$/;
    expect(messages(found, { cni: true })).toEqual([expect.stringMatching(expected)]);
    const all = {
      namespaces: [...helmMesh.namespaces, ...found.namespaces],
      releases: [...helmMesh.releases, ...found.releases],
    };
    expect(messages(all, { cni: true, adopt: true })).toEqual([
      expect.stringMatching(
        /^linkerd-mesh:adopt: .*true without Helm release linkerd2-cni in namespace linkerd-cni\./,
      ),
      expect.stringMatching(expected),
    ]);
  });

  test("a control plane with another release name is rejected with the section about such releases", () => {
    const found = {
      namespaces: [namespace("linkerd")],
      releases: [release("linkerd", "linkerd", { chart: "linkerd-control-plane-2026.8.3" })],
    };
    expect(messages(found)).toEqual([
      expect.stringMatching(
        /or give the release the name of its chart, then take the mesh over: docs\/adoption\.md, "Other release names, and installations without Helm"$/,
      ),
    ]);
  });

  test("a release of CRDs without a mesh is rejected with the command that deletes its record, because adopt needs a mesh", () => {
    const found = { namespaces: [namespace("linkerd")], releases: [release("linkerd-crds", "linkerd")] };
    expect(messages(found, { useExistingNamespaces: true })).toEqual([
      "linkerd-mesh:namespace: must not be the namespace of a Helm release of CRDs that this stack did not install, got " +
        '"linkerd" with Helm release linkerd-crds (chart linkerd-crds-2026.8.3, deployed) in namespace linkerd. Helm ' +
        "installs no second release of the same name. Fix: if nothing else manages the CRDs, delete Helm's record of " +
        "them, and keep the CRDs: kubectl delete secrets -n linkerd -l owner=helm,name=linkerd-crds, or install into " +
        "another cluster: pulumi config set kubernetes:context <context>",
    ]);
  });

  test("an installation without Helm is rejected with its objects", () => {
    const found = {
      namespaces: [namespace("linkerd")],
      chartObjects: [crd("servers.policy.linkerd.io"), webhook],
    };
    expect(messages(found, { useExistingNamespaces: true })).toEqual([
      expect.stringMatching(
        /^kubernetes:context: must select a cluster without another Linkerd installation, got one with CustomResourceDefinition servers\.policy\.linkerd\.io and MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config, which belong to no Helm release\. /,
      ),
    ]);
  });

  test("CRDs of an earlier mesh in another namespace are rejected with the command that hands them over", () => {
    const left = {
      ...crd("servers.policy.linkerd.io"),
      release: { name: "linkerd-crds", namespace: "mesh" },
    };
    expect(messages({ chartObjects: [left] })).toEqual([
      'linkerd-mesh:namespace: must be the namespace of the Helm release that owns Linkerd\'s CRDs, got "linkerd" in a ' +
        "cluster with CustomResourceDefinition servers.policy.linkerd.io, which belong to Helm release linkerd-crds in namespace " +
        "mesh. Helm changes no CRD of another release. Fix: pulumi config set namespace mesh, or if nothing else " +
        "manages the CRDs, give them to this stack: kubectl label crd servers.policy.linkerd.io " +
        "app.kubernetes.io/managed-by=Helm --overwrite && kubectl annotate crd servers.policy.linkerd.io " +
        "meta.helm.sh/release-name=linkerd-crds meta.helm.sh/release-namespace=linkerd --overwrite",
    ]);
  });

  test("a Gateway API from somewhere else is rejected with the setting that leaves it alone", () => {
    const found = [
      crd("httproutes.gateway.networking.k8s.io"),
      {
        ...crd("grpcroutes.gateway.networking.k8s.io"),
        release: { name: "gateway-api", namespace: "gateway" },
      },
    ];
    expect(messages({ chartObjects: found })).toEqual([
      "linkerd-mesh:installGatewayApi: must be false in a cluster that has the Gateway API already, got true in a " +
        "cluster with CustomResourceDefinition httproutes.gateway.networking.k8s.io, which belong to no Helm release; " +
        "CustomResourceDefinition grpcroutes.gateway.networking.k8s.io, which belong to Helm release gateway-api in " +
        "namespace gateway. Helm changes no CRD of another release. Fix: pulumi config set installGatewayApi false",
    ]);
  });

  test("the label policy of someone else is rejected with the settings that do without it", () => {
    expect(messages({ objects: [policy()] })).toEqual([
      expect.stringMatching(
        /^linkerd-mesh:injection: must be "namespace" or "off" in a cluster with a label policy that this stack did not create, got "policy" in a cluster with MutatingAdmissionPolicy linkerd-inject-by-label\. .* Fix: pulumi config set injection namespace, or /,
      ),
    ]);
  });

  test("a Secret in an existing namespace is rejected, because it may contain the issuer of a mesh", () => {
    const found = { namespaces: [namespace("linkerd")], objects: [issuerSecret] };
    expect(messages(found, { useExistingNamespaces: true })).toEqual([
      expect.stringMatching(
        /^linkerd-mesh:certificates: must not replace Secrets or Certificates that this stack did not create, got Secret linkerd-identity-issuer in namespace linkerd\. /,
      ),
    ]);
  });

  test("dashboards and roles of the program's names that someone else created are rejected with every way forward", () => {
    const monitoring = { dashboards: { namespace: "monitoring" } };
    const dashboard = { kind: "ConfigMap", name: "linkerd-dashboard-applications", namespace: "monitoring" };
    const name = "linkerd-linkerd-viz-prometheus-api-server";
    const roles = [
      { kind: "ClusterRole", name },
      { kind: "RoleBinding", name, namespace: "default" },
    ];
    expect(messages({ objects: [dashboard, ...roles] }, { monitoring })).toEqual([
      "linkerd-mesh:monitoring.dashboards.namespace: must be a namespace without dashboards of Linkerd that this stack did not " +
        "create, got ConfigMap linkerd-dashboard-applications in namespace monitoring. `up` would change them, and `destroy` " +
        "would delete them. Fix: pulumi config set --path monitoring.dashboards.namespace <value>, or pulumi config set --path " +
        "monitoring.dashboards false",
      "linkerd-mesh:vizNamespace: must be a namespace for whose Prometheus no role exists that this stack did not create, got " +
        `"linkerd-viz" in a cluster with ClusterRole ${name} and RoleBinding ${name} in namespace default. \`up\` would change them, and ` +
        "`destroy` would delete them. Fix: pulumi config set vizNamespace <value>, or delete them: " +
        `kubectl delete clusterrole ${name} && kubectl delete rolebinding ${name} -n default`,
    ]);
    const own = { stack: STACK };
    const objects = [dashboard, ...roles].map((object) => ({ ...object, ...own }));
    expect(messages({ objects }, { monitoring }, interrupted)).toEqual([]);
  });

  test("permissions to tap that someone else created are rejected with every way forward", () => {
    const tap = { viewers: [{ namespace: "shop", groups: ["oidc:shop"] }] };
    const role = { kind: "Role", name: "linkerd-tap-viewer", namespace: "shop" };
    expect(messages({ objects: [role] }, { tap })).toEqual([
      "linkerd-mesh:tap.viewers: must list namespaces without permissions of this name that this stack did not create, got " +
        "Role linkerd-tap-viewer in namespace shop. `up` would change them, and `destroy` would delete them. Fix: delete " +
        "them: kubectl delete role linkerd-tap-viewer -n shop, or pulumi config rm --path tap.viewers",
    ]);
    expect(messages({ objects: [{ ...role, stack: STACK }] }, { tap }, interrupted)).toEqual([]);
  });

  test("a trust anchor that cert-manager has is rejected, also for an adopted mesh", () => {
    const certificates = { mode: "certManager" } as const;
    const objects = [{ kind: "Secret", name: "linkerd-trust-anchor", namespace: "cert-manager" }];
    const expected = [
      expect.stringMatching(
        /^linkerd-mesh:certificates\.create: must be false in a cluster with cert-manager's objects .* got true in a cluster with Secret linkerd-trust-anchor in namespace cert-manager\. .*Fix: pulumi config set --path certificates\.create false, or /,
      ),
    ];
    expect(messages({ objects }, { certificates })).toEqual(expected);
    expect(messages({ ...helmMesh, objects }, { certificates, adopt: true })).toEqual(expected);
  });
});

describe("what settings accept", () => {
  test("adopt accepts the mesh that Helm installed, with its Secrets and policy", () => {
    expect(messages({ ...helmMesh, objects: [issuerSecret, policy()] }, { adopt: true })).toEqual([]);
  });

  test("adopt accepts a mesh of this stack whose state was lost, and not the mesh of another stack", () => {
    expect(messages(stacksMesh(STACK), { adopt: true })).toEqual([]);
    expect(messages(stacksMesh(OTHER), { adopt: true })).toEqual([expect.stringContaining(OTHER)]);
  });

  test("adopt is rejected for a namespace without the release, which an import would add to the state", () => {
    const found = { namespaces: [namespace("linkerd"), namespace("linkerd-viz")] };
    expect(messages(found, { adopt: true })).toEqual([
      "linkerd-mesh:adopt: must be false to install a chart that the cluster does not have, got true without " +
        "Helm releases linkerd-control-plane and linkerd-crds in namespace linkerd and " +
        "Helm release linkerd-viz in namespace linkerd-viz. `adopt` imports every release of the mesh, and `up` would " +
        "fail after it imported the namespaces. Fix: pulumi config set adopt false, or set namespace, vizNamespace, " +
        "viz and cni as helm list -A prints the releases (docs/adoption.md)",
    ]);
  });

  test("useExistingNamespaces accepts namespaces without Linkerd, and not the mesh that is in them", () => {
    const given = { useExistingNamespaces: true };
    expect(messages({ namespaces: [namespace("linkerd"), namespace("linkerd-viz")] }, given)).toEqual([]);
    expect(messages(helmMesh, given)).toEqual([expect.stringMatching(/^linkerd-mesh:adopt: /)]);
    const other = { namespaces: [namespace("linkerd", { stack: OTHER })] };
    expect(messages(other, given)).toEqual([expect.stringContaining(OTHER)]);
  });
});

describe("what belongs to the stack", () => {
  test("everything that an interrupted up created and did not record is accepted", () => {
    expect(messages(stacksMesh(STACK), {}, interrupted)).toEqual([]);
  });

  test("a release with a trust anchor of the state is accepted, with its namespace", () => {
    const releases = [release("linkerd-control-plane", "linkerd", { trustAnchors: ["own"] })];
    const found = { namespaces: [namespace("linkerd")], releases, objects: [issuerSecret] };
    expect(messages(found, {}, interrupted)).toEqual([]);
    expect(messages(found, {}, { ...interrupted, trustAnchors: new Set(["another"]) })).not.toEqual([]);
  });

  test("objects of a release whose record was deleted are accepted", () => {
    expect(messages({ ...stacksMesh(STACK), releases: [] }, {}, interrupted)).toEqual([]);
  });

  test("a release that an interrupted adoption did not import is foreign without adopt", () => {
    const keys = new Set(["linkerd", "linkerd-viz"].map(namespaceKey));
    expect(messages(helmMesh, {}, { ...interrupted, keys })).toEqual([
      expect.stringMatching(/^linkerd-mesh:adopt: must be true/),
    ]);
    expect(messages(helmMesh, { adopt: true }, { ...interrupted, keys })).toEqual([]);
  });

  test("viz in the namespace of the control plane is another installation", () => {
    const found = {
      namespaces: [namespace("linkerd", { stack: STACK })],
      releases: [release("linkerd-viz", "linkerd")],
    };
    expect(messages(found, {}, interrupted)).toEqual([
      expect.stringMatching(/^kubernetes:context: .*pulumi config set vizNamespace linkerd, then follow/),
    ]);
  });

  test("a state with every object leaves nothing to check", () => {
    const plan = planObjects({ ...settings, cni: true });
    const keys = new Set([
      ...plan.namespaces.map(({ name }) => namespaceKey(name)),
      ...plan.releases.map(releaseKey),
      ...plan.objects.map(toKey),
    ]);
    expect(planWithout(plan, keys)).toBeUndefined();
    expect(messages(stacksMesh(OTHER), { cni: true }, { ...interrupted, keys })).toEqual([]);
  });
});

describe("the rule of ownership", () => {
  const stackOf = fc.constantFrom(undefined, STACK, OTHER);
  const anyNamespace = fc.record({
    name: fc.constantFrom("linkerd", "linkerd-viz", "linkerd-cni", "mesh"),
    stack: stackOf,
    isTerminating: fc.boolean(),
  });
  const releaseName = fc.constantFrom(
    "linkerd-crds",
    "linkerd-control-plane",
    "linkerd-viz",
    "linkerd2-cni",
    "linkerd-cni",
  );
  const releaseNamespace = fc.constantFrom("linkerd", "linkerd-viz", "linkerd-cni", "mesh");
  const anyRelease = fc
    .tuple(releaseName, releaseNamespace, fc.constantFrom([], ["own"], ["theirs"]))
    .map(([name, inNamespace, trustAnchors]) => release(name, inNamespace, { trustAnchors }));
  const anyObject = fc.constantFrom(
    issuerSecret,
    policy(),
    policy(STACK),
    policy(OTHER),
    { kind: "ClusterIssuer", name: "linkerd-trust-anchor", stack: undefined },
    { kind: "ClusterIssuer", name: "linkerd-trust-anchor", stack: OTHER },
  );
  const anyChartObject = fc
    .tuple(
      fc.constantFrom(crd("servers.policy.linkerd.io"), crd("tcproutes.gateway.networking.k8s.io"), webhook),
      fc.option(fc.record({ name: releaseName, namespace: releaseNamespace }), { nil: undefined }),
    )
    .map(([object, owner]) => ({ ...object, release: owner }));
  const unique = <T>(item: fc.Arbitrary<T>, key: (value: T) => string) =>
    fc.uniqueArray(item, { selector: key, maxLength: 5 });
  // As in a cluster: a release or a Secret has a namespace. As it is read: other namespaces have a release.
  const anyFound: fc.Arbitrary<FoundObjects> = fc
    .record({
      namespaces: unique(anyNamespace, ({ name }) => name),
      releases: unique(anyRelease, releaseKey),
      objects: unique(anyObject, toKey),
      chartObjects: unique(anyChartObject, toKey),
    })
    .map((found) => {
      const names = new Set<string>(found.namespaces.map(({ name }) => name));
      const releases = found.releases.filter((each) => names.has(each.namespace));
      return {
        ...found,
        namespaces: found.namespaces.filter(
          ({ name }) => name !== "mesh" || releases.some((each) => each.namespace === name),
        ),
        releases,
        objects: found.objects.filter((each) => !("namespace" in each) || names.has(each.namespace)),
      };
    });
  const cniSettings = { ...settings, cni: true };
  const existingSettings = { ...cniSettings, useExistingNamespaces: true };
  const certificates = { mode: "certManager" } as const;

  test("a fresh stack without settings for it accepts nothing that exists, but leftovers of its own release names", () => {
    const plan = planObjects(cniSettings);
    const planned = new Set([
      ...plan.namespaces.map(({ name }) => namespaceKey(name)),
      ...plan.releases.map(releaseKey),
    ]);
    fc.assert(
      fc.property(anyFound, fc.boolean(), (found, isCertManager) => {
        const given = { ...cniSettings, ...(isCertManager ? { certificates } : {}) };
        const isLeftover = ({ release: owner }: FoundObjects["chartObjects"][number]) =>
          owner !== undefined && planned.has(releaseKey(owner));
        const foreign = [
          ...found.namespaces.filter(({ name }) => planned.has(namespaceKey(name))),
          ...found.releases,
          ...found.objects,
          ...found.chartObjects.filter((object) => !isLeftover(object)),
        ];
        expect(findOwnershipIssues(found, fresh, given).length > 0).toBe(foreign.length > 0);
      }),
    );
  });

  test("no setting accepts an object of another stack", () => {
    fc.assert(
      fc.property(
        anyFound,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (found, adopt, useExistingNamespaces, hasMesh) => {
          const planned = new Set<string>(planObjects(cniSettings).namespaces.map(({ name }) => name));
          const isOwn = new Set<string>(
            found.releases
              .filter(({ trustAnchors }) => trustAnchors.includes("own"))
              .map((each) => each.namespace),
          );
          const others = [
            ...found.namespaces.filter(
              (each) => planned.has(each.name) && each.stack === OTHER && !isOwn.has(each.name),
            ),
            ...found.objects.filter((each) => "stack" in each && each.stack === OTHER),
          ];
          fc.pre(others.length > 0);
          const ownership = { ...interrupted, hasMesh };
          const issues = findOwnershipIssues(found, ownership, {
            ...cniSettings,
            adopt,
            useExistingNamespaces,
          });
          expect(issues.some(({ got }) => got?.includes(OTHER))).toBe(true);
        },
      ),
    );
  });

  test("useExistingNamespaces accepts namespaces and leftovers only, and adopt accepts complete meshes only", () => {
    fc.assert(
      fc.property(anyFound, (found) => {
        const existing = findOwnershipIssues(found, fresh, existingSettings);
        const others = [...found.releases, ...found.objects];
        const isLeftover = found.releases.length === 1 && findLeftoverRelease(found, fresh, existingSettings);
        if (others.length > 0 && !isLeftover) expect(existing).not.toEqual([]);
        const adopted = findOwnershipIssues(found, fresh, { ...cniSettings, adopt: true });
        const keys = new Set(found.releases.map(releaseKey));
        const isComplete = planObjects(cniSettings).releases.every((each) => keys.has(releaseKey(each)));
        if (!isComplete) expect(adopted).not.toEqual([]);
      }),
    );
  });
});
