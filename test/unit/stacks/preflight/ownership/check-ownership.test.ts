import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { fingerprint } from "../../../../../components/certificates/x509/pem.ts";
import type { DeployedState } from "../../../../../components/deployed/deployed-state.ts";
import { deployedTrust } from "../../../../../components/deployed/deployed-trust.ts";
import { openClusterOnce } from "../../../../../stacks/cluster/cluster.ts";
import { findChangedCluster } from "../../../../../stacks/cluster/recorded-cluster.ts";
import { checkOwnership } from "../../../../../stacks/preflight/ownership/check-ownership.ts";
import { readOwnership } from "../../../../../stacks/preflight/ownership/owned-objects.ts";
import { planObjects } from "../../../../../stacks/preflight/ownership/planned-objects.ts";
import { parseRecording } from "../../../../recorded/recording.ts";
import {
  type ApiServer,
  formatKubeconfig,
  helmRecord,
  startApiServer,
  type TestObject,
} from "../../../../support/api-server.ts";
import { register } from "../../../../support/mocks.ts";
import { root } from "../../../../support/package.ts";
import { makeCertificate } from "../../../../support/pem.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

const settingsWith = (settings: Record<string, unknown>) => parseSettings(config(settings));
const MESH = "urn:pulumi:test::linkerd-mesh::linkerd-mesh:index:ServiceMesh::linkerd";

let server: ApiServer | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  return server?.close();
});

/** Checks a stack with this state, organization/linkerd-mesh/test. Without a kubeconfig, that of the environment. */
async function check(
  kubeconfig: string | undefined,
  {
    preview = false,
    state = {},
    settings = {},
  }: { preview?: boolean; state?: DeployedState; settings?: object } = {},
) {
  const stackConfig = { "kubernetes:kubeconfig": kubeconfig };
  const changed = await findChangedCluster(state, stackConfig);
  const { result } = await register(
    () =>
      checkOwnership(
        settingsWith({ ...settings }),
        state,
        deployedTrust(state, "linkerd"),
        openClusterOnce(stackConfig),
        changed,
      ),
    { preview },
  );
  return result;
}

const namespace = (annotations: Record<string, string> = {}): TestObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "linkerd", annotations },
});

test("preview and up of a fresh stack report a mesh that Helm installed", async () => {
  server = await startApiServer([
    namespace(),
    helmRecord({ name: "linkerd-control-plane", namespace: "linkerd" }),
  ]);
  for (const preview of [true, false]) {
    const { issues, unchecked } = await check(server.kubeconfig, { preview });
    expect(issues.map(({ path }) => path)).toEqual([["adopt"]]);
    expect(unchecked).toEqual([]);
  }
});

test("objects of an interrupted up belong to the stack, and not to a fresh stack of the same name", async () => {
  server = await startApiServer([
    namespace({ "linkerd-mesh/stack": "organization/linkerd-mesh/test" }),
    helmRecord({ name: "linkerd-crds", namespace: "linkerd", status: "pending-install" }),
  ]);
  const state = { [MESH]: { type: "linkerd-mesh:index:ServiceMesh", outputs: {} } };
  expect((await check(server.kubeconfig, { state })).issues).toEqual([]);
  expect((await check(server.kubeconfig)).issues).not.toEqual([]);
});

test("a preview leaves ownership unchecked if the cluster does not answer, and up is rejected", async () => {
  const kubeconfig = formatKubeconfig(2);
  const reason = "http://127.0.0.1:2 does not answer: connect ECONNREFUSED 127.0.0.1:2";
  const fix =
    "set kubernetes:context, kubernetes:kubeconfig or KUBECONFIG, and check with kubectl get --raw /readyz";
  expect(await check(kubeconfig, { preview: true })).toMatchObject({
    issues: [],
    unchecked: [
      {
        cause: {
          path: ["kubernetes:context"],
          reason: "should select a cluster that answers",
          failure: reason,
          fixes: [{ kind: "instruction", text: fix }],
        },
        what: ["whether the cluster has a mesh, namespaces or policies that this stack does not own"],
      },
    ],
  });
  expect(await check(kubeconfig)).toMatchObject({
    issues: [
      {
        path: ["kubernetes:context"],
        reason: "must select a cluster that answers",
        because: `Before it changes anything, \`up\` checks that the cluster has no mesh of someone else (${reason})`,
        fixes: [{ kind: "instruction", text: fix }],
      },
    ],
    unchecked: [],
  });
});

test("a preview that adopts a mesh needs the cluster", async () => {
  const settings = { adopt: true, certificates: { mode: "certManager", create: false } };
  const { issues } = await check(formatKubeconfig(2), { preview: true, settings });
  expect(issues.map(({ path, because }) => [path, because])).toEqual([
    [
      ["kubernetes:context"],
      expect.stringMatching(
        /^`adopt` compares the mesh in the cluster with the settings and imports it, in a preview too \(http:.*ECONNREFUSED/,
      ),
    ],
  ]);
});

test("a preview without the cluster names a release that up may import, and the cluster that takes the place of another", async () => {
  const provider = { type: "pulumi:providers:kubernetes", outputs: { kubeconfig: formatKubeconfig(3) } };
  const settings = { useExistingNamespaces: true };
  const { unchecked } = await check(formatKubeconfig(2), { preview: true, state: { provider }, settings });
  expect(unchecked.flatMap(({ what }) => what).slice(1)).toEqual([
    "whether http://127.0.0.1:2, which takes the place of http://127.0.0.1:3, has objects of the same names that belong to someone else",
    "whether `up` imports the release linkerd-crds, which an earlier `destroy` of this stack may have kept",
  ]);
});

test("up is rejected if the cluster denies access", async () => {
  server = await startApiServer([], ["/api/v1/secrets"]);
  const { issues } = await check(server.kubeconfig);
  expect(issues.map(({ because }) => because)).toEqual([
    expect.stringMatching(
      /answers GET \/api\/v1\/secrets\?.* with status 403: access to \/api\/v1\/secrets is denied\)$/,
    ),
  ]);
});

