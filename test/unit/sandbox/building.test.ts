import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goModules } from "../../../sandbox/tools/build.ts";
import { getBuildPath } from "../../../sandbox/tools/cache.ts";
import { catalog, type Tool } from "../../../sandbox/tools/catalog.ts";
import { obtainTools } from "../../../sandbox/tools/index.ts";
import { metricsTools } from "../../../sandbox/tools/metrics-tools.ts";
import { detectPlatform } from "../../../sandbox/tools/platform.ts";
import { workflowTools } from "../../../sandbox/tools/workflow-tools.ts";
import { createMachine, findTool, type Machine } from "./machine.ts";

/** Puts a Go on PATH that records each package that it builds, and fails to build the one in the file `broken`. */
function addGo({ addCommand, directory }: Machine, version = "go1.26.8") {
  const calls = join(directory, "calls");
  const broken = join(directory, "broken");
  addCommand(
    "go",
    `case $1 in
    version) echo go version ${version} linux/amd64 ;;
    build)
      for package; do :; done
      [ "$7" = -tags ] && tags=" tags=$8"
      echo "$package CGO_ENABLED=$CGO_ENABLED$tags" >> ${calls}
      if [ -f ${broken} ] && [ "$package" = "$(/bin/cat ${broken})" ]; then echo syntax error; exit 1; fi
      echo '#!/bin/sh' > "$3"; /bin/chmod 755 "$3" ;;
    esac`,
  );
  return { broken, calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []) };
}

const tools = [findTool("pulumi"), findTool("kwok"), findTool("kubectl")];
const packages = tools.map((one) => `${one.build.package} CGO_ENABLED=0`);

test("tools that cannot be downloaded are built one after another, and only once", async () => {
  const machine = createMachine();
  const go = addGo(machine);
  const first = await obtainTools(machine.progress, tools);
  expect(go.calls()).toEqual(packages);
  expect(machine.printed).toContain("kubectl: building (3 of 3)");
  expect(await obtainTools(machine.progress, tools)).toEqual(first);
  expect(go.calls()).toEqual(packages);
});

test("a build that failed reports the reason, and the next run continues with the same tool", async () => {
  const machine = createMachine();
  const go = addGo(machine);
  writeFileSync(go.broken, tools[1]?.build.package ?? "");
  const failure = obtainTools(machine.progress, tools);
  await expect(failure).rejects.toThrow(/go build failed\. Last lines of .*\/logs\/kwok\.log:\nsyntax error/);
  rmSync(go.broken);
  await obtainTools(machine.progress, tools);
  expect(go.calls()).toEqual([packages[0], packages[1], packages[1], packages[2]]);
});

test("the tools of the metrics tests are built with build tags, and the sandbox does not obtain them", async () => {
  const machine = createMachine();
  const go = addGo(machine);
  await obtainTools(machine.progress, metricsTools);
  const main = "github.com/prometheus/prometheus/cmd";
  const suffix = "CGO_ENABLED=0 tags=remove_all_sd,enable_kubernetes_sd";
  expect(go.calls()).toEqual([`${main}/prometheus ${suffix}`, `${main}/promtool ${suffix}`]);
  expect(catalog.map(({ name }) => name)).toEqual([
    ...[
      "pulumi",
      "pulumi-resource-tls",
      "pulumi-resource-random",
      "pulumi-resource-kubernetes",
      "helm",
      "etcd",
    ],
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwokctl", "kwok", "kubectl"],
  ]);
});

test("an error without Go names the tools that it would build, and how to obtain them", async () => {
  const { progress } = createMachine();
  await expect(obtainTools(progress, tools)).rejects.toThrow(
    /Go must be 1\.26 or newer, got no go on PATH\. .*: pulumi, kwok, kubectl\. Fix: install Go 1\.26 or newer .*LINKERD_MESH_MIRROR/,
  );
});

test("an error about a Go that is too old has its version and the required one", async () => {
  const machine = createMachine();
  addGo(machine, "go1.25.4");
  await expect(obtainTools(machine.progress, tools)).rejects.toThrow(
    /Go must be 1\.26 or newer, got go version go1\.25\.4 .*Fix: install Go 1\.26/,
  );
});

test("a Go that refuses to build the modules is rejected, whatever version its error mentions", async () => {
  const machine = createMachine();
  machine.addCommand("go", "echo 'go: go.mod requires go >= 1.26.0 (running go 1.25.4)' >&2; exit 1");
  await expect(obtainTools(machine.progress, tools)).rejects.toThrow(
    "Go must be 1.26 or newer, got go: go.mod requires go >= 1.26.0 (running go 1.25.4). ",
  );
});

test("the cache key of a built tool depends on its sources, its variables, its tags and the platform", async () => {
  const { directory } = createMachine();
  const sources = join(directory, "sources");
  cpSync(join(goModules, "engine"), sources, { recursive: true });
  const pulumi = findTool("pulumi");
  const key = (one = pulumi) => getBuildPath("", one, sources, detectPlatform());
  const before = await key();
  expect(await key()).toBe(before);
  appendFileSync(join(sources, "go.sum"), "example.com/module v1.0.0 h1:x=\n");
  const withOtherSum = await key();
  expect(withOtherSum).not.toBe(before);
  expect(await key({ ...pulumi, build: { ...pulumi.build, variables: {} } })).not.toBe(withOtherSum);
  expect(await key({ ...pulumi, build: { ...pulumi.build, tags: "small" } })).not.toBe(withOtherSum);
  expect(await getBuildPath("", pulumi, sources, { os: "darwin", arch: "arm64" })).not.toBe(withOtherSum);
});

test("the Go modules build the versions that would be downloaded", () => {
  const pins: Record<string, string> = {
    pulumi: "github.com/pulumi/pulumi/pkg/v3",
    helm: "helm.sh/helm/v3",
    etcd: "go.etcd.io/etcd/server/v3",
    kwok: "sigs.k8s.io/kwok",
    kwokctl: "sigs.k8s.io/kwok",
    kubectl: "k8s.io/kubernetes",
    "kube-apiserver": "k8s.io/kubernetes",
  };
  for (const one of catalog.filter(({ name }) => name in pins)) {
    expect(readRequirements(one)).toContain(`${pins[one.name]} v${one.version}`);
  }
  for (const one of workflowTools) {
    expect(readRequirements(one)).toContain(`github.com/rhysd/actionlint v${one.version}`);
  }
  for (const one of metricsTools) {
    // Prometheus publishes its Go module under another version: release 3.16.0 is v0.316.0.
    const [major, minor, patch] = one.version.split(".");
    expect(readRequirements(one)).toContain(
      `github.com/prometheus/prometheus v0.${major}${minor?.padStart(2, "0")}.${patch}`,
    );
  }
});

function readRequirements({ build }: Tool): string {
  return readFileSync(join(goModules, build.module.name, "go.mod"), "utf8");
}

test("Go verifies every module against the committed go.sum, and nothing disables that", () => {
  const source = readFileSync(join(goModules, "..", "build.ts"), "utf8");
  expect(source).not.toMatch(/GONOSUM|GONOSUMDB|GOFLAGS|GOSUMDB|GOINSECURE|-mod=mod/);
  for (const module of new Set(
    [...catalog, ...metricsTools, ...workflowTools].map((one) => one.build.module.name),
  )) {
    expect(readFileSync(join(goModules, module, "go.sum"), "utf8")).toMatch(/ h1:/);
  }
});
