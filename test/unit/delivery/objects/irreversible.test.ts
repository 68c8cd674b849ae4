import { beforeAll, describe, expect, test } from "vitest";
import { compareObjects } from "../../../../delivery/objects/compare-objects.ts";
import { findIrreversible, splitKept } from "../../../../delivery/objects/irreversible/find-irreversible.ts";
import { formatObject, type KubernetesObject } from "../../../../delivery/objects/kubernetes-object.ts";
import type { ProgramResource } from "../../../../delivery/objects/program-resource.ts";
import { makeCertificate } from "../../../support/pem.ts";
import { makeConfigMap, makeCrd, makeObject, makeSecret, makeWorkload } from "./sample-objects.ts";

/** The findings as sentences, without the reasons. */
function find(before: KubernetesObject[], after: KubernetesObject[]): string[] {
  return sentences(findIrreversible(compareObjects(before, after), { before: [], after: [] }));
}

function findResources(before: ProgramResource[], after: ProgramResource[]): string[] {
  return sentences(findIrreversible(compareObjects([], []), { before, after }));
}

const sentences = (found: readonly { object: string; what: string; why: string }[]) => {
  for (const { why } of found) expect(why).toMatch(/^[A-Z].*\.$/s);
  return found.map(({ object, what }) => `${object} ${what}`);
};

const CRD = "CustomResourceDefinition servers.policy.linkerd.io";

describe("CustomResourceDefinitions", () => {
  const v1 = { name: "v1", served: true, storage: true };
  const beta = { name: "v1beta1", served: true, storage: false };

  test("a deleted CRD deletes its objects", () => {
    const crd = makeCrd([v1]);
    expect(find([crd], [])).toEqual([`${CRD} is deleted`]);
    const [found] = findIrreversible(compareObjects([crd], []), { before: [], after: [] });
    expect(found?.why).toBe(
      "Kubernetes deletes every Server in the cluster with it. Save them first: " +
        "kubectl get servers.policy.linkerd.io --all-namespaces --output yaml.",
    );
  });

  test.each([
    ["removed", makeCrd([v1])],
    ["turned off", makeCrd([v1, { ...beta, served: false }])],
  ])("a served version that is %s breaks its clients", (_, after) => {
    expect(find([makeCrd([v1, beta])], [after])).toEqual([`${CRD} no longer serves v1beta1`]);
  });

  test("a version that was not served breaks no client", () => {
    expect(find([makeCrd([v1, { ...beta, served: false }])], [makeCrd([v1])])).toEqual([]);
  });

  test.each([
    [
      "of the CRD",
      makeCrd([
        { ...v1, storage: false },
        { ...beta, storage: true },
      ]),
    ],
    ["of stored objects", makeCrd([v1, beta], { status: { storedVersions: ["v1", "v1beta1"] } })],
  ])("the API server does not remove a stored version: %s", (_, before) => {
    expect(find([before], [makeCrd([v1])])).toEqual([`${CRD} loses the stored version v1beta1`]);
  });

  test("another stored version alone can be undone", () => {
    const after = makeCrd([
      { ...v1, storage: false },
      { ...beta, storage: true },
    ]);
    expect(find([makeCrd([v1, beta])], [after])).toEqual([]);
  });

  test("a schema that loses fields drops their values", () => {
    const schema = (...fields: string[]) => {
      const properties = Object.fromEntries(fields.map((field) => [field, { type: "string" }]));
      return makeCrd([{ ...v1, schema: { openAPIV3Schema: { properties: { spec: { properties } } } } }]);
    };
    expect(find([schema("a", "b")], [schema("b", "c")])).toEqual([`${CRD} loses the field spec.a (v1)`]);
    expect(find([schema("a", "b", "c", "d", "e", "f", "g")], [schema()])).toEqual([
      `${CRD} loses the fields spec.a (v1), spec.b (v1), spec.c (v1), spec.d (v1), spec.e (v1), and 2 more`,
    ]);
  });

  test("another scope is immutable", () => {
    const cluster = makeCrd([v1]);
    const after = { ...cluster, spec: { ...(cluster.spec as object), scope: "Cluster" } };
    expect(find([cluster], [after])).toEqual([`${CRD} changes spec.scope, which is immutable`]);
  });
});

