import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareObjects } from "../../../../delivery/objects/compare-objects.ts";
import { findDeferredChanges } from "../../../../delivery/objects/deferred-changes.ts";
import type { KubernetesObject } from "../../../../delivery/objects/kubernetes-object.ts";
import { findRestarts } from "../../../../delivery/objects/restarts.ts";
import { readFields } from "../../../../delivery/objects/workloads.ts";
import { makeConfigMap, makeObject, makeSecret, makeWorkload } from "./sample-objects.ts";

function restarts(before: KubernetesObject, after: KubernetesObject, ...others: KubernetesObject[]) {
  return findRestarts(compareObjects([before, ...others], [after, ...others]), [after, ...others]);
}

function deferred(before: KubernetesObject[], after: KubernetesObject[]) {
  return findDeferredChanges(compareObjects(before, after), after);
}

const image = (tag: string) => ({ container: { image: `main:${tag}` } });
const budget = (path: string, spec: object) => makeObject("policy/v1", "PodDisruptionBudget", path, { spec });

describe("restarts", () => {
  test.each(["Deployment", "StatefulSet"])("a %s restarts with its number of pods and the cause", (kind) => {
    const [before, after] = ["1", "2"].map((tag) =>
      makeWorkload(kind, "app", { ...image(tag), replicas: 3 }),
    );
    expect(restarts(before as KubernetesObject, after as KubernetesObject)).toEqual([
      { workload: "linkerd/app", kind, pods: 3, because: ["spec.template.spec.containers[main].image"] },
    ]);
  });

  test("a workload without replicas has one pod", () => {
    const changed = restarts(
      makeWorkload("Deployment", "a", image("1")),
      makeWorkload("Deployment", "a", image("2")),
    );
    expect(changed.map(({ pods }) => pods)).toEqual([1]);
  });

  test("a DaemonSet restarts, and its number of pods is unknown", () => {
    const changed = restarts(
      makeWorkload("DaemonSet", "a", image("1")),
      makeWorkload("DaemonSet", "a", image("2")),
    );
    expect(changed).toEqual([expect.objectContaining({ kind: "DaemonSet", pods: undefined })]);
  });

  test("the checksum of a configuration restarts the pods", () => {
    const annotated = (checksum: string) =>
      makeWorkload("Deployment", "a", {
        template: { metadata: { annotations: { "checksum/config": checksum } } },
      });
    expect(restarts(annotated("1"), annotated("2")).map(({ because }) => because)).toEqual([
      ["spec.template.metadata.annotations[checksum/config]"],
    ]);
  });

  test("another selector restarts the pods, because the object is replaced", () => {
    const before = makeWorkload("Deployment", "a");
    const after = makeWorkload("Deployment", "a", { selector: { matchLabels: { app: "b" } } });
    expect(restarts(before, after).map(({ because }) => because)).toEqual([
      ["spec.selector.matchLabels.app"],
    ]);
  });

  test.each([
    ["Job", "batch/v1", { template: { spec: { x: 1 } } }],
    ["CronJob", "batch/v1", { jobTemplate: { spec: { template: { spec: { x: 1 } } } } }],
    ["Rollout", "argoproj.io/v1", { template: { spec: { x: 1 } } }],
  ])("a %s restarts no pods", (kind, apiVersion, spec) => {
    expect(
      restarts(makeObject(apiVersion, kind, "a", { spec: {} }), makeObject(apiVersion, kind, "a", { spec })),
    ).toEqual([]);
  });

  test("a workload restarts exactly if its pod template differs", () => {
    const entry = fc.record(
      { name: fc.constantFrom("a", "b"), value: fc.constantFrom("1", "2") },
      { noNullPrototype: true },
    );
    const env = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 2 });
    const workload = fc
      .record({
        replicas: fc.integer({ min: 1, max: 2 }),
        image: fc.constantFrom("x", "y"),
        env,
        label: fc.constantFrom("1", "2"),
      })
      .map(({ replicas, image, env, label }) => ({
        ...makeWorkload("Deployment", "a", { replicas, container: { image, env } }),
        metadata: { name: "a", namespace: "linkerd", labels: { label } },
      }));
    const template = (object: KubernetesObject) => readFields(object, "spec", "template");
    fc.assert(
      fc.property(workload, workload, (before, after) => {
        const isEqual = isDeepStrictEqual(template(before), template(after));
        expect(restarts(before, after)).toHaveLength(isEqual ? 0 : 1);
      }),
    );
  });
});

describe("disruption budgets", () => {
  const [before, after] = ["1", "2"].map((tag) => makeWorkload("Deployment", "app", image(tag))) as [
    KubernetesObject,
    KubernetesObject,
  ];
  const limit = { maxUnavailable: 1 };
  const expression = (operator: string, key: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });

  test.each([
    ["matchLabels", { matchLabels: { app: "app" } }],
    ["an empty selector", {}],
    ["In", expression("In", "app", "app", "other")],
    ["NotIn", expression("NotIn", "app", "other")],
    ["NotIn of a missing label", expression("NotIn", "missing", "other")],
    ["Exists", expression("Exists", "app")],
    ["DoesNotExist", expression("DoesNotExist", "missing")],
  ])("the budget that selects the pods is named: %s", (_, selector) => {
    const [restart] = restarts(before, after, budget("pdb", { selector, ...limit }));
    expect(restart?.budget).toBe("pdb (maxUnavailable 1)");
  });

  test.each([
    ["other labels", "linkerd/pdb", { matchLabels: { app: "app", tier: "x" } }],
    ["no selector", "linkerd/pdb", undefined],
    ["another namespace", "other/pdb", { matchLabels: { app: "app" } }],
    ["In", "linkerd/pdb", expression("In", "missing", "app")],
    ["NotIn", "linkerd/pdb", expression("NotIn", "app", "app")],
    ["Exists", "linkerd/pdb", expression("Exists", "missing")],
    ["DoesNotExist", "linkerd/pdb", expression("DoesNotExist", "app")],
    ["an unknown operator", "linkerd/pdb", expression("Gt", "app", "1")],
  ])("a budget that does not select the pods is not named: %s", (_, path, selector) => {
    const [restart] = restarts(before, after, budget(path, { selector, ...limit }));
    expect(restart).not.toHaveProperty("budget");
  });

  test("a budget may have a minimum instead of a maximum", () => {
    const [restart] = restarts(before, after, budget("pdb", { selector: {}, minAvailable: "50%" }));
    expect(restart?.budget).toBe("pdb (minAvailable 50%)");
  });
});

