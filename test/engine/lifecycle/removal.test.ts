import { readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  KubernetesObject,
  V1CustomResourceDefinition,
  V1MutatingWebhookConfiguration,
  V1Pod,
} from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parse, stringify } from "yaml";
import { LinkerdCrds } from "../../../components/index.ts";
import { client, deleteDefinitions, inventory, list, read, run } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { root } from "../../support/package.ts";
import { changes, failureOf, openMesh, openProgram, stateOf, stepsOf } from "../../support/stack.ts";

const SETTINGS = { clusterNetworks: ["127.0.0.0/8"], preventDestroyInUse: true, keepCrds: true };
const PROTECTED_ANCHOR = { certificates: { mode: "generated", protect: true } };
const runProgram = true;

let stack: Stack;

/** Opens the mesh's stack. Only the settings of Pulumi's Kubernetes provider identify its cluster. */
async function open(settings: Record<string, unknown> = {}) {
  stack = await openMesh("removal", { ...SETTINGS, viz: false, ...settings });
  const kubeconfig = parse(readFileSync(testEngine().kubeconfig, "utf8"));
  await stack.setConfig("kubernetes:context", { value: kubeconfig["current-context"] });
  // The context `elsewhere` has no API server.
  kubeconfig.clusters.push({ name: "elsewhere", cluster: { server: "https://127.0.0.1:2" } });
  kubeconfig.contexts.push({
    name: "elsewhere",
    context: { ...kubeconfig.contexts[0].context, cluster: "elsewhere" },
  });
  kubeconfig["current-context"] = "elsewhere";
  await stack.setConfig("kubernetes:kubeconfig", { value: stringify(kubeconfig), secret: true });
}

/** Matches the CRDs of Linkerd and of the Gateway API, and the APIServices that Kubernetes creates for them. */
const CRD_OBJECT = /^(CustomResourceDefinition|APIService)\/\/.*\.(linkerd|gateway\.networking\.k8s)\.io$/;
/** Reads the UID of each CRD of Linkerd, by name. */
const readCrdUids = async () => {
  const crds = await list<V1CustomResourceDefinition>("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  return Object.fromEntries(
    crds.filter((d) => d.spec.group.endsWith("linkerd.io")).map((d) => [d.metadata?.name, d.metadata?.uid]),
  );
};

/** Reads the arguments of a kubectl command in docs/removal.md that begins with `verb`. */
function readDocumentedArguments(verb: string): string {
  const page = readFileSync(join(root, "docs", "removal.md"), "utf8");
  return new RegExp(`^kubectl (${verb} .*)$`, "m").exec(page)?.[1] ?? "";
}

/** Runs an operation and returns its steps in order, as `<operation> <name>`. */
async function recordSteps(operation: Parameters<typeof stepsOf>[0]) {
  return (await stepsOf(operation)).map(({ op, name }) => `${op} ${name}`);
}

const proxy = { name: "linkerd-proxy", image: "proxy:1" };
const main = { name: "main", image: "main:1" };

/**
 * Creates pods as the injector returns them. Their namespace is exempt from injection, because no process serves the
 * injector here.
 */
async function createMeshedPods() {
  const namespace = "in-use";
  const labels = { "linkerd.io/control-plane-ns": "linkerd" };
  await client().create({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "config.linkerd.io/admission-webhooks": "disabled" } },
  });
  const pods: [name: string, labels: Record<string, string>, spec: object][] = [
    ["native", labels, { initContainers: [{ ...proxy, restartPolicy: "Always" }], containers: [main] }],
    ["beside", labels, { containers: [proxy, main] }],
    ["unmeshed", {}, { containers: [main] }],
  ];
  for (const [name, labels, spec] of pods) {
    await client().create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels }, spec });
  }
  const template = { metadata: { labels }, spec: { restartPolicy: "Never", containers: [proxy, main] } };
  await client().create({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "ended", namespace },
    spec: { template },
  });
  await run("kubectl", "wait", "-n", namespace, "--for=condition=complete", "job/ended", "--timeout=60s");
}

const deleteMeshedPods = () => run("kubectl", "delete", "pods", "-n", "in-use", "native", "beside", "--now");

/**
 * Sets every webhook to `failurePolicy: Fail`, as high availability does. Requests that call a webhook fail from then
 * on, because no process serves the webhooks.
 */
