/**
 * The alerts of admission, with the metrics of a real API server. Nothing serves the webhook of the injector in the sandbox, so that
 * the API server cannot call it. A Prometheus with the configuration and the rules of the release scrapes the API server.
 */
import type { V1Pod } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { INJECTION_POLICY_NAME } from "../../../components/meshing/injection-by-label.ts";
import { run } from "../../support/cluster.ts";
import type { History } from "../../support/metrics/history.ts";
import type { Prometheus } from "../../support/metrics/prometheus.ts";
import { type ForwardProxy, startForwardProxy } from "../../support/scrapes/forward-proxy.ts";
import {
  findApiServerPort,
  listTargets,
  obtainPrometheus,
  readReleasedConfig,
  readReleasedRules,
  startInSandbox,
} from "../../support/scrapes/live-prometheus.ts";
import { openPods, waitFor } from "../../support/scrapes/run-pods.ts";
import { API_SERVER, publishApiServer, unpublishApiServer } from "../../support/scrapes/scraped-cluster.ts";
import { openMesh } from "../../support/stack.ts";

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

const openWith = (highAvailability: boolean) =>
  openMesh("admission", { clusterNetworks: ["127.0.0.0/8"], highAvailability });

let stack: Stack;
let proxy: ForwardProxy;
let prometheus: Prometheus;

beforeAll(async () => {
  await obtainPrometheus();
  await publishApiServer();
  stack = await openWith(false);
  await stack.up();
  proxy = await startForwardProxy(() => undefined, { [API_SERVER]: findApiServerPort() });
}, 1_800_000);
afterAll(async () => {
  await proxy.close();
  await run("kubectl", "delete", "pods", "-n", "default", "-l", "linkerd.io/inject=enabled");
  await stack.destroy();
  await unpublishApiServer();
});

/** Starts Prometheus, and waits until it has evaluated the metrics of the API server twice. */
async function start(history?: History): Promise<void> {
  const [config, rules] = [await readReleasedConfig(), await readReleasedRules()];
  prometheus = await startInSandbox({ config, rules, proxyUrl: proxy.url, ...(history && { history }) });
  await waitFor("two scrapes of the API server", async () => {
    const [target] = await listTargets(prometheus, "linkerd-api-server");
    const { samples } = await prometheus.query(
      'count_over_time(apiserver_admission_webhook_admission_duration_seconds_count{name="linkerd-proxy-injector.linkerd.io"}[1m])',
      Date.now() / 1000,
    );
    return (target?.health === "up" && (samples[0]?.points[0]?.[1] ?? 0) >= 2) || undefined;
  });
}

/** A history in which Prometheus has scraped the API server for a quarter of an hour, until now. */
function scrapedBefore(): History {
  const now = Math.floor(Date.now() / 1000);
  const labels = { job: "linkerd-api-server", instance: API_SERVER };
  return {
    scrapes: Array.from({ length: 30 }, (_, index) => ({ time: now - 900 + index * 30, minute: index / 2 })),
    series: [{ name: "up", labels, value: () => 1 }],
  };
}

async function findFiring(alert: string): Promise<Alert[]> {
  const { alerts } = (await prometheus.call("alerts")) as { alerts: Alert[] };
  return alerts.filter(({ labels, state }) => labels.alertname === alert && state === "firing");
}

const waitForAlert = (alert: string) =>
  waitFor(`a firing ${alert}`, async () => (await findFiring(alert))[0]);

/** Creates a pod that requests injection by its label. */
function createPod(name: string): Promise<V1Pod> {
  return openPods().createNamespacedPod({
    namespace: "default",
    body: {
      metadata: { name, labels: { "linkerd.io/inject": "enabled" } },
      spec: { schedulerName: "none", containers: [{ name: "app", image: "app:1" }] },
    },
  });
}

describe("without high availability", () => {
  beforeAll(() => start());
  afterAll(() => prometheus.stop());

  test("the pods that were created before Prometheus started cause no alert", async () => {
    const { samples } = await prometheus.query(
      'apiserver_admission_webhook_fail_open_count{name="linkerd-proxy-injector.linkerd.io"}',
      Date.now() / 1000,
    );
    expect(samples[0]?.points[0]?.[1]).toBeGreaterThan(0);
    expect(await findFiring("MeshInjectorFailsOpen")).toEqual([]);
  });

  test("MeshInjectorFailsOpen fires after the API server has admitted a pod without the injector", async () => {
    const pod = await createPod("open");
    const names = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(
      ({ name }) => name,
    );
    expect(names).toEqual(["app"]);
    const alert = await waitForAlert("MeshInjectorFailsOpen");
    expect(alert.labels).toEqual({ alertname: "MeshInjectorFailsOpen", severity: "critical" });
    expect(alert.annotations.description).toMatch(/^About [\d.]+ pods were admitted in 10 minutes/);
    for (const other of ["MeshInjectorRejectsPods", "MeshLabelPolicyErrors"]) {
      expect(await findFiring(other)).toEqual([]);
    }
  });
});

describe("with a label policy that cannot be evaluated", () => {
  const edit = (path: string, value: string) =>
    run(
      "kubectl",
      ...["patch", "mutatingadmissionpolicy", INJECTION_POLICY_NAME, "--type=json", "-p"],
      JSON.stringify([{ op: "replace", path, value }]),
    );
  const EXPRESSION = "/spec/mutations/0/applyConfiguration/expression";

  beforeAll(async () => {
    await start(scrapedBefore());
  });
  afterAll(() => prometheus.stop());

  test("MeshLabelPolicyErrors fires after the first pod whose label the API server could not copy", async () => {
    expect(await findFiring("MeshLabelPolicyErrors")).toEqual([]);
    await edit(
      EXPRESSION,
      'Object{metadata: Object.metadata{annotations: {"linkerd.io/inject": object.metadata.labels["absent"]}}}',
    );
    // The API server evaluates a changed policy after a moment.
    const pods = await waitFor("a pod whose label was not copied", async () => {
      const pod = await createPod(`broken-${Date.now()}`);
      return pod.metadata?.annotations?.["linkerd.io/inject"] === undefined ? pod : undefined;
    });
    expect(pods.metadata?.labels?.["linkerd.io/inject"]).toBe("enabled");
    const alert = await waitForAlert("MeshLabelPolicyErrors");
    expect(alert.labels).toMatchObject({ alertname: "MeshLabelPolicyErrors", severity: "warning" });
    expect(alert.labels.error_type).not.toBe("no_error");
  });
});

describe("with high availability", () => {
  beforeAll(async () => {
    await update(true);
    await start(scrapedBefore());
  });
  afterAll(async () => {
    await prometheus.stop();
    // The deletion of policies updates them, which a webhook that must be called would reject.
    await update(false);
  });

  /** Updates only the control plane, whose namespace is exempt from its webhooks. Those for viz are not served here. */
  async function update(highAvailability: boolean): Promise<void> {
    stack = await openWith(highAvailability);
    await stack.up({ target: ["**control-plane-release"] });
  }

  test("MeshInjectorRejectsPods fires after the API server has rejected the first pod", async () => {
    expect(await findFiring("MeshInjectorRejectsPods")).toEqual([]);
    await expect(createPod("rejected")).rejects.toThrow(/failed calling webhook/);
    const alert = await waitForAlert("MeshInjectorRejectsPods");
    expect(alert.labels).toEqual({ alertname: "MeshInjectorRejectsPods", severity: "critical" });
  });
});
