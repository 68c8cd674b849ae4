import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareObjects } from "../../../../delivery/objects/compare-objects.ts";
import {
  formatObject,
  type Json,
  type KubernetesObject,
} from "../../../../delivery/objects/kubernetes-object.ts";
import type { FieldChange, PathStep } from "../../../../delivery/objects/object-changes.ts";
import { makeConfigMap, makeObject, makeSecret, makeWorkload } from "./sample-objects.ts";

/** The changes of one object, as `path: before → after`. */
function compare(before: KubernetesObject, after: KubernetesObject): string[] {
  const { added, removed, changed } = compareObjects([before], [after]);
  expect([...added, ...removed]).toEqual([]);
  return changed.flatMap(({ fields }) => fields.map(formatChange));
}

function formatChange(change: FieldChange): string {
  const [before, after] = (["before", "after"] as const).map((side) =>
    side in change ? JSON.stringify(change[side]) : "nothing",
  );
  return `${change.path}: ${before} → ${after}`;
}

const container = (fields: object) => makeWorkload("Deployment", "app", { container: fields });

describe("objects", () => {
  test("an object with another name is a removed and an added object", () => {
    const { added, removed, changed } = compareObjects(
      [makeConfigMap("a/one", {}), makeConfigMap("a/same", {})],
      [makeConfigMap("b/one", {}), makeConfigMap("a/same", {})],
    );
    expect(removed.map(formatObject)).toEqual(["ConfigMap a/one"]);
    expect(added.map(formatObject)).toEqual(["ConfigMap b/one"]);
    expect(changed).toEqual([]);
  });

  test("another version of the same API is a change of one object", () => {
    const before = makeObject("policy.linkerd.io/v1beta1", "Server", "s");
    const after = makeObject("policy.linkerd.io/v1beta3", "Server", "s");
    expect(compare(before, after)).toEqual([
      'apiVersion: "policy.linkerd.io/v1beta1" → "policy.linkerd.io/v1beta3"',
    ]);
  });

  test("the same kind in another API group is another object", () => {
    const { added, removed } = compareObjects(
      [makeObject("v1", "Service", "s")],
      [makeObject("serving.knative.dev/v1", "Service", "s")],
    );
    expect([added.length, removed.length]).toEqual([1, 1]);
  });

  test("objects are listed by namespace, kind and name, those without a namespace first", () => {
    const objects = [
      makeConfigMap("b/one", {}),
      makeSecret("a/two", {}),
      makeConfigMap("a/one", {}),
      makeObject("v1", "Namespace", "/z"),
    ];
    const sorted = ["Namespace z", "ConfigMap a/one", "Secret a/two", "ConfigMap b/one"];
    expect(compareObjects([], objects).added.map(formatObject)).toEqual(sorted);
  });

  test("two objects with one identity are an error, because one of them would be ignored", () => {
    const twice = [makeConfigMap("a/one", { x: "1" }), makeConfigMap("a/one", { x: "2" })];
    expect(() => compareObjects(twice, [])).toThrow(
      'must be unique, got two objects with the identity ["","ConfigMap"',
    );
  });

  test("the status and the fields of the API server are not compared", () => {
    const live = makeObject("v1", "ConfigMap", "a/one", {
      metadata: {
        uid: "1",
        resourceVersion: "2",
        generation: 3,
        creationTimestamp: "today",
        managedFields: [],
      },
      status: { ready: true },
    });
    expect(compare(live, makeConfigMap("a/one", {}))).toEqual([]);
  });
});

