/** Reads objects from the API server, and runs kubectl, helm and openssl. */
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import {
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1Secret,
} from "@kubernetes/client-node";
import { inject } from "vitest";
import { testEngine } from "./engine.ts";

/** Creates a client of the sandbox's API server. */
export function client(): KubernetesObjectApi {
  const config = new KubeConfig();
  config.loadFromFile(testEngine().kubeconfig);
  return KubernetesObjectApi.makeApiClient(config);
}

/** Reads one object. */
export async function read<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  name: string,
  namespace = "",
) {
  return client().read<T & { metadata: { name: string } }>({
    apiVersion,
    kind,
    metadata: { name, namespace },
  });
}

/** Lists all objects of a kind, in one namespace or in all namespaces. */
export async function list<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  namespace?: string,
): Promise<T[]> {
  return (await client().list<T>(apiVersion, kind, namespace)).items;
}

/** Reads an entry of a Secret as text. */
export async function secretText(name: string, namespace: string, key: string): Promise<string> {
  const { data } = await read<V1Secret>("v1", "Secret", name, namespace);
  return Buffer.from(data?.[key] ?? "", "base64").toString();
}

/** Reads what Helm stores for every revision of every release, as JSON: chart, values, rendered objects. */
export async function helmRecords(): Promise<string[]> {
  const secrets = await list<V1Secret>("v1", "Secret");
  return secrets
    .filter((s) => s.type === "helm.sh/release.v1")
    .map((s) => {
      const once = Buffer.from(s.data?.release ?? "", "base64").toString();
      return gunzipSync(Buffer.from(once, "base64")).toString();
    });
}

/** Runs one of the sandbox's tools against the sandbox's cluster. */
export function run(tool: "kubectl" | "helm", ...args: string[]): Promise<string> {
  return runAgainst(testEngine().kubeconfig, tool, ...args);
}

/** Runs one of the sandbox's tools against the cluster of a kubeconfig file. */
export async function runAgainst(
  kubeconfig: string,
  tool: "kubectl" | "helm",
  ...args: string[]
): Promise<string> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return (await promisify(execFile)(inject("tools").paths[tool], args, { env, maxBuffer: 64 << 20 })).stdout;
}

/** Deletes the CRDs of an API group domain, e.g. `linkerd.io`, that a mesh left behind. Waits until they are gone. */
export async function deleteDefinitions(domain: string): Promise<void> {
  const all = await list<KubernetesObject>("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const names = all.map(({ metadata }) => metadata?.name ?? "").filter((name) => name.endsWith(`.${domain}`));
  if (names.length > 0) await run("kubectl", "delete", "crd", ...names);
}

/**
 * Lists every object in the cluster as `<kind>/<namespace>/<name>`, sorted. Excludes the objects that the cluster
 * itself creates and deletes.
 */
export async function inventory(kubeconfig = testEngine().kubeconfig): Promise<string[]> {
  const transient = /^(events|leases|endpoints|endpointslices|componentstatuses)(\.|$)/;
  const kinds = (await runAgainst(kubeconfig, "kubectl", "api-resources", "--verbs=list", "-o", "name"))
    .split("\n")
    .filter((kind) => kind && !transient.test(kind));
  const row = '{range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name}{"\\n"}{end}';
  const found = await runAgainst(
    kubeconfig,
    "kubectl",
    "get",
    kinds.join(","),
    "-A",
    "-o",
    `jsonpath=${row}`,
  );
  const inEveryNamespace = /^(ConfigMap\/[^/]+\/kube-root-ca\.crt|ServiceAccount\/[^/]+\/default)$/;
  return found
    .split("\n")
    .filter((object) => object && !inEveryNamespace.test(object))
    .sort();
}

/** Runs `openssl <args>` with `input` on stdin. Returns stdout; throws an error with stderr on failure. */
export function openssl(args: string[], input: string): string {
  return execFileSync("openssl", args, { input, encoding: "utf8", stdio: "pipe" });
}