describe("changes without a restart", () => {
  test("a value of the injected proxy reaches applications at their next restart", () => {
    const config = (limit: string, other: string) =>
      makeConfigMap("linkerd-config", {
        values: `proxy:\n  resources:\n    memory:\n      limit: ${limit}\ncontrollerLogLevel: ${other}\n`,
      });
    expect(deferred([config("250Mi", "info")], [config("300Mi", "debug")])).toEqual([
      {
        object: "ConfigMap linkerd/linkerd-config",
        effect: "Meshed pods of applications take these values of the injected proxy at their next restart.",
        because: ["proxy.resources.memory.limit"],
      },
    ]);
    expect(deferred([config("250Mi", "info")], [config("250Mi", "debug")])).toEqual([]);
  });

  test("new trust anchors reach applications at their next restart", () => {
    const config = (anchors: string) =>
      makeConfigMap("linkerd-config", { values: `identityTrustAnchorsPEM: ${anchors}` });
    expect(deferred([config("a")], [config("b")]).map(({ because }) => because)).toEqual([
      ["identityTrustAnchorsPEM"],
    ]);
  });

  test("text that is not YAML has no values", () => {
    const config = (values: string) => makeConfigMap("linkerd-config", { values });
    expect(deferred([config("proxy: {")], [config("proxy: [")])).toEqual([]);
  });

  test("an injection annotation reaches the pods of the namespace at their next restart", () => {
    const namespace = (annotations: object) =>
      makeObject("v1", "Namespace", "/shop", { metadata: { annotations } });
    const before = namespace({ "linkerd.io/inject": "enabled", owner: "a" });
    const after = namespace({
      "linkerd.io/inject": "enabled",
      owner: "b",
      "config.linkerd.io/proxy-log-level": "debug",
    });
    expect(deferred([before], [after])).toEqual([
      expect.objectContaining({
        object: "Namespace shop",
        because: ["metadata.annotations[config.linkerd.io/proxy-log-level]"],
      }),
    ]);
  });

  test("the next Job of a CronJob takes the new template", () => {
    const job = (tag: string, schedule: string) =>
      makeObject("batch/v1", "CronJob", "heartbeat", { spec: { schedule, jobTemplate: { spec: { tag } } } });
    expect(deferred([job("1", "a")], [job("2", "b")]).map(({ because }) => because)).toEqual([
      ["spec.jobTemplate.spec.tag"],
    ]);
  });

  test.each([
    ["DaemonSet", { updateStrategy: { type: "OnDelete" } }, "when it is deleted"],
    ["Deployment", { paused: true }, "when the Deployment is resumed"],
  ])("a %s that waits does not restart", (kind, spec, effect) => {
    const [before, after] = ["1", "2"].map((tag) => makeWorkload(kind, "a", { ...image(tag), ...spec })) as [
      KubernetesObject,
      KubernetesObject,
    ];
    expect(restarts(before, after)).toEqual([]);
    expect(deferred([before], [after])).toEqual([
      expect.objectContaining({ object: `${kind} linkerd/a`, effect: expect.stringContaining(effect) }),
    ]);
  });

  const reference = (name: string, key: string) => ({
    container: { env: [{ name: "X", valueFrom: { configMapKeyRef: { name, key } } }] },
  });

  test.each([
    ["a key", makeWorkload("Deployment", "app", reference("settings", "a")), 1],
    [
      "all keys",
      makeWorkload("Deployment", "app", { container: { envFrom: [{ configMapRef: { name: "settings" } }] } }),
      1,
    ],
    ["a key that does not change", makeWorkload("Deployment", "app", reference("settings", "b")), 0],
    ["another ConfigMap", makeWorkload("Deployment", "app", reference("other", "a")), 0],
    ["a ConfigMap of another namespace", makeWorkload("Deployment", "x/app", reference("settings", "a")), 0],
  ])(
    "a workload that reads a changed ConfigMap into its environment is named: %s",
    (_, workload, expected) => {
      const [before, after] = ["1", "2"].map((a) => makeConfigMap("settings", { a, b: "same" })) as [
        KubernetesObject,
        KubernetesObject,
      ];
      const effects = deferred([before, workload], [after, workload]).map(({ effect }) => effect);
      const effect =
        "Deployment linkerd/app reads it into its environment, and takes the change at its next restart.";
      expect(effects).toEqual(expected === 1 ? [effect] : []);
    },
  );

  test("a workload that restarts anyway takes the change", () => {
    const secret = { container: { envFrom: [{ secretRef: { name: "s" } }] } };
    const before = [makeSecret("s", { a: "1" }), makeWorkload("Deployment", "app", secret)];
    const restarting = makeWorkload("Deployment", "app", {
      container: { ...secret.container, image: "main:2" },
    });
    expect(deferred(before, [makeSecret("s", { a: "2" }), restarting])).toEqual([]);
    expect(deferred(before, [makeSecret("s", { a: "2" }), before[1] as KubernetesObject])).toHaveLength(1);
  });
});
