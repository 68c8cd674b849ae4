/** `npm run manifests` beside the objects of a real API server: the rendered objects, and drift. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parseQuantity } from "../../../components/inputs/quantity.ts";
import { createFindChart } from "../../../delivery/manifests/charts/find-chart.ts";
import { recordLive } from "../../../delivery/manifests/drift/placeholders.ts";
import { readLiveStack } from "../../../delivery/manifests/drift/read-live.ts";
import { openHelm } from "../../../delivery/manifests/helm.ts";
import { createRenderChart } from "../../../delivery/manifests/render/render-chart.ts";
import { createRenderRelease } from "../../../delivery/manifests/render/render-stack.ts";
import type { Report } from "../../../delivery/manifests/report.ts";
import { formatObject, type Json } from "../../../delivery/objects/kubernetes-object.ts";
import type { RecordedStack } from "../../../delivery/program/recorded-stack.ts";
import { sandboxSettings } from "../../../sandbox/sandbox-settings.ts";
import { openCluster } from "../../../stacks/cluster/cluster.ts";
import { readHelmReleases } from "../../../stacks/cluster/helm-releases.ts";
import { run } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { root } from "../../support/package.ts";
import { openMesh, PRIVATE_KEY, stateOf } from "../../support/stack.ts";

/** Most of the optional parts of a mesh. High availability is left out: without an injector, no pod of viz starts. */
const EVERYTHING = {
  ...sandboxSettings(inject("charts")),
  cni: true,
  certificates: { trustAnchors: [1, 2] },
  defaultInboundPolicy: "deny",
  proxy: { cpuRequest: "0.1", memoryLimit: "1024Mi" },
  monitoring: {
    dashboards: { namespace: "default" },
    prometheus: { readers: [{ namespace: "default", serviceAccount: "grafana" }] },
    grafana: { url: "grafana.default:3000" },
  },
  vizAccess: {
    allowFrom: [{ serviceAccount: "nginx", namespace: "default" }],
    host: "viz.example.com",
    user: "operator",
    ingress: { controller: "ingress-nginx", className: "public", tlsSecret: "viz-tls" },
  },
};

let stack: Stack;
const deploy = async (config: object) => {
  stack = await openMesh("sandbox", { ...config });
  await stack.up();
};
const hashState = () => createHash("sha256").update(stateOf("linkerd-mesh", "sandbox")).digest("hex");

/** Records the stack in a process of its own: Pulumi's mocks are global, and the engine's program runs in this one. */
async function recordStack(config: object): Promise<RecordedStack> {
  const program = JSON.stringify(join(root, "delivery/program/record-program.ts"));
  const script = `import { recordStack } from ${program};
    console.log(JSON.stringify(await recordStack("sandbox", { config: JSON.parse(process.argv[1]) })));`;
  const args = ["--input-type=module", "--eval", script, JSON.stringify(config)];
  return JSON.parse((await promisify(execFile)(process.execPath, args, { maxBuffer: 64 << 20 })).stdout);
}

/** Runs the command as a user does. */
async function runManifests(...options: string[]) {
  const { searchPath } = inject("tools");
  const charts = inject("charts").chartSource;
  const env = { ...process.env, PATH: searchPath, KUBECONFIG: testEngine().kubeconfig };
  const args = [
    join(root, "delivery/manifests/main.ts"),
    "--stack",
    "sandbox",
    "--charts",
    charts,
    ...options,
  ];
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack("sandbox");
});

describe("drift", () => {
  let before: string;

  beforeAll(async () => {
    await deploy(sandboxSettings(inject("charts")));
    before = hashState();
  });

  test("after an update, the cluster has no drift", async () => {
    const { status, stdout, stderr } = await runManifests("--against", "cluster");
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: "sandbox, compared with the cluster: no changes.\n",
      stderr: "",
    });
    expect(hashState()).toBe(before);
  });

  test("drift by kubectl and Helm is found with its cause, without a change of the state and without keys", async () => {
    const chart = join(inject("charts").chartSource, "linkerd-viz");
    const values = ["--reuse-values", "--set", "metricsAPI.logLevel=debug"];
    await run("helm", "upgrade", "linkerd-viz", chart, "-n", "linkerd-viz", ...values);
    await run("kubectl", "scale", "deployment/linkerd-proxy-injector", "-n", "linkerd", "--replicas=0");
    await run("kubectl", "set", "env", "deployment/web", "-n", "linkerd-viz", "-c", "web", "DEBUG=1");
    await run("kubectl", "delete", "service/tap", "-n", "linkerd-viz");
    await run("kubectl", "label", "secret/linkerd-identity-issuer", "-n", "linkerd", "edited=true");
    await run("kubectl", "rollout", "restart", "deployment/linkerd-identity", "-n", "linkerd");
    process.env.KUBE_EDITOR = "sed -i 's/clusterDomain: cluster.local/clusterDomain: edited.local/'";
    await run("kubectl", "edit", "configmap/linkerd-config", "-n", "linkerd");

    const { status, stdout } = await runManifests("--against", "cluster", "--format", "json");
    expect(status).toBe(2);
    const { added, removed, changed, rolls } = JSON.parse(stdout) as Report;
    expect({ added, removed, rolls }).toEqual({
      added: ["Service linkerd-viz/tap"],
      removed: [],
      rolls: ["linkerd-viz/metrics-api", "linkerd-viz/web"],
    });
    const causes = changed.map(({ object, changedBy = ["not recorded"], fields }) => [
      object,
      changedBy.map((who) => who.replace(/ at 20.*Z$/, "")).join(),
      fields.map(({ path }) => path.replace(/\[DEBUG\]$/, "")).join(),
    ]);
    expect(causes).toEqual([
      ["ConfigMap linkerd/linkerd-config", "kubectl-edit", "data.values"],
      ["Deployment linkerd/linkerd-proxy-injector", "not recorded", "spec.replicas"],
      ["Secret linkerd/linkerd-identity-issuer", "kubectl-label", "metadata.labels.edited"],
      ["Deployment linkerd-viz/metrics-api", "helm", "spec.template.spec.containers[metrics-api].args"],
      ["Deployment linkerd-viz/web", "kubectl-set", "spec.template.spec.containers[web].env"],
    ]);
    expect(stdout).not.toMatch(PRIVATE_KEY);
    expect(hashState()).toBe(before);
  });
});

