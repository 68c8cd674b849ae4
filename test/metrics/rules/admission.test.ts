import { describe, test } from "vitest";
import { rules } from "../../../components/observability/rules/rules.ts";
import { type FiringAlert, testRules } from "./promtool.ts";

/** A target of the job that scrapes the API server, as kube-prometheus-stack names it. */
const API_SERVER = 'job="apiserver",instance="10.0.0.1:6443"';
const UP = { [`up{${API_SERVER}}`]: "1x60" };

const failOpen = (webhook: string) =>
  `apiserver_admission_webhook_fail_open_count{${API_SERVER},name="${webhook}",type="admit"}`;
const rejected = (webhook: string, errorType: string) =>
  `apiserver_admission_webhook_rejection_count{${API_SERVER},name="${webhook}",type="admit",operation="CREATE",error_type="${errorType}",rejection_code="0"}`;
const INJECTOR = "linkerd-proxy-injector.linkerd.io";

describe("MeshInjectorFailsOpen", () => {
  const failsOpen: FiringAlert = {
    labels: { severity: "critical" },
    summary: "The API server admits pods without calling the injector.",
  };

  test("the first pod that is admitted without the injector causes an alert, which resolves after 10 minutes", async () => {
    await testRules(rules(), {
      alert: "MeshInjectorFailsOpen",
      series: { ...UP, [failOpen(INJECTOR)]: "_x19 1x40" },
      firing: { "18m": [], "19m": [failsOpen], "28m": [failsOpen], "31m": [] },
    });
  });

  test("further pods that are admitted without the injector cause an alert", async () => {
    await testRules(rules(), {
      alert: "MeshInjectorFailsOpen",
      series: { ...UP, [failOpen(INJECTOR)]: "3x20 4x40" },
      firing: { "20m": [], "21m": [failsOpen], "29m": [failsOpen], "32m": [] },
    });
  });

  test("an old count that a new Prometheus reads for the first time causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshInjectorFailsOpen",
      series: { [`up{${API_SERVER}}`]: "_x20 1x40", [failOpen(INJECTOR)]: "_x20 5x40" },
      firing: { "20m": [], "21m": [], "25m": [], "31m": [], "40m": [] },
    });
  });

  test("a webhook of someone else that fails open causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshInjectorFailsOpen",
      series: { ...UP, [failOpen("webhook.example.com")]: "0+1x60" },
      firing: { "20m": [] },
    });
  });
});

describe("MeshInjectorRejectsPods", () => {
  const rejects: FiringAlert = {
    labels: { severity: "critical" },
    summary: "The API server rejects pods because it cannot call the injector.",
  };

  test("a pod that is rejected because the injector cannot be called causes an alert, which resolves", async () => {
    await testRules(rules(), {
      alert: "MeshInjectorRejectsPods",
      series: { ...UP, [rejected(INJECTOR, "calling_webhook_error")]: "_x20 1+1x5 6x40" },
      firing: { "19m": [], "20m": [rejects], "33m": [rejects], "37m": [] },
    });
  });

  test("a request that the injector itself rejects causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshInjectorRejectsPods",
      series: {
        ...UP,
        [rejected(INJECTOR, "no_error")]: "0+1x60",
        [rejected("webhook.example.com", "calling_webhook_error")]: "0+1x60",
      },
      firing: { "20m": [], "40m": [] },
    });
  });
});

describe("MeshLabelPolicyErrors", () => {
  const check = (policy: string, errorType: string) =>
    `apiserver_mutating_admission_policy_check_total{${API_SERVER},policy="${policy}",policy_binding="${policy}",error_type="${errorType}"}`;

  test("an evaluation of the label policy that fails causes an alert, which resolves", async () => {
    await testRules(rules(), {
      alert: "MeshLabelPolicyErrors",
      series: {
        ...UP,
        [check("linkerd-inject-by-label", "no_error")]: "0+5x60",
        [check("linkerd-inject-by-label", "compile_error")]: "_x20 1x40",
      },
      firing: {
        "19m": [],
        "20m": [
          {
            labels: { severity: "warning", error_type: "compile_error" },
            summary: "The API server cannot evaluate the policy that injects pods by their label.",
          },
        ],
        "31m": [],
      },
    });
  });

  test("evaluations that succeed, and errors of other policies, cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshLabelPolicyErrors",
      series: {
        ...UP,
        [check("linkerd-inject-by-label", "no_error")]: "0+5x60",
        [check("other", "compile_error")]: "0+5x60",
      },
      firing: { "20m": [], "40m": [] },
    });
  });
});

