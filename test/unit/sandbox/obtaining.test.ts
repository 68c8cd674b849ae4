import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { obtainRelease, obtainTools } from "../../../sandbox/tools/index.ts";
import { locateLinkerdCli } from "../../../sandbox/tools/releases.ts";
import { createMachine, createRelease, findTool, startMirror } from "./machine.ts";

const kwokctl = findTool("kwokctl");
const helm = findTool("helm");

test("a tool on PATH is used if its version is accepted", async () => {
  const { addCommand, progress } = createMachine();
  const path = addCommand("kwokctl", "echo kwokctl version v0.8.0 go1.26.8");
  const tools = await obtainTools(progress, [kwokctl]);
  expect(tools.paths.kwokctl).toBe(path);
  expect(tools.searchPath).toBe(process.env.PATH);
});

test.each([
  ["v0.7.0", "0.7.0"],
  ["v0.9.0", "0.9.0"],
  ["nonsense", "no version number"],
])(
  "a tool on PATH that prints the version %s is not used, and the reason is printed",
  async (version, got) => {
    const { addCommand, progress, printed } = createMachine();
    const path = addCommand("kwokctl", `echo ${version}`);
    await startMirror(createRelease(kwokctl, "#!/bin/sh\n"));
    const tools = await obtainTools(progress, [kwokctl]);
    expect(tools.paths.kwokctl).not.toBe(path);
    expect(printed).toContain(`  not used: ${path}: version must be >=0.8.0 <0.9.0, got ${got}`);
  },
);

test("a directory on PATH with the name of a tool is passed over", async () => {
  const { addCommand, directory, progress } = createMachine();
  const path = addCommand("kwokctl", "echo kwokctl version v0.8.0 go1.26.8");
  mkdirSync(join(directory, "first", "kwokctl"), { recursive: true });
  vi.stubEnv("PATH", `${join(directory, "first")}:${process.env.PATH}`);
  expect((await obtainTools(progress, [kwokctl])).paths.kwokctl).toBe(path);
});

test("a downloaded tool is executable and first on PATH, and the next run takes it from the cache", async () => {
  const { progress, printed } = createMachine();
  await startMirror(createRelease(kwokctl, "#!/bin/sh\necho downloaded\n"));
  const { paths, searchPath } = await obtainTools(progress, [kwokctl]);
  expect(execFileSync("kwokctl", { env: { PATH: searchPath }, encoding: "utf8" })).toBe("downloaded\n");
  vi.stubEnv("LINKERD_MESH_MIRROR", "http://127.0.0.1:1");
  printed.length = 0;
  expect((await obtainTools(progress, [kwokctl])).paths).toEqual(paths);
  expect(printed).toEqual([]);
});

const linkerd = { name: "linkerd", version: "edge-26.8.3", release: locateLinkerdCli("edge-26.8.3") };

test("the CLI of Linkerd is downloaded with a verified checksum, and then taken from the cache", async () => {
  const { progress } = createMachine();
  await startMirror(createRelease(linkerd, "#!/bin/sh\necho edge-26.8.3\n"));
  const path = await obtainRelease(progress, linkerd);
  expect(execFileSync(path, { encoding: "utf8" })).toBe("edge-26.8.3\n");
  vi.stubEnv("LINKERD_MESH_MIRROR", "http://127.0.0.1:1");
  expect(await obtainRelease(progress, linkerd)).toBe(path);
});

test("a CLI of Linkerd that does not match its checksum, or that no site has, is an error", async () => {
  const { progress } = createMachine();
  await startMirror(createRelease(linkerd, "#!/bin/sh\n", "0".repeat(64)));
  await expect(obtainRelease(progress, linkerd)).rejects.toThrow(
    /must have the published SHA-256 0{64}, got/,
  );
  vi.stubEnv("LINKERD_MESH_MIRROR", "http://127.0.0.1:1");
  await expect(obtainRelease(progress, linkerd)).rejects.toThrow(
    /^linkerd: must be available at https:\/\/github\.com\/linkerd\/linkerd2\/releases\/download\/edge-26\.8\.3\/linkerd2-cli-edge-26\.8\.3-\S+, got no answer\. Fix: /,
  );
});

