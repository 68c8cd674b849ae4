import { afterEach, beforeAll, expect, test } from "vitest";
import { openCluster, openClusterOnce } from "../../../../../stacks/cluster/cluster.ts";
import { checkAdoption } from "../../../../../stacks/preflight/adoption/check-adoption.ts";
import { findManager } from "../../../../../stacks/preflight/adoption/object-manager.ts";
import { readRunningMesh } from "../../../../../stacks/preflight/adoption/read-running-mesh.ts";
import {
  type ApiServer,
  formatKubeconfig,
  helmRecord,
  startApiServer,
  type TestObject,
} from "../../../../support/api-server.ts";
import { makeIdentity } from "../../../../support/pem.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

const NAMES = { namespace: "linkerd", vizNamespace: "linkerd-viz", viz: true, cni: false };
const OF_HELM = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": "linkerd-control-plane" },
};
const HELM = { kind: "helm", name: "Helm release linkerd-control-plane" };

let server: ApiServer | undefined;
let identity: Awaited<ReturnType<typeof makeIdentity>>;
beforeAll(async () => {
  identity = await makeIdentity();
});
afterEach(() => server?.close());

const base64 = (text: string) => Buffer.from(text).toString("base64");

const object = (kind: string, name: string, content: Partial<TestObject> = {}): TestObject => ({
  apiVersion: "v1",
  kind,
  ...content,
  metadata: { name, namespace: "linkerd", ...content.metadata },
});

const record = (name: string, namespace = "linkerd") => helmRecord({ name, namespace });

/** The objects of a mesh with an issuer in Helm's values, and cert-manager's certificate of tap. */
const mesh = (values = "identityTrustDomain: corp.example\ncniEnabled: true\n"): TestObject[] => [
  record("linkerd-crds"),
  record("linkerd-control-plane"),
  record("linkerd-viz", "linkerd-viz"),
  object("ConfigMap", "linkerd-config", { data: { values } }),
  object("ConfigMap", "linkerd-identity-trust-roots", {
    metadata: { name: "linkerd-identity-trust-roots", ...OF_HELM },
    data: { "ca-bundle.crt": identity.anchor.certPem },
  }),
  object("Secret", "linkerd-identity-issuer", {
    metadata: { name: "linkerd-identity-issuer", ...OF_HELM },
    data: { "crt.pem": base64(identity.issuer.certPem), "key.pem": base64(identity.issuer.keyPem) },
  }),
  object("Secret", "tap-k8s-tls", {
    metadata: {
      name: "tap-k8s-tls",
      namespace: "linkerd-viz",
      annotations: { "cert-manager.io/certificate-name": "tap" },
    },
  }),
  {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: {
      name: "v1alpha1.tap.linkerd.io",
      annotations: { "cert-manager.io/inject-ca-from": "linkerd-viz/tap" },
    },
    spec: { caBundle: base64("the CA of tap") },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "linkerd-proxy-injector-webhook-config" },
    webhooks: [{ clientConfig: { caBundle: base64("the CA of the injector") } }],
  },
];

const isVizRecord = ({ name, namespace }: TestObject["metadata"]) =>
  namespace === "linkerd-viz" && name.startsWith("sh.helm.release");

async function readMesh(objects: TestObject[], names = NAMES) {
  server = await startApiServer(objects);
  return readRunningMesh(await openCluster({ "kubernetes:kubeconfig": server.kubeconfig }), names);
}

test("a running mesh is read with its trust, its managers and its values, and without the issuer's key", async () => {
  const running = await readMesh(mesh());
  expect(running).toMatchObject({
    versions: {
      "linkerd-crds": "2026.8.3",
      "linkerd-control-plane": "2026.8.3",
      "linkerd-viz": "2026.8.3",
    },
    config: { trustDomain: "corp.example", clusterDomain: undefined, cni: true },
    bundle: { pem: identity.anchor.certPem, manager: HELM },
    issuer: { entries: ["crt.pem", "key.pem"], certPem: identity.issuer.certPem, manager: HELM },
    webhooks: {
      proxyInjector: { secret: undefined, caPem: "the CA of the injector", isCaInjected: false },
      profileValidator: { secret: undefined, caPem: "" },
      tap: {
        secret: { manager: { kind: "other", name: "cert-manager (Certificate tap)" } },
        caPem: "the CA of tap",
        injectCaFrom: "linkerd-viz/tap",
        isCaInjected: true,
      },
    },
  });
  expect(JSON.stringify(running)).not.toContain("PRIVATE KEY");
});

