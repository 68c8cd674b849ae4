import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goModules } from "../../../sandbox/tools/build.ts";
import { builtPath } from "../../../sandbox/tools/cache.ts";
import { catalog } from "../../../sandbox/tools/catalog.ts";
import { obtainTools } from "../../../sandbox/tools/index.ts";
import { thisPlatform } from "../../../sandbox/tools/platform.ts";
import { type Machine, machine, tool } from "./setting.ts";

/** A Go that writes down what it is asked to build, and builds it unless the file `broken` names it. */
function fakeGo({ command, directory }: Machine, version = "go1.26.8") {
  const calls = join(directory, "calls");
  const broken = join(directory, "broken");
  command(
    "go",
    `case $1 in
    version) echo go version ${version} linux/amd64 ;;
    build)
      echo "$7 CGO_ENABLED=$CGO_ENABLED" >> ${calls}
      if [ -f ${broken} ] && [ "$7" = "$(/bin/cat ${broken})" ]; then echo syntax error; exit 1; fi
      echo '#!/bin/sh' > "$3"; /bin/chmod 755 "$3" ;;
    esac`,
  );
  return { broken, calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []) };
}

const tools = [tool("pulumi"), tool("kwok"), tool("kubectl")];
const packages = tools.map((one) => `${one.build.package} CGO_ENABLED=0`);

test("what can't be downloaded is built, one tool after another, and is not built again", async () => {
  const here = machine();
  const go = fakeGo(here);
  const first = await obtainTools(here.report, tools);
  expect(go.calls()).toEqual(packages);
  expect(here.said).toContain("kubectl: building (3 of 3)");
  expect(await obtainTools(here.report, tools)).toEqual(first);
  expect(go.calls()).toEqual(packages);
});

test("a build that broke off goes on where it was, and says why it broke off", async () => {
  const here = machine();
  const go = fakeGo(here);
  writeFileSync(go.broken, tools[1]?.build.package ?? "");
  const failure = obtainTools(here.report, tools);
  await expect(failure).rejects.toThrow(/go build failed\. The end of .*\/logs\/kwok\.log:\nsyntax error/);
  rmSync(go.broken);
  await obtainTools(here.report, tools);
  expect(go.calls()).toEqual([packages[0], packages[1], packages[1], packages[2]]);
});

test("without Go it says what to install, and what for", async () => {
  const { report } = machine();
  await expect(obtainTools(report, tools)).rejects.toThrow(
    /pulumi, kwok, kubectl: could not be downloaded, and to build them there is no Go on PATH\. Install Go 1\.26 or newer .*LINKERD_MESH_MIRROR/,
  );
});

test("a Go that is too old is named, with what is needed", async () => {
  const here = machine();
  fakeGo(here, "go1.25.4");
  await expect(obtainTools(here.report, tools)).rejects.toThrow(
    /"go version go1\.25\.4 .*" is too old.*Install Go 1\.26/,
  );
});

test("a tool is keyed by all that it is built from", async () => {
  const { directory } = machine();
  const sources = join(directory, "sources");
  cpSync(join(goModules, "engine"), sources, { recursive: true });
  const pulumi = tool("pulumi");
  const key = (one = pulumi) => builtPath("", one, sources, thisPlatform());
  const before = await key();
  expect(await key()).toBe(before);
  appendFileSync(join(sources, "go.sum"), "example.com/module v1.0.0 h1:x=\n");
  const withOtherSum = await key();
  expect(withOtherSum).not.toBe(before);
  expect(await key({ ...pulumi, build: { ...pulumi.build, variables: {} } })).not.toBe(withOtherSum);
  expect(await builtPath("", pulumi, sources, { os: "darwin", arch: "arm64" })).not.toBe(withOtherSum);
});

test("what is built is of the version that would be downloaded", () => {
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
    const requirements = readFileSync(join(goModules, one.build.module.name, "go.mod"), "utf8");
    expect(requirements).toContain(`${pins[one.name]} v${one.version}`);
  }
});

test("Go's checksums are checked against committed sums: nothing switches that off", () => {
  const source = readFileSync(join(goModules, "..", "build.ts"), "utf8");
  expect(source).not.toMatch(/GONOSUM|GONOSUMDB|GOFLAGS|GOSUMDB|GOINSECURE|-mod=mod/);
  for (const module of new Set(catalog.map((one) => one.build.module.name))) {
    expect(readFileSync(join(goModules, module, "go.sum"), "utf8")).toMatch(/ h1:/);
  }
});
