/** A Prometheus that scrapes as one in the cluster does: with its ServiceAccount, and through a forward proxy on loopback. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import {
  createProgress,
  type MetricsToolName,
  metricsTools,
  obtainTools,
} from "../../../sandbox/tools/index.ts";
import { read, run } from "../cluster.ts";
import { testEngine } from "../engine.ts";
import type { History } from "../metrics/history.ts";
import { type Prometheus, startPrometheus } from "../metrics/prometheus.ts";

/** A configuration of Prometheus, as far as it is read here. */
export interface PrometheusConfig {
  readonly global?: object;
  readonly scrape_configs: readonly { readonly job_name: string }[];
}

export interface LiveOptions {
  readonly config: PrometheusConfig;
  /** The forward proxy of all scrapes. */
  readonly proxyUrl: string;
  /** The content of a rule file. @default none */
  readonly rules?: object;
  /** What it has scraped before. @default nothing */
  readonly history?: History;
}

/** A target, as Prometheus lists it. */
export interface Target {
  readonly scrapePool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

/** Path of a Kubernetes pod at which it has its credentials. */
const IN_A_POD = "/var/run/secrets/kubernetes.io/serviceaccount";

let tools: Promise<Readonly<Record<MetricsToolName, string>>> | undefined;

/** Obtains Prometheus with its Kubernetes discovery. On a machine without it, this takes minutes. */
export function obtainPrometheus(): Promise<Readonly<Record<MetricsToolName, string>>> {
  tools ??= obtainTools(createProgress(), metricsTools).then(({ paths }) => paths);
  return tools;
}

/** Reads the rules that the mesh put into the cluster, and evaluates them every second instead of every minute. */
export async function readReleasedRules(): Promise<object> {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-mesh-rules", "linkerd-viz");
  const { groups } = parse(data?.["linkerd_rules.yml"] ?? "") as { groups: object[] };
  return { groups: groups.map((group) => ({ ...group, interval: "1s" })) };
}

/** Reads the configuration that the release of viz put into the cluster. */
export async function readReleasedConfig(): Promise<PrometheusConfig> {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "prometheus-config", "linkerd-viz");
  return parse(data?.["prometheus.yml"] ?? "");
}

/**
 * Starts Prometheus with a configuration that is written for a pod. Changed are the paths of the credentials, the address of the API
 * server, the proxy of each job, and the intervals, so that a test takes seconds. Targets, labels and series stay as they are.
 */
export async function startInSandbox({ config, proxyUrl, rules, history }: LiveOptions): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), "live-prometheus-"));
  const { kubeconfig, credentials } = await writeCredentials(directory);
  const ruleFile = join(directory, "rules.json");
  if (rules !== undefined) writeFileSync(ruleFile, JSON.stringify(rules));
  const changed = {
    ...config,
    global: { ...config.global, scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: rules === undefined ? [] : [ruleFile],
    scrape_configs: config.scrape_configs.map((job) => ({ ...job, proxy_url: proxyUrl })),
  };
  const text = JSON.stringify(changed, (key, value) =>
    key === "kubernetes_sd_configs"
      ? value.map((discovery: object) => ({ ...discovery, kubeconfig_file: kubeconfig }))
      : value,
  );
  return startPrometheus({
    tools: await obtainPrometheus(),
    config: text.replaceAll(IN_A_POD, credentials),
    ...(history && { history }),
  });
}

/** Writes the credentials of viz's Prometheus: as a pod has them, and as a kubeconfig. */
async function writeCredentials(credentials: string) {
  const config = new KubeConfig();
  config.loadFromFile(testEngine().kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig of the sandbox has no cluster");
  const authority = cluster.caData
    ? Buffer.from(cluster.caData, "base64").toString()
    : readFileSync(cluster.caFile ?? "", "utf8");
  const token = (await run("kubectl", "create", "token", "prometheus", "-n", "linkerd-viz")).trim();
  const caFile = join(credentials, "ca.crt");
  writeFileSync(caFile, authority);
  writeFileSync(join(credentials, "token"), token);
  const own = new KubeConfig();
  own.loadFromClusterAndUser(
    { name: "sandbox", server: cluster.server, caFile, skipTLSVerify: false },
    { name: "prometheus", token },
  );
  const kubeconfig = join(credentials, "kubeconfig");
  writeFileSync(kubeconfig, own.exportConfig());
  return { kubeconfig, credentials };
}

/** The targets of a job, or of all jobs. */
export async function listTargets(prometheus: Prometheus, job?: string): Promise<Target[]> {
  const { activeTargets } = (await prometheus.call("targets", { state: "active" })) as {
    activeTargets: Target[];
  };
  return activeTargets.filter(({ scrapePool }) => job === undefined || scrapePool === job);
}

/** The port of the sandbox's API server on loopback. */
export function findApiServerPort(): number {
  const config = new KubeConfig();
  config.loadFromFile(testEngine().kubeconfig);
  return Number(new URL(config.getCurrentCluster()?.server ?? "").port);
}