const recorded = join(root, "test", "recorded");

test.each(readdirSync(recorded).filter((file) => file.endsWith(".json")))(
  "the check of the complete state %s does not call the cluster",
  async (file) => {
    const { settings, deployment } = parseRecording(
      readFileSync(join(recorded, file), "utf8"),
      () => "/charts",
    );
    const resources: { urn: string; type: string; outputs?: object }[] = deployment.deployment.resources;
    const state = Object.fromEntries(
      resources.map(({ urn, type, outputs = {} }) => [urn, { type, outputs }]),
    );
    vi.stubEnv("KUBECONFIG", "/nowhere");
    // Earlier releases created no roles for viz's Prometheus.
    const monitoring = { external: { url: "http://prometheus:9090" } };
    const current = settings.viz === false ? settings : { ...settings, monitoring };
    expect(await check(undefined, { state, settings: current })).toEqual({
      issues: [],
      unchecked: [],
    });
  },
);

test("a complete state is not trusted in another cluster, where objects of someone else have the same names", async () => {
  server = await startApiServer([
    namespace(),
    helmRecord({ name: "linkerd-control-plane", namespace: "linkerd" }),
  ]);
  const settings = { viz: false, injection: "off" };
  const plan = planObjects(settingsWith(settings));
  const state: DeployedState = {
    [MESH]: { type: "linkerd-mesh:index:ServiceMesh", outputs: {} },
    provider: { type: "pulumi:providers:kubernetes", outputs: { kubeconfig: formatKubeconfig(2) } },
    ...Object.fromEntries(
      [
        ...plan.namespaces.map(({ name }) => ({ apiVersion: "v1", kind: "Namespace", name })),
        ...plan.objects,
      ].map(({ apiVersion, kind, ...metadata }) => [
        `${kind} ${metadata.name}`,
        { type: `kubernetes:${apiVersion}:${kind}`, outputs: { metadata } },
      ]),
    ),
    ...Object.fromEntries(
      plan.releases.map(({ name, namespace: inNamespace }) => [
        name,
        { type: "kubernetes:helm.sh/v3:Release", outputs: { name, namespace: inNamespace } },
      ]),
    ),
  };
  expect(await check(formatKubeconfig(2), { state, settings })).toEqual({
    issues: [],
    unchecked: [],
  });
  const { issues } = await check(server.kubeconfig, { state, settings });
  expect(issues.map(({ path }) => path)).toEqual([["kubernetes:context"], ["adopt"]]);
  expect(issues[0]?.got).toBe(`http://127.0.0.1:${server.port} instead of http://127.0.0.1:2`);
  await server.close();
  // The cluster has another address, and the mesh is this stack's.
  server = await startApiServer([
    namespace({ "linkerd-mesh/stack": "organization/linkerd-mesh/test" }),
    helmRecord({ name: "linkerd-control-plane", namespace: "linkerd" }),
  ]);
  expect((await check(server.kubeconfig, { state, settings })).issues).toEqual([]);
});

test("the ownership in a state has its objects, its generated trust anchors, and whether it contains the mesh", async () => {
  const { certPem } = await makeCertificate("root.linkerd.cluster.local", 24);
  const types =
    "linkerd-mesh:index:ServiceMesh$linkerd-mesh:certificates:TrustAnchor$tls:index/selfSignedCert:SelfSignedCert";
  const anchorUrn = `urn:pulumi:test::linkerd-mesh::${types}::linkerd-trust-anchor-cert`;
  const state: DeployedState = {
    [MESH]: { type: "linkerd-mesh:index:ServiceMesh", outputs: {} },
    [anchorUrn]: {
      type: "tls:index/selfSignedCert:SelfSignedCert",
      outputs: { certPem, dnsNames: ["root.linkerd.cluster.local"], validityPeriodHours: 24 },
    },
    namespace: { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "linkerd" } } },
    secret: {
      type: "kubernetes:core/v1:Secret",
      outputs: { metadata: { name: "linkerd-identity-issuer", namespace: "linkerd" } },
    },
    release: {
      type: "kubernetes:helm.sh/v3:Release",
      outputs: { name: "linkerd-crds", namespace: "linkerd" },
    },
  };
  const stack = "organization/linkerd-mesh/test";
  expect(readOwnership(stack, state, deployedTrust(state, "linkerd"))).toEqual({
    stack,
    hasMesh: true,
    keys: new Set([
      "Namespace//linkerd",
      "Secret/linkerd/linkerd-identity-issuer",
      "Release/linkerd/linkerd-crds",
    ]),
    trustAnchors: new Set([fingerprint(certPem)]),
  });
  expect(readOwnership(stack, {}, deployedTrust({}, "linkerd")).hasMesh).toBe(false);
});
