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
import { root } from "../../support/package.ts";
import { changes, failureOf, openMesh, openProgram, stateOf, stepsOf } from "../../support/stack.ts";

const SETTINGS = { clusterNetworks: ["127.0.0.0/8"], preventDestroyInUse: true, keepCrds: true };
const ANCHOR_PROTECTED = { certificates: { mode: "generated", protect: true } };
const runProgram = true;

let stack: Stack;

/** Opens the mesh's stack, which knows its cluster by nothing but the settings of Pulumi's provider. */
async function open(settings: Record<string, unknown> = {}) {
  stack = await openMesh("removal", { ...SETTINGS, viz: false, ...settings });
  const kubeconfig = parse(readFileSync(inject("engine").kubeconfig, "utf8"));
  await stack.setConfig("kubernetes:context", { value: kubeconfig["current-context"] });
  // Where nobody answers.
  kubeconfig.clusters.push({ name: "elsewhere", cluster: { server: "https://127.0.0.1:2" } });
  kubeconfig.contexts.push({
    name: "elsewhere",
    context: { ...kubeconfig.contexts[0].context, cluster: "elsewhere" },
  });
  kubeconfig["current-context"] = "elsewhere";
  await stack.setConfig("kubernetes:kubeconfig", { value: stringify(kubeconfig), secret: true });
}

/** A definition of Linkerd's, or of the Gateway API's, and what Kubernetes makes of it. */
const DEFINITION = /^(CustomResourceDefinition|APIService)\/\/.*\.(linkerd|gateway\.networking\.k8s)\.io$/;
const definitions = async () => {
  const all = await list<V1CustomResourceDefinition>("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  return Object.fromEntries(
    all.filter((d) => d.spec.group.endsWith("linkerd.io")).map((d) => [d.metadata?.name, d.metadata?.uid]),
  );
};

/** The arguments of a kubectl command of docs/removal.md. */
function documented(verb: string): string {
  const page = readFileSync(join(root, "docs", "removal.md"), "utf8");
  return new RegExp(`^kubectl (${verb} .*)$`, "m").exec(page)?.[1] ?? "";
}

/** Runs an operation and tells what was done, by name of the resource, in its order. */
async function told(operation: Parameters<typeof stepsOf>[0]) {
  return (await stepsOf(operation)).map(({ op, name }) => `${op} ${name}`);
}

const proxy = { name: "linkerd-proxy", image: "proxy:1" };
const main = { name: "main", image: "main:1" };

/** Pods as the injector leaves them, in a namespace that it is not called for: nobody serves it here. */
async function populate() {
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

const everyoneLeaves = () => run("kubectl", "delete", "pods", "-n", "in-use", "native", "beside", "--now");

/** Turns every webhook to `failurePolicy: Fail`, as high availability has it: after what it would not let in. */
async function refuseWhatNobodyAnswers() {
  let hooks = 0;
  for (const kind of ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]) {
    for (const { metadata, webhooks = [] } of await list<V1MutatingWebhookConfiguration>(
      "admissionregistration.k8s.io/v1",
      kind,
    )) {
      const fail = webhooks.map((_, at) => ({
        op: "replace",
        path: `/webhooks/${at}/failurePolicy`,
        value: "Fail",
      }));
      await run("kubectl", "patch", kind, metadata?.name ?? "", "--type=json", "-p", JSON.stringify(fail));
      hooks += fail.length;
    }
  }
  expect(hooks).toBe(4);
}

