import { describe, test } from "vitest";
import { rules } from "../../../components/observability/rules/rules.ts";
import { type FiringAlert, testRules } from "./promtool.ts";

const WEB = 'job="linkerd-proxy",namespace="shop",pod="web-1",deployment="web",control_plane_ns="linkerd"';
const INBOUND = 'direction="inbound",srv_port="8080",route_name="default"';

const responses = (classification: "success" | "failure", traffic = INBOUND, pod = WEB) =>
  `response_total{${pod},${traffic},classification="${classification}"}`;

const low = (severity: string, share: string, workload = "deployment shop/web"): FiringAlert => {
  const [, kind = "", namespace = "", name = ""] = /(\S+) (\S+)\/(\S+)/.exec(workload) ?? [];
  return {
    labels: { severity, namespace, kind, workload: name },
    summary: `${workload} fails ${share} of its requests.`,
  };
};

describe("MeshSuccessRateLow", () => {
  test("an application that fails all requests causes the critical alert within minutes, until they succeed", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      severity: "critical",
      series: {
        [responses("success")]: "0+100x60 6000x30 6000+100x90",
        [responses("failure")]: "_x61 0+100x30 3000x90",
      },
      firing: {
        "60m": [],
        "70m": [],
        "78m": [low("critical", "100%")],
        "90m": [low("critical", "100%")],
        "98m": [],
      },
    });
  });

  test("an application that fails all requests causes the warning after 15 minutes, until half an hour is good", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      severity: "warning",
      series: {
        [responses("success")]: "0+100x60 6000x45 6000+100x90",
        [responses("failure")]: "_x61 0+100x45 4500x90",
      },
      firing: { "60m": [], "79m": [], "104m": [low("warning", "100%")], "145m": [] },
    });
  });

  test("a share of failures that the fast burn rate allows causes the alert for the slow one only", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: { [responses("success")]: "0+86x60", [responses("failure")]: "0+14x60" },
      firing: { "30m": [low("warning", "14%")], "60m": [low("warning", "14%")] },
    });
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: { [responses("success")]: "0+85x60", [responses("failure")]: "0+15x60" },
      firing: { "30m": [low("critical", "15%"), low("warning", "15%")] },
    });
  });

  test("a share of failures that both burn rates allow causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: { [responses("success")]: "0+945x60", [responses("failure")]: "0+55x60" },
      firing: { "30m": [], "60m": [] },
    });
  });

  test("the thresholds follow the objective", async () => {
    const series = { [responses("success")]: "0+98x60", [responses("failure")]: "0+2x60" };
    await testRules(rules({ successRate: 0.999 }), {
      alert: "MeshSuccessRateLow",
      series,
      firing: { "30m": [low("critical", "2%"), low("warning", "2%")] },
    });
    await testRules(rules(), { alert: "MeshSuccessRateLow", series, firing: { "30m": [] } });
  });

  test("a burst of 3 minutes in which all requests fail causes no alert after hours without failures", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: {
        [responses("success")]: "0+100x240 24000x3 24000+100x60",
        [responses("failure")]: "_x240 0+100x3 300x60",
      },
      firing: { "240m": [], "244m": [], "248m": [], "260m": [], "280m": [] },
    });
  });

  test("failures that are older than the short window cause no critical alert", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      severity: "critical",
      series: {
        [responses("success")]: "0+100x60",
        [responses("failure")]: "0+100x20 2000x40",
      },
      firing: { "18m": [low("critical", "50%")], "27m": [] },
    });
  });

  test("below 20 requests in the short window, an application that fails all of them causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: {
        [responses("failure")]:
          "0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 10 10 11 11 12 12 13 13 14 14 15 15 16 16 17 17 18 18 19 19 20 20",
      },
      firing: { "20m": [], "30m": [], "40m": [] },
    });
    const rare = { [responses("failure")]: "0+1x60" };
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: rare,
      firing: { "20m": [], "45m": [low("warning", "100%")] },
    });
    await testRules(rules({ minRequests: 5 }), {
      alert: "MeshSuccessRateLow",
      series: rare,
      firing: { "30m": [low("critical", "100%"), low("warning", "100%")] },
    });
  });

  test("scrapes and probes that succeed do not hide an application that fails every request", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: {
        [responses("failure")]: "0+10x60",
        [responses("success", 'direction="inbound",srv_port="4191",route_name="default"')]: "0+600x60",
        [responses("success", 'direction="inbound",srv_port="8080",route_name="probe"')]: "0+600x60",
      },
      firing: { "30m": [low("critical", "100%"), low("warning", "100%")] },
    });
  });

  test("scrapes and probes that fail, and requests that the application sends, cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: {
        [responses("success")]: "0+100x60",
        [responses("failure", 'direction="inbound",srv_port="4191",route_name="default"')]: "0+600x60",
        [responses("failure", 'direction="inbound",srv_port="8080",route_name="probe"')]: "0+600x60",
        [responses("failure", 'direction="outbound",dst_deployment="db"')]: "0+600x60",
      },
      firing: { "30m": [], "60m": [] },
    });
  });

  test("the pods of a workload count together, and workloads of one name in two namespaces apart", async () => {
    const pod = (namespace: string, name: string) =>
      `job="linkerd/linkerd-proxy",namespace="${namespace}",pod="${name}",deployment="web"`;
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: {
        [responses("failure", INBOUND, pod("shop", "web-1"))]: "0+10x60",
        [responses("success", INBOUND, pod("shop", "web-2"))]: "0+90x60",
        [responses("success", INBOUND, pod("billing", "web-1"))]: "0+1000x60",
      },
      firing: { "30m": [low("warning", "10%")] },
    });
  });

  test("pods of a CronJob without an owner label, and bare pods, are workloads", async () => {
    await testRules(rules(), {
      alert: "MeshSuccessRateLow",
      series: {
        [responses(
          "failure",
          INBOUND,
          'namespace="shop",pod="report-1-x",batch_kubernetes_io_job_name="report-1"',
        )]: "0+10x60",
        [responses("failure", INBOUND, 'namespace="shop",pod="bare"')]: "0+10x60",
      },
      firing: {
        "10m": [
          low("critical", "100%", "batch_kubernetes_io_job_name shop/report-1"),
          low("critical", "100%", "pod shop/bare"),
        ],
      },
    });
  });
});
