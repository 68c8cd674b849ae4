import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject, V1CustomResourceDefinition, V1Namespace } from "@kubernetes/client-node";
import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { StackConfig } from "../../../sandbox/engine.ts";
import { client, deleteDefinitions, inventory, list, read, run } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import {
  formatChartArguments,
  formatControlPlaneValues,
  type HelmIdentity,
  helmInstall,
  helmInstallControlPlane,
} from "../../support/helm-install.ts";
import { root } from "../../support/package.ts";
import { makeIdentity } from "../../support/pem.ts";
import { readVersions } from "../../support/snapshot.ts";
import { changes, failureOf, openMesh, previewSteps, stateOf } from "../../support/stack.ts";

const SETTINGS = { clusterNetworks: ["127.0.0.0/8"] };

/** Reads the names of all objects in the cluster, and the versions of those that only an installation changes. */
async function readCluster(): Promise<{ objects: string[]; versions: Record<string, string> }> {
  return { objects: await inventory(), versions: await readVersions() };
}

/** The types of the resources in a stack's state, without those of Pulumi itself. */
function typesIn({ name }: Stack): string[] {
  const { latest } = JSON.parse(stateOf("linkerd-mesh", name)).checkpoint;
  const resources: { type: string }[] = latest?.resources ?? [];
  return resources.map(({ type }) => type).filter((type) => !type.startsWith("pulumi:"));
}

/** Deletes a stack that may still have a provider in its state. */
async function removeStack(stack: Stack): Promise<void> {
  await stack.workspace.removeStack(stack.name, { force: true });
}

/**
 * Asserts that preview and up of a fresh stack are rejected with `messages`, and that they and a destroy after them
 * change nothing in the cluster.
 */
async function expectRejection(
  name: string,
  settings: StackConfig,
  ...messages: (string | RegExp)[]
): Promise<void> {
  const before = await readCluster();
  const stack = await openMesh(name, { ...SETTINGS, ...settings });
  for (const failure of [
    await failureOf((options) => stack.preview(options)),
    await failureOf((options) => stack.up(options)),
  ]) {
    for (const message of messages) expect(failure).toMatch(message);
  }
  expect(typesIn(stack)).toEqual([]);
  expect(await readCluster()).toEqual(before);
  await stack.destroy();
  expect(await readCluster()).toEqual(before);
  await removeStack(stack);
}

/** Runs the kubectl commands that a message contains, as a user would. */
async function runKubectl(pattern: RegExp, message: string): Promise<void> {
  const commands = pattern.exec(message)?.[1];
  if (commands === undefined) throw new Error(`no commands like ${pattern} in ${message}`);
  for (const command of commands.split(" && ")) await run("kubectl", ...command.split(" ").slice(1));
}

/** Deletes the CRDs that Helm keeps. */
async function deleteCrds(): Promise<void> {
  for (const domain of ["linkerd.io", "gateway.networking.k8s.io"]) await deleteDefinitions(domain);
}

