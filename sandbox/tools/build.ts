import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, open, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { coerce, satisfies } from "semver";
import { createScratchDirectory, getBuildPath, isExecutable, moveIntoPlace } from "./cache.ts";
import { catalog, type GoModule, type Tool } from "./catalog.ts";
import { metricsTools } from "./metrics-tools.ts";
import type { Platform } from "./platform.ts";
import type { Progress } from "./progress.ts";

/** Directory of this project's Go modules. */
export const goModules = join(import.meta.dirname, "go");

/** The `go` line of the modules, which Kubernetes requires. */
const GO_VERSION = "1.26";

/**
 * Builds tools from their pinned modules, one after another because they would compete for the same cores. Each is
 * kept as soon as it is built, so that an interrupted build continues with the next one.
 */
export async function build(
  tools: readonly Tool[],
  platform: Platform,
  cache: string,
  progress: Progress,
): Promise<void> {
  await requireGo(tools);
  progress.print(
    `Building ${tools.length} tools from source, once. On 2 cores, the ${catalog.length} tools of the sandbox take ` +
      `15 to 20 minutes, and the ${metricsTools.length} tools of the metrics tests 3 to 8 minutes.`,
  );
  const directories = new Map<GoModule, string>();
  for (const [index, tool] of tools.entries()) {
    const { module } = tool.build;
    const title = `${tool.name}: building (${index + 1} of ${tools.length})`;
    await progress.track(title, async () => {
      const directory = directories.get(module) ?? (await prepare(module, cache));
      directories.set(module, directory);
      const path = await getBuildPath(cache, tool, join(goModules, module.name), platform);
      if (!(await isExecutable(path))) await buildTo(path, tool, directory, cache);
    });
  }
  for (const directory of directories.values()) await rm(directory, { recursive: true, force: true });
}

/** Runs `go version` in a module: a Go that selects its toolchain then prints the version that builds the module. */
async function requireGo(tools: readonly Tool[]): Promise<void> {
  const module = tools[0]?.build.module.name ?? "cluster";
  let got: string;
  try {
    const { stdout } = await promisify(execFile)("go", ["version"], { cwd: join(goModules, module) });
    if (satisfies(coerce(stdout) ?? "0.0.0", `^${GO_VERSION}`)) return;
    got = stdout.trim();
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    got = code === "ENOENT" ? "no go on PATH" : stderr?.trim() || String(error);
  }
  throw new Error(
    `sandbox: Go must be ${GO_VERSION} or newer, got ${got}. It builds the tools that cannot be downloaded: ` +
      `${tools.map(({ name }) => name).join(", ")}. Fix: install Go ${GO_VERSION} or newer (https://go.dev/dl), ` +
      "put these tools on PATH, or set LINKERD_MESH_MIRROR to the URL of a mirror of their release sites.",
  );
}

/** Copies a module to build in, together with the file that it embeds. The checkout is not changed. */
async function prepare(module: GoModule, cache: string): Promise<string> {
  const directory = await createScratchDirectory(cache, module.name, join(goModules, module.name));
  if (module.embeds) {
    const { from, file } = module.embeds;
    await runGo(["mod", "download", from], directory, join(cache, "logs", `${module.name}.log`));
    const { stdout } = await promisify(execFile)("go", ["list", "-m", "-f", "{{.Dir}}", from], {
      cwd: directory,
    });
    await copyFile(join(stdout.trim(), file), join(directory, basename(file)));
  }
  return directory;
}

async function buildTo(path: string, tool: Tool, directory: string, cache: string): Promise<void> {
  const finished = join(directory, `.finished-${tool.name}`);
  const variables = Object.entries(tool.build.variables).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ["-s", "-w", ...variables].join(" ");
  const log = join(cache, "logs", `${tool.name}.log`);
  // Without the debugging information that the linker would strip, a build takes an eighth less time.
  const options = ["-gcflags=all=-dwarf=false", "-ldflags", flags];
  if (tool.build.tags !== undefined) options.push("-tags", tool.build.tags);
  await runGo(["build", "-o", finished, ...options, tool.build.package], directory, log);
  await moveIntoPlace(finished, path);
}

/** Runs Go with its output in a log. An error shows the last lines of the log. */
async function runGo(args: readonly string[], cwd: string, log: string): Promise<void> {
  await mkdir(join(log, ".."), { recursive: true });
  const output = await open(log, "w");
  try {
    const code = await new Promise((resolve, reject) => {
      const child = spawn("go", args, {
        cwd,
        // Without cgo, the binaries do not depend on whether the machine has a C compiler. With a higher GOGC,
        // the Go compiler uses more memory and takes a sixth less time.
        env: { ...process.env, CGO_ENABLED: "0", GOGC: "200" },
        stdio: ["ignore", output.fd, output.fd],
      });
      child.on("error", reject).on("close", resolve);
    });
    if (code === 0) return;
  } finally {
    await output.close();
  }
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n").slice(-15).join("\n");
  throw new Error(`sandbox: go ${args[0]} failed. Last lines of ${log}:\n${lines}`);
}
