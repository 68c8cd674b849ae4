/** The published package: built, packed, and installed into a project without network access. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The repository. */
export const root = resolve(import.meta.dirname, "../..");

const npm = (directory: string, ...args: string[]) =>
  execFileSync("npm", [...args, "--offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: directory,
    encoding: "utf8",
    stdio: "pipe",
  });

/** Builds the package and packs `dist/`, as `npm run package` does. Returns the path of the tarball. */
export function packPackage(): string {
  npm(root, "run", "build");
  const directory = temporaryDirectory();
  const [packed] = JSON.parse(npm(root, "pack", "./dist", "--json", "--pack-destination", directory));
  return join(directory, packed.filename);
}

/**
 * Copies `project` (a directory of this repository) and installs the tarball into the copy with npm. Packages that
 * it shares with the tarball are linked from this repository, because npm would install one copy of each.
 */
export function projectWith(tarball: string, project: string): string {
  const directory = temporaryDirectory();
  cpSync(join(root, project), directory, { recursive: true });
  const manifest = join(directory, "package.json");
  rmSync(manifest);
  npm(directory, "install", "--legacy-peer-deps", "--ignore-scripts", tarball);
  for (const shared of ["@pulumi", "@types", "@kubernetes", "yaml"]) {
    symlinkSync(join(root, "node_modules", shared), join(directory, "node_modules", shared));
  }
  cpSync(join(root, project, "package.json"), manifest);
  return directory;
}

function temporaryDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "linkerd-mesh-package-")));
}

/** Removes the directories that {@link packPackage} and {@link projectWith} created. */
export function discard(...paths: string[]): void {
  for (const path of paths) {
    rmSync(path.endsWith(".tgz") ? dirname(path) : path, { recursive: true, force: true });
  }
}
