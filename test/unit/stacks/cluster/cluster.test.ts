import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { openCluster, openClusterOnce } from "../../../../stacks/cluster/cluster.ts";
import { ClusterError } from "../../../../stacks/cluster/connection.ts";
import { readHelmReleases } from "../../../../stacks/cluster/helm-releases.ts";
import {
  type ApiServer,
  formatKubeconfig,
  helmRecord,
  startApiServer,
  type TestObject,
} from "../../../support/api-server.ts";

const secret: TestObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "issuer", namespace: "linkerd", labels: { app: "linkerd" } },
  data: { key: "secret" },
};
const namespace: TestObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "linkerd" } };

let server: ApiServer | undefined;
afterEach(() => server?.close());

/** Opens a cluster with these objects. */
async function open(objects: readonly TestObject[], denied: readonly string[] = []) {
  server = await startApiServer(objects, denied);
  return openCluster({ "kubernetes:kubeconfig": server.kubeconfig });
}

test("an object is read with the credentials of the kubeconfig", async () => {
  const cluster = await open([namespace, secret]);
  expect(await cluster.read("v1", "Secret", "issuer", "linkerd")).toEqual(secret);
  expect(await cluster.read("v1", "Namespace", "linkerd")).toEqual(namespace);
  expect(server?.requests.map(({ path }) => path)).toEqual([
    "/api/v1",
    "/api/v1/namespaces/linkerd/secrets/issuer",
    "/api/v1/namespaces/linkerd",
  ]);
  expect(server?.requests.map(({ authorization }) => authorization)).toEqual([
    "Bearer token-test",
    "Bearer token-test",
    "Bearer token-test",
  ]);
});

test("an object or a kind that the cluster does not have is undefined, and a list is empty", async () => {
  const cluster = await open([]);
  expect(await cluster.read("v1", "Secret", "issuer", "linkerd")).toBeUndefined();
  expect(await cluster.read("v1", "Unicorn", "issuer")).toBeUndefined();
  expect(await cluster.readMetadata("cert-manager.io/v1", "ClusterIssuer", "issuer")).toBeUndefined();
  expect(await cluster.list("v1", "Secret")).toEqual([]);
  expect(await cluster.listMetadata("cert-manager.io/v1", "ClusterIssuer")).toEqual([]);
});

test("a list is restricted by namespace and label", async () => {
  const other = { ...secret, metadata: { name: "other", namespace: "shop" } };
  const cluster = await open([secret, other]);
  const names = async (options: object) =>
    (await cluster.list("v1", "Secret", options)).map(({ metadata }) => metadata.name);
  expect(await names({})).toEqual(["issuer", "other"]);
  expect(await names({ namespace: "shop" })).toEqual(["other"]);
  expect(await names({ labelSelector: "app=linkerd" })).toEqual(["issuer"]);
});

test("metadata is read without the content of the object", async () => {
  const cluster = await open([secret]);
  expect(await cluster.readMetadata("v1", "Secret", "issuer", "linkerd")).toEqual(secret.metadata);
  expect(await cluster.listMetadata("v1", "Secret")).toEqual([secret.metadata]);
  const accepted = server?.requests.map(({ accept }) => accept).slice(1);
  expect(accepted).toEqual([
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  ]);
});

test("a cluster that denies access is an error with the message of the API server", async () => {
  const cluster = await open([secret], ["/api/v1/secrets"]);
  const denied = cluster.list("v1", "Secret");
  await expect(denied).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:\d+ answers GET \/api\/v1\/secrets with status 403: access to \/api\/v1\/secrets is denied$/,
  );
  await expect(denied).rejects.toBeInstanceOf(ClusterError);
});

test("a cluster that does not answer is an error with the reason", async () => {
  const closed = await startApiServer();
  await closed.close();
  const cluster = await openCluster({ "kubernetes:kubeconfig": formatKubeconfig(closed.port) });
  const unanswered = cluster.read("v1", "Namespace", "linkerd");
  await expect(unanswered).rejects.toThrow(
    `http://127.0.0.1:${closed.port} does not answer: connect ECONNREFUSED 127.0.0.1:${closed.port}`,
  );
  await expect(unanswered).rejects.toBeInstanceOf(ClusterError);
});

