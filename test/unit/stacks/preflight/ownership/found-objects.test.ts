import { afterEach, expect, test } from "vitest";
import { fingerprint } from "../../../../../components/certificates/x509/pem.ts";
import { openCluster } from "../../../../../stacks/cluster/cluster.ts";
import { readFoundObjects } from "../../../../../stacks/preflight/ownership/found-objects.ts";
import {
  type OwnershipSettings,
  type Plan,
  planObjects,
} from "../../../../../stacks/preflight/ownership/planned-objects.ts";
import {
  type ApiServer,
  helmRecord,
  startApiServer,
  type TestObject,
} from "../../../../support/api-server.ts";
import { makeCertificate } from "../../../../support/pem.ts";

const settings: OwnershipSettings = {
  namespace: "linkerd",
  vizNamespace: "linkerd-viz",
  viz: false,
  cni: false,
  injection: "off",
  installGatewayApi: true,
  certificates: { mode: "generated" },
  adopt: false,
  useExistingNamespaces: false,
  monitoring: {},
  tap: {},
};

let server: ApiServer | undefined;
afterEach(() => server?.close());

/** Reads what a cluster with these objects has of a plan. */
async function read(
  objects: readonly TestObject[],
  given: Partial<OwnershipSettings> = {},
  plan: Plan = planObjects({ ...settings, ...given }),
) {
  server = await startApiServer(objects);
  const cluster = await openCluster({ "kubernetes:kubeconfig": server.kubeconfig });
  return readFoundObjects(cluster, plan, given.installGatewayApi ?? true);
}

const namespace = (name: string, rest: Partial<TestObject["metadata"]> = {}): TestObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...rest },
});
const ofRelease = (name: string, inNamespace: string) => ({
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": inNamespace },
});
const webhook = (metadata: object): TestObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "linkerd-proxy-injector-webhook-config", ...metadata },
});
const crd = (name: string, metadata: object = {}): TestObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name, ...metadata },
});

test("an empty cluster has nothing of a plan", async () => {
  expect(await read([])).toEqual({ namespaces: [], releases: [], chartObjects: [], objects: [] });
});

test("namespaces are read with the stack in their annotation, and whether they are being deleted", async () => {
  const { namespaces } = await read(
    [
      namespace("linkerd", { annotations: { "linkerd-mesh/stack": "corp/linkerd-mesh/prod" } }),
      namespace("linkerd-viz", { deletionTimestamp: "2026-08-01T00:00:00Z" }),
      namespace("default"),
    ],
    { viz: true },
  );
  expect(namespaces).toEqual([
    { name: "linkerd", stack: "corp/linkerd-mesh/prod", isTerminating: false },
    { name: "linkerd-viz", stack: undefined, isTerminating: true },
  ]);
});

test("releases are found in all namespaces, with their charts, their trust anchors and their namespaces", async () => {
  const { certPem } = await makeCertificate("root.linkerd.cluster.local", 24);
  const found = await read([
    namespace("mesh"),
    helmRecord(
      { name: "linkerd-control-plane", namespace: "mesh", status: "failed" },
      { identityTrustAnchorsPEM: certPem },
    ),
    helmRecord({ name: "postgres", namespace: "shop" }),
    helmRecord({ name: "linkerd-viz", namespace: "linkerd-viz" }),
  ]);
  expect(found.releases).toEqual([
    {
      name: "linkerd-control-plane",
      namespace: "mesh",
      chart: "linkerd-control-plane-2026.8.3",
      status: "failed",
      trustAnchors: [fingerprint(certPem)],
    },
  ]);
  expect(found.namespaces).toEqual([{ name: "mesh", stack: undefined, isTerminating: false }]);
});

test("a release with any name is found by the objects that it owns", async () => {
  const found = await read([
    namespace("mesh"),
    helmRecord({ name: "our-mesh", namespace: "mesh", chart: "linkerd-control-plane" }),
    webhook(ofRelease("our-mesh", "mesh")),
  ]);
  expect(found.releases).toEqual([
    expect.objectContaining({ name: "our-mesh", namespace: "mesh", chart: "linkerd-control-plane-2026.8.3" }),
  ]);
});