describe("a cluster with a mesh that Helm installed", () => {
  const directory = mkdtempSync(join(tmpdir(), "ownership-"));

  beforeAll(async () => {
    await helmInstall("linkerd-crds", "linkerd", ["--set=installGatewayAPI=true"]);
    await helmInstallControlPlane(directory);
    await helmInstall("linkerd-viz", "linkerd-viz");
  });

  afterAll(async () => {
    for (const [release, namespace] of [
      ["linkerd-viz", "linkerd-viz"],
      ["linkerd-control-plane", "linkerd"],
      ["linkerd-crds", "linkerd"],
    ] as const) {
      await run("helm", "uninstall", release, "-n", namespace, "--wait");
    }
    await run("kubectl", "delete", "namespace", "linkerd", "linkerd-viz", "--ignore-not-found");
    await deleteCrds();
    rmSync(directory, { recursive: true });
  });

  test("a fresh stack is rejected with the releases that Helm has, and changes nothing, also by destroy", async () => {
    const { chartVersion } = inject("charts");
    await expectRejection(
      "fresh",
      {},
      "linkerd-mesh:adopt: must be true to take over a mesh that this stack did not install",
      `Helm releases linkerd-control-plane (chart linkerd-control-plane-${chartVersion}, deployed) and linkerd-crds `,
      "pulumi config set adopt true, then follow docs/adoption.md",
    );
  });

  test("a fresh stack may not use the namespaces of a mesh that Helm installed", async () => {
    await expectRejection("fresh", { useExistingNamespaces: true }, /linkerd-mesh:adopt: must be true/);
  });

  test("a fresh stack with other namespaces is rejected, because a cluster has one mesh", async () => {
    await expectRejection(
      "fresh",
      { namespace: "mesh", vizNamespace: "mesh-viz", injection: "off" },
      /kubernetes:context: must select a cluster without another Linkerd installation, got one with Helm releases linkerd-control-plane /,
      "pulumi config set namespace linkerd && pulumi config set vizNamespace linkerd-viz, then follow docs/adoption.md",
    );
  });

  test("adopt with a namespace that has no release imports nothing", async () => {
    await expectRejection(
      "fresh",
      { adopt: true, vizNamespace: "default", certificates: { mode: "certManager", create: false } },
      "linkerd-mesh:adopt: must be false to install a chart that the cluster does not have, got true without " +
        "Helm release linkerd-viz in namespace default.",
    );
  });

  test("a fresh stack is rejected if Helm has lost the record of the control plane", async () => {
    const selector = ["-n", "linkerd", "-l", "owner=helm,name=linkerd-control-plane"];
    const records = JSON.parse(await run("kubectl", "get", "secrets", ...selector, "-o", "json"));
    await run("kubectl", "delete", "secrets", ...selector);
    await expectRejection(
      "fresh",
      { viz: false },
      /linkerd-mesh:namespace: must not be the namespace of a Helm release of CRDs that this stack did not install/,
    );
    for (const { metadata, ...record } of records.items) {
      const { name, namespace, labels } = metadata;
      await client().create({ ...record, metadata: { name, namespace, labels } });
    }
  });
});

describe("a cluster with a mesh that Helm did not install", () => {
  const directory = mkdtempSync(join(tmpdir(), "ownership-"));
  const values: Record<string, string[]> = { "linkerd-crds": ["--set=installGatewayAPI=true"] };
  const charts = ["linkerd-crds", "linkerd-control-plane"] as const;
  let identity: HelmIdentity;

  beforeAll(async () => {
    identity = await makeIdentity();
    values["linkerd-control-plane"] = formatControlPlaneValues(directory, identity);
    await client().create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "linkerd" } });
    for (const chart of charts) {
      const location = [chart, ...formatChartArguments(chart), "-n", "linkerd"];
      const file = join(directory, `${chart}.yaml`);
      writeFileSync(file, await run("helm", "template", ...location, ...(values[chart] ?? [])));
      await run("kubectl", "apply", "--server-side", "-f", file);
    }
  });

  afterAll(async () => {
    for (const chart of charts.toReversed()) await run("helm", "uninstall", chart, "-n", "linkerd", "--wait");
    await run("kubectl", "delete", "namespace", "linkerd");
    await deleteCrds();
    rmSync(directory, { recursive: true });
  });

  test("a fresh stack is rejected with the objects that no release owns", async () => {
    await expectRejection(
      "fresh",
      { viz: false },
      /kubernetes:context: must select a cluster without another Linkerd installation, got one with .*MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config.*, which belong to no Helm release\./,
      'give the installation to Helm, then take it over: docs/adoption.md, "Other release names, and installations without Helm"',
    );
  });

  test("the documented command gives the installation to Helm, and adopt imports it then", async () => {
    const page = readFileSync(join(root, "docs", "adoption.md"), "utf8");
    const command = /^helm install linkerd-control-plane .*$/m.exec(page)?.[0] ?? "";
    expect(command).toContain(
      "linkerd/linkerd-control-plane --version <its chart's> -n linkerd -f values.yaml",
    );
    for (const chart of charts) {
      const words = command
        .replace(
          "linkerd/linkerd-control-plane --version <its chart's>",
          formatChartArguments(chart).join(" "),
        )
        .replace("install linkerd-control-plane", `install ${chart}`)
        .replace("-f values.yaml", (values[chart] ?? []).join(" "));
      await run("helm", ...words.split(" ").slice(1));
    }
    const { anchor, issuer } = identity;
    const certificates = {
      mode: "provided",
      trustAnchors: anchor.certPem,
      issuer: { certificate: issuer.certPem, key: issuer.keyPem },
    };
    const stack = await openMesh("adopting", { ...SETTINGS, viz: false, adopt: true, certificates });
    const { steps } = await previewSteps(stack);
    expect(steps.filter((step) => step.startsWith("import ")).sort()).toEqual([
      "import linkerd-control-plane-release",
      "import linkerd-crds-release",
      "import linkerd-namespace",
    ]);
    await removeStack(stack);
  });
});

