import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject, V1ConfigMap, V1Deployment, V1ReplicaSet } from "@kubernetes/client-node";
import { afterAll, describe, expect, test } from "vitest";
import { linkerdVersion } from "../../../components/linkerd/charts/charts.ts";
import { recordingIn, STACK } from "../../recorded/recording.ts";
import { severalVersions, standInArchives } from "../../support/charts.ts";
import { client, list, read, run, secretText } from "../../support/cluster.ts";
import { openMesh, openMeshedWorkload, previewed } from "../../support/stack.ts";

interface Recorded {
  type: string;
  urn: string;
  inputs: KubernetesObject & { metadata: { name: string } };
}

const RECORDED = join(import.meta.dirname, "../../recorded");

describe("the state that an earlier release left", () => {
  const files = readdirSync(RECORDED).filter((file) => file.endsWith(".json"));

  /** What the program as it is changes of an earlier release's objects: an annotation, which takes their fields over. */
  const UPDATED =
    /^kubernetes:(core\/v1:Namespace|admissionregistration.k8s.io\/v1:MutatingAdmissionPolicy(Binding)?)$/;

  /** What came since: viz's pods restart with the trust bundle, and production, which has no viz, has a guard. */
  const SINCE: Record<string, string[]> = {
    "0.1.0-development.json": ["update linkerd-viz-release"],
    "0.1.0-production.json": ["create linkerd-removal-guard"],
  };

  test.each(files)("%s is taken over with nothing replaced and nothing deleted", async (file) => {
    const text = readFileSync(join(RECORDED, file), "utf8");
    const { settings, deployment } = recordingIn(text, (version) => standInArchives([version]));
    const stack = await openMesh(STACK, settings);
    await stack.importStack(deployment);
    const updated = (deployment.deployment.resources as Recorded[]).filter(({ type }) => UPDATED.test(type));
    // An update is previewed against the object itself.
    for (const { inputs } of updated) await client().create(inputs);
    const { steps, changeSummary } = await previewed(stack);
    // What a release has to change all the same, it says here. Never a replacement, never a deletion.
    const changed = updated.map(({ urn }) => `update ${urn.split("::").at(-1)}`);
    expect(steps.sort()).toEqual([...(SINCE[file] ?? []), ...changed].sort());
    expect(changeSummary.same).toBeGreaterThanOrEqual(40);
    await stack.workspace.removeStack(STACK, { force: true });
    // Unlike the client, kubectl waits until they are gone: the next state has objects of the same names.
    for (const { inputs } of updated) await run("kubectl", "delete", inputs.kind ?? "", inputs.metadata.name);
  });
});

describe("a mesh that runs, with a workload of another stack", () => {
  const { directory, versions } = severalVersions();
  const [first = "", ...later] = versions;
  const upgrades = later.map((to, index) => ({ from: versions[index] ?? "", to }));

  const mesh = (version: string) =>
    openMesh("upgrade", {
      clusterNetworks: ["127.0.0.0/8"],
      chartSource: directory,
      chartVersion: version,
    });
  const workload = () => openMeshedWorkload("upgrade-workload", "upgraded", "upgrade");

  /** Every certificate of the mesh, and the anchors. */
  const certificates = async () => ({
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

  /** How many templates each Deployment has had: one more is one roll. */
  async function templates(namespace: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { metadata } of await list<V1ReplicaSet>("apps/v1", "ReplicaSet", namespace)) {
      const owner = metadata?.ownerReferences?.[0]?.name ?? "";
      counts[owner] = (counts[owner] ?? 0) + 1;
    }
    return counts;
  }
  const oneMore = (counts: Record<string, number>) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count + 1]));

  const RELEASES = ["linkerd-crds-release", "linkerd-control-plane-release", "linkerd-viz-release"];

  afterAll(async () => {
    for (const stack of [await workload(), await mesh(versions.at(-1) ?? "")]) {
      await stack.destroy();
      await stack.workspace.removeStack(stack.name);
    }
  });

  test(`starts at ${first}, and a first install is no upgrade`, async () => {
    const stack = await mesh(first);
    expect((await previewed(stack)).said).toEqual([]);
    await stack.up();
    await (await workload()).up();
  });

  test.each(upgrades)(
    "$from to $to: three updates, in order, and one roll of each pod",
    { timeout: 300_000 },
    async ({ from, to }) => {
      const before = await certificates();
      const rolled = { linkerd: await templates("linkerd"), viz: await templates("linkerd-viz") };
      const workloads = (await templates("default")).upgraded ?? 0;

      const stack = await mesh(to);
      const { steps, said } = await previewed(stack);
      expect(steps).toEqual(RELEASES.map((release) => `update ${release}`));
      const versionsOf = (chart: string) => `${chart} ${from} -> ${to}`;
      const charts = ["linkerd-crds", "linkerd-control-plane", "linkerd-viz"].map(versionsOf).join(", then ");
      expect(said).toEqual([expect.stringContaining(`info: Linkerd changes: ${charts}.`)]);

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
      expect(await certificates()).toEqual(before);
      expect((await previewed(stack)).steps).toEqual([]);
      expect((await previewed(stack)).said).toEqual([]);
      expect(await templates("linkerd")).toEqual(oneMore(rolled.linkerd));
      expect(await templates("linkerd-viz")).toEqual(oneMore(rolled.viz));

      // The workload waits for its own stack, rolls then, and only then.
      expect((await templates("default")).upgraded).toBe(workloads);
      const own = await workload();
      expect((await previewed(own)).steps).toEqual(["update upgraded"]);
      await own.up();
      await own.up();
      expect((await templates("default")).upgraded).toBe(workloads + 1);
      const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "upgraded", "default");
      expect(spec?.template.metadata?.annotations?.["linkerd-mesh/linkerd-version"]).toBe(linkerdVersion(to));
    },
  );
});