describe("as rendered", () => {
  beforeAll(() => deploy(EVERYTHING));

  test("every rendered object is in the API server as rendered, and Helm has no other", async () => {
    const recorded = await recordStack(EVERYTHING);
    const helm = openHelm(inject("tools").paths.helm);
    const findChart = createFindChart(helm, tmpdir(), { charts: inject("charts").chartSource });
    const cluster = await openCluster({ "kubernetes:kubeconfig": testEngine().kubeconfig });
    const renderRelease = createRenderRelease(findChart, createRenderChart(helm));
    // With the certificates of the cluster: the recording has placeholders for them.
    const { rendered } = await readLiveStack(cluster, recorded, renderRelease);
    const releases = await readHelmReleases(cluster, [
      "linkerd-crds",
      "linkerd2-cni",
      "linkerd-control-plane",
      "linkerd-viz",
    ]);
    expect(releases).toHaveLength(4);

    const sent = releases.flatMap(({ manifest }) => manifest.match(/^kind: \w+$/gm) ?? []);
    const created = recorded.resources.filter(
      ({ type }) => type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm"),
    );
    expect(rendered).toHaveLength(sent.length + created.length);
    expect(rendered.length).toBeGreaterThan(120);

    const missing: string[] = [];
    for (const object of rendered) {
      const { apiVersion, kind, metadata } = object;
      const { name, namespace } = metadata;
      const live = await cluster.read(apiVersion, kind, name, namespace);
      if (live === undefined) missing.push(formatObject(object));
      else missing.push(...findMissing(object, live as unknown as Json, formatObject(object)));
    }
    expect(missing).toEqual([]);
  });
});

/** Lists what a rendered value has and the live one does not. The API server's defaults are beside it. */
function findMissing(rendered: unknown, live: Json | undefined, path: string): string[] {
  if (Array.isArray(rendered) && Array.isArray(live) && rendered.length === live.length) {
    return rendered.flatMap((entry, index) => findMissing(entry, live[index], `${path}[${index}]`));
  }
  if (typeof rendered === "object" && rendered !== null && !Array.isArray(rendered)) {
    const table = (live ?? {}) as { readonly [key: string]: Json };
    return Object.entries(rendered)
      .filter(([key]) => key !== "status")
      .flatMap(([key, value]) => findMissing(value, table[key], `${path}.${key}`));
  }
  if (rendered === live || isException(rendered, live, path)) return [];
  return [`${path}: ${JSON.stringify(rendered)}, live ${JSON.stringify(live)}`];
}

/** Why a live value may differ from the rendered one. */
function isException(rendered: unknown, live: Json | undefined, path: string): boolean {
  // `null` is not a value, so the API server adds its own. It does not store an empty one.
  if (rendered === null) return true;
  const isEmpty = rendered === "" || rendered === 0 || rendered === false || (rendered as []).length === 0;
  if (isEmpty && live === undefined) return true;
  // The API server stores a quantity in its canonical form.
  const isQuantity = /\.(requests|limits)\.\w+$/.test(path);
  if (isQuantity && parseQuantity(String(rendered)) === parseQuantity(String(live))) return true;
  // The API server moves `stringData` of a Secret to `data`. A recording has neither.
  if (/^Secret .*\.stringData$/.test(path)) return true;
  // Certificates, secrets, dates and files of the repository are placeholders in objects that the program creates.
  return typeof rendered === "string" && live !== undefined && recordLive(live, rendered) === rendered;
}