describe("a cluster with the mesh of another stack", () => {
  const OWNER = "organization/linkerd-mesh/owner";
  let owner: Stack;

  beforeAll(async () => {
    owner = await openMesh("owner", { ...SETTINGS, viz: false });
    await owner.up();
  });

  afterAll(async () => {
    await owner.destroy();
    await removeStack(owner);
    await deleteCrds();
  });

  test("namespaces and the label policy of a mesh have the annotation of their stack", async () => {
    const { metadata } = await read<V1Namespace>("v1", "Namespace", "linkerd");
    expect(metadata?.annotations?.["linkerd-mesh/stack"]).toBe(OWNER);
    for (const kind of ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]) {
      const policy = await read<KubernetesObject>(
        "admissionregistration.k8s.io/v1",
        kind,
        "linkerd-inject-by-label",
      );
      expect(policy.metadata?.annotations?.["linkerd-mesh/stack"]).toBe(OWNER);
    }
  });

  test("the commands in the documentation show the stack of each namespace", async () => {
    const readPage = (page: string) => readFileSync(join(root, "docs", page), "utf8");
    const [, listing = ""] = /^kubectl (get namespaces,.*)$/m.exec(readPage("removal.md")) ?? [];
    const rows = (await run("kubectl", ...listing.replaceAll("'", "").split(" "))).split("\n");
    expect(rows.map((row) => row.split(/ +/))).toEqual(
      expect.arrayContaining([
        ["Namespace", "linkerd", OWNER],
        ["Namespace", "default", "<none>"],
        ["MutatingAdmissionPolicy", "linkerd-inject-by-label", OWNER],
      ]),
    );
    const [, one = ""] = /`kubectl (get namespace linkerd .*)`/.exec(readPage("recovery.md")) ?? [];
    expect(await run("kubectl", ...one.replaceAll("'", "").split(" "))).toBe(OWNER);
  });

  test.each<[description: string, settings: StackConfig]>([
    ["the same settings", {}],
    ["other namespaces", { namespace: "mesh", vizNamespace: "mesh-viz" }],
    ["adopt", { adopt: true, viz: false, certificates: { mode: "certManager", create: false } }],
    ["useExistingNamespaces", { useExistingNamespaces: true, injection: "off" }],
  ])(
    "a second stack with %s is rejected with the command that selects the first, and changes nothing",
    async (_, settings) => {
      await expectRejection(
        "second",
        settings,
        `kubernetes:context: must select a cluster without the mesh of another stack, got one in which stack ${OWNER} has `,
        `pulumi stack select ${OWNER}`,
      );
      expect(changes((await owner.preview()).changeSummary)).toEqual({});
    },
  );

  test("a stack of the same name with an empty state, as in another backend, is rejected", async () => {
    const state = await owner.exportStack();
    await owner.importStack({ ...state, deployment: { ...state.deployment, resources: [] } });
    const before = await readCluster();
    const failure = await failureOf((options) => owner.up(options));
    expect(failure).toMatch(/the namespace names this stack, but the stack's state contains no mesh/);
    expect(failure).toContain("pulumi stack import --file <backup>");
    expect(await readCluster()).toEqual(before);
    await owner.importStack(state);
  });

  test("objects that an interrupted up did not record belong to the stack", async () => {
    const state = await owner.exportStack();
    await owner.importStack(withoutObjects(state));
    const { steps } = await previewSteps(owner);
    expect(steps).toContain("create linkerd-namespace");
    expect(steps.filter((step) => !step.startsWith("create "))).toEqual([]);
    await owner.importStack(state);
    expect(changes((await owner.preview()).changeSummary)).toEqual({});
  });

  test("a stack that was deployed to another cluster is rejected, and its state is not trusted", async () => {
    const state = await owner.exportStack();
    const resources = state.deployment.resources.map((resource: { type: string; outputs?: object }) =>
      resource.type === "pulumi:providers:kubernetes"
        ? { ...resource, inputs: { context: "former" }, outputs: { ...resource.outputs, context: "former" } }
        : resource,
    );
    const moved = JSON.stringify({ ...state, deployment: { ...state.deployment, resources } });
    const stack = await openMesh("moved-here", { ...SETTINGS, viz: false, proxy: { logLevel: "warn" } });
    await stack.importStack(JSON.parse(moved.replaceAll("urn:pulumi:owner::", "urn:pulumi:moved-here::")));
    const before = await readCluster();
    for (const operation of ["preview", "up"] as const) {
      const failure = await failureOf((options) => stack[operation](options));
      expect(failure).toMatch(
        /kubernetes:context: must select the cluster to which this stack was deployed, got https:\/\/127\.0\.0\.1:\d+ instead of the cluster of the last deployment\./,
      );
      expect(failure).toContain(`in which stack ${OWNER} has `);
    }
    expect(await readCluster()).toEqual(before);
    await removeStack(stack);
  });

  test("a preview without changes does not call the cluster", async () => {
    const elsewhere = { ...testEngine(), kubeconfig: unreachableKubeconfig() };
    const stack = await openMesh("owner", { ...SETTINGS, viz: false }, elsewhere);
    const { steps, diagnostics } = await previewSteps(stack);
    expect(steps).toEqual([]);
    expect(diagnostics.filter((diagnostic) => diagnostic.includes("does not check"))).toEqual([]);
  });
});