describe("a mesh with preventDestroyInUse", () => {
  let before: string[];

  beforeAll(async () => {
    before = (await inventory()).filter((object) => !DEFINITION.test(object));
    await open({ cni: true, viz: true, ...ANCHOR_PROTECTED });
    await stack.up();
    await populate();
  });

  afterAll(() => stack.workspace.removeStack("removal"));

  describe("that is in use", () => {
    const state = () => JSON.parse(stateOf("linkerd-mesh", "removal")).checkpoint.latest.resources.length;
    let objects: string[];
    let resources: number;
    beforeAll(async () => {
      objects = await inventory();
      resources = state();
    });
    const nothingHappened = async () => {
      expect(await inventory()).toEqual(objects);
      expect(state()).toBe(resources);
    };

    test("is left alone by a second preview, guard and all", async () => {
      expect(changes((await stack.preview()).changeSummary)).toEqual({});
    });

    test("refuses to be destroyed at once, with nothing deleted, and says how it could be", async () => {
      for (const destroy of [stack.previewDestroy.bind(stack), stack.destroy.bind(stack)]) {
        const failure = await failureOf((options) => destroy(options));
        expect(failure).toContain("refuse-to-remove-a-protected-mesh");
        expect(failure).toContain("--run-program");
      }
      await nothingHappened();
    });

    test("tells by whom where the program is run, with nothing deleted", async () => {
      for (const destroy of [stack.previewDestroy.bind(stack), stack.destroy.bind(stack)]) {
        const failure = await failureOf((options) => destroy({ ...options, runProgram }));
        expect(failure).toContain(
          "linkerd-mesh:preventDestroyInUse: the mesh is in use by 2 pods: in-use/beside, in-use/native. Expected none.",
        );
        expect(failure).toContain("pulumi config set preventDestroyInUse false");
      }
      await nothingHappened();
    });

    test("stays where the cluster does not tell, too", async () => {
      await stack.setConfig("kubernetes:context", { value: "elsewhere" });
      const failure = await failureOf((options) => stack.previewDestroy({ ...options, runProgram }));
      expect(failure).toMatch(
        /linkerd-mesh:preventDestroyInUse: the cluster does not tell which pods are meshed \(.*ECONNREFUSED/s,
      );
      await open({ cni: true, viz: true, ...ANCHOR_PROTECTED });
    });

    test("the command of the documentation, and of the message, lists the same pods", async () => {
      const command = documented("get pods");
      const failure = await failureOf((options) => stack.previewDestroy({ ...options, runProgram }));
      expect(failure).toContain(`List them with: kubectl ${command}`);
      const words = command.split(" ").map((word) => word.replaceAll("'", ""));
      expect((await run("kubectl", ...words, "-o", "name")).trim().split("\n")).toEqual([
        "pod/beside",
        "pod/native",
      ]);
    });
  });

  describe("that nobody uses any more", () => {
    let refused: string;
    let done: string[];
    let kept: object;
    const policy = {
      apiVersion: "policy.linkerd.io/v1alpha1",
      kind: "NetworkAuthentication",
      metadata: { name: "everybodys", namespace: "in-use" },
      spec: { networks: [{ cidr: "10.0.0.0/8" }] },
    };

    beforeAll(async () => {
      await everyoneLeaves();
      await client().create(policy as KubernetesObject & { metadata: { name: string } });
      kept = await definitions();
      await refuseWhatNobodyAnswers();
      await run("kubectl", "delete", "deployments", "--all", "-n", "linkerd");
      const objects = await inventory();
      refused = await failureOf((options) => stack.destroy({ ...options, runProgram }));
      expect(await inventory()).toEqual(objects);
      await open({ cni: true, viz: true });
      done = await told((options) => stack.destroy({ ...options, runProgram }));
    });

    test("stays whole while its trust anchor is protected, and goes without an up once it is not", () => {
      expect(refused).toContain("linkerd-mesh:certificates.protect: the trust anchor is protected.");
      expect(refused).not.toContain("the mesh is in use");
      expect(done).toContain("delete linkerd-trust-anchor-cert");
    });

    test("goes in order, though its control plane went before and its webhooks have to be answered", () => {
      const at = (name: string) => done.indexOf(`delete ${name}`);
      const order = [
        "linkerd-removal-guard",
        "linkerd-viz-release",
        "linkerd-control-plane-release",
        "linkerd-cni-release",
        "linkerd-crds-release",
        "linkerd-namespace",
      ].map(at);
      expect(order).not.toContain(-1);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      const controlPlane = at("linkerd-control-plane-release");
      expect(at("linkerd-injection-by-label-binding")).toBeGreaterThan(-1);
      expect(at("linkerd-injection-by-label-binding")).toBeLessThan(controlPlane);
      expect(at("linkerd-trust-anchor-key")).toBeGreaterThan(controlPlane);
    });

    test("leaves the definitions and what is written in them, and nothing else of its own", async () => {
      expect(await definitions()).toEqual(kept);
      expect(Object.keys(kept)).toContain("authorizationpolicies.policy.linkerd.io");
      const others = /^\w+\/in-use\/|^Namespace\/\/in-use$/;
      const left = (await inventory()).filter((object) => !DEFINITION.test(object) && !others.test(object));
      expect(left).toEqual(before);
      expect(await read(policy.apiVersion, policy.kind, "everybodys", "in-use")).toMatchObject({
        spec: policy.spec,
      });
    });

    test("comes back over them without an error, and takes the CNI plugin away after the control plane's change", async () => {
      await open({ cni: true });
      await stack.up();
      expect(await definitions()).toEqual(kept);
      await open();
      const changed = await told((options) => stack.up(options));
      const controlPlane = changed.indexOf("update linkerd-control-plane-release");
      expect(controlPlane).toBeGreaterThan(-1);
      expect(changed.indexOf("delete linkerd-cni-release")).toBeGreaterThan(controlPlane);
      expect(await definitions()).toEqual(kept);
      const pods = await list<V1Pod>("v1", "Pod", "linkerd");
      expect(pods.map((pod) => pod.spec?.initContainers?.[0]?.name)).toEqual(pods.map(() => "linkerd-init"));
    });

    test("goes while it is in use, with preventDestroyInUse and keepCrds turned off, without an up before", async () => {
      const labels = { "linkerd.io/control-plane-ns": "linkerd" };
      const metadata = { name: "still-there", namespace: "in-use", labels };
      await client().create({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [proxy, main] } });
      await open({ preventDestroyInUse: false, keepCrds: false });
      await stack.destroy({ runProgram });
      await run("kubectl", "delete", "namespace", "in-use");
      expect(await definitions()).toEqual({});
      expect((await inventory()).filter((object) => !DEFINITION.test(object))).toEqual(before);
    });
  });
});

describe("definitions", () => {
  // Helm keeps these, for the namespace that they were moved to.
  afterAll(() => deleteDefinitions("gateway.networking.k8s.io"));

  test("outlive their release's move to another namespace, and go where keepCrds is turned off", async () => {
    const { chartSource: source, chartVersion: version } = inject("charts");
    const moving = (namespace: string, keepCrds?: boolean) =>
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
    await (await moving("linkerd")).up();
    const made = await definitions();
    const moved = await moving("moved");
    expect(await failureOf((options) => moved.up(options))).toContain("invalid ownership metadata");
    const command = documented("annotate crd").replace("<namespace>", "moved");
    await run("kubectl", ...command.split(" "));
    await moved.up();
    expect(await definitions()).toEqual(made);
    const last = await moving("moved", false);
    await last.up();
    await last.destroy();
    expect(await definitions()).toEqual({});
  });
});