async function setFailurePolicyFail() {
  let hooks = 0;
  for (const kind of ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]) {
    for (const { metadata, webhooks = [] } of await list<V1MutatingWebhookConfiguration>(
      "admissionregistration.k8s.io/v1",
      kind,
    )) {
      const patch = webhooks.map((_, at) => ({
        op: "replace",
        path: `/webhooks/${at}/failurePolicy`,
        value: "Fail",
      }));
      await run("kubectl", "patch", kind, metadata?.name ?? "", "--type=json", "-p", JSON.stringify(patch));
      hooks += patch.length;
    }
  }
  expect(hooks).toBe(4);
}

describe("removal of a mesh with preventDestroyInUse", () => {
  let objectsBefore: string[];

  beforeAll(async () => {
    objectsBefore = (await inventory()).filter((object) => !CRD_OBJECT.test(object));
    await open({ cni: true, viz: true, ...PROTECTED_ANCHOR });
    await stack.up();
    await createMeshedPods();
  });

  afterAll(() => stack.workspace.removeStack("removal"));

  describe("while it is in use", () => {
    const countResources = () =>
      JSON.parse(stateOf("linkerd-mesh", "removal")).checkpoint.latest.resources.length;
    let objects: string[];
    let resources: number;
    beforeAll(async () => {
      objects = await inventory();
      resources = countResources();
    });
    const expectNoChange = async () => {
      expect(await inventory()).toEqual(objects);
      expect(countResources()).toBe(resources);
    };

    test("a second preview of a mesh with a removal guard shows no changes", async () => {
      expect(changes((await stack.preview()).changeSummary)).toEqual({});
    });

    test("a destroy of a guarded mesh without --run-program deletes nothing and reports that it needs --run-program", async () => {
      for (const destroy of [stack.previewDestroy.bind(stack), stack.destroy.bind(stack)]) {
        const failure = await failureOf((options) => destroy(options));
        expect(failure).toContain("refuse-to-remove-a-protected-mesh");
        expect(failure).toContain("--run-program");
      }
      await expectNoChange();
    });

    test("a destroy of a mesh in use with --run-program deletes nothing and names the meshed pods", async () => {
      for (const destroy of [stack.previewDestroy.bind(stack), stack.destroy.bind(stack)]) {
        const failure = await failureOf((options) => destroy({ ...options, runProgram }));
        expect(failure).toContain(
          "linkerd-mesh:preventDestroyInUse: the mesh is in use by 2 pods: in-use/beside, in-use/native. List them with: ",
        );
        expect(failure).toContain("pulumi config set preventDestroyInUse false");
      }
      await expectNoChange();
    });

    test("a destroy is refused if the API server is unreachable, because the meshed pods are unknown", async () => {
      await stack.setConfig("kubernetes:context", { value: "elsewhere" });
      const failure = await failureOf((options) => stack.previewDestroy({ ...options, runProgram }));
      expect(failure).toMatch(
        /linkerd-mesh:preventDestroyInUse: cannot list the meshed pods of the cluster \(.*ECONNREFUSED/s,
      );
      await open({ cni: true, viz: true, ...PROTECTED_ANCHOR });
    });

    test("the kubectl command in docs/removal.md and in the error message lists the meshed pods", async () => {
      const command = readDocumentedArguments("get pods");
      const failure = await failureOf((options) => stack.previewDestroy({ ...options, runProgram }));
      expect(failure).toContain(`List them with: kubectl ${command}`);
      const words = command.split(" ").map((word) => word.replaceAll("'", ""));
      expect((await run("kubectl", ...words, "-o", "name")).trim().split("\n")).toEqual([
        "pod/beside",
        "pod/native",
      ]);
    });
  });

  describe("once it is no longer in use", () => {
    let refusal: string;
    let steps: string[];
    let crdUids: object;
    const policy = {
      apiVersion: "policy.linkerd.io/v1alpha1",
      kind: "NetworkAuthentication",
      metadata: { name: "everybodys", namespace: "in-use" },
      spec: { networks: [{ cidr: "10.0.0.0/8" }] },
    };

    beforeAll(async () => {
      await deleteMeshedPods();
      await client().create(policy as KubernetesObject & { metadata: { name: string } });
      crdUids = await readCrdUids();
      await setFailurePolicyFail();
      await run("kubectl", "delete", "deployments", "--all", "-n", "linkerd");
      const objects = await inventory();
      refusal = await failureOf((options) => stack.destroy({ ...options, runProgram }));
      expect(await inventory()).toEqual(objects);
      await open({ cni: true, viz: true });
      steps = await recordSteps((options) => stack.destroy({ ...options, runProgram }));
    });

    test("a destroy is refused while the trust anchor is protected, and needs no up after protect is turned off", () => {
      expect(refusal).toContain("linkerd-mesh:certificates.protect: the trust anchor is protected.");
      expect(refusal).not.toContain("the mesh is in use");
      expect(steps).toContain("delete linkerd-trust-anchor-cert");
    });

    test("a destroy deletes the mesh in order, even without control plane pods and with failurePolicy Fail", () => {
      const indexOfDelete = (name: string) => steps.indexOf(`delete ${name}`);
      const order = [
        "linkerd-removal-guard",
        "linkerd-viz-release",
        "linkerd-control-plane-release",
        "linkerd-cni-release",
        "linkerd-crds-release",
        "linkerd-namespace",
      ].map(indexOfDelete);
      expect(order).not.toContain(-1);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      const controlPlane = indexOfDelete("linkerd-control-plane-release");
      expect(indexOfDelete("linkerd-injection-by-label-binding")).toBeGreaterThan(-1);
      expect(indexOfDelete("linkerd-injection-by-label-binding")).toBeLessThan(controlPlane);
      expect(indexOfDelete("linkerd-trust-anchor-key")).toBeGreaterThan(controlPlane);
    });

    test("a destroy with keepCrds keeps the CRDs and their objects, and nothing else of the mesh", async () => {
      expect(await readCrdUids()).toEqual(crdUids);
      expect(Object.keys(crdUids)).toContain("authorizationpolicies.policy.linkerd.io");
      const others = /^\w+\/in-use\/|^Namespace\/\/in-use$/;
      const left = (await inventory()).filter((object) => !CRD_OBJECT.test(object) && !others.test(object));
      expect(left).toEqual(objectsBefore);
      expect(await read(policy.apiVersion, policy.kind, "everybodys", "in-use")).toMatchObject({
        spec: policy.spec,
      });
    });

    test("an up takes over the kept CRDs, and an up without cni deletes the CNI plugin after it updates the control plane", async () => {
      await open({ cni: true });
      await stack.up();
      expect(await readCrdUids()).toEqual(crdUids);
      await open();
      const changed = await recordSteps((options) => stack.up(options));
      const controlPlane = changed.indexOf("update linkerd-control-plane-release");
      expect(controlPlane).toBeGreaterThan(-1);
      expect(changed.indexOf("delete linkerd-cni-release")).toBeGreaterThan(controlPlane);
      expect(await readCrdUids()).toEqual(crdUids);
      const pods = await list<V1Pod>("v1", "Pod", "linkerd");
      expect(pods.map((pod) => pod.spec?.initContainers?.[0]?.name)).toEqual(pods.map(() => "linkerd-init"));
    });

    test("a destroy with preventDestroyInUse and keepCrds set to false deletes a mesh in use and its CRDs, without a prior up", async () => {
      const labels = { "linkerd.io/control-plane-ns": "linkerd" };
      const metadata = { name: "still-there", namespace: "in-use", labels };
      await client().create({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [proxy, main] } });
      await open({ preventDestroyInUse: false, keepCrds: false });
      await stack.destroy({ runProgram });
      await run("kubectl", "delete", "namespace", "in-use");
      expect(await readCrdUids()).toEqual({});
      expect((await inventory()).filter((object) => !CRD_OBJECT.test(object))).toEqual(objectsBefore);
    });
  });
});

