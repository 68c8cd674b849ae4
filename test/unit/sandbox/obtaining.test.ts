import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { obtainTools } from "../../../sandbox/tools/index.ts";
import { machine, mirror, released, tool } from "./setting.ts";

const kwokctl = tool("kwokctl");
const helm = tool("helm");

test("a tool on PATH that is new enough is used as it is", async () => {
  const { command, report } = machine();
  const path = command("kwokctl", "echo kwokctl version v0.8.0 go1.26.8");
  const tools = await obtainTools(report, [kwokctl]);
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
    const { command, report, said } = machine();
    const path = command("kwokctl", `echo ${version}`);
    await mirror(released(kwokctl, "#!/bin/sh\n"));
    const tools = await obtainTools(report, [kwokctl]);
    expect(tools.paths.kwokctl).not.toBe(path);
    expect(said).toContain(`  not used: ${path}: version must be >=0.8.0 <0.9.0, got ${got}`);
  },
);

test("a directory on PATH with the name of a tool is passed over", async () => {
  const { command, directory, report } = machine();
  const path = command("kwokctl", "echo kwokctl version v0.8.0 go1.26.8");
  mkdirSync(join(directory, "first", "kwokctl"), { recursive: true });
  vi.stubEnv("PATH", `${join(directory, "first")}:${process.env.PATH}`);
  expect((await obtainTools(report, [kwokctl])).paths.kwokctl).toBe(path);
});

test("a downloaded tool is executable, first on PATH, and the next time it is taken from the cache", async () => {
  const { report, said } = machine();
  await mirror(released(kwokctl, "#!/bin/sh\necho downloaded\n"));
  const { paths, searchPath } = await obtainTools(report, [kwokctl]);
  expect(execFileSync("kwokctl", { env: { PATH: searchPath }, encoding: "utf8" })).toBe("downloaded\n");
  vi.stubEnv("LINKERD_MESH_MIRROR", "http://127.0.0.1:1");
  said.length = 0;
  expect((await obtainTools(report, [kwokctl])).paths).toEqual(paths);
  expect(said).toEqual([]);
});

test("a tool inside its maker's archive is found at whatever depth", async () => {
  const { directory, report } = machine();
  vi.stubEnv("PATH", `${process.env.PATH}:/usr/bin:/bin`);
  mkdirSync(join(directory, "linux-amd64"));
  writeFileSync(join(directory, "linux-amd64", "helm"), "#!/bin/sh\necho v3.18.6\n");
  execFileSync("tar", ["-czf", "helm.tar.gz", "linux-amd64"], { cwd: directory });
  await mirror(released(helm, readFileSync(join(directory, "helm.tar.gz"))));
  const { paths } = await obtainTools(report, [helm]);
  expect(execFileSync(paths.helm, { encoding: "utf8" })).toBe("v3.18.6\n");
});

test("a download with a wrong checksum is refused, is not built instead, and leaves nothing behind", async () => {
  const { command, directory, report } = machine();
  command("go", "echo go was asked >&2; exit 1");
  await mirror(released(kwokctl, "#!/bin/sh\necho evil\n", "0".repeat(64)));
  await expect(obtainTools(report, [kwokctl])).rejects.toThrow(
    /kwokctl-.* is refused\. Expected SHA-256 0{64}; given [0-9a-f]{64}/,
  );
  const left = readdirSync(join(directory, "cache"), { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});

test("a release whose checksum is not published is refused", async () => {
  const { report } = machine();
  const files = released(kwokctl, "#!/bin/sh\n");
  const record = Object.keys(files).find((path) => path.startsWith("api.github.com/")) ?? "";
  await mirror({ ...files, [record]: JSON.stringify({ assets: [] }) });
  await expect(obtainTools(report, [kwokctl])).rejects.toThrow("has no SHA-256 checksum of kwokctl-");
});

test("a file that a mirror lacks is said to be missing, and the next way is tried", async () => {
  const { report, said } = machine();
  await mirror({});
  await expect(obtainTools(report, [kwokctl])).rejects.toThrow("there is no Go on PATH");
  expect(said.join("\n")).toMatch(
    /not downloaded: http:.*\/api\.github\.com\/repos\/kubernetes-sigs\/kwok\/.*: HTTP 404/,
  );
});

test("sites that accept a connection and never answer cost seconds, however many they are", async () => {
  const { report } = machine();
  const silent = createServer(() => {});
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void silent.close());
  vi.stubEnv("LINKERD_MESH_MIRROR", `http://127.0.0.1:${(silent.address() as { port: number }).port}`);
  const started = Date.now();
  await expect(obtainTools(report, [kwokctl, helm, tool("etcd")])).rejects.toThrow("could not be downloaded");
  expect(Date.now() - started).toBeLessThan(5_000);
});

test("a mirror that is not a URL is an error, not a build", async () => {
  const { report } = machine();
  vi.stubEnv("LINKERD_MESH_MIRROR", "mirror.example");
  await expect(obtainTools(report, [kwokctl])).rejects.toThrow(
    "LINKERD_MESH_MIRROR: not a URL: mirror.example",
  );
});

test("the cached tool is one file, readable by others and writable by its owner alone", async () => {
  const { report } = machine();
  await mirror(released(kwokctl, "#!/bin/sh\n"));
  const { paths } = await obtainTools(report, [kwokctl]);
  expect(existsSync(paths.kwokctl)).toBe(true);
  expect(statSync(paths.kwokctl).mode & 0o777).toBe(0o755);
});