test("a tool is found in an archive at any depth", async () => {
  const { directory, progress } = createMachine();
  vi.stubEnv("PATH", `${process.env.PATH}:/usr/bin:/bin`);
  mkdirSync(join(directory, "linux-amd64"));
  writeFileSync(join(directory, "linux-amd64", "helm"), "#!/bin/sh\necho v3.18.6\n");
  execFileSync("tar", ["-czf", "helm.tar.gz", "linux-amd64"], { cwd: directory });
  await startMirror(createRelease(helm, readFileSync(join(directory, "helm.tar.gz"))));
  const { paths } = await obtainTools(progress, [helm]);
  expect(execFileSync(paths.helm, { encoding: "utf8" })).toBe("v3.18.6\n");
});

test("a download with a wrong checksum is an error, leaves no file behind, and is not replaced by a build", async () => {
  const { addCommand, directory, progress } = createMachine();
  addCommand("go", "echo go was run >&2; exit 1");
  await startMirror(createRelease(kwokctl, "#!/bin/sh\necho evil\n", "0".repeat(64)));
  await expect(obtainTools(progress, [kwokctl])).rejects.toThrow(
    /kwokctl-.*: must have the published SHA-256 0{64}, got [0-9a-f]{64}\. Fix: try again/,
  );
  const left = readdirSync(join(directory, "cache"), { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});

test("a release without a published checksum is an error", async () => {
  const { progress } = createMachine();
  const files = createRelease(kwokctl, "#!/bin/sh\n");
  const record = Object.keys(files).find((path) => path.startsWith("api.github.com/")) ?? "";
  await startMirror({ ...files, [record]: JSON.stringify({ assets: [] }) });
  await expect(obtainTools(progress, [kwokctl])).rejects.toThrow("must have a SHA-256 checksum of kwokctl-");
});

test("a file that the mirror does not have is reported, and a build is attempted", async () => {
  const { progress, printed } = createMachine();
  await startMirror({});
  await expect(obtainTools(progress, [kwokctl])).rejects.toThrow("got no go on PATH");
  expect(printed.join("\n")).toMatch(
    /not downloaded: http:.*\/api\.github\.com\/repos\/kubernetes-sigs\/kwok\/.*: HTTP 404/,
  );
});

test("any number of sites that accept a connection and never answer cost less than five seconds", async () => {
  const { progress } = createMachine();
  const silent = createServer(() => {});
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void silent.close());
  vi.stubEnv("LINKERD_MESH_MIRROR", `http://127.0.0.1:${(silent.address() as { port: number }).port}`);
  const started = Date.now();
  await expect(obtainTools(progress, [kwokctl, helm, findTool("etcd")])).rejects.toThrow(
    "cannot be downloaded",
  );
  expect(Date.now() - started).toBeLessThan(5_000);
});

test("a mirror that is not a URL is an error, and nothing is built", async () => {
  const { progress } = createMachine();
  vi.stubEnv("LINKERD_MESH_MIRROR", "mirror.example");
  await expect(obtainTools(progress, [kwokctl])).rejects.toThrow(
    "LINKERD_MESH_MIRROR: must be a URL, got mirror.example. Fix: export LINKERD_MESH_MIRROR=",
  );
});

test("a cached tool is a file that everyone can run and only its owner can write", async () => {
  const { progress } = createMachine();
  await startMirror(createRelease(kwokctl, "#!/bin/sh\n"));
  const { paths } = await obtainTools(progress, [kwokctl]);
  expect(existsSync(paths.kwokctl)).toBe(true);
  expect(statSync(paths.kwokctl).mode & 0o777).toBe(0o755);
});
