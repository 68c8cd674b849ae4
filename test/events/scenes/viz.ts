/** A development mesh with viz: monitoring, access to viz, and drift. */
import type { Recorder } from "../recorder.ts";

const STACK = "dev";

export async function recordViz(recorder: Recorder): Promise<void> {
  const preview = async (name: string, settings: object = {}) => {
    const stack = await recorder.openMesh(STACK, { ...settings });
    await recorder.record(name, (options) => stack.preview(options));
  };
  await preview("fresh-install-viz");
  await (await recorder.openMesh(STACK)).up();
  await preview("one-setting-dev", { proxy: { logLevel: "warn" } });
  const off = { monitoring: { dashboards: false, alerts: false } };
  await preview("monitoring-off", off);
  await (await recorder.openMesh(STACK, off)).up();
  await preview("monitoring-on");
  await (await recorder.openMesh(STACK)).up();
  await preview("viz-access", {
    vizAccess: {
      allowFrom: [{ serviceAccount: "traefik", namespace: "edge" }],
      host: "viz.example.com",
      auth: "external",
      ingress: { controller: "other", tlsSecret: "viz-tls" },
    },
  });
  await preview("viz-off", { viz: false });
  await recorder.run("kubectl", "label", "namespace", "linkerd", "linkerd.io/is-control-plane-");
  await recorder.run("kubectl", "delete", "mutatingadmissionpolicybinding", "linkerd-inject-by-label");
  const drifted = await recorder.openMesh(STACK);
  await recorder.record("drift", (options) => drifted.preview({ ...options, refresh: true }));
}
