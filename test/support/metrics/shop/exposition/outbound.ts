/** What a proxy counts of the requests that its application sends, to each endpoint and of each route. */
import type { Labels } from "../../history.ts";
import { CALLS, type Call, EXTERNAL, FAST, HTTP_CONNECTIONS, SCRAPES_THROUGH_PROXY } from "../facts.ts";
import { findPods, type Pod } from "../pods.ts";
import { findWorkload, nameWorkload } from "../workloads.ts";
import { ALWAYS, countHistogram, type Exporter, MILLISECONDS, type Period, seconds } from "./exporter.ts";
import {
  ADMIN_PORT,
  labelEndpoint,
  labelExternal,
  labelOutboundRoute,
  labelParent,
  labelTarget,
} from "./labels.ts";
import { classify, resolveCall } from "./outcome.ts";
import { countConnections } from "./tcp.ts";

const REQUEST_DURATION = seconds(0.05, 0.5, 1, 10);
const BACKEND_DURATION = seconds(0.025, 0.05, 0.1, 0.25, 0.5, 1, 10);
const QUEUE_LATENCY = seconds(0.0005, 0.005, 0.05, 0.5, 1, 3);

/** gRPC statuses as the metrics of routes write them. */
const GRPC_WORDS: Readonly<Record<string, string>> = { 0: "OK", 14: "UNAVAILABLE" };

export function countOutbound(exporter: Exporter, pod: Pod): void {
  for (const call of CALLS.filter(({ from }) => from === nameWorkload(pod.workload))) {
    const share = 1 / (pod.workload.replicas ?? 1);
    const during = call.during ?? ALWAYS;
    if (call.profile === undefined) countRoute(exporter, call, share, during);
    else countProfile(exporter, call, share, during);
    for (const endpoint of findPods(call.to)) {
      const both: Period = [Math.max(during[0], endpoint.from), Math.min(during[1], endpoint.to)];
      countEndpoint(exporter, call, endpoint, share / (endpoint.workload.replicas ?? 1), both);
    }
  }
}

/** Requests to what has no Service: hosts outside, and the proxies that a Prometheus scrapes by their addresses. */
export function countAddresses(exporter: Exporter, pod: Pod): void {
  const share = 1 / (pod.workload.replicas ?? 1);
  const count = (labels: Labels, perSecond: number) => {
    const outbound = { direction: "outbound", ...labels };
    exporter.count("request_total", outbound, perSecond * share, ALWAYS, true);
    exporter.count(
      "response_total",
      { ...outbound, ...classify("200", false) },
      perSecond * share,
      ALWAYS,
      true,
    );
    const timed = { ...outbound, status_code: "200" };
    countHistogram(exporter, ["response_latency_ms", MILLISECONDS], timed, FAST, [
      perSecond * share,
      ALWAYS,
      true,
    ]);
    const target = labelTarget(labels.target_ip ?? "", Number(labels.target_port));
    countConnections(exporter, "outbound", labels, target, HTTP_CONNECTIONS, ALWAYS);
  };
  const name = nameWorkload(pod.workload);
  if (name === "shop/web") {
    for (const { authority, ip, rps } of EXTERNAL) count(labelExternal(authority, ip, 80), rps);
  }
  if (name === "linkerd-viz/prometheus") {
    for (const target of findPods("edge/ingress")) {
      const { dst_service: _, ...known } = labelEndpoint(target);
      const address = labelExternal(`${target.ip}:${ADMIN_PORT}`, target.ip, ADMIN_PORT);
      count({ ...known, ...address, tls: "true", no_tls_reason: "" }, SCRAPES_THROUGH_PROXY);
    }
  }
}

function countEndpoint(exporter: Exporter, call: Call, endpoint: Pod, share: number, during: Period): void {
  const { attempts, attemptStatuses, timeouts } = resolveCall(call);
  const labels = { direction: "outbound", ...labelEndpoint(endpoint) };
  exporter.count("request_total", labels, attempts * share, during, true);
  for (const [status, perSecond] of attemptStatuses) {
    const outcome = classify(status, call.protocol === "grpc");
    exporter.count("response_total", { ...labels, ...outcome }, perSecond * share, during, true);
    const timed = { ...labels, status_code: outcome.status_code ?? "" };
    const rate = [perSecond * share, during, true] as const;
    countHistogram(exporter, ["response_latency_ms", MILLISECONDS], timed, call.latency ?? FAST, rate);
  }
  if (timeouts > 0) {
    // A request that is given up has no status. Its histogram exists, and stays at 0.
    const outcome = { classification: "failure", error: "unclassified" };
    exporter.count("response_total", { ...labels, ...outcome }, timeouts * share, during, true);
    countHistogram(exporter, ["response_latency_ms", MILLISECONDS], labels, FAST, [0, during, true]);
  }
  const target = labelTarget("10.96.0.10", 80);
  countConnections(exporter, "outbound", labelEndpoint(endpoint), target, HTTP_CONNECTIONS, during);
}

