/** What the controllers export. */
import type { Labels, Series } from "../../history.ts";
import { CERTIFICATES, INJECTIONS } from "../facts.ts";
import { findPods } from "../pods.ts";
import { attach, type Controller, type LabelStyle, labelController } from "../styles.ts";
import { ALWAYS, countHistogram, Exporter } from "./exporter.ts";
import { describeScrape } from "./scrape.ts";

const PERIOD = [-120, Number.POSITIVE_INFINITY] as const;

/** The controllers with the ports of their metrics: linkerd2, charts/linkerd-control-plane. */
function listControllers(): Controller[] {
  const [identity] = findPods("linkerd/linkerd-identity");
  const [destination] = findPods("linkerd/linkerd-destination");
  const [injector] = findPods("linkerd/linkerd-proxy-injector");
  if (!identity || !destination || !injector) throw new Error("the shop has no control plane");
  return [
    { pod: identity, component: "identity", port: 9990, endpoint: "ident-admin" },
    { pod: destination, component: "destination", port: 9996, endpoint: "dest-admin" },
    { pod: destination, component: "sp-validator", port: 9997, endpoint: "spval-admin" },
    { pod: destination, component: "policy", port: 9990, endpoint: "policy-admin" },
    { pod: injector, component: "proxy-injector", port: 9995, endpoint: "injector-admin" },
  ];
}

export function describeControlPlane(style: LabelStyle): Series[] {
  return listControllers().flatMap((controller) => {
    const labels = labelController(controller, style);
    const exporter = new Exporter([PERIOD], attach(labels));
    describeGo(exporter);
    DESCRIPTIONS[controller.component]?.(exporter);
    const series = exporter.collect();
    return [...series, ...describeScrape(PERIOD, labels, true, series.length)];
  });
}

const DESCRIPTIONS: Readonly<Record<string, (exporter: Exporter) => void>> = {
  identity(exporter) {
    const left = (minute: number) => CERTIFICATES.issuerSeconds - minute * 60;
    exporter.set("issuer_cert_ttl_seconds", {}, left);
    countGrpc(exporter, "io.linkerd.proxy.identity.Identity", "Certify", "unary", "OK", 0.01);
    describeInformers(exporter);
  },
  destination(exporter) {
    exporter.count(
      "endpoint_updates_queue_overflow",
      { service: "carts.shop.svc.cluster.local:80" },
      0.01,
      ALWAYS,
    );
    exporter.count("endpoint_profile_updates_queue_overflow", {}, 0, ALWAYS);
    const profile = { fqn: "carts.shop.svc.cluster.local", port: "80" };
    exporter.count("profile_updates_queue_overflow", profile, 0, ALWAYS);
    exporter.set("service_subscribers", { name: "carts", namespace: "shop" }, 2);
    const service = "io.linkerd.proxy.destination.Destination";
    countGrpc(exporter, service, "Get", "server_stream", "OK", 0.1);
    countGrpc(exporter, service, "GetProfile", "server_stream", "OK", 0.1);
    describeInformers(exporter);
  },
  "sp-validator": describeInformers,
  policy(exporter) {
    countGrpc(
      exporter,
      "io.linkerd.proxy.outbound.OutboundPolicies",
      "Watch",
      "server_stream",
      "NOT_FOUND",
      0.1,
    );
    countGrpc(
      exporter,
      "io.linkerd.proxy.inbound.InboundServerPolicies",
      "WatchPort",
      "server_stream",
      "OK",
      0.1,
    );
  },
  "proxy-injector"(exporter) {
    const count = (owner: Labels, outcome: Labels, perMinute: number) => {
      exporter.count("proxy_inject_admission_requests_total", owner, perMinute / 60, ALWAYS);
      exporter.count(
        "proxy_inject_admission_responses_total",
        { ...owner, ...outcome },
        perMinute / 60,
        ALWAYS,
      );
    };
    const shop = { namespace: "shop", owner_kind: "deployment", annotation_at: "namespace" };
    count(shop, { skip: "false" }, INJECTIONS.injected);
    count(shop, { skip: "true", skip_reason: "host_network_enabled" }, INJECTIONS.skipped);
    const reason = "injection_enable_annotation_absent";
    count(
      { namespace: "outside", owner_kind: "deployment" },
      { skip: "true", skip_reason: reason },
      INJECTIONS.notRequested,
    );
    describeInformers(exporter);
  },
};

function countGrpc(
  exporter: Exporter,
  service: string,
  method: string,
  type: string,
  code: string,
  perSecond: number,
): void {
  const labels = { grpc_service: service, grpc_method: method, grpc_type: type };
  exporter.count("grpc_server_started_total", labels, perSecond, ALWAYS);
  exporter.count("grpc_server_handled_total", { ...labels, grpc_code: code }, perSecond, ALWAYS);
}

/** Seconds between a change in the API server and its arrival at a controller: one per minute, half a second each. */
function describeInformers(exporter: Exporter): void {
  const bounds = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000];
  for (const resource of ["endpoints", "endpointslices", "pods", "servers", "services"]) {
    const name = `${resource}_informer_lag_seconds`;
    const shape = { bounds, scale: 0.001, format: String };
    countHistogram(exporter, [name, shape], {}, { 500: 1 }, [1 / 60, ALWAYS]);
  }
}

function describeGo(exporter: Exporter): void {
  exporter.set("process_start_time_seconds", {}, 1_767_200_000);
  exporter.count("process_cpu_seconds_total", {}, 0.02, ALWAYS);
  exporter.set("process_resident_memory_bytes", {}, 60_000_000);
  exporter.set("go_goroutines", {}, 100);
}