describe("fields", () => {
  test("an added environment variable is one change, wherever it is", () => {
    const before = container({ env: [{ name: "B", value: "2" }] });
    const after = container({
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    });
    expect(compare(before, after)).toEqual([
      'spec.template.spec.containers[main].env[A]: nothing → {"name":"A","value":"1"}',
    ]);
  });

  test("ports of a container are compared by number and protocol, which is TCP by default", () => {
    const before = container({
      ports: [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP", name: "dns" }],
    });
    const after = container({ ports: [{ containerPort: 53, protocol: "UDP" }, { containerPort: 53 }] });
    expect(compare(before, after)).toEqual([
      "spec.template.spec.containers[main].ports (order): " + '["53/TCP","53/UDP"] → ["53/UDP","53/TCP"]',
      'spec.template.spec.containers[main].ports[53/UDP].name: "dns" → nothing',
    ]);
  });

  test("the order of a keyed list is a change in a pod template, where it restarts the pods", () => {
    const [a, b] = [{ name: "a" }, { name: "b" }];
    const before = makeWorkload("Deployment", "app", { template: { spec: { containers: [a, b] } } });
    const after = makeWorkload("Deployment", "app", { template: { spec: { containers: [b, a] } } });
    expect(compare(before, after)).toEqual(['spec.template.spec.containers (order): ["a","b"] → ["b","a"]']);
  });

  test("the order of a keyed list has no effect elsewhere", () => {
    const service = (...ports: object[]) => makeObject("v1", "Service", "s", { spec: { ports } });
    const [http, https] = [{ port: 80 }, { port: 443 }];
    expect(compare(service(http, https), service(https, http))).toEqual([]);
  });

  test.each([
    [
      "webhooks",
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      (list: object[]) => ({ webhooks: list }),
    ],
    [
      "versions",
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      (list: object[]) => ({ spec: { versions: list } }),
    ],
    [
      "groups",
      "monitoring.coreos.com/v1",
      "PrometheusRule",
      (list: object[]) => ({ spec: { groups: list } }),
    ],
  ])("%s are compared by name", (list, apiVersion, kind, spec) => {
    const make = (...entries: object[]) => makeObject(apiVersion, kind, "/x", spec(entries));
    const changes = compare(make({ name: "a", x: 1 }), make({ name: "new" }, { name: "a", x: 2 }));
    expect(changes).toEqual([
      expect.stringContaining(`${list}[a].x: 1 → 2`),
      expect.stringContaining(`${list}[new]: nothing → {"name":"new"}`),
    ]);
  });

  test("a list without keys is one value, because its order may have an effect", () => {
    const before = container({ args: ["identity", "-log-level=info"] });
    const after = container({ args: ["identity", "-log-level=debug"] });
    expect(compare(before, after)).toEqual([
      'spec.template.spec.containers[main].args: ["identity","-log-level=info"] → ["identity","-log-level=debug"]',
    ]);
  });

  test("a list whose entries repeat a key is one value", () => {
    const before = container({
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    });
    const after = container({ env: [{ name: "A", value: "2" }] });
    expect(compare(before, after)).toHaveLength(1);
    expect(compare(before, after)[0]).toContain("containers[main].env: [");
  });

  test("null is a missing field", () => {
    const before = makeObject("v1", "ConfigMap", "a/one", { data: null, x: { y: null, z: [{ v: null }] } });
    expect(compare(before, makeObject("v1", "ConfigMap", "a/one", { x: { z: [{}] } }))).toEqual([]);
  });

  test("the first annotation and the last one are changes of their own", () => {
    const plain = makeConfigMap("a/one", {});
    const annotated = makeObject("v1", "ConfigMap", "a/one", {
      metadata: { annotations: { "linkerd.io/inject": "enabled" } },
      data: {},
    });
    expect(compare(plain, annotated)).toEqual([
      'metadata.annotations[linkerd.io/inject]: nothing → "enabled"',
    ]);
    expect(compare(annotated, plain)).toEqual([
      'metadata.annotations[linkerd.io/inject]: "enabled" → nothing',
    ]);
  });
});

test("the first limit of a container has the path of a changed one", () => {
  const after = container({ resources: { limits: { memory: "1Gi" } } });
  expect(compare(container({ resources: {} }), after)).toEqual([
    'spec.template.spec.containers[main].resources.limits.memory: nothing → "1Gi"',
  ]);
});

describe("Secrets", () => {
  test("the keys of a Secret are named without their values", () => {
    const before = makeSecret("s", { "tls.key": "old", "tls.crt": "same", old: "x" });
    const after = makeSecret("s", { "tls.key": "new", "tls.crt": "same", new: "x" });
    expect(compare(before, after)).toEqual([
      'data.new: nothing → "[secret]"',
      'data.old: "[secret]" → nothing',
      'data[tls.key]: "[secret]" → "[another secret]"',
    ]);
  });

  test("stringData equals the data that the API server stores", () => {
    const written = makeObject("v1", "Secret", "s", { stringData: { password: "secret" } });
    expect(compare(written, makeSecret("s", { password: "secret" }))).toEqual([]);
    expect(compare(written, makeSecret("s", { password: "other" }))).toEqual([
      'data.password: "[secret]" → "[another secret]"',
    ]);
  });

  test("an annotation of a Secret is hidden, and a label is not", () => {
    const after = makeSecret("s", {}, { metadata: { labels: { a: "b" }, annotations: { applied: "data" } } });
    expect(compare(makeSecret("s", {}), after)).toEqual([
      'metadata.annotations.applied: nothing → "[secret]"',
      'metadata.labels.a: nothing → "b"',
    ]);
  });
});

describe("properties", () => {
  const name = fc.constantFrom("a", "b", "c", "linkerd.io/x");
  const text = fc.constantFrom("1", "2", "");
  const map = fc.dictionary(name, text, { maxKeys: 3 });
  const env = fc.uniqueArray(fc.record({ name, value: text }), {
    selector: (entry) => entry.name,
    maxLength: 3,
  });
  const ports = fc.uniqueArray(
    fc.record({ containerPort: fc.integer({ min: 1, max: 3 }), protocol: fc.constantFrom("TCP", "UDP") }),
    { selector: ({ containerPort, protocol }) => `${containerPort}${protocol}`, maxLength: 3 },
  );
  const containers = fc.uniqueArray(
    fc.record(
      { name, image: text, env, ports, args: fc.array(text, { maxLength: 3 }) },
      { requiredKeys: ["name"] },
    ),
    { selector: (entry) => entry.name, maxLength: 3 },
  );
  const template = fc.record({ metadata: fc.record({ annotations: map }), spec: fc.record({ containers }) });
  const strategy = fc.dictionary(
    fc.constantFrom("type", "toString"),
    fc.oneof(text, map, fc.array(map, { maxLength: 2 })),
  );
  const deployment = fc
    .record({ replicas: fc.integer({ min: 0, max: 3 }), template, strategy })
    .map((spec) => makeObject("apps/v1", "Deployment", "app", { spec }));
  const config = fc
    .record({ name, data: map })
    .map(({ name, data }) => makeConfigMap(`x/${name.length}`, data));
  const objects = fc.tuple(deployment, config).map((list): KubernetesObject[] => list);

  test("an object equals itself, also after a trip through JSON", () => {
    fc.assert(
      fc.property(objects, (list) => {
        const copy = JSON.parse(JSON.stringify(list));
        expect(compareObjects(list, copy)).toEqual({ added: [], removed: [], changed: [] });
      }),
      { numRuns: 50 },
    );
  });

  test("neither the order of objects nor that of keyed lists outside of pod templates has an effect", () => {
    const ports = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
    fc.assert(
      fc.property(objects, ports, (list, numbers) => {
        const service = (order: number[]) =>
          makeObject("v1", "Service", "s", { spec: { ports: order.map((port) => ({ port })) } });
        const before = [...list, service(numbers)];
        const after = [service(numbers.toReversed()), ...list.toReversed()];
        expect(compareObjects(before, after).changed).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("the changes, applied to the object before, give the object after", () => {
    fc.assert(
      fc.property(deployment, deployment, (before, after) => {
        const fields = compareObjects([before], [after]).changed.flatMap((changed) => changed.fields);
        expect(normalize(applyChanges(before, fields))).toEqual(normalize(after));
      }),
      { numRuns: 50 },
    );
  });

  test("there is no change without a difference", () => {
    fc.assert(
      fc.property(deployment, deployment, (before, after) => {
        const fields = compareObjects([before], [after]).changed.flatMap((changed) => changed.fields);
        expect(fields.filter((change) => isDeepStrictEqual(change.before, change.after))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

// biome-ignore lint/suspicious/noExplicitAny: the helper edits JSON of any shape
type Any = any;

/** Applies changes to a copy of an object, independently of the comparison. */
function applyChanges(object: KubernetesObject, changes: readonly FieldChange[]): Any {
  const copy = structuredClone(object) as Any;
  for (const { steps, after } of changes) applyChange(copy, steps, after);
  return copy;
}

function applyChange(target: Any, [step, ...rest]: readonly PathStep[], after: Json | undefined): void {
  if (typeof step === "object" && "order" in step) return;
  if (typeof step === "object") {
    const index = target.findIndex((entry: Any) => keyOf(entry) === (step as { entry: string }).entry);
    if (rest.length > 0) applyChange(target[index], rest, after);
    else if (after === undefined) target.splice(index, 1);
    else if (index < 0) target.push(after);
    else target[index] = after;
    return;
  }
  const field = step as string;
  if (rest.length === 0) target[field] = after;
  else {
    target[field] ??= {};
    applyChange(target[field], rest, after);
  }
}

const keyOf = (entry: Any): string => entry.name ?? `${entry.containerPort}/${entry.protocol}`;

/** Without missing fields and empty maps, and with keyed lists in one order. */
function normalize(value: Any): Any {
  if (Array.isArray(value)) {
    const isKeyed = value.some((entry) => entry?.name !== undefined || entry?.containerPort !== undefined);
    const list = value.map(normalize);
    return isKeyed ? list.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) : list;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(entries.map(([field, part]) => [field, normalize(part)]));
}
