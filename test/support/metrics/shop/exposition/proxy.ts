/** Everything that one proxy exports, and what Prometheus adds to it. */
import type { Series } from "../../history.ts";
import { CERTIFICATES, CONTROL_CALLS, RESTART, START, USAGE } from "../facts.ts";
import { type Format, OLDER_PROXY_VERSION, PROXY_VERSIONS } from "../format.ts";
import type { Pod } from "../pods.ts";
import { attach, type LabelStyle, labelProxy } from "../styles.ts";
import { nameWorkload } from "../workloads.ts";
import { ALWAYS, countHistogram, Exporter, MILLISECONDS, type Period } from "./exporter.ts";
import { countInbound } from "./inbound.ts";
import { countAddresses, countOutbound } from "./outbound.ts";
import { describeScrape } from "./scrape.ts";
import { countAccepted, countOpened } from "./tcp.ts";

export function describeProxy(pod: Pod, format: Format, style: LabelStyle): Series[] {
  if (pod.workload.proxy === "not scraped") return [];
  const labels = labelProxy(pod, style);
  const scrape = (up: boolean, samples: number) => describeScrape([pod.from, pod.to], labels, up, samples);
  if (pod.workload.proxy === "does not answer") return scrape(false, 0);
  const exporter = new Exporter(findProcesses(pod), attach(labels));
  countInbound(exporter, pod, format, style);
  countOutbound(exporter, pod);
  countAddresses(exporter, pod);
  countAccepted(exporter, pod);
  countOpened(exporter, pod);
  describeIdentity(exporter, pod);
  countControlCalls(exporter);
  describeProcess(exporter, pod, format);
  const series = exporter.collect();
  return [...series, ...scrape(true, series.length)];
}

/** The processes of a proxy. That of one workload restarts in its pod: its counters start again at 0. */
function findProcesses({ workload, from, to }: Pod): Period[] {
  const restarts = nameWorkload(workload) === RESTART.workload;
  return restarts
    ? [
        [from, RESTART.minute],
        [RESTART.minute, to],
      ]
    : [[from, to]];
}

/** linkerd2-proxy, linkerd/app/src/lib.rs: `control_identity` with `cert`. */
function describeIdentity(exporter: Exporter, { workload, from }: Pod): void {
  const without = workload.proxy === "without identity";
  const issued = START + Math.max(from, CERTIFICATES.issued) * 60;
  const name = "control_identity_cert";
  const end = without ? 0 : issued + CERTIFICATES.lifetimeSeconds;
  exporter.set(`${name}_expiration_timestamp_seconds`, {}, end);
  exporter.set(`${name}_refresh_timestamp_seconds`, {}, without ? 0 : issued);
  exporter.set(`${name}_refreshes_total`, { result: "ok" }, without ? 0 : 1);
  const fails = workload.name === "payments" ? CERTIFICATES.failedRenewalsPerHour / 3600 : 0;
  exporter.count(`${name}_refreshes_total`, { result: "error" }, fails, ALWAYS);
}

const CONTROLLERS = [
  { addr: "linkerd-dst-headless.linkerd.svc.cluster.local:8086", account: "linkerd-destination" },
  { addr: "linkerd-identity-headless.linkerd.svc.cluster.local:8080", account: "linkerd-identity" },
  { addr: "linkerd-policy.linkerd.svc.cluster.local:8090", account: "linkerd-destination" },
];

/** Calls of the proxy to the control plane. */
function countControlCalls(exporter: Exporter): void {
  const { rps, failedAtPolicy, latency } = CONTROL_CALLS;
  for (const { addr, account } of CONTROLLERS) {
    const server = `${account}.linkerd.serviceaccount.identity.linkerd.cluster.local`;
    const labels = { addr, tls: "true", server_id: server };
    const failed = addr.startsWith("linkerd-policy") ? failedAtPolicy : 0;
    exporter.count("control_request_total", labels, rps, ALWAYS);
    const ok = { ...labels, status_code: "200", grpc_status: "0", classification: "success" };
    exporter.count("control_response_total", ok, rps * (1 - failed), ALWAYS);
    if (failed > 0) {
      const unavailable = { ...labels, status_code: "200", grpc_status: "14", classification: "failure" };
      exporter.count("control_response_total", unavailable, rps * failed, ALWAYS);
    }
    const timed = { ...labels, status_code: "200" };
    countHistogram(exporter, ["control_response_latency_ms", MILLISECONDS], timed, latency, [rps, ALWAYS]);
  }
}

function describeProcess(exporter: Exporter, { workload, from }: Pod, format: Format): void {
  const version = workload.proxy === "of an older version" ? OLDER_PROXY_VERSION : PROXY_VERSIONS[format];
  exporter.set("proxy_build_info", { git_sha: "0123456", profile: "release", vendor: "linkerd", version }, 1);
  const start = (minute: number) => START + (exporter.findProcess(minute)?.[0] ?? from) * 60;
  exporter.set("process_start_time_seconds", {}, start);
  exporter.count("process_cpu_seconds_total", {}, USAGE.proxy.cpu, ALWAYS);
  exporter.set("process_resident_memory_bytes", {}, USAGE.proxy.memory);
  exporter.set("process_open_fds", {}, 30);
  exporter.set("process_max_fds", {}, 1_048_576);
}