test("a mesh without a control plane in the namespace of the settings is not read", async () => {
  expect(await readMesh([record("linkerd-crds")])).toBeUndefined();
  await server?.close();
  expect(await readMesh(mesh(), { ...NAMES, namespace: "mesh" })).toBeUndefined();
});

test("without viz, its webhook servers are not read", async () => {
  const running = await readMesh(mesh(), { ...NAMES, viz: false });
  expect(Object.keys(running?.webhooks ?? {})).toEqual([
    "proxyInjector",
    "profileValidator",
    "policyValidator",
  ]);
});

test("the volume and the retention of viz's Prometheus are read from the values of its release", async () => {
  const persistence = { size: "20Gi", accessMode: "ReadWriteOnce" };
  const prometheus = { persistence, args: { "storage.tsdb.retention.time": "7d" } };
  const viz = helmRecord({ name: "linkerd-viz", namespace: "linkerd-viz" }, { prometheus });
  const running = await readMesh([...mesh().filter(({ metadata }) => !isVizRecord(metadata)), viz]);
  expect(running?.prometheus).toEqual({
    volume: { size: "20Gi", storageClass: undefined, accessMode: "ReadWriteOnce" },
    retention: "7d",
  });
});

test("values that are not YAML are not compared", async () => {
  expect((await readMesh(mesh("a: b: c")))?.config).toBeUndefined();
});

test.each([
  ["a Helm release", OF_HELM, HELM],
  [
    "an owner",
    { ownerReferences: [{ kind: "ExternalSecret", name: "issuer", controller: true }] },
    { kind: "other", name: "ExternalSecret issuer" },
  ],
  [
    "Argo CD",
    { annotations: { "argocd.argoproj.io/tracking-id": "mesh:/Secret:linkerd/issuer" } },
    { kind: "other", name: "Argo CD (mesh:/Secret:linkerd/issuer)" },
  ],
  [
    "Flux",
    { labels: { "kustomize.toolkit.fluxcd.io/name": "mesh" } },
    { kind: "other", name: "Flux (mesh)" },
  ],
  ["nobody", {}, undefined],
])("an object that %s manages is recognized", (_, metadata, manager) => {
  expect(findManager({ name: "linkerd-identity-issuer", ...metadata })).toEqual(manager);
});

const settings = (values: object = {}) =>
  parseSettings(config({ adopt: true, certificates: { mode: "certManager", create: false }, ...values }));

test("an adoption is compared until the control plane is in the state", async () => {
  server = await startApiServer(mesh());
  const open = openClusterOnce({ "kubernetes:kubeconfig": server.kubeconfig });
  const issues = await checkAdoption(settings(), {}, open);
  expect(issues.map(({ path }) => path.join("."))).toContain("certificates.mode");
  const state = {
    urn: { type: "kubernetes:helm.sh/v3:Release", outputs: { name: "linkerd-control-plane" } },
  };
  expect(await checkAdoption(settings(), state, open)).toEqual([]);
});

test("without adopt, nothing is compared, and a cluster that does not answer is left to the check of ownership", async () => {
  server = await startApiServer(mesh());
  const opening = (kubeconfig: string) => openClusterOnce({ "kubernetes:kubeconfig": kubeconfig });
  expect(await checkAdoption(settings({ adopt: false }), {}, opening(server.kubeconfig))).toEqual([]);
  expect(server.requests).toEqual([]);
  expect(await checkAdoption(settings(), {}, opening(formatKubeconfig(2)))).toEqual([]);
});
