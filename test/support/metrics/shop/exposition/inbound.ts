/** What a proxy counts of the requests that its application receives, and of those to its own admin port. */
import type { Labels } from "../../history.ts";
import {
  CALLS,
  type Call,
  DENIED_SCRAPES,
  FAST,
  HTTP_CONNECTIONS,
  type Latency,
  PROBES,
  SCRAPE_INTERVAL,
} from "../facts.ts";
import { type Format, hasInboundStatuses } from "../format.ts";
import { findCallPeriods, type Pod } from "../pods.ts";
import type { LabelStyle } from "../styles.ts";
import { findWorkload, nameWorkload } from "../workloads.ts";
import { ALWAYS, countHistogram, type Exporter, MILLISECONDS, type Period } from "./exporter.ts";
import {
  ADMIN_PORT,
  getPort,
  labelAuthorization,
  labelClient,
  labelInboundRoute,
  labelServer,
  labelTarget,
  UNMESHED,
} from "./labels.ts";
import { classify, resolveCall } from "./outcome.ts";
import { countConnections } from "./tcp.ts";

const DENIALS = "inbound_http_authz_deny_total";

/** Requests of one kind that one proxy receives. */
interface Received {
  readonly port: number;
  readonly client: Labels;
  /** Requests per second. */
  readonly requests: number;
  /** Responses per second of each status. Fewer than requests if clients give up. */
  readonly responses: readonly (readonly [status: string, perSecond: number])[];
  readonly during: Period;
  readonly grpc: boolean;
  readonly latency: Latency;
  readonly probe: boolean;
}

export function countInbound(exporter: Exporter, pod: Pod, format: Format, style: LabelStyle): void {
  for (const call of CALLS.filter(({ to }) => to === nameWorkload(pod.workload))) {
    for (const during of findCallPeriods(call.from, call.during ?? ALWAYS)) {
      if (call.denied) countDenied(exporter, pod, call, during);
      else countRequests(exporter, pod, receiveCall(call, pod, during), format);
      const labels = { ...labelClient(findWorkload(call.from)), ...labelServer(pod, getPort(pod)) };
      countConnections(
        exporter,
        "inbound",
        labels,
        labelTarget(pod.ip, getPort(pod)),
        HTTP_CONNECTIONS,
        during,
      );
    }
  }
  for (const received of receiveAlways(pod, style)) {
    countRequests(exporter, pod, received, format);
    if (received.port !== ADMIN_PORT) continue;
    const remote = { ...received.client, ...labelServer(pod, ADMIN_PORT) };
    countConnections(exporter, "inbound", remote, labelTarget(pod.ip, ADMIN_PORT), HTTP_CONNECTIONS, ALWAYS);
  }
  if (nameWorkload(pod.workload) === DENIED_SCRAPES.workload) {
    const server = { ...labelTarget(pod.ip, ADMIN_PORT), ...labelServer(pod, ADMIN_PORT) };
    const { perSecond } = DENIED_SCRAPES;
    exporter.count(DENIALS, { ...server, ...UNMESHED, ...labelInboundRoute(false) }, perSecond, ALWAYS, true);
    const meshed = {
      tls: "true",
      client_id: "prometheus.monitoring.serviceaccount.identity.linkerd.cluster.local",
    };
    exporter.count("inbound_tcp_authz_deny_total", { ...server, ...meshed }, perSecond, ALWAYS, true);
  }
}

function receiveCall(call: Call, pod: Pod, during: Period): Received {
  const { attempts, attemptStatuses } = resolveCall(call);
  const share = 1 / (pod.workload.replicas ?? 1);
  return {
    ...{ port: getPort(pod), client: labelClient(findWorkload(call.from)), requests: attempts * share },
    responses: attemptStatuses.map(([status, perSecond]) => [status, perSecond * share]),
    ...{ during, grpc: call.protocol === "grpc", latency: call.latency ?? FAST, probe: false },
  };
}

/** Probes of the kubelet, and scrapes of Prometheus. viz's Prometheus has a proxy, the operator's has none. */
function receiveAlways(pod: Pod, style: LabelStyle): Received[] {
  const prometheus = "prometheus.linkerd-viz.serviceaccount.identity.linkerd.cluster.local";
  const kubelet = { client: UNMESHED, requests: PROBES, latency: { 5: 1 }, probe: true };
  const scraper = style === "operator" ? UNMESHED : { tls: "true", client_id: prometheus };
  const scrape = { client: scraper, requests: 1 / SCRAPE_INTERVAL, latency: { 50: 1 }, probe: false };
  const received = [
    { ...kubelet, port: ADMIN_PORT },
    { ...scrape, port: ADMIN_PORT },
    ...(getPort(pod) === 6379 ? [] : [{ ...kubelet, port: getPort(pod) }]),
  ];
  return received.map((one) => ({ ...one, responses: [["200", one.requests]], during: ALWAYS, grpc: false }));
}

function countRequests(exporter: Exporter, pod: Pod, received: Received, format: Format): void {
  const { port, client, requests, responses, during, grpc, latency, probe } = received;
  const server = labelServer(pod, port);
  const route = labelInboundRoute(probe);
  const endpoint = { ...labelTarget(pod.ip, port), ...client, ...server };
  const labels = { direction: "inbound", ...endpoint, ...route, ...labelAuthorization(pod, port, probe) };
  exporter.count("request_total", labels, requests, during, true);
  const allowed = { ...endpoint, ...route, ...labelAuthorization(pod, port, probe) };
  exporter.count("inbound_http_authz_allow_total", allowed, requests, during, true);
  const family = grpc ? "inbound_grpc" : "inbound_http";
  const parent = {
    ...{ parent_group: server.srv_group ?? "", parent_kind: server.srv_kind ?? "" },
    ...{ parent_name: server.srv_name ?? "", parent_port: String(port) },
    ...route,
  };
  exporter.count(`${family}_requests_total`, parent, requests, during);
  for (const [status, perSecond] of responses) {
    const outcome = classify(status, grpc);
    exporter.count("response_total", { ...labels, ...outcome }, perSecond, during, true);
    const timed = { ...labels, status_code: outcome.status_code ?? "" };
    countHistogram(exporter, ["response_latency_ms", MILLISECONDS], timed, latency, [
      perSecond,
      during,
      true,
    ]);
    if (hasInboundStatuses(format)) {
      exporter.count(`${family}_statuses_total`, { ...parent, status }, perSecond, during);
    }
  }
}

/** A denied request is not in `request_total` and not in `response_total` of the callee. */
function countDenied(exporter: Exporter, pod: Pod, call: Call, during: Period): void {
  const port = getPort(pod);
  const client = labelClient(findWorkload(call.from));
  const labels = {
    ...labelTarget(pod.ip, port),
    ...client,
    ...labelServer(pod, port),
    ...labelInboundRoute(false),
  };
  const perSecond = call.rps / (pod.workload.replicas ?? 1);
  exporter.count(DENIALS, labels, perSecond, during, true);
}
