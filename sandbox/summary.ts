/** The summary that a start of the sandbox prints. It is read from the cluster, not from Pulumi's outputs. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { report } from "../components/certificates/report.ts";

const run = promisify(execFile);

/** The certificates of the mesh: a name to print, the namespace and object that has it, and the key in its data. */
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

/** Summarizes a sandbox in lines to print. */
export async function summarize(kubectl: string, kubeconfig: string, charts: string): Promise<string> {
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
    `Linkerd is running (${charts}).`,
    "",
    "Workloads:",
    ...countPods(pods),
    "  Pods are simulated. The API server, admission, Helm, the engine, the providers and the certificates are real.",
    "",
    "Certificates in the cluster:",
    ...certificates.map((c) => `  ${c.name.padEnd(18)} expires ${c.notAfter.slice(0, 10)}   ${c.subject}`),
    "",
    "Next steps:",
    "  npm run sandbox -- kubectl get pods -A   Run kubectl on the cluster",
    "  npm run sandbox -- preview               Show what `pulumi up` would change: nothing",
    "  npm run sandbox -- up                    Run the program again",
    "  npm run sandbox -- destroy               Remove the example workload and the mesh",
    "  npm run sandbox -- stop                  End all processes, keep the data",
    "  export KUBECONFIG=$(npm run --silent sandbox -- kubeconfig)",
  ].join("\n");
}

/** Formats one line for each workload, with the number of its pods that run. */
function countPods(pods: readonly Pod[]): string[] {
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
