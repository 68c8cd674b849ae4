/** Programs of Debian's packages, which are unpacked and not installed. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Unpacks packages into one directory, and returns it. Throws if they cannot be downloaded. */
export async function unpackPackages(...names: string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), `${names[0]}-`));
  const run = (command: string, ...args: string[]) =>
    promisify(execFile)(command, args, { cwd: directory, timeout: 60_000 });
  await run("apt-get", "download", ...names);
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".deb"))) {
    await run("dpkg", "-x", file, directory);
  }
  return directory;
}

/** Lists the packages that a package depends on and whose names match, and those that they depend on. */
export async function listDependencies(name: string, matching: RegExp): Promise<string[]> {
  const args = ["depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks"];
  const { stdout } = await promisify(execFile)("apt-cache", [
    ...args,
    "--no-replaces",
    "--no-enhances",
    name,
  ]);
  const names = [...stdout.matchAll(/^ *\|?Depends: ([^<>\s]+)$/gm)].map(([, dependency = ""]) => dependency);
  return [...new Set(names)].filter((dependency) => matching.test(dependency));
}