describe("the CRDs of Linkerd", () => {
  // Helm keeps the Gateway API's CRDs, with the namespace that they moved to.
  afterAll(() => deleteDefinitions("gateway.networking.k8s.io"));

  test("CRDs survive a move of their release to another namespace, and are deleted if keepCrds is false", async () => {
    const { chartSource: source, chartVersion: version } = inject("charts");
    const openCrds = (namespace: string, keepCrds?: boolean) =>
      openProgram("moving-crds", "test", async () => {
        const namespaces = ["linkerd", "moved"].map(
          (name) => new k8s.core.v1.Namespace(name, { metadata: { name } }),
        );
        new LinkerdCrds(
          "crds",
          { charts: { source, version }, namespace, keepCrds },
          { dependsOn: namespaces },
        );
      });
    await (await openCrds("linkerd")).up();
    const uidsBefore = await readCrdUids();
    const moved = await openCrds("moved");
    expect(await failureOf((options) => moved.up(options))).toContain("invalid ownership metadata");
    const command = readDocumentedArguments("annotate crd").replace("<namespace>", "moved");
    await run("kubectl", ...command.split(" "));
    await moved.up();
    expect(await readCrdUids()).toEqual(uidsBefore);
    const last = await openCrds("moved", false);
    await last.up();
    await last.destroy();
    expect(await readCrdUids()).toEqual({});
  });
});
