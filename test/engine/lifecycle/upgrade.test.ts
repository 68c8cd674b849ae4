import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject, V1ConfigMap, V1Deployment, V1ReplicaSet } from "@kubernetes/client-node";
import { afterAll, describe, expect, test } from "vitest";
import { linkerdVersion } from "../../../components/linkerd/charts/charts.ts";
import { parseRecording, STACK } from "../../recorded/recording.ts";
import { provideSeveralVersions, standInArchives } from "../../support/charts.ts";
import { client, list, read, run, secretText } from "../../support/cluster.ts";
import { openMesh, openMeshedWorkload, previewSteps } from "../../support/stack.ts";

interface RecordedResource {
  type: string;
  urn: string;
  inputs: KubernetesObject & { metadata: { name: string } };
}

const RECORDED = join(import.meta.dirname, "../../recorded");

describe("a state that an earlier release recorded", () => {
  const files = readdirSync(RECORDED).filter((file) => file.endsWith(".json"));

  /** Types of recorded objects that the current program updates: it adds an annotation that takes their fields over. */
  const UPDATED_TYPES =
    /^kubernetes:(core\/v1:Namespace|admissionregistration.k8s.io\/v1:MutatingAdmissionPolicy(Binding)?)$/;

  /** What the component of monitoring creates for viz's Prometheus, and dashboards where there is viz. */
  const MONITORING_STEPS = [
    "linkerd-observability",
    "linkerd-observability-api-server-discovery",
    "linkerd-observability-api-server-discovery-binding",
    "linkerd-observability-api-server-metrics",
    "linkerd-observability-api-server-metrics-binding",
    "linkerd-observability-dashboard-applications",
    "linkerd-observability-dashboard-mesh-health",
    "linkerd-viz-rules",
  ].map((name) => `create ${name}`);

  /**
   * Steps that the current program adds: the list of opaque ports has all mail ports, viz's pods restart when the trust
   * bundle changes, viz's Prometheus evaluates alerts, viz's dashboard is locked, and the production stack, which has no viz,
   * has a removal guard.
   */
  const ADDED_STEPS: Record<string, string[]> = {
    "0.1.0-development.json": [
      ...MONITORING_STEPS,
      "create linkerd-viz-access",
      "create linkerd-viz-access-server",
      "update linkerd-control-plane-release",
      "update linkerd-viz-release",
    ],
    "0.1.0-production.json": [
      "create linkerd-observability",
      "create linkerd-removal-guard",
      "update linkerd-control-plane-release",
    ],
  };

  test.each(files)("a preview of the recorded state %s replaces and deletes nothing", async (file) => {
    const text = readFileSync(join(RECORDED, file), "utf8");
    const { settings, deployment } = parseRecording(text, (version) => standInArchives([version]));
    const stack = await openMesh(STACK, settings);
    await stack.importStack(deployment);
    const updated = (deployment.deployment.resources as RecordedResource[]).filter(({ type }) =>
      UPDATED_TYPES.test(type),
    );
    // The preview of an update reads the object from the cluster.
    for (const { inputs } of updated) await client().create(inputs);
    const { steps, changeSummary } = await previewSteps(stack);
    // Every step that a release needs is listed here. None is a replacement or a deletion.
    const changed = updated.map(({ urn }) => `update ${urn.split("::").at(-1)}`);
    expect(steps.sort()).toEqual([...(ADDED_STEPS[file] ?? []), ...changed].sort());
    expect(changeSummary.same).toBeGreaterThanOrEqual(39);
    await stack.workspace.removeStack(STACK, { force: true });
    // Unlike the client, kubectl waits for the deletion. The next state has objects with the same names.
    for (const { inputs } of updated) await run("kubectl", "delete", inputs.kind ?? "", inputs.metadata.name);
  });
});