describe("Namespaces, Secrets and volumes", () => {
  test("a deleted Namespace includes its Secrets, and another deleted Secret is listed", () => {
    const before = [makeObject("v1", "Namespace", "/a"), makeSecret("a/one", {}), makeSecret("b/two", {})];
    expect(find(before, [])).toEqual(["Namespace a is deleted", "Secret b/two is deleted"]);
  });

  test("a Secret with another name is deleted", () => {
    expect(find([makeSecret("a/one", {})], [makeSecret("a/two", {})])).toEqual(["Secret a/one is deleted"]);
  });

  test("an added Namespace and a changed Secret can be undone", () => {
    expect(
      find([makeSecret("s", { a: "1" })], [makeSecret("s", { a: "2" }), makeObject("v1", "Namespace", "/a")]),
    ).toEqual([]);
  });

  const claim = (storage: string, fields: object = {}) =>
    makeObject("v1", "PersistentVolumeClaim", "data", {
      spec: { resources: { requests: { storage } }, ...fields },
    });

  test("a deleted claim loses its data", () => {
    expect(find([claim("1Gi")], [])).toEqual(["PersistentVolumeClaim linkerd/data is deleted"]);
  });

  test("a claim cannot shrink, and may grow", () => {
    expect(find([claim("1Gi")], [claim("512Mi")])).toEqual([
      "PersistentVolumeClaim linkerd/data shrinks from 1Gi to 512Mi",
    ]);
    expect(find([claim("1Gi")], [claim("2Gi")])).toEqual([]);
    expect(find([claim("1Gi")], [claim("1024Mi")])).toEqual([]);
  });

  test("the class of a claim is immutable", () => {
    expect(
      find([claim("1Gi", { storageClassName: "a" })], [claim("1Gi", { storageClassName: "b" })]),
    ).toEqual(["PersistentVolumeClaim linkerd/data changes spec.storageClassName, which is immutable"]);
  });
});

describe("objects that the cluster keeps", () => {
  const keep = { metadata: { annotations: { "helm.sh/resource-policy": "keep" } } };

  test("an object that Helm keeps is not deleted", () => {
    const { deleted, kept } = splitKept([makeCrd([]), makeCrd([], keep)], []);
    expect([deleted.length, kept.map(formatObject)]).toEqual([1, [CRD]]);
  });

  test("an object that Pulumi retains is not deleted", () => {
    const retain = (type: string, metadata: Record<string, string>) =>
      resource(`kubernetes:core/v1:${type}`, "r", {
        options: { retainOnDelete: true },
        inputs: { metadata },
      });
    const { deleted, kept } = splitKept(
      [
        makeObject("v1", "Namespace", "/a"),
        makeObject("v1", "Namespace", "/b"),
        makeSecret("x/s", {}),
        makeSecret("y/s", {}),
      ],
      [retain("Namespace", { name: "a" }), retain("Secret", { name: "s", namespace: "x" })],
    );
    expect(deleted.map(formatObject)).toEqual(["Namespace b", "Secret y/s"]);
    expect(kept.map(formatObject)).toEqual(["Namespace a", "Secret x/s"]);
  });
});

