import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { meshProgram, type StackConfig } from "../../../sandbox/engine.ts";
import { type ChartRepository, serveCharts } from "../../support/chart-repository.ts";
import { testEngine } from "../../support/engine.ts";
import { changes, failureOf, openProgram, previewSteps, stateOf } from "../../support/stack.ts";

const MESH = { clusterNetworks: ["127.0.0.0/8"], viz: false };

const directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));

/** Writes a kubeconfig for a server that refuses connections, whose user has these fields. */
function refusing(user: object = { token: "any" }): string {
  return write("refusing", {
    "current-context": "ci",
    contexts: [{ name: "ci", context: { cluster: "ci", user: "ci" } }],
    clusters: [{ name: "ci", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "ci", user }],
  });
}

function write(name: string, content: object | string): string {
  const path = join(directory, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** Seconds that the last run of the program took: of the processor, because other tests may use it too. */
let programTime = 0;

async function timedProgram() {
  const start = process.cpuUsage();
  const outputs = await meshProgram();
  const { user, system } = process.cpuUsage(start);
  programTime = (user + system) / 1_000_000;
  return outputs;
}

/** Opens a stack of this project with a kubeconfig. */
function open(stack: string, kubeconfig: string, config: StackConfig): Promise<Stack> {
  const settings = { ...inject("charts"), keepCrds: false, ...MESH, ...config };
  return openProgram("linkerd-mesh", stack, timedProgram, settings, { ...testEngine(), kubeconfig });
}

/** The resources in the state of a stack, without Pulumi's own. */
function resourcesIn(stack: Stack): string[] {
  const { latest } = JSON.parse(stateOf("linkerd-mesh", stack.name)).checkpoint;
  const resources: { type: string; urn: string }[] = latest?.resources ?? [];
  return resources.filter(({ type }) => !type.startsWith("pulumi:")).map(({ urn }) => urn);
}

const UNREACHABLE =
  /kubernetes:context: should select a cluster that answers\. .* This preview does not check whether the cluster has a mesh, namespaces or policies that this stack does not own, or whether it serves MutatingAdmissionPolicy .*\. `pulumi up` checks it before it changes anything, and fails without an answer\. Fix: set kubernetes:context/;

describe("without a cluster", () => {
  test.each([
    [
      "an API server that refuses connections",
      refusing(),
      /https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/,
    ],
    ["an empty kubeconfig", write("empty", ""), /The kubeconfig \/.*empty does not exist or is empty\./],
    [
      "no kubeconfig",
      "/nowhere/kubeconfig",
      /The kubeconfig \/nowhere\/kubeconfig does not exist or is empty\./,
    ],
  ])(
    "without a cluster, the first preview with %s shows all resources, and warns once",
    async (name, kubeconfig, failure) => {
      const stack = await open(`first-${name.replaceAll(" ", "-")}`, kubeconfig, {});
      const { diagnostics, changeSummary } = await previewSteps(stack);
      expect(diagnostics).toEqual([expect.stringMatching(UNREACHABLE)]);
      expect(diagnostics[0]).toMatch(failure);
      expect(changeSummary.create).toBeGreaterThan(30);
      expect(programTime).toBeLessThan(3);
    },
  );

  test("without a cluster and a chart repository, a first preview warns of both, and up is rejected before it creates anything", async () => {
    const stack = await open("no-charts", refusing(), { chartSource: "http://127.0.0.1:1/charts" });
    const { diagnostics, changeSummary } = await previewSteps(stack);
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /linkerd-mesh:chartSource: should be a chart source that answers, got "http:\/\/127\.0\.0\.1:1\/charts"\. It cannot be reached .* This preview does not check whether it has linkerd-crds, linkerd-control-plane\. /,
      ),
      expect.stringMatching(UNREACHABLE),
    ]);
    expect(changeSummary.create).toBeGreaterThan(30);
    expect(await failureOf((options) => stack.up(options))).toMatch(
      /has 2 invalid settings:\n- linkerd-mesh:chartSource: must be .* it cannot be reached .*\n- kubernetes:context: must select a cluster that answers\. .*https:\/\/127\.0\.0\.1:1 does not answer: .* Fix: set kubernetes:context, .* kubectl get --raw \/readyz$/m,
    );
    expect(resourcesIn(stack)).toEqual([]);
  });

  test("without a cluster, a preview and an up with a user without credentials end with the fix", async () => {
    const stack = await open("prompting", refusing({}), {});
    for (const operation of ["preview", "up"] as const) {
      expect(await failureOf((options) => stack[operation](options))).toMatch(
        /has 1 invalid setting:\n- kubernetes:context: must select a user with credentials, got the user "ci" of the context "ci" without credentials\. .* Fix: kubectl config set-credentials ci --token=<token>, or /,
      );
    }
    expect(resourcesIn(stack)).toEqual([]);
  });

  describe("and with the state of a deployment", () => {
    let repository: ChartRepository;
    let settings: StackConfig;
    beforeAll(async () => {
      repository = await serveCharts(undefined);
      settings = { chartSource: `http://${repository.host}/charts` };
      await (await open("deployed", testEngine().kubeconfig, settings)).up();
      repository.close();
    });
    afterAll(async () => {
      await (await open("deployed", testEngine().kubeconfig, settings)).destroy();
    });

    const preview = async (config: StackConfig = {}, charts?: string) => {
      const stack = await open("deployed", refusing(), { ...settings, ...config });
      const warnings: string[] = [];
      vi.stubEnv("LINKERD_CHARTS", charts);
      const { changeSummary } = await stack.preview({
        onEvent: ({ diagnosticEvent }) => {
          const { message = "" } = diagnosticEvent ?? {};
          if (message.includes("This preview does not check")) warnings.push(message);
        },
      });
      vi.unstubAllEnvs();
      return { changes: changes(changeSummary), warnings };
    };

    test("without a cluster and its chart repository, a preview shows exactly what changed", async () => {
      expect(await preview()).toEqual({
        changes: {},
        warnings: [expect.stringContaining("linkerd-mesh:chartSource: should be ")],
      });
      const { changes } = await preview({ proxy: { memoryLimit: "300Mi" } });
      expect(changes).toEqual({ update: 1 });
    });

    test("without a cluster, the charts of a preview can come from LINKERD_CHARTS, and the release does not change", async () => {
      expect(await preview({}, inject("charts").chartSource)).toEqual({ changes: {}, warnings: [] });
    });
  });
});