describe("upgrades of a running mesh with a workload in another stack", () => {
  const { directory, versions } = provideSeveralVersions();
  const [first = "", ...later] = versions;
  const upgrades = later.map((to, index) => ({ from: versions[index] ?? "", to }));

  const openMeshAt = (version: string) =>
    openMesh("upgrade", {
      clusterNetworks: ["127.0.0.0/8"],
      chartSource: directory,
      chartVersion: version,
    });
  const openWorkload = () => openMeshedWorkload("upgrade-workload", "upgraded", "upgrade");

  /** Reads every certificate of the mesh, and its trust anchors. */
  const readCertificates = async () => ({
    anchors: (await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd")).data,
    issuer: await secretText("linkerd-identity-issuer", "linkerd", "tls.crt"),
    webhooks: await Promise.all([
      secretText("linkerd-proxy-injector-k8s-tls", "linkerd", "tls.crt"),
      secretText("linkerd-sp-validator-k8s-tls", "linkerd", "tls.crt"),
      secretText("linkerd-policy-validator-k8s-tls", "linkerd", "tls.crt"),
      secretText("tap-k8s-tls", "linkerd-viz", "tls.crt"),
      secretText("tap-injector-k8s-tls", "linkerd-viz", "tls.crt"),
    ]),
  });

  /** Counts the ReplicaSets of each Deployment. A restart adds one. */
  async function countTemplates(namespace: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { metadata } of await list<V1ReplicaSet>("apps/v1", "ReplicaSet", namespace)) {
      const owner = metadata?.ownerReferences?.[0]?.name ?? "";
      counts[owner] = (counts[owner] ?? 0) + 1;
    }
    return counts;
  }
  const addOne = (counts: Record<string, number>) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count + 1]));

  const RELEASES = ["linkerd-crds-release", "linkerd-control-plane-release", "linkerd-viz-release"];

  afterAll(async () => {
    for (const stack of [await openWorkload(), await openMeshAt(versions.at(-1) ?? "")]) {
      await stack.destroy();
      await stack.workspace.removeStack(stack.name);
    }
  });

  test(`a first install, at ${first}, reports no upgrade`, async () => {
    const stack = await openMeshAt(first);
    expect((await previewSteps(stack)).diagnostics).toEqual([]);
    await stack.up();
    await (await openWorkload()).up();
  });

  test.each(upgrades)(
    "an upgrade from $from to $to updates three releases in order and restarts each pod once",
    { timeout: 300_000 },
    async ({ from, to }) => {
      const certificatesBefore = await readCertificates();
      const templatesBefore = {
        linkerd: await countTemplates("linkerd"),
        viz: await countTemplates("linkerd-viz"),
      };
      const workloadTemplates = (await countTemplates("default")).upgraded ?? 0;

      const stack = await openMeshAt(to);
      const { steps, diagnostics } = await previewSteps(stack);
      expect(steps).toEqual(RELEASES.map((release) => `update ${release}`));
      const versionsOf = (chart: string) => `${chart} ${from} -> ${to}`;
      const charts = ["linkerd-crds", "linkerd-control-plane", "linkerd-viz"].map(versionsOf).join(", then ");
      expect(diagnostics).toEqual([expect.stringContaining(`info: Linkerd changes: ${charts}.`)]);

      const events: string[] = [];
      const { summary } = await stack.up({
        onEvent: ({ resourcePreEvent, resOutputsEvent }) => {
          for (const [when, event] of [
            ["begins", resourcePreEvent],
            ["ends", resOutputsEvent],
          ] as const) {
            const name = event?.metadata.urn.split("::").at(-1) ?? "";
            if (event?.metadata.op === "update") events.push(`${name} ${when}`);
          }
        },
      });
      expect(summary.result).toBe("succeeded");
      expect(events).toEqual(RELEASES.flatMap((release) => [`${release} begins`, `${release} ends`]));
      expect(await readCertificates()).toEqual(certificatesBefore);
      expect((await previewSteps(stack)).steps).toEqual([]);
      expect((await previewSteps(stack)).diagnostics).toEqual([]);
      expect(await countTemplates("linkerd")).toEqual(addOne(templatesBefore.linkerd));
      expect(await countTemplates("linkerd-viz")).toEqual(addOne(templatesBefore.viz));

      // The workload restarts on the next `up` of its own stack, and only then.
      expect((await countTemplates("default")).upgraded).toBe(workloadTemplates);
      const workload = await openWorkload();
      expect((await previewSteps(workload)).steps).toEqual(["update upgraded"]);
      await workload.up();
      await workload.up();
      expect((await countTemplates("default")).upgraded).toBe(workloadTemplates + 1);
      const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "upgraded", "default");
      expect(spec?.template.metadata?.annotations?.["linkerd-mesh/linkerd-version"]).toBe(linkerdVersion(to));
    },
  );
});
