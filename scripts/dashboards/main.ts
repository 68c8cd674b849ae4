/**
 * `npm run dashboards`: writes the dashboards, the rules, and the list of the series that they use.
 * `npm run dashboards -- --check`: fails if one of these files is out of date.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { DASHBOARDS_FOLDER, generateFiles } from "./files.ts";

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const root = join(import.meta.dirname, "../..");
const files = generateFiles();

/** Reports a file that is out of date, or brings it up to date. */
function update(path: string, action: "wrote" | "deleted", bringUpToDate: (file: string) => void): void {
  if (options.check) {
    console.error(`${path}: must match the queries in components/observability. Fix: npm run dashboards`);
    process.exitCode = 1;
  } else {
    bringUpToDate(join(root, path));
    console.log(`${action} ${path}`);
  }
}

for (const [path, content] of Object.entries(files)) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, "utf8") === content) continue;
  update(path, "wrote", () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  });
}
const folder = join(root, DASHBOARDS_FOLDER);
for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  const path = `${DASHBOARDS_FOLDER}/${name}`;
  if (!(path in files)) update(path, "deleted", rmSync);
}
