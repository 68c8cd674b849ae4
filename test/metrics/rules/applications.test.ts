import { describe, test } from "vitest";
import { rules } from "../../../components/observability/rules/rules.ts";
import { type FiringAlert, testRules } from "./promtool.ts";

const WEB = 'job="linkerd-proxy",namespace="shop",pod="web-1",deployment="web",control_plane_ns="linkerd"';
const WORKLOAD = { namespace: "shop", kind: "deployment", workload: "web" };

describe("MeshLatencyHigh", () => {
  /** Responses per minute, and those of them that take at most a bound, with the samples of `values(rate)`. */
  function latency(perMinute: number, within: number, { bound = "1000", traffic = 'srv_port="8080"' } = {}) {
    const labels = `${WEB},direction="inbound",route_name="default",${traffic}`;
    return {
      [`response_total{${labels},classification="success"}`]: `0+${perMinute}x60`,
      [`response_latency_ms_count{${labels}}`]: `0+${perMinute}x60`,
      [`response_latency_ms_bucket{${labels},le="${bound}"}`]: `0+${within}x60`,
      [`response_latency_ms_bucket{${labels},le="+Inf"}`]: `0+${perMinute}x60`,
    };
  }
  const slow: FiringAlert = {
    labels: { severity: "warning", ...WORKLOAD },
    summary: "deployment shop/web is slow.",
  };

  test("an application with 2% slow responses causes an alert after 10 minutes, until they are fast", async () => {
    const fast = latency(100, 100);
    await testRules(rules(), {
      alert: "MeshLatencyHigh",
      series: {
        ...fast,
        ...Object.fromEntries(
          Object.entries(fast).map(([name, values]) => [
            name,
            name.includes('le="1000"') ? "0+98x30 2940+100x60" : values.replace("x60", "x90"),
          ]),
        ),
      },
      firing: { "10m": [], "12m": [slow], "30m": [slow], "45m": [] },
    });
  });

  test("a share of slow responses that the objective allows causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshLatencyHigh",
      series: latency(1000, 992),
      firing: { "30m": [], "60m": [] },
    });
  });

  test("the bound and the share of the options apply, also to bounds that Prometheus 3 writes with a fraction", async () => {
    const series = latency(100, 94, { bound: "200.0" });
    await testRules(rules({ latencyMs: 200, latencyShare: 0.95 }), {
      alert: "MeshLatencyHigh",
      series,
      firing: { "30m": [slow] },
    });
    await testRules(rules({ latencyMs: 200, latencyShare: 0.9 }), {
      alert: "MeshLatencyHigh",
      series,
      firing: { "30m": [] },
    });
  });

  test("one slow response per minute causes no alert below 20 requests in 10 minutes", async () => {
    await testRules(rules(), {
      alert: "MeshLatencyHigh",
      series: latency(1, 0),
      firing: { "30m": [], "60m": [] },
    });
    await testRules(rules({ minRequests: 10 }), {
      alert: "MeshLatencyHigh",
      series: latency(1, 0),
      firing: { "30m": [slow] },
    });
  });

  test("slow scrapes cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshLatencyHigh",
      series: { ...latency(100, 100), ...latency(100, 0, { traffic: 'srv_port="4191"' }) },
      firing: { "30m": [] },
    });
  });
});

describe("MeshCallersDenied", () => {
  const SERVER = 'srv_kind="server",srv_name="web-http"';
  const denied = (family: string, caller: string, port = "8080") =>
    `inbound_${family}_authz_deny_total{${WEB},${SERVER},srv_port="${port}",${caller}}`;
  const STRANGER = 'tls="true",client_id="stranger.shop.serviceaccount.identity.linkerd.cluster.local"';
  const UNMESHED = 'tls="no_identity",no_tls_reason="no_tls_from_remote"';
  const denies = (caller: string): FiringAlert => ({
    labels: { severity: "warning", ...WORKLOAD, srv_name: "web-http", caller },
    summary: `deployment shop/web denies ${caller}.`,
  });

  test("a caller that is denied for 10 minutes causes an alert, which resolves when it is allowed or stops", async () => {
    await testRules(rules(), {
      alert: "MeshCallersDenied",
      series: { [denied("http", STRANGER)]: "0+1x30 30x30" },
      firing: { "10m": [], "11m": [denies("stranger.shop")], "30m": [denies("stranger.shop")], "36m": [] },
    });
  });

  test("unmeshed callers, those without a certificate, and callers of TCP ports, cause an alert each", async () => {
    await testRules(rules(), {
      alert: "MeshCallersDenied",
      series: {
        [denied("http", UNMESHED)]: "0+1x60",
        [denied("http", 'tls="true",client_id=""')]: "0+1x60",
        [denied("tcp", STRANGER)]: "0+1x60",
      },
      firing: {
        "20m": [
          denies("unmeshed (no_tls_from_remote)"),
          denies("without certificate"),
          denies("stranger.shop"),
        ],
      },
    });
  });

  test("a burst of denied requests, and denied scrapes, cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshCallersDenied",
      series: {
        [denied("http", STRANGER)]: "0x10 0+100x3 300x47",
        [denied("http", UNMESHED, "4191")]: "0+10x60",
      },
      firing: { "15m": [], "20m": [], "24m": [], "40m": [] },
    });
  });
});

describe("MeshTcpConnectionsFail", () => {
  const CACHE =
    'authority="cache.billing.svc.cluster.local:6379",dst_service="cache",dst_namespace="billing"';
  const closed = (errno: string, peer = "dst", direction = "outbound", port = "6379") =>
    `tcp_close_total{${WEB},direction="${direction}",peer="${peer}",target_port="${port}",${CACHE},errno="${errno}"}`;
  const breaks: FiringAlert = {
    labels: { severity: "warning", ...WORKLOAD, dependency: "cache.billing" },
    summary: "Connections of deployment shop/web to cache.billing break.",
  };

  test("6% of the connections that end with an error cause an alert after 10 minutes, until they do not", async () => {
    await testRules(rules(), {
      alert: "MeshTcpConnectionsFail",
      series: { [closed("")]: "0+94x90", [closed("ECONNRESET")]: "0+6x30 180x60" },
      firing: { "9m": [], "12m": [breaks], "30m": [breaks], "45m": [] },
    });
  });

  test("4% of the connections, or 2 connections in 10 minutes, that end with an error cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshTcpConnectionsFail",
      series: { [closed("")]: "0+96x60", [closed("ECONNRESET")]: "0+4x60" },
      firing: { "30m": [], "60m": [] },
    });
    await testRules(rules(), {
      alert: "MeshTcpConnectionsFail",
      series: { [closed("ECONNRESET")]: "0 0 0 0 0 1 1 1 1 1 2 2 2 2 2 3 3 3 3 3 4 4 4 4 4 5 5 5 5 5 6" },
      firing: { "20m": [], "30m": [] },
    });
  });

  test("connections of the application to its own proxy, of its callers, and of scrapes cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshTcpConnectionsFail",
      series: {
        [closed("")]: "0+100x60",
        [closed("ECONNRESET", "src")]: "0+100x60",
        [closed("ECONNRESET", "src", "inbound")]: "0+100x60",
        [closed("ECONNRESET", "dst", "outbound", "4191")]: "0+100x60",
      },
      firing: { "30m": [] },
    });
  });
});
