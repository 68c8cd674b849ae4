/** What each picture was drawn from. A picture is out of date when one of these hashes changes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The pictures, and the dashboards that they show. */
export const PICTURES: readonly { readonly picture: string; readonly dashboard: string }[] = [
  { picture: "docs/pictures/applications.webp", dashboard: "dashboards/linkerd-applications.json" },
  { picture: "docs/pictures/mesh-health.webp", dashboard: "dashboards/linkerd-mesh-health.json" },
];

export const MANIFEST = "docs/pictures/manifest.json";

/** A picture that is larger slows README.md down. */
export const MAX_PICTURE_BYTES = 300_000;

/** Files and folders that decide what every picture shows. In a folder, all sources with these extensions count. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  history: ["test/support/metrics/history.ts", "test/support/metrics/shop"],
  script: ["scripts/pictures", "docs/pictures"],
};
const EXTENSIONS = /\.(ts|tsx|json)$/;
const OTHER_FILES = /(^|\/)(node_modules\/|manifest\.json$)/;

/** SHA-256 of files, by their paths in the repository, or by the names of {@link SOURCES}. */
export type Manifest = Readonly<Record<string, string>>;

/** The manifest of the files as they are. A picture that does not exist has no hash. */
export function createManifest(root: string): Manifest {
  const files = PICTURES.flatMap(({ picture, dashboard }) => [dashboard, picture]).filter((path) =>
    existsSync(join(root, path)),
  );
  return Object.fromEntries([
    ...Object.entries(SOURCES).map(([name, paths]) => [name, hashFiles(root, listFiles(root, paths))]),
    ...files.map((path) => [path, hashFiles(root, [path])]),
  ]);
}

/** Finds the pictures that do not show their dashboards. Returns one message for each. */
export function findOldPictures(drawn: Manifest, current: Manifest): string[] {
  return PICTURES.flatMap(({ picture, dashboard }) => {
    const changed = [dashboard, ...Object.keys(SOURCES), picture].filter(
      (name) => drawn[name] === undefined || drawn[name] !== current[name],
    );
    if (changed.length === 0) return [];
    return [
      `${picture}: must be drawn again, because these changed: ${changed.join(", ")}. Fix: npm run pictures`,
    ];
  });
}

function listFiles(root: string, paths: readonly string[]): string[] {
  return paths
    .flatMap((path) => {
      if (EXTENSIONS.test(path)) return [path];
      return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
        const inner = `${path}/${entry.name}`;
        if (OTHER_FILES.test(entry.isDirectory() ? `${inner}/` : inner)) return [];
        if (entry.isDirectory()) return listFiles(root, [inner]);
        return EXTENSIONS.test(inner) ? [inner] : [];
      });
    })
    .sort();
}

/** The hash of one file is that of `sha256sum`. That of several covers their names too. */
function hashFiles(root: string, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    if (paths.length > 1) hash.update(`${path}\0`);
    hash.update(readFileSync(join(root, path)));
  }
  return hash.digest("hex");
}
