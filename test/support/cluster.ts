/** What the API server holds, read from it. */
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

/** A client of the sandbox's API server. */
export function client(): KubernetesObjectApi {
  const config = new KubeConfig();
  config.loadFromFile(inject("engine").kubeconfig);
  return KubernetesObjectApi.makeApiClient(config);
}

/** One object. */
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

/** All objects of a kind, in one namespace or all. */
export async function list<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  namespace?: string,
): Promise<T[]> {
  return (await client().list<T>(apiVersion, kind, namespace)).items;
}

/** A Secret's entry as text. */
export async function secretText(name: string, namespace: string, key: string): Promise<string> {
  const { data } = await read<V1Secret>("v1", "Secret", name, namespace);
  return Buffer.from(data?.[key] ?? "", "base64").toString();
}

/** What Helm keeps of every revision of every release: chart, values, rendered objects. */
export async function helmRecords(): Promise<string[]> {
  const secrets = await list<V1Secret>("v1", "Secret");
  return secrets
    .filter((s) => s.type === "helm.sh/release.v1")
    .map((s) => {
      const once = Buffer.from(s.data?.release ?? "", "base64").toString();
      return gunzipSync(Buffer.from(once, "base64")).toString();
    });
}

/** Runs one of the sandbox's tools against its cluster. */
export function run(tool: "kubectl" | "helm", ...args: string[]): Promise<string> {
  return runAgainst(inject("engine").kubeconfig, tool, ...args);
}

/** Runs one of the sandbox's tools against any cluster. */
export async function runAgainst(
  kubeconfig: string,
  tool: "kubectl" | "helm",
  ...args: string[]
): Promise<string> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return (await promisify(execFile)(inject("tools").paths[tool], args, { env, maxBuffer: 64 << 20 })).stdout;
}

/** Deletes definitions that outlived their mesh, by the end of their names, and waits until they are gone. */
export async function deleteDefinitions(domain: string): Promise<void> {
  const all = await list<KubernetesObject>("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const names = all.map(({ metadata }) => metadata?.name ?? "").filter((name) => name.endsWith(`.${domain}`));
  if (names.length > 0) await run("kubectl", "delete", "crd", ...names);
}

/** Every object in the cluster as `<kind>/<name>` by namespace, but for what the cluster itself makes and drops. */
export async function inventory(kubeconfig = inject("engine").kubeconfig): Promise<string[]> {
  const comings = /^(events|leases|endpoints|endpointslices|componentstatuses)(\.|$)/;
  const kinds = (await runAgainst(kubeconfig, "kubectl", "api-resources", "--verbs=list", "-o", "name"))
    .split("\n")
    .filter((kind) => kind && !comings.test(kind));
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
  const ofAnyNamespace = /^(ConfigMap\/[^/]+\/kube-root-ca\.crt|ServiceAccount\/[^/]+\/default)$/;
  return found
    .split("\n")
    .filter((object) => object && !ofAnyNamespace.test(object))
    .sort();
}

/** `openssl <args>` with `input`; throws what it says where it fails. */
export function openssl(args: string[], input: string): string {
  return execFileSync("openssl", args, { input, encoding: "utf8", stdio: "pipe" });
}