/** The families of ServiceProfiles: linkerd2-proxy, linkerd/app/core/src/metrics.rs. They have no latency of attempts. */
function countProfile(exporter: Exporter, call: Call, share: number, during: Period): void {
  const { namespace, name } = findWorkload(call.to);
  const dst = `${name}.${namespace}.svc.cluster.local:80`;
  const labels = { direction: "outbound", dst, rt_route: call.profile ?? "" };
  const { attempts, attemptStatuses, requestStatuses } = resolveCall(call);
  exporter.count("route_request_total", labels, call.rps * share, during, true);
  exporter.count("route_actual_request_total", labels, attempts * share, during, true);
  for (const [family, statuses] of [
    ["route", requestStatuses],
    ["route_actual", attemptStatuses],
  ] as const) {
    for (const [status, perSecond] of statuses) {
      const outcome = classify(status, call.protocol === "grpc");
      exporter.count(`${family}_response_total`, { ...labels, ...outcome }, perSecond * share, during, true);
    }
  }
  const timed = { ...labels, status_code: "200" };
  const rate = [call.rps * share, during, true] as const;
  countHistogram(exporter, ["route_response_latency_ms", MILLISECONDS], timed, call.latency ?? FAST, rate);
}

/** The families of routes and balancers, which never expire. */
function countRoute(exporter: Exporter, call: Call, share: number, during: Period): void {
  const { attempts, attemptStatuses, requestStatuses, timeouts, retries } = resolveCall(call);
  const grpc = call.protocol === "grpc";
  const callee = findWorkload(call.to);
  const family = `outbound_${grpc ? "grpc" : "http"}`;
  const route = { ...labelParent(callee, "parent"), ...labelOutboundRoute(call, callee) };
  const backend = { ...route, ...labelParent(callee, "backend") };
  const latency = call.latency ?? FAST;
  const label = (status: string) =>
    grpc ? { grpc_status: GRPC_WORDS[status] ?? status } : { http_status: status };
  const count = (name: string, labels: Record<string, string>, perSecond: number) =>
    exporter.count(`${family}_${name}`, labels, perSecond * share, during);

  for (const [status, perSecond] of requestStatuses) {
    count("route_request_statuses_total", { ...route, ...label(status) }, perSecond);
  }
  if (timeouts > 0) count("route_request_statuses_total", { ...route, error: "REQUEST_TIMEOUT" }, timeouts);
  const answered = [call.rps * share, during] as const;
  countHistogram(
    exporter,
    [`${family}_route_request_duration_seconds`, REQUEST_DURATION],
    route,
    latency,
    answered,
  );
  for (const [outcome, perSecond] of Object.entries(retries)) {
    count(`route_retry_${outcome === "limitExceeded" ? "limit_exceeded" : outcome}_total`, route, perSecond);
  }
  count("route_retry_overflow_total", route, 0);

  count("route_backend_requests_total", backend, attempts);
  for (const [status, perSecond] of attemptStatuses) {
    count("route_backend_response_statuses_total", { ...backend, ...label(status) }, perSecond);
  }
  if (timeouts > 0) {
    count("route_backend_response_statuses_total", { ...backend, error: "REQUEST_TIMEOUT" }, timeouts);
  }
  const sent = [attempts * share, during] as const;
  const duration = [`${family}_route_backend_response_duration_seconds`, BACKEND_DURATION] as const;
  countHistogram(exporter, duration, backend, latency, sent);

  const balancer = { ...labelParent(callee, "parent"), ...labelParent(callee, "backend") };
  exporter.hold(
    "outbound_http_balancer_endpoints",
    { ...balancer, endpoint_state: "ready" },
    callee.replicas ?? 1,
    during,
  );
  exporter.hold("outbound_http_balancer_endpoints", { ...balancer, endpoint_state: "pending" }, 0, during);
  exporter.hold("outbound_http_balancer_queue_length", balancer, 0, during);
  exporter.count("outbound_http_balancer_queue_requests_total", balancer, attempts * share, during);
  const queue = ["outbound_http_balancer_queue_latency_seconds", QUEUE_LATENCY] as const;
  countHistogram(exporter, queue, balancer, { 5: 1 }, sent);
}