test("a discovery that failed is repeated by the next read", async () => {
  const closed = await startApiServer();
  await closed.close();
  const kubeconfig = formatKubeconfig(closed.port);
  const cluster = await openCluster({ "kubernetes:kubeconfig": kubeconfig });
  await expect(cluster.read("v1", "Namespace", "linkerd")).rejects.toBeInstanceOf(ClusterError);
  server = await startApiServer([namespace], [], closed.port);
  expect(await cluster.read("v1", "Namespace", "linkerd")).toEqual(namespace);
});

test("a cluster that is opened once has one connection, whose discovery all readers share", async () => {
  server = await startApiServer([namespace, secret]);
  const open = openClusterOnce({ "kubernetes:kubeconfig": server.kubeconfig });
  const [first, second] = await Promise.all([open(), open()]);
  expect(second).toBe(first);
  await Promise.all([first.read("v1", "Namespace", "linkerd"), second.list("v1", "Secret")]);
  expect(server.requests.filter(({ path }) => path === "/api/v1")).toHaveLength(1);
});

test("a cluster that is opened once and does not answer fails every reader after one request of 10 s", async () => {
  const timeout = vi
    .spyOn(AbortSignal, "timeout")
    .mockReturnValue(AbortSignal.abort(new DOMException("aborted", "TimeoutError")));
  onTestFinished(() => timeout.mockRestore());
  const open = openClusterOnce({ "kubernetes:kubeconfig": formatKubeconfig(1) });
  const reads = await Promise.allSettled([open(), open(), open()]);
  const reasons = new Set(reads.map((read) => (read as PromiseRejectedResult).reason));
  expect([...reasons]).toEqual([
    new ClusterError("http://127.0.0.1:1 does not answer: no response within 10 s"),
  ]);
  expect(timeout.mock.calls).toEqual([[10_000]]);
});

test("a command for credentials that needs a terminal is an error, and does not run", async () => {
  const kubeconfig = JSON.parse(formatKubeconfig(1));
  const apiVersion = "client.authentication.k8s.io/v1";
  kubeconfig.users[0].user = { exec: { apiVersion, command: "/nowhere", interactiveMode: "Always" } };
  const opened = openCluster({ "kubernetes:kubeconfig": JSON.stringify(kubeconfig) });
  await expect(opened).rejects.toThrow(
    'user "test" of the kubeconfig needs a terminal for its credentials, because interactiveMode is Always',
  );
  await expect(opened).rejects.toBeInstanceOf(ClusterError);
});

test("a configuration that selects no cluster is an error", async () => {
  const opened = openCluster({ "kubernetes:kubeconfig": formatKubeconfig(1), "kubernetes:context": "prod" });
  await expect(opened).rejects.toBeInstanceOf(ClusterError);
});

test.each(["Secret", "ConfigMap"] as const)(
  "the last revision of a Helm release is read from its %s",
  async (kind) => {
    const release = { name: "linkerd-viz", namespace: "linkerd-viz" };
    const cluster = await open([
      helmRecord({ ...release, revision: 9 }, {}, kind),
      helmRecord(
        { ...release, revision: 10, status: "pending-upgrade", version: "2026.9.1" },
        { cni: true },
        kind,
      ),
      helmRecord({ name: "other", namespace: "shop" }, {}, kind),
    ]);
    expect(await readHelmReleases(cluster, ["linkerd-viz", "linkerd-crds"])).toEqual([
      {
        ...release,
        revision: 10,
        status: "pending-upgrade",
        chart: { name: "linkerd-viz", version: "2026.9.1" },
        values: { cni: true },
        manifest: "# Source: linkerd-viz\n",
      },
    ]);
    expect(await readHelmReleases(cluster, ["linkerd-viz"], "shop")).toEqual([]);
    expect((await readHelmReleases(cluster, ["other"], "shop")).map(({ name }) => name)).toEqual(["other"]);
  },
);
