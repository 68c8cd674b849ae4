import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  KubernetesObject,
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1DaemonSet,
  V1Deployment,
  V1Namespace,
  V1Secret,
} from "@kubernetes/client-node";
import type { PreviewResult, Stack, UpResult } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readDocumentedCommands } from "../../support/adoption.ts";
import { client, helmRecords, list, read, secretText } from "../../support/cluster.ts";
import {
  formatChartArguments,
  type HelmIdentity,
  helmInstall,
  helmInstallControlPlane,
} from "../../support/helm-install.ts";
import { changes, openMesh, PRIVATE_KEY, stateOf } from "../../support/stack.ts";

const SETTINGS = { clusterNetworks: ["127.0.0.0/8"], cni: true };

/** Reads the UID of each object that adoption must not create again, by `<namespace>/<name>`. */
async function readUids(): Promise<Record<string, string>> {
  const secrets = await list<V1Secret>("v1", "Secret");
  const crds = await list<V1CustomResourceDefinition>("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const objects: KubernetesObject[] = [
    ...secrets.filter(({ type }) => type !== "helm.sh/release.v1"),
    ...(await list<V1Namespace>("v1", "Namespace")),
    ...(await list<V1Deployment>("apps/v1", "Deployment")),
    ...(await list<V1DaemonSet>("apps/v1", "DaemonSet")),
    ...crds,
  ];
  return Object.fromEntries(
    objects.map(({ metadata }) => [`${metadata?.namespace}/${metadata?.name}`, metadata?.uid ?? ""]),
  );
}

describe("adoption of a mesh that Helm installed", () => {
  const directory = mkdtempSync(join(tmpdir(), "adoption-"));
  const policy = {
    apiVersion: "policy.linkerd.io/v1alpha1",
    kind: "NetworkAuthentication",
    metadata: { name: "everybodys", namespace: "default" },
    spec: { networks: [{ cidr: "10.0.0.0/8" }] },
  };
  let identity: HelmIdentity;
  let uidsBefore: Record<string, string>;
  let cniDaemonSets: V1DaemonSet[];
  let stack: Stack;
  let preview: PreviewResult;
  let ups: UpResult[];

  beforeAll(async () => {
    await helmInstall("linkerd-crds", "linkerd", ["--set=installGatewayAPI=true"]);
    await client().create(policy);
    await helmInstall("linkerd2-cni", "linkerd-cni");
    identity = await helmInstallControlPlane(directory, ["--set=cniEnabled=true"]);
    await helmInstall("linkerd-viz", "linkerd-viz");
    uidsBefore = await readUids();

    stack = await openMesh("adopted", SETTINGS);
    const { workspace } = stack;
    const env = {
      ...process.env,
      ...workspace.envVars,
      PATH: inject("tools").searchPath,
      PULUMI_HOME: workspace.pulumiHome,
    };
    const runShell = (line: string) => execFileSync("sh", ["-c", line], { cwd: workspace.workDir, env });
    runShell("pulumi stack select adopted");
    for (const line of readDocumentedCommands("## A CNI plugin")) {
      runShell(
        line.replace(
          "linkerd/linkerd2-cni --version <its chart's>",
          formatChartArguments("linkerd2-cni").join(" "),
        ),
      );
    }
    cniDaemonSets = await list<V1DaemonSet>("apps/v1", "DaemonSet", "linkerd-cni");
    ups = [];
    for (const line of readDocumentedCommands()) {
      // The CLI needs a language host for these operations, and a sandbox has none. The Automation API needs none.
      if (line === "pulumi up") ups.push(await stack.up());
      else if (line.startsWith("pulumi preview")) preview = await stack.preview();
      else runShell(line);
    }
  });

  afterAll(async () => {
    await client().delete(policy);
    await stack.destroy();
    await stack.workspace.removeStack("adopted");
    rmSync(directory, { recursive: true });
  });

  test("the CNI plugin moves from the release linkerd-cni to linkerd2-cni without a restart", () => {
    const [daemonSet, ...others] = cniDaemonSets;
    expect(others).toEqual([]);
    expect(daemonSet?.metadata?.annotations?.["meta.helm.sh/release-name"]).toBe("linkerd2-cni");
    expect(daemonSet?.metadata?.generation).toBe(1);
    expect(uidsBefore["linkerd-cni/linkerd-cni"]).toBe(daemonSet?.metadata?.uid);
  });

  test("the documented commands import a mesh that Helm installed without replacing or deleting anything", () => {
    const [adopted, cleanedUp] = ups.map(({ summary }) => changes(summary.resourceChanges));
    // Four releases and three namespaces.
    expect(adopted).toEqual({ import: 7, update: 7, create: expect.any(Number) });
    expect(changes(preview.changeSummary)).toEqual(adopted);
    // The second `up` removes annotations from the Secrets, and adds the stack's annotation to three namespaces, the
    // policy and its binding, the rules, two dashboards, and the two roles of viz's Prometheus and their bindings.
    expect(cleanedUp).toEqual({ update: 18 });
    expect(ups).toHaveLength(2);
  });

  test("adoption keeps every Secret, CRD, Deployment, DaemonSet and namespace, and the policies of users", async () => {
    expect(Object.keys(uidsBefore)).toEqual(
      expect.arrayContaining(["linkerd/linkerd-proxy-injector-k8s-tls", "linkerd-viz/tap-k8s-tls"]),
    );
    expect(await readUids()).toMatchObject(uidsBefore);
    expect(await read(policy.apiVersion, policy.kind, "everybodys", "default")).toMatchObject({
      spec: policy.spec,
    });
  });

  test("adoption keeps the trust anchor and the issuer that certified the running proxies", async () => {
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");
    expect(data?.["ca-bundle.crt"]?.trim()).toBe(identity.anchor.certPem.trim());
    const issuer = await read<V1Secret>("v1", "Secret", "linkerd-identity-issuer", "linkerd");
    expect(Object.keys(issuer.data ?? {}).sort()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    const certificate = await secretText("linkerd-identity-issuer", "linkerd", "tls.crt");
    expect(certificate.trim()).toBe(identity.issuer.certPem.trim());
    const key = await secretText("linkerd-identity-issuer", "linkerd", "tls.key");
    expect(key.trim()).toBe(identity.issuer.keyPem.trim());
  });

  test("adoption restarts the mesh's own pods at most once", async () => {
    for (const { metadata, status } of await list<V1Deployment>("apps/v1", "Deployment")) {
      const revision = metadata?.annotations?.["deployment.kubernetes.io/revision"];
      expect(["1", "2"], metadata?.name).toContain(revision);
      expect(status?.readyReplicas, metadata?.name).toBe(status?.replicas);
    }
  });

  test("after adoption, neither the state nor the current Helm releases contain a private key", async () => {
    expect(stateOf("linkerd-mesh", "adopted")).not.toMatch(PRIVATE_KEY);
    const latest = (await helmRecords())
      .map((record) => JSON.parse(record))
      .filter(({ info }) => info.status === "deployed");
    expect(latest).toHaveLength(4);
    for (const release of latest) expect(JSON.stringify(release)).not.toMatch(PRIVATE_KEY);
  });

  test("a preview after adoption shows no changes", async () => {
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
  });
});
