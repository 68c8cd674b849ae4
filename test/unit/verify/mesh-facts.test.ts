import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { INJECTION_POLICY_NAME } from "../../../components/meshing/injection-by-label.ts";
import { openConnection } from "../../../verify/cluster/connection.ts";
import { readMesh } from "../../../verify/cluster/read-mesh.ts";
import { requireRealNode } from "../../../verify/cluster/real-nodes.ts";
import { readStackFacts } from "../../../verify/cluster/stack-outputs.ts";
import { VerifyError } from "../../../verify/verify-error.ts";
import { type ApiServer, startApiServer, type TestObject } from "../../support/api-server.ts";

const environment = { ...process.env };
let server: ApiServer | undefined;

afterEach(async () => {
  for (const name of ["PATH", "KUBECONFIG"]) {
    if (environment[name] === undefined) delete process.env[name];
    else process.env[name] = environment[name];
  }
  await server?.close();
});

/** Connects to an API server with these objects. It denies access to its metrics. */
async function connectTo(objects: TestObject[]) {
  server = await startApiServer(objects, ["/metrics"]);
  const kubeconfig = join(mkdtempSync(join(tmpdir(), "facts-")), "kubeconfig");
  writeFileSync(kubeconfig, server.kubeconfig);
  process.env.KUBECONFIG = kubeconfig;
  return openConnection(undefined);
}

const namespace = (name: string, labels: Record<string, string>): TestObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
const configMap = (namespace: string, name: string, data: Record<string, string>): TestObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
  data,
});
const policy = (kind: string): TestObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: INJECTION_POLICY_NAME },
});
const BINDING = policy("MutatingAdmissionPolicyBinding");
const POLICY = policy("MutatingAdmissionPolicy");

const MESH = [
  namespace("mesh", { "linkerd.io/is-control-plane": "true" }),
  namespace("mesh-viz", { "linkerd.io/extension": "viz" }),
  configMap("mesh", "linkerd-config", {
    values: "linkerdVersion: edge-26.8.3\nidentityTrustDomain: mesh.example\nclusterDomain: cluster.local\n",
  }),
  configMap("mesh", "linkerd-identity-trust-roots", { "ca-bundle.crt": "PEM" }),
];

test("the facts of a mesh are read from its namespaces, its ConfigMaps and the policy", async () => {
  expect(await readMesh(await connectTo([...MESH, POLICY, BINDING]), undefined)).toEqual({
    namespace: "mesh",
    trustDomain: "mesh.example",
    trustRootsPem: "PEM",
    vizNamespace: "mesh-viz",
    injectsByLabel: true,
    stack: undefined,
    admissionAtStart: undefined,
    linkerdVersion: "edge-26.8.3",
  });
});

test("without a trust domain of its own, a mesh has the domain of its cluster; without a binding, the policy has no effect", async () => {
  const objects = [
    configMap("linkerd", "linkerd-config", { values: "clusterDomain: cluster.example\n" }),
    POLICY,
  ];
  expect(await readMesh(await connectTo(objects), undefined)).toMatchObject({
    namespace: "linkerd",
    trustDomain: "cluster.example",
    vizNamespace: undefined,
    injectsByLabel: false,
    linkerdVersion: "unknown",
  });
});

test("a cluster without a mesh is one error", async () => {
  const connection = await connectTo([]);
  const read = readMesh(connection, undefined);
  await expect(read).rejects.toThrow(VerifyError);
  await expect(read).rejects.toThrow(
    `cluster: must have Linkerd's ConfigMap linkerd/linkerd-config, got none in ${connection.server}. Fix: install the mesh`,
  );
});

test("a context that the kubeconfig does not have is an error", async () => {
  await connectTo([]);
  expect(() => openConnection("prod")).toThrow(
    /^context: must select a cluster, got an error: .*"prod".*Fix: /,
  );
});

const node = (
  name: string,
  kubeletVersion: string,
  { ready = "True", os = "linux", annotations = {} } = {},
) => ({
  metadata: { name, labels: { "kubernetes.io/os": os }, annotations },
  status: { nodeInfo: { kubeletVersion }, conditions: [{ type: "Ready", status: ready }] },
});

/** Judges a cluster with these nodes. */
const judge = (...items: object[]) =>
  requireRealNode({ read: async () => ({ items }) } as unknown as Parameters<typeof requireRealNode>[0]);

test("one ready Linux node that is not simulated is enough", async () => {
  await judge(node("kwok-0", "kwok-v0.7.0"), node("real", "v1.36.0"));
});

test.each([
  [
    "simulated by its version",
    [node("kwok-0", "kwok-v0.7.0")],
    "1 simulated nodes, on which no container starts",
  ],
  [
    "simulated by its annotation",
    [node("fake", "v1.36.0", { annotations: { "kwok.x-k8s.io/node": "fake" } })],
    "1 simulated nodes, on which no container starts",
  ],
  ["not ready", [node("real", "v1.36.0", { ready: "False" })], "none among 1 nodes"],
  ["a Windows node", [node("real", "v1.36.0", { os: "windows" })], "none among 1 nodes"],
])("a cluster whose only node is %s is rejected with one sentence", async (_, nodes, got) => {
  await expect(judge(...nodes)).rejects.toThrow(
    new VerifyError(`cluster: must have a ready Linux node that runs containers, got ${got}.`),
  );
});

/** Puts a `pulumi` on PATH that runs this shell script. */
function withPulumi(script: string): void {
  const directory = mkdtempSync(join(tmpdir(), "pulumi-"));
  writeFileSync(join(directory, "pulumi"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, "pulumi"), 0o755);
  process.env.PATH = `${directory}${delimiter}${environment.PATH}`;
}

test("the outputs of a mesh stack are those of the given stack, which is not selected", async () => {
  const outputs = {
    linkerdVersion: "edge-26.8.3",
    trustBundlePem: "PEM",
    trustBundleSha256: "ab",
    ports: {},
  };
  withPulumi(
    `test "$*" = "stack output --json --stack prod --non-interactive" && echo '${JSON.stringify(outputs)}'`,
  );
  expect(await readStackFacts("prod", tmpdir())).toEqual({
    stack: "prod",
    ref: {
      linkerdVersion: "edge-26.8.3",
      trustBundleSha256: "ab",
      ports: {},
      defaultInboundPolicy: undefined,
    },
    trustBundlePem: "PEM",
    certificates: [],
    // An older release has no such output, and its stack the default.
    injection: "policy",
  });
});

test("a stack that does not exist, and one without a mesh, are errors that name the command that lists stacks", async () => {
  withPulumi(`echo "error: no stack named 'prod' found" >&2; exit 255`);
  await expect(readStackFacts("prod", tmpdir())).rejects.toThrow(
    "stack: must be a stack whose outputs can be read, got prod: no stack named 'prod' found. Fix: use --stack with a name from pulumi stack ls",
  );
  withPulumi(`echo '{"url":"https://example.com"}'`);
  await expect(readStackFacts("shop", tmpdir())).rejects.toThrow(
    "stack: must be a mesh stack of linkerd-mesh, which has the output linkerdVersion, got shop with url.",
  );
});
