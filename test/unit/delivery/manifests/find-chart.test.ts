import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readPin } from "../../../../delivery/manifests/charts/chart-pin.ts";
import { createFindChart } from "../../../../delivery/manifests/charts/find-chart.ts";
import { HelmError } from "../../../../delivery/manifests/helm.ts";

const REPOSITORY = "https://charts.example/edge";
const crds = { name: "linkerd-crds", version: "2026.8.3", source: REPOSITORY };
let cache: string;
let charts: string;
const pulled: string[][] = [];

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "cache-"));
  charts = mkdtempSync(join(tmpdir(), "charts-"));
  pulled.length = 0;
});

/** Pulls as `helm pull` does. */
async function pull(args: readonly string[]): Promise<string> {
  pulled.push(args.slice(0, -1));
  writeFileSync(join(args.at(-1) ?? "", "linkerd-crds-2026.8.3.tgz"), "");
  return "";
}

async function unreachable(): Promise<string> {
  throw new HelmError('Error: looks like "https://charts.example/edge" cannot be reached: no such host');
}

/** Adds a chart as a folder. */
function addFolder(version: string): void {
  mkdirSync(join(charts, "linkerd-crds"));
  writeFileSync(join(charts, "linkerd-crds", "Chart.yaml"), `name: linkerd-crds\nversion: ${version}\n`);
}

test("a chart of a repository is pulled once, with its version, and read from the cache afterwards", async () => {
  const find = createFindChart(pull, cache, { env: {} });
  const archive = join(cache, "charts.example_edge", "linkerd-crds-2026.8.3.tgz");
  expect(await find(crds)).toBe(archive);
  expect(await find(crds)).toBe(archive);
  expect(pulled).toEqual([
    ["pull", "linkerd-crds", "--repo", REPOSITORY, "--version", "2026.8.3", "--destination"],
  ]);
  expect(readdirSync(join(cache, "charts.example_edge"))).toEqual(["linkerd-crds-2026.8.3.tgz"]);
});

test("a chart of a registry is pulled by its path", async () => {
  const find = createFindChart(pull, cache, { env: {} });
  await find({ ...crds, source: "oci://registry.example/linkerd/" });
  expect(pulled[0]?.slice(0, 2)).toEqual(["pull", "oci://registry.example/linkerd/linkerd-crds"]);
});

test("without network and cache, one sentence names the command that fills a directory", async () => {
  const source = "https://robot:hunter2@charts.example/edge";
  const find = createFindChart(unreachable, cache, { env: {} });
  await expect(find({ ...crds, source })).rejects.toThrow(
    /^chartSource: must be a source that answers, or whose linkerd-crds 2026\.8\.3 is cached, got "https:\/\/charts\.example\/edge"\. Helm reports: .*no such host\. Fix: run `helm pull linkerd-crds .*--charts <directory>$/,
  );
  await expect(find({ ...crds, source })).rejects.not.toThrow(/hunter2/);
});

test("--charts takes precedence over LINKERD_CHARTS and the source of the stack, and an archive over a folder", async () => {
  addFolder("2026.8.3");
  const env = { LINKERD_CHARTS: "/nowhere" };
  const find = createFindChart(unreachable, cache, { charts, env });
  expect(await find(crds)).toBe(join(charts, "linkerd-crds"));
  writeFileSync(join(charts, "linkerd-crds-2026.8.3.tgz"), "");
  expect(await find(crds)).toBe(join(charts, "linkerd-crds-2026.8.3.tgz"));
  await expect(createFindChart(unreachable, cache, { env })(crds)).rejects.toThrow(
    'LINKERD_CHARTS: must be a directory with linkerd-crds-2026.8.3.tgz or linkerd-crds/ of that version, got "/nowhere", ' +
      "which does not exist. Fix: export LINKERD_CHARTS=<directory>",
  );
});

test("a directory without the pinned version is rejected with the versions that it has", async () => {
  const find = createFindChart(unreachable, cache, { charts, env: {} });
  await expect(find(crds)).rejects.toThrow("which has no linkerd-crds.");
  writeFileSync(join(charts, "linkerd-crds-2026.6.3.tgz"), "");
  await expect(find(crds)).rejects.toThrow("which has only linkerd-crds-2026.6.3.tgz.");
  addFolder("2025.10.7");
  await expect(find({ ...crds, source: charts })).rejects.toThrow(
    "whose linkerd-crds/ has version 2025.10.7.",
  );
});

test("the source of a recorded release is its repository, its registry path or its directory", () => {
  const pinOf = (inputs: object) => {
    const named = { name: "linkerd-viz", version: "2026.8.3", ...inputs };
    return readPin({ type: "", name: "viz", parent: "", dependsOn: [], options: {}, inputs: named });
  };
  expect(pinOf({ chart: "linkerd-viz", repositoryOpts: { repo: REPOSITORY } }).source).toBe(REPOSITORY);
  expect(pinOf({ chart: "oci://registry.example/linkerd/linkerd-viz" }).source).toBe(
    "oci://registry.example/linkerd",
  );
  expect(pinOf({ chart: "/charts/linkerd-viz" }).source).toBe("/charts");
  for (const secret of [{ chart: "linkerd-viz", repositoryOpts: "[secret]" }, { chart: "[secret]" }]) {
    expect(pinOf(secret).source).toBeUndefined();
  }
});

test("a chart from a secret source needs a directory", async () => {
  const find = createFindChart(pull, cache, { env: {} });
  await expect(find({ ...crds, source: undefined })).rejects.toThrow(
    /^--charts: must be a directory with linkerd-crds-2026\.8\.3\.tgz, got nothing\. The source of this chart/,
  );
  expect(pulled).toEqual([]);
});