describe("trust anchors", () => {
  let [one, two] = ["", ""];
  const bundle = (text: string) => makeConfigMap("linkerd-identity-trust-roots", { "ca-bundle.crt": text });

  beforeAll(async () => {
    [one, two] = (await Promise.all(
      ["one", "two"].map(async (name) => (await makeCertificate(name, 24, { isCa: true })).certPem),
    )) as [string, string];
  });

  test("an anchor that leaves the bundle is named by its identity", () => {
    expect(find([bundle(one + two)], [bundle(two)])).toEqual([
      expect.stringMatching(
        /^ConfigMap linkerd\/linkerd-identity-trust-roots loses the trust anchor \[certificate CN=one, SHA-256 [0-9a-f]{12}, expires \d{4}-\d\d-\d\d\]$/,
      ),
    ]);
  });

  test("an added anchor, another order and another form of the same PEM lose no anchor", () => {
    expect(find([bundle(one)], [bundle(one + two)])).toEqual([]);
    expect(find([bundle(one + two)], [bundle(two + one)])).toEqual([]);
    expect(find([bundle(one)], [bundle(one.replaceAll("\n", "\r\n"))])).toEqual([]);
  });

  test("a deleted bundle loses all anchors", () => {
    expect(find([bundle(one + two)], [])).toHaveLength(2);
  });

  test("one of two equal placeholders of a golden file is a lost anchor", () => {
    const placeholder = "[certificate CN=root, 100 years]\n";
    expect(find([bundle(placeholder + placeholder)], [bundle(placeholder)])).toHaveLength(1);
  });

  test("another ConfigMap is not the bundle", () => {
    expect(find([makeConfigMap("other", { "ca-bundle.crt": one })], [makeConfigMap("other", {})])).toEqual(
      [],
    );
  });

  const anchor = (name: string, years: number): ProgramResource[] => [
    resource("linkerd-mesh:certificates:TrustAnchor", name),
    resource("tls:index/selfSignedCert:SelfSignedCert", `${name}-cert`, { parent: name, inputs: { years } }),
  ];

  test("a deleted anchor loses its key", () => {
    expect(findResources([...anchor("a", 100), ...anchor("b", 100)], anchor("b", 100))).toEqual([
      "TrustAnchor a is deleted",
    ]);
  });

  test("an anchor with other inputs is replaced", () => {
    expect(findResources(anchor("a", 100), anchor("a", 10))).toEqual(["TrustAnchor a is replaced"]);
    expect(findResources(anchor("a", 100), anchor("a", 100))).toEqual([]);
  });
});

describe("guards", () => {
  const guarded = (options: Record<string, boolean>) =>
    resource("kubernetes:helm.sh/v3:Release", "crds", { options });

  test.each([
    ["protect", "is no longer protected"],
    ["retainOnDelete", "is no longer retained"],
  ])("%s that is turned off is reported", (option, what) => {
    expect(findResources([guarded({ [option]: true })], [guarded({})])).toEqual([`Release crds ${what}`]);
    expect(findResources([guarded({})], [guarded({ [option]: true })])).toEqual([]);
    expect(findResources([guarded({ [option]: true })], [guarded({ [option]: true })])).toEqual([]);
  });

  test("children that inherit a guard are not listed with their component", () => {
    const tree = (options: Record<string, boolean>) => [
      resource("linkerd-mesh:certificates:TrustAnchor", "a", { options }),
      resource("tls:index/privateKey:PrivateKey", "a-key", { options, parent: "a" }),
    ];
    expect(findResources(tree({ protect: true }), tree({}))).toEqual([
      "TrustAnchor a is no longer protected",
    ]);
  });

  test("a guarded resource that leaves the program loses no option", () => {
    expect(findResources([guarded({ protect: true })], [])).toEqual([]);
  });

  test("the removal guard that leaves the program is reported", () => {
    const guard = resource("linkerd-mesh:index:RemovalGuard", "guard");
    expect(findResources([guard], [])).toEqual(["RemovalGuard guard is removed"]);
    expect(findResources([guard], [guard])).toEqual([]);
  });
});

