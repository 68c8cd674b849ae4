/** Installs the mesh with Helm alone: the same charts and values, with certificates that already exist. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { WEBHOOK_SERVICES, type WebhookServer } from "../components/certificates/webhook-servers.ts";
import { type ChartValues, mergeValues } from "../components/inputs/merge.ts";
import {
  type ChartName,
  chartPin,
  type LinkerdCharts,
  locateChart,
} from "../components/linkerd/charts/charts.ts";

/** The releases, in the order of their installation. */
const RELEASES: readonly { chart: ChartName; namespace: string; servers: readonly WebhookServer[] }[] = [
  { chart: "linkerd-crds", namespace: "linkerd", servers: [] },
  {
    chart: "linkerd-control-plane",
    namespace: "linkerd",
    servers: ["proxyInjector", "profileValidator", "policyValidator"],
  },
  { chart: "linkerd-viz", namespace: "linkerd-viz", servers: ["tap", "tapInjector"] },
];

/** A cluster, and the tools that run on it. */
export interface Target {
  kubeconfig: string;
  tools: Readonly<Record<"helm" | "kubectl", string>>;
}

function run({ kubeconfig, tools }: Target, tool: keyof Target["tools"], ...args: string[]): string {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return execFileSync(tools[tool], args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/**
 * Writes a values file for each release: the values that this program passes to it in the cluster of `target`, with
 * the certificates as values, because Helm alone creates no Secrets for them.
 */
export function writeValues(target: Target, directory: string): void {
  const readPair = (secret: string, namespace: string) => {
    const { data } = JSON.parse(
      run(target, "kubectl", "get", "secret", secret, "-n", namespace, "-o", "json"),
    );
    const text = (key: string) => Buffer.from(data[key], "base64").toString();
    return { crtPEM: text("tls.crt"), keyPEM: text("tls.key"), caBundle: text("ca.crt") };
  };
  for (const { chart, namespace, servers } of RELEASES) {
    const given: ChartValues = JSON.parse(
      run(target, "helm", "get", "values", chart, "-n", namespace, "-o", "json"),
    );
    const { crtPEM, keyPEM } = readPair("linkerd-identity-issuer", "linkerd");
    const issuer = { identity: { issuer: { scheme: "linkerd.io/tls", tls: { crtPEM, keyPEM } } } };
    const webhooks = servers.map((server) => {
      const secret = `${WEBHOOK_SERVICES[server].service}-k8s-tls`;
      return { [server]: { externalSecret: false, ...readPair(secret, namespace) } };
    });
    const values = mergeValues(given, chart === "linkerd-control-plane" ? issuer : {}, ...webhooks);
    writeFileSync(getValuesFile(directory, chart), JSON.stringify(values), { mode: 0o600 });
  }
}

/** Installs the releases one after another, and waits until each is ready. */
export function install(target: Target, charts: LinkerdCharts, directory: string): void {
  for (const { chart: name, namespace } of RELEASES) {
    const { chart, version, repositoryOpts } = locateChart(name, charts);
    const where = [
      chart,
      "--version",
      version,
      ...(repositoryOpts ? ["--repo", chartPin(name, charts).source] : []),
    ];
    const values = ["--values", getValuesFile(directory, name)];
    run(
      target,
      "helm",
      "install",
      name,
      ...where,
      "-n",
      namespace,
      "--create-namespace",
      "--wait",
      ...values,
    );
  }
}

function getValuesFile(directory: string, chart: ChartName): string {
  return join(directory, `${chart}.json`);
}
