import { expect, test } from "vitest";
import { findChangedBy } from "../../../../delivery/manifests/drift/changed-by.ts";
import { findForeignFields } from "../../../../delivery/manifests/drift/managed-fields.ts";
import { projectLive } from "../../../../delivery/manifests/drift/project-live.ts";
import { projectSecret } from "../../../../delivery/manifests/drift/project-secret.ts";
import { compareObjects } from "../../../../delivery/objects/compare-objects.ts";
import { identifyObject, type KubernetesObject } from "../../../../delivery/objects/kubernetes-object.ts";
import type { ManagedFields } from "../../../../stacks/cluster/cluster.ts";

const METADATA = { name: "identity", namespace: "linkerd" };

/** A Deployment as a chart renders it. */
function render(container: object = {}, spec: object = {}): KubernetesObject {
  const containers = [
    { name: "proxy", image: "proxy:1", env: [{ name: "LOG", value: "warn" }], ...container },
  ];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: METADATA,
    spec: { ...spec, template: { spec: { containers } } },
  };
}

/** Fields of managers, each with the fields of a container and of the Deployment's spec. */
function managed(manager: string, container: object, spec: object = {}, subresource?: string): ManagedFields {
  const containers = { 'k:{"name":"proxy"}': { ".": {}, ...container } };
  return {
    manager,
    time: "2026-11-29T18:00:00Z",
    ...(subresource ? { subresource } : {}),
    fieldsV1: {
      "f:spec": { ...spec, "f:template": { "f:spec": { "f:containers": containers } } },
    } as NonNullable<ManagedFields["fieldsV1"]>,
  };
}

/** The differences of the live object from the rendered one, as `<path>: <live> -> <rendered>, by <managers>`. */
function diff(live: KubernetesObject, rendered: KubernetesObject, ...managers: ManagedFields[]): string[] {
  const projected = projectLive(live, rendered, findForeignFields(live, managers));
  const by = new Map([[identifyObject(rendered), managers]]);
  return compareObjects([projected], [rendered]).changed.flatMap((changed) =>
    changed.fields.map(
      ({ path, before, after, steps }) =>
        `${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}, by ${findChangedBy({ ...changed, fields: [{ path, steps }] }, by).join()}`,
    ),
  );
}

const PROVIDER = managed("pulumi-resource-kubernetes", { "f:image": {}, "f:terminationMessagePath": {} });

test("defaults and the status that the API server adds are not drift", () => {
  const live = {
    ...render(
      { terminationMessagePath: "/dev/termination-log", imagePullPolicy: "IfNotPresent" },
      { replicas: 1 },
    ),
    status: { replicas: 1 },
  };
  const status = managed("kube-controller-manager", {}, { "f:replicas": {} });
  expect(diff(live, render(), PROVIDER, status)).toEqual([]);
});

test("values that the API server leaves out or normalizes are not drift", () => {
  const rendered = render({
    resources: { limits: { cpu: 1, memory: "1024Mi" } },
    ports: [],
    tty: false,
    command: null,
  });
  expect(diff(render({ resources: { limits: { cpu: "1", memory: "1Gi" } } }), rendered, PROVIDER)).toEqual(
    [],
  );
});

test("a changed field is drift, with the client that changed it and the time", () => {
  const edit = managed("kubectl-edit", { "f:image": {} });
  expect(diff(render({ image: "proxy:2" }), render(), PROVIDER, edit)).toEqual([
    'spec.template.spec.containers[proxy].image: "proxy:2" -> "proxy:1", by kubectl-edit at 2026-11-29T18:00:00Z',
  ]);
});

test("a scaled Deployment is drift, also where the chart leaves the number of replicas to the default", () => {
  const scale = managed("kubectl", {}, { "f:replicas": {} }, "scale");
  expect(diff(render({}, { replicas: 2 }), render(), PROVIDER, scale)).toEqual([
    "spec.replicas: 2 -> undefined, by kubectl at 2026-11-29T18:00:00Z",
  ]);
  // The API server records no client that scales to 0.
  expect(diff(render({}, { replicas: 0 }), render(), PROVIDER)).toEqual([
    "spec.replicas: 0 -> undefined, by ",
  ]);
});

test("an added entry of a list is drift, and a removed one too", () => {
  const env = { "f:env": { 'k:{"name":"DEBUG"}': { ".": {}, "f:name": {}, "f:value": {} } } };
  const live = render({ env: [{ name: "DEBUG", value: "1" }] });
  expect(diff(live, render(), PROVIDER, managed("kubectl-edit", env))).toEqual([
    'spec.template.spec.containers[proxy].env[DEBUG]: {"name":"DEBUG","value":"1"} -> undefined, by kubectl-edit at 2026-11-29T18:00:00Z',
    'spec.template.spec.containers[proxy].env[LOG]: undefined -> {"name":"LOG","value":"warn"}, by ',
  ]);
});

test("a restart with kubectl is not drift", () => {
  const live = render();
  const annotations = { "kubectl.kubernetes.io/restartedAt": "2026-11-29T18:00:00Z" };
  const restarted = {
    ...live,
    metadata: { ...METADATA, annotations: { "deployment.kubernetes.io/revision": "2" } },
    spec: { template: { ...(live.spec as { template: object }).template, metadata: { annotations } } },
  };
  const rollout: ManagedFields = {
    manager: "kubectl-rollout",
    fieldsV1: {
      "f:spec": {
        "f:template": {
          "f:metadata": { "f:annotations": { ".": {}, "f:kubectl.kubernetes.io/restartedAt": {} } },
        },
      },
    },
  };
  expect(diff(restarted, render(), PROVIDER, rollout)).toEqual([]);
});

test("a role that someone extended is drift, although its rules have no owners of their own", () => {
  const role = (rules: object[]) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: METADATA,
    rules,
  });
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  const edit = { manager: "kubectl-edit", fieldsV1: { "f:rules": {} } };
  expect(diff(role([{ ...rules[0], resourceNames: ["web"] }]), role(rules), edit)).toHaveLength(1);
  expect(diff(role([...rules, { verbs: ["*"] }]), role(rules), edit)).toHaveLength(1);
  expect(diff(role(rules), role(rules), edit)).toEqual([]);
});

test("a Secret is compared by its metadata: a changed, an added and a removed key are drift", () => {
  const desired = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: METADATA,
    data: { "tls.crt": "[secret]", "tls.key": "[secret]" },
  };
  const owner = (manager: string, ...keys: string[]) => ({
    manager,
    fieldsV1: {
      "f:data": Object.fromEntries([".", ...keys.map((key) => `f:${key}`)].map((step) => [step, {}])),
    },
  });
  const fieldsOf = (...managers: ManagedFields[]) => {
    const projected = projectSecret(METADATA, desired, managers, (live) => live);
    return compareObjects([projected], [desired]).changed.flatMap(({ fields }) =>
      fields.map(({ path }) => path),
    );
  };
  expect(fieldsOf(owner("pulumi-kubernetes-1", "tls.crt", "tls.key"))).toEqual([]);
  expect(fieldsOf(owner("pulumi-kubernetes-1", "tls.crt"), owner("kubectl-edit", "tls.key"))).toEqual([
    "data[tls.key]",
  ]);
  expect(fieldsOf(owner("pulumi-kubernetes-1", "tls.crt"))).toEqual(["data[tls.key]"]);
  expect(fieldsOf(owner("pulumi-kubernetes-1", "tls.crt", "tls.key"), owner("curl", "extra"))).toEqual([
    "data.extra",
  ]);
});