describe("immutable fields", () => {
  const spec = (apiVersion: string, kind: string, fields: object) =>
    makeObject(apiVersion, kind, "a", { spec: fields });

  test.each<[string, KubernetesObject, KubernetesObject, string]>([
    [
      "the selector of a Deployment",
      makeWorkload("Deployment", "a"),
      makeWorkload("Deployment", "a", { selector: { matchLabels: { app: "b" } } }),
      "Deployment linkerd/a changes spec.selector.matchLabels.app, which is immutable",
    ],
    [
      "the claims of a StatefulSet",
      makeWorkload("StatefulSet", "a", { volumeClaimTemplates: [] }),
      makeWorkload("StatefulSet", "a", { volumeClaimTemplates: [{}], serviceName: "x" }),
      "StatefulSet linkerd/a changes spec.serviceName, spec.volumeClaimTemplates, which are immutable",
    ],
    [
      "the template of a Job",
      spec("batch/v1", "Job", { template: { a: 1 } }),
      spec("batch/v1", "Job", { template: { a: 2 } }),
      "Job linkerd/a changes spec.template.a, which is immutable",
    ],
    [
      "the address of a Service",
      spec("v1", "Service", { clusterIP: "10.0.0.1" }),
      spec("v1", "Service", { clusterIP: "None" }),
      "Service linkerd/a changes spec.clusterIP, which is immutable",
    ],
    [
      "the role of a binding",
      makeObject("rbac.authorization.k8s.io/v1", "RoleBinding", "a", { roleRef: { name: "x" } }),
      makeObject("rbac.authorization.k8s.io/v1", "RoleBinding", "a", { roleRef: { name: "y" } }),
      "RoleBinding linkerd/a changes roleRef.name, which is immutable",
    ],
    [
      "the type of a Secret",
      makeSecret("a", {}, { type: "Opaque" }),
      makeSecret("a", {}, { type: "kubernetes.io/tls" }),
      "Secret linkerd/a changes type, which is immutable",
    ],
    [
      "the data of an immutable ConfigMap",
      makeObject("v1", "ConfigMap", "a", { immutable: true, data: { a: "1" } }),
      makeObject("v1", "ConfigMap", "a", { immutable: true, data: { a: "2" } }),
      "ConfigMap linkerd/a changes data.a, which is immutable",
    ],
  ])("%s is immutable", (_, before, after, sentence) => {
    expect(find([before], [after])).toEqual([sentence]);
  });

  test.each<[string, KubernetesObject, KubernetesObject]>([
    [
      "the template of a Deployment",
      makeWorkload("Deployment", "a"),
      makeWorkload("Deployment", "a", { template: {} }),
    ],
    [
      "the replicas of a StatefulSet",
      makeWorkload("StatefulSet", "a"),
      makeWorkload("StatefulSet", "a", { replicas: 2 }),
    ],
    [
      "an address that the manifest no longer sets",
      spec("v1", "Service", { clusterIP: "None" }),
      spec("v1", "Service", {}),
    ],
    ["the data of a ConfigMap", makeConfigMap("a", { a: "1" }), makeConfigMap("a", { a: "2" })],
    [
      "the type of an object that is no Secret",
      makeObject("x/v1", "Thing", "a"),
      makeObject("x/v1", "Thing", "a", { type: "b" }),
    ],
  ])("%s can change", (_, before, after) => {
    expect(find([before], [after])).toEqual([]);
  });
});

describe("failure policies", () => {
  const webhooks = (policy: string | undefined, ...others: object[]) =>
    makeObject("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "/w", {
      webhooks: [{ name: "inject", ...(policy === undefined ? {} : { failurePolicy: policy }) }, ...others],
    });

  test.each(["Fail", undefined])("Ignore that becomes %s is reported, as Fail is the default", (policy) => {
    expect(find([webhooks("Ignore")], [webhooks(policy)])).toEqual([
      "MutatingWebhookConfiguration w changes the failure policy of inject from Ignore to Fail",
    ]);
  });

  test("Fail that becomes Ignore, and an added webhook, are not reported", () => {
    expect(find([webhooks("Fail")], [webhooks("Ignore", { name: "new" })])).toEqual([]);
  });

  test("the failure policy of an admission policy is reported", () => {
    const policy = (failurePolicy: string) =>
      makeObject("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", "/p", {
        spec: { failurePolicy },
      });
    expect(find([policy("Ignore")], [policy("Fail")])).toEqual([
      "MutatingAdmissionPolicy p changes the failure policy from Ignore to Fail",
    ]);
    // The API server evaluates it, so nothing has replicas.
    const changes = compareObjects([policy("Ignore")], [policy("Fail")]);
    expect(findIrreversible(changes, { before: [], after: [] })[0]?.why).toMatch(
      /an expression of the policy fails/,
    );
  });
});

test("the greatest loss is first", () => {
  const before = [
    makeSecret("s", {}),
    makeObject("v1", "PersistentVolumeClaim", "data"),
    makeObject("v1", "Namespace", "/n"),
    makeCrd([]),
  ];
  expect(find(before, []).map((sentence) => sentence.split(" ")[0])).toEqual([
    "CustomResourceDefinition",
    "Namespace",
    "Secret",
    "PersistentVolumeClaim",
  ]);
});

function resource(type: string, name: string, fields: Partial<ProgramResource> = {}): ProgramResource {
  return { type, name, parent: "", options: {}, inputs: {}, ...fields };
}