describe("MeshInjectionSkipped", () => {
  const skipped = (labels: string) =>
    `proxy_inject_admission_responses_total{component="proxy-injector",owner_kind="deployment",skip="true",${labels}}`;
  const VIZ = 'job="linkerd-controller",instance="10.1.0.9:9995"';
  const OPERATOR =
    'job="linkerd/linkerd-controller",instance="10.1.0.9:9995",namespace="linkerd",pod="injector"';
  const alert: FiringAlert = {
    labels: {
      severity: "warning",
      namespace: "shop",
      owner_kind: "deployment",
      skip_reason: "host_network_enabled",
    },
    summary: "The injector skips pods of shop: host_network_enabled.",
  };

  test("a pod on the host network that should be injected causes an alert, which resolves", async () => {
    await testRules(rules(), {
      alert: "MeshInjectionSkipped",
      series: {
        [`up{${VIZ}}`]: "1x60",
        [skipped(`${VIZ},namespace="shop",skip_reason="host_network_enabled"`)]: "_x20 1x40",
      },
      firing: { "19m": [], "20m": [alert], "34m": [alert], "36m": [] },
    });
  });

  test("with the labels of the Prometheus operator, the alert has the namespace of the pod", async () => {
    await testRules(rules(), {
      alert: "MeshInjectionSkipped",
      series: {
        [`up{${OPERATOR}}`]: "1x60",
        [skipped(`${OPERATOR},exported_namespace="shop",skip_reason="host_network_enabled"`)]: "_x20 1x40",
      },
      firing: { "20m": [alert] },
    });
  });

  test("pods that are not meshed on purpose, or have a proxy, cause no alert, even with a second reason", async () => {
    const reasons = [
      "injection_enable_annotation_absent",
      "host_network_enabled,injection_enable_annotation_absent",
      "injection_disable_annotation_present",
      "sidecar_already_exists",
    ];
    await testRules(rules(), {
      alert: "MeshInjectionSkipped",
      series: {
        [`up{${VIZ}}`]: "1x60",
        ...Object.fromEntries(
          reasons.map((reason) => [skipped(`${VIZ},namespace="shop",skip_reason="${reason}"`), "0+1x60"]),
        ),
        [`proxy_inject_admission_responses_total{${VIZ},namespace="shop",owner_kind="deployment",skip="false",skip_reason=""}`]:
          "0+1x60",
      },
      firing: { "20m": [], "40m": [] },
    });
  });
});

describe("MeshPodUnmeshed", () => {
  const container = (namespace: string, pod: string, name: string) =>
    `container_memory_working_set_bytes{job="kubelet",namespace="${namespace}",pod="${pod}",container="${name}"}`;
  const MESHED = {
    [container("shop", "web-1", "web")]: "1x60",
    [container("shop", "web-1", "linkerd-proxy")]: "1x60",
  };
  const unmeshed: FiringAlert = {
    labels: { severity: "warning", namespace: "shop", pod: "web-2" },
    summary: "The pod shop/web-2 has no proxy.",
  };

  test("a pod without a proxy in a namespace with meshed pods causes an alert after 15 minutes, until it is replaced", async () => {
    await testRules(rules(), {
      alert: "MeshPodUnmeshed",
      series: { ...MESHED, [container("shop", "web-2", "web")]: "1x30 stale" },
      firing: { "14m": [], "15m": [unmeshed], "30m": [unmeshed], "31m": [] },
    });
  });

  test("a pod whose proxy starts within 15 minutes causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshPodUnmeshed",
      series: {
        ...MESHED,
        [container("shop", "web-2", "web")]: "1x60",
        [container("shop", "web-2", "linkerd-proxy")]: "_x12 1x48",
      },
      firing: { "14m": [], "16m": [], "40m": [] },
    });
  });

  test("pods of Jobs, pods of namespaces without meshed pods, and cgroups of pods cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshPodUnmeshed",
      series: {
        ...MESHED,
        [container("shop", "report-1", "report")]: "1x60",
        'kube_pod_owner{job="kube-state-metrics",namespace="shop",pod="report-1",owner_kind="Job",owner_name="report"}':
          "1x60",
        [container("legacy", "web-1", "web")]: "1x60",
        [container("shop", "web-3", "POD")]: "1x60",
        [container("shop", "web-4", "")]: "1x60",
      },
      firing: { "20m": [], "40m": [] },
    });
  });
});