/** A state without the objects in the cluster, as after an `up` that was killed before it recorded them. */
function withoutObjects(state: Deployment): Deployment {
  const resources = state.deployment.resources
    .filter(({ type }: { type: string }) => !type.startsWith("kubernetes:"))
    .map((resource: object) => ({ ...resource, dependencies: [], propertyDependencies: {} }));
  return { ...state, deployment: { ...state.deployment, resources } };
}

/** Writes a kubeconfig for an API server that does not exist. */
function unreachableKubeconfig(): string {
  const file = join(mkdtempSync(join(tmpdir(), "unreachable-")), "kubeconfig");
  const own = readFileSync(testEngine().kubeconfig, "utf8");
  writeFileSync(file, own.replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:2"));
  return file;
}

describe("a cluster with an existing namespace and CRDs of an earlier mesh", () => {
  const quota = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "of-the-platform-team", namespace: "linkerd" },
  };
  const settings = { ...SETTINGS, viz: false, keepCrds: true };
  let stack: Stack;

  const readCrds = async () =>
    Object.fromEntries(
      (await list<V1CustomResourceDefinition>("apiextensions.k8s.io/v1", "CustomResourceDefinition"))
        .filter(({ spec }) => spec.group.endsWith("linkerd.io"))
        .map(({ metadata }) => [metadata?.name, metadata?.uid]),
    );

  beforeAll(async () => {
    await client().create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "linkerd" } });
    await client().create(quota);
  });

  afterAll(deleteCrds);

  test("an existing namespace is rejected with the setting that uses it", async () => {
    await expectRejection(
      "existing",
      settings,
      'linkerd-mesh:namespace: must be a namespace that this stack created, or that does not exist, got "linkerd".',
      "pulumi config set useExistingNamespaces true",
    );
  });

  test("with useExistingNamespaces, the mesh uses an existing namespace, and destroy leaves it with its content", async () => {
    const { metadata } = await read<V1Namespace>("v1", "Namespace", "linkerd");
    stack = await openMesh("existing", { ...settings, useExistingNamespaces: true });
    await stack.up();
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
    await stack.destroy();
    const left = await read<V1Namespace>("v1", "Namespace", "linkerd");
    expect(left.metadata?.uid).toBe(metadata?.uid);
    expect(left.status?.phase).toBe("Active");
    expect(await read("v1", "ConfigMap", quota.metadata.name, "linkerd")).toMatchObject(quota);
    // Helm keeps the record of the CRDs with them.
    expect((await run("helm", "list", "-A", "-q")).trim()).toBe("linkerd-crds");
  });

  test("an up of the same stack imports the release of the CRDs that its destroy kept", async () => {
    const crds = await readCrds();
    expect(Object.keys(crds).length).toBeGreaterThan(5);
    stack = await openMesh("existing", { ...settings, useExistingNamespaces: true });
    const { summary } = await stack.up();
    expect(summary.resourceChanges).toMatchObject({ import: 1 });
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
    expect(await readCrds()).toEqual(crds);
    await stack.destroy();
    expect(await readCrds()).toEqual(crds);
    await removeStack(stack);
  });

  test("the release of CRDs that another stack kept is rejected, and the commands in the messages hand them over", async () => {
    const crds = await readCrds();
    const next = { ...settings, useExistingNamespaces: true };
    await expectRejection("next", next, "pulumi stack select organization/linkerd-mesh/existing");
    const fresh = await openMesh("next", next);
    const annotated = await failureOf((options) => fresh.preview(options));
    await runKubectl(
      /if that stack no longer exists, (kubectl annotate .*), then run the command again$/m,
      annotated,
    );
    const recorded = await failureOf((options) => fresh.preview(options));
    await runKubectl(
      /and keep the CRDs: (kubectl delete secrets .*), or install into another cluster/,
      recorded,
    );
    await fresh.up();
    expect(await readCrds()).toEqual(crds);
    await fresh.destroy();
    await removeStack(fresh);
    await run("kubectl", "delete", "namespace", "linkerd");
  });

  test("an up takes over the CRDs that an earlier mesh left without its namespace", async () => {
    const crds = await readCrds();
    stack = await openMesh("again", settings);
    await stack.up();
    expect(await readCrds()).toEqual(crds);
    await stack.destroy();
    expect(await readCrds()).toEqual(crds);
    await removeStack(stack);
  });

  test("CRDs of an earlier mesh in another namespace are rejected, and the command in the message hands them over", async () => {
    const moved = { ...settings, namespace: "moved", installGatewayApi: false };
    await expectRejection(
      "moved",
      moved,
      /linkerd-mesh:namespace: must be the namespace of the Helm release that owns/,
    );
    const fresh = await openMesh("moved", moved);
    const failure = await failureOf((options) => fresh.preview(options));
    await runKubectl(/give them to this stack: (kubectl label crd .* --overwrite)$/m, failure);
    const crds = await readCrds();
    await fresh.up();
    expect(await readCrds()).toEqual(crds);
    await fresh.destroy();
    await removeStack(fresh);
  });

  test("the Gateway API of another installation is rejected with the setting that leaves it alone", async () => {
    await expectRejection(
      "gateway",
      { ...settings, namespace: "moved" },
      "linkerd-mesh:installGatewayApi: must be false in a cluster that has the Gateway API already",
      "pulumi config set installGatewayApi false",
    );
  });
});
