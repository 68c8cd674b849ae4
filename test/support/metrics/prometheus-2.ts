/** Finds a Prometheus 2, which viz installs: on PATH, or in Debian's package, which is unpacked and not installed. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { metricsTools } from "../../../sandbox/tools/index.ts";
import { findOnPath } from "../../../sandbox/tools/on-path.ts";

/** The oldest version that is supported is that of Debian 12. */
const ACCEPTED = ">=2.42.0 <3.0.0";

/** Returns its path, or why there is none. */
export async function findPrometheus2(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const [prometheus] = metricsTools;
  const found = prometheus && (await findOnPath({ ...prometheus, accepted: ACCEPTED }));
  return found && "path" in found ? found : unpackDebianPackage();
}

async function unpackDebianPackage(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const directory = mkdtempSync(join(tmpdir(), "prometheus-2-"));
  const run = (command: string, ...args: string[]) =>
    promisify(execFile)(command, args, { cwd: directory, timeout: 60_000 });
  try {
    await run("apt-get", "download", "prometheus");
    const file = readdirSync(directory).find((name) => name.startsWith("prometheus_2."));
    if (file === undefined) return { missing: "Debian's package is not Prometheus 2" };
    await run("dpkg", "-x", file, directory);
    return { path: join(directory, "usr", "bin", "prometheus") };
  } catch (error) {
    return { missing: String(error).split("\n", 1).join() };
  }
}