test("an object belongs to a release only with the label and both annotations that Helm requires", async () => {
  const { labels, annotations } = ofRelease("linkerd-control-plane", "linkerd");
  const owner = async (metadata: object) => {
    const { chartObjects } = await read([webhook(metadata)]);
    await server?.close();
    return chartObjects.map(({ release }) => release);
  };
  expect(await owner({ labels, annotations })).toEqual([
    { name: "linkerd-control-plane", namespace: "linkerd" },
  ]);
  expect(await owner({ annotations })).toEqual([undefined]);
  expect(await owner({ labels })).toEqual([undefined]);
});

test("the CRDs of Linkerd and of the Gateway API are found, but not those of extensions", async () => {
  const crds = [
    "servers.policy.linkerd.io",
    "serviceprofiles.linkerd.io",
    "externalworkloads.workload.linkerd.io",
    "links.multicluster.linkerd.io",
    "httproutes.gateway.networking.k8s.io",
    "gateways.gateway.networking.k8s.io",
  ].map((name) => crd(name));
  const names = async (installGatewayApi: boolean) => {
    const { chartObjects } = await read(crds, { installGatewayApi });
    await server?.close();
    return chartObjects.map(({ name }) => name);
  };
  const ofLinkerd = crds.slice(0, 3).map(({ metadata }) => metadata.name);
  expect(await names(false)).toEqual(ofLinkerd);
  expect(await names(true)).toEqual([...ofLinkerd, "httproutes.gateway.networking.k8s.io"]);
});

test("Secrets and the label policy are found, with the stack in the annotation of the policy", async () => {
  const issuer = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "linkerd-identity-issuer", namespace: "linkerd" },
  };
  const policy = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicy",
    metadata: {
      name: "linkerd-inject-by-label",
      annotations: { "linkerd-mesh/stack": "corp/linkerd-mesh/prod" },
    },
  };
  const { objects } = await read([issuer, policy], { injection: "policy" });
  expect(objects).toEqual([
    { kind: "MutatingAdmissionPolicy", name: "linkerd-inject-by-label", stack: "corp/linkerd-mesh/prod" },
    { kind: "Secret", name: "linkerd-identity-issuer", namespace: "linkerd" },
  ]);
});

test("the Secret of a CA that cert-manager would create is found where there is no Certificate", async () => {
  const anchor = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "linkerd-trust-anchor", namespace: "cert-manager" },
  };
  const { objects } = await read([anchor], { certificates: { mode: "certManager" } });
  expect(objects).toEqual([{ kind: "Secret", name: "linkerd-trust-anchor", namespace: "cert-manager" }]);
});

test("the check reads only objects that the state does not have, and no content of a Secret but Helm's records", async () => {
  const all = planObjects({ ...settings, viz: true });
  const missing: Plan = {
    namespaces: all.namespaces.filter(({ name }) => name === "linkerd-viz"),
    releases: all.releases.filter(({ name }) => name === "linkerd-viz"),
    objects: all.objects.filter((object) => object.namespace === "linkerd-viz"),
  };
  const record = helmRecord({ name: "linkerd-viz", namespace: "linkerd-viz" });
  await read([namespace("linkerd-viz"), record], {}, missing);
  const paths = server?.requests.map(({ path }) => decodeURIComponent(path)) ?? [];
  expect(paths.filter((path) => path.includes("customresourcedefinitions"))).toEqual([]);
  expect(paths.filter((path) => /linkerd(?!-viz|-tap|\.io)/.test(path))).toEqual([]);
  const whole = server?.requests.filter(
    ({ path, accept }) => path.includes("secrets") && !accept.includes("Partial"),
  );
  expect(whole?.map(({ path }) => path)).toEqual([
    `/api/v1/namespaces/linkerd-viz/secrets/${record.metadata.name}`,
  ]);
});
