/** What a person sees when the sandbox is up, read from the cluster itself and not from Pulumi's outputs. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { report } from "../components/certificates/report.ts";

const run = promisify(execFile);

/** Where the mesh's certificates lie in a cluster: what each is, its object, and the key in the object's data. */
const CERTIFICATES: readonly [name: string, namespace: string, object: string, key: string][] = [
  ["trust anchor", "linkerd", "configmap/linkerd-identity-trust-roots", "ca-bundle.crt"],
  ["identity issuer", "linkerd", "secret/linkerd-identity-issuer", "tls.crt"],
  ["proxy injector", "linkerd", "secret/linkerd-proxy-injector-k8s-tls", "tls.crt"],
  ["profile validator", "linkerd", "secret/linkerd-sp-validator-k8s-tls", "tls.crt"],
  ["policy validator", "linkerd", "secret/linkerd-policy-validator-k8s-tls", "tls.crt"],
  ["tap", "linkerd-viz", "secret/tap-k8s-tls", "tls.crt"],
  ["tap injector", "linkerd-viz", "secret/tap-injector-k8s-tls", "tls.crt"],
];

interface Pod {
  metadata: { namespace: string; name: string; ownerReferences?: { name: string }[] };
  status: { phase: string };
}

/** The summary of a sandbox, lines ready to print. */
export async function summary(kubectl: string, kubeconfig: string, charts: string): Promise<string> {
  const get = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await run(kubectl, ["--kubeconfig", kubeconfig, "get", "-o", "json", ...args])).stdout);
  const pods = (await get<{ items: Pod[] }>("pods", "-A")).items;
  const pems = await Promise.all(
    CERTIFICATES.map(async ([name, namespace, object, key]) => {
      const { data } = await get<{ data: Record<string, string> }>("-n", namespace, object);
      const value = data[key] ?? "";
      return [name, object.startsWith("secret/") ? Buffer.from(value, "base64").toString() : value];
    }),
  );
  const certificates = report(Object.fromEntries(pems));
  return [
    `Linkerd is up (${charts}).`,
    "",
    "Running:",
    ...podLines(pods),
    "  Pods are simulated; the API server, admission, Helm, engine, providers and certificates are not.",
    "",
    "Certificates, read from the cluster:",
    ...certificates.map((c) => `  ${c.name.padEnd(18)} ends ${c.notAfter.slice(0, 10)}   ${c.subject}`),
    "",
    "Try next:",
    "  npm run sandbox -- kubectl get pods -A      any kubectl command against it",
    "  npm run sandbox -- preview                  what `pulumi up` would change: nothing",
    "  npm run sandbox -- up                       runs the program again",
    "  npm run sandbox -- destroy                  takes the mesh down again",
    "  npm run sandbox -- stop                     ends the sandbox; the next start is quick",
    "  export KUBECONFIG=$(npm run --silent sandbox -- kubeconfig)",
  ].join("\n");
}

/** One line for each workload: how many of its pods run. */
function podLines(pods: readonly Pod[]): string[] {
  const workloads = new Map<string, { running: number; of: number }>();
  for (const { metadata, status } of pods) {
    const owner = metadata.ownerReferences?.[0]?.name.replace(/-[a-f0-9]+$/, "") ?? metadata.name;
    const key = `${metadata.namespace.padEnd(12)} ${owner.padEnd(24)}`;
    const count = workloads.get(key) ?? { running: 0, of: 0 };
    count.of += 1;
    if (status.phase === "Running") count.running += 1;
    workloads.set(key, count);
  }
  return [...workloads].sort().map(([key, { running, of }]) => `  ${key} ${running}/${of} Running`);
}
