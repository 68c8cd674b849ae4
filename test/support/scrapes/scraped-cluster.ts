/** Everything that a Prometheus of the sandbox discovers: pods of the shop, of real Jobs and CronJobs, and with awkward labels. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { client, run } from "../cluster.ts";
import { hasRecordings, RECORDINGS } from "../metrics/recordings/recordings.ts";
import { LAST_MINUTE } from "../metrics/shop/facts.ts";
import { PODS } from "../metrics/shop/pods.ts";
import { exposePod } from "./exposition.ts";
import type { Answer } from "./forward-proxy.ts";
import { createShopPod, injectTemplate } from "./meshed-pods.ts";
import { createNamespace, openPods, setStatus, waitForPods } from "./run-pods.ts";

/** Pods of the shop that run at the end of its history, without those of Linkerd itself, which the release creates. */
export const SHOP = PODS.filter(
  ({ workload, from, to }) =>
    from <= LAST_MINUTE &&
    LAST_MINUTE < to &&
    !workload.namespace.startsWith("linkerd") &&
    workload.proxy !== "none" &&
    workload.proxy !== "does not answer" &&
    workload.proxy !== "not scraped",
);

export const BATCH = "batch";
/** Addresses of the pods in {@link BATCH}. */
export const ADDRESSES = {
  job: "198.51.100.1",
  cronJob: "198.51.100.2",
  finished: "198.51.100.3",
  hiding: "198.51.100.4",
  misplaced: "198.51.100.5",
  recorded: "198.51.100.6",
} as const;

const { finished: _, ...running } = ADDRESSES;
/** Addresses of those that run. */
export const RUNNING = running;

/** Labels of the pod whose proxy was recorded in a real mesh. */
const RECORDED = {
  app: "invoices",
  "pod-template-hash": "7fb7d96f94",
  "linkerd.io/proxy-deployment": "invoices",
};

/** Labels of a pod with the names of labels that the proxy itself sets. */
export const HIDING = { app: "hiding", direction: "north", tls: "perhaps", component: "destination" };
/** Labels of a pod with the names of labels that a scrape adds. */
export const MISPLACED = {
  ...{ app: "misplaced", namespace: "elsewhere", pod: "another", job: "cleanup", instance: "one" },
  ...{ deployment: "unrelated", k8s_job: "unrelated", control_plane_ns: "elsewhere" },
};

/** The address of the API server, as its EndpointSlice has it. */
export const API_SERVER = "192.0.2.1:6443";

/** Creates the namespaces, pods and Jobs, and the addresses of the API server, which the sandbox's does not publish. */
export async function createScrapedPods(): Promise<void> {
  const namespaces = new Set([...SHOP.map(({ workload }) => workload.namespace), BATCH]);
  await Promise.all([...namespaces].map(createNamespace));
  for (const [index, pod] of SHOP.entries()) {
    const proxy = index % 2 === 0 ? "native sidecar" : "container";
    await startPod(createShopPod(pod, proxy), "Running", pod.ip);
  }
  for (const [labels, ip] of [
    [HIDING, ADDRESSES.hiding],
    [MISPLACED, ADDRESSES.misplaced],
    [RECORDED, ADDRESSES.recorded],
  ] as const) {
    const { metadata, spec } = injectTemplate(BATCH, "native sidecar", labels);
    const pod: V1Pod = {
      metadata: { ...metadata, name: labels.app, namespace: BATCH },
      ...(spec && { spec }),
    };
    await startPod(pod, "Running", ip);
  }
  await createJobs();
  await publishApiServer();
}

/** Creates the EndpointSlice of the API server, whose address nothing dials. */
export async function publishApiServer(): Promise<void> {
  await client().create({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { "kubernetes.io/service-name": "kubernetes" },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: [API_SERVER.split(":")[0]] }],
    ports: [{ name: "https", port: Number(API_SERVER.split(":")[1]), protocol: "TCP" }],
  } as object);
}

export async function unpublishApiServer(): Promise<void> {
  await run("kubectl", "delete", "endpointslice", "-n", "default", "kubernetes");
}

/** Deletes what {@link createScrapedPods} created. */
export async function deleteScrapedPods(): Promise<void> {
  const namespaces = new Set([...SHOP.map(({ workload }) => workload.namespace), BATCH]);
  await run("kubectl", "delete", "namespace", ...namespaces);
  await unpublishApiServer();
}

async function startPod(pod: V1Pod, phase: string, ip: string): Promise<void> {
  await openPods().createNamespacedPod({ namespace: pod.metadata?.namespace ?? "", body: pod });
  await setStatus(pod, phase, ip);
}

/** A Job that the injector knows, and two of a CronJob, which it mostly does not know. One of them has finished. */
async function createJobs(): Promise<void> {
  const template = (labels: Record<string, string>) => injectTemplate(BATCH, "native sidecar", labels);
  const job = { template: template({ "linkerd.io/proxy-job": "load" }) };
  const schedule = {
    schedule: "0 0 1 1 *",
    suspend: true,
    jobTemplate: { spec: { template: template({}) } },
  };
  await client().create({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "load", namespace: BATCH },
    spec: job,
  } as object);
  await client().create({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "report", namespace: BATCH },
    spec: schedule,
  } as object);
  for (const run of ["report-1", "report-2"]) await createRun(run);
  for (const [name, phase, ip] of [
    ["load", "Running", ADDRESSES.job],
    ["report-1", "Running", ADDRESSES.cronJob],
    ["report-2", "Succeeded", ADDRESSES.finished],
  ] as const) {
    const [pod] = await waitForPods(BATCH, `batch.kubernetes.io/job-name=${name}`, 1);
    if (pod) await setStatus(pod, phase, ip);
  }
}

const createRun = (name: string) =>
  run("kubectl", "create", "job", name, "--from=cronjob/report", "-n", BATCH);

/** What the proxies of the shop expose, and little of all others. */
export function createAnswers(): Answer {
  const shop = new Map(SHOP.map((pod) => [`${pod.ip}:4191`, exposePod(pod, "edge-26.8.3")]));
  const request = 'request_total{direction="inbound",tls="true",srv_port="8080"} 7\n';
  const recorded = hasRecordings()
    ? readFileSync(join(RECORDINGS, "proxy-of-deployment-invoices.prom"), "utf8")
    : undefined;
  return ({ host, port, pathname }) => {
    if (pathname !== "/metrics") return undefined;
    if (host === `${ADDRESSES.recorded}:4191` && recorded !== undefined) return recorded;
    if (port !== "4191") return "process_start_time_seconds 1\n";
    return shop.get(host) ?? request;
  };
}
