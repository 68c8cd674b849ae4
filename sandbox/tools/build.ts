import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, open, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { coerce, satisfies } from "semver";
import { builtPath, isExecutable, place, scratchDirectory } from "./cache.ts";
import type { GoModule, Tool } from "./catalog.ts";
import type { Platform } from "./platform.ts";
import type { Progress } from "./progress.ts";

/** Where our Go modules lie. */
export const goModules = join(import.meta.dirname, "go");

/** The `go` line of the modules: what the Kubernetes version built needs. */
const goNeeded = "1.26";

/**
 * Builds `tools` from their pinned modules, one after another because they would compete for the same cores.
 * Each is put in its place as it is done, so a build that breaks off goes on from there.
 */
export async function build(
  tools: readonly Tool[],
  platform: Platform,
  cache: string,
  report: Progress,
): Promise<void> {
  await requireGo(tools);
  report.say(
    `Building ${tools.length} tools from source, once. All of them take 15 to 20 minutes on two cores.`,
  );
  const directories = new Map<GoModule, string>();
  for (const [index, tool] of tools.entries()) {
    const { module } = tool.build;
    const title = `${tool.name}: building (${index + 1} of ${tools.length})`;
    await report.during(title, async () => {
      const directory = directories.get(module) ?? (await prepare(module, cache));
      directories.set(module, directory);
      const path = await builtPath(cache, tool, join(goModules, module.name), platform);
      if (!(await isExecutable(path))) await buildTo(path, tool, directory, cache);
    });
  }
  for (const directory of directories.values()) await rm(directory, { recursive: true, force: true });
}

/** Asked inside a module, a Go that may fetch toolchains answers as the one that will build it. */
async function requireGo(tools: readonly Tool[]): Promise<void> {
  const names = tools.map((tool) => tool.name).join(", ");
  const mend =
    `Install Go ${goNeeded} or newer (https://go.dev/dl), put the tools themselves on PATH, ` +
    "or name a mirror of their release sites with LINKERD_MESH_MIRROR.";
  let given: string;
  try {
    const answer = await promisify(execFile)("go", ["version"], { cwd: join(goModules, "cluster") });
    given = answer.stdout.trim();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const why = missing ? "there is no Go on PATH" : (error as { stderr?: string }).stderr?.trim();
    throw new Error(`sandbox: ${names}: could not be downloaded, and to build them ${why}. ${mend}`);
  }
  if (!satisfies(coerce(given) ?? "0.0.0", `^${goNeeded}`)) {
    throw new Error(
      `sandbox: ${names}: could not be downloaded, and "${given}" is too old to build them. ${mend}`,
    );
  }
}

/** A copy of a module to build in, with what it embeds: the checkout itself is left as it is. */
async function prepare(module: GoModule, cache: string): Promise<string> {
  const directory = await scratchDirectory(cache, module.name, join(goModules, module.name));
  if (module.embeds) {
    const { from, file } = module.embeds;
    await go(["mod", "download", from], directory, join(cache, "logs", `${module.name}.log`));
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
  // No debugging information is compiled that the linker would strip: an eighth less work.
  const options = ["-gcflags=all=-dwarf=false", "-ldflags", flags];
  await go(["build", "-o", finished, ...options, tool.build.package], directory, log);
  await place(finished, path);
}

/** Runs Go; what it prints goes to a log, of which a failure shows the end. */
async function go(args: readonly string[], cwd: string, log: string): Promise<void> {
  await mkdir(join(log, ".."), { recursive: true });
  const output = await open(log, "w");
  try {
    const code = await new Promise((resolve, reject) => {
      const child = spawn("go", args, {
        cwd,
        // Without C the binaries are the same whether or not the machine has a C compiler. The compiler
        // may use more memory before it cleans up, which is a sixth less work.
        env: { ...process.env, CGO_ENABLED: "0", GOGC: "200" },
        stdio: ["ignore", output.fd, output.fd],
      });
      child.on("error", reject).on("close", resolve);
    });
    if (code === 0) return;
  } finally {
    await output.close();
  }
  const end = (await readFile(log, "utf8")).trimEnd().split("\n").slice(-15).join("\n");
  throw new Error(`sandbox: go ${args[0]} failed. The end of ${log}:\n${end}`);
}
