/**
 * `npm run pictures`: draws the pictures of the dashboards in README.md.
 *
 * A real Prometheus answers the queries of the committed dashboards, over the history of the shop. Grafana's components draw
 * the answers in a headless Chromium: `docs/pictures` is a package of its own for them, which CI does not install. An empty
 * answer aborts. The same tools draw the same bytes. The first run installs 500 MB in `docs/pictures/node_modules`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import which from "which";
import { createProgress, metricsTools, obtainTools } from "../../sandbox/tools/index.ts";
import { startPrometheus } from "../../test/support/metrics/prometheus.ts";
import { NOW, SCRAPE_INTERVAL } from "../../test/support/metrics/shop/facts.ts";
import { shop } from "../../test/support/metrics/shop/index.ts";
import { queryDashboard } from "./answers.ts";
import { compress } from "./compress.ts";
import { createManifest, MANIFEST, PICTURES } from "./manifest.ts";

const root = join(import.meta.dirname, "../..");
const packageFolder = join(root, "docs/pictures");

/** Debian's packages of these tools are `chromium`, `pngquant` and `webp`. */
const COMMANDS = ["chromium", "pngquant", "cwebp"];

/** Throws unless PATH has the tools that npm does not install. */
async function checkCommands(): Promise<void> {
  const found = await Promise.all(COMMANDS.map((name) => which(name, { nothrow: true })));
  const missing = COMMANDS.filter((_, index) => found[index] === null);
  if (missing.length === 0) return;
  throw new Error(
    `PATH: must have ${COMMANDS.join(", ")}, got no ${missing.join(", ")}. Fix: apt-get install chromium pngquant webp`,
  );
}

/** Installs Grafana's components, once for each lock file. */
function installPackages(): void {
  const installed = join(packageFolder, "node_modules/.package-lock.json");
  const lock = join(packageFolder, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  // The script of esbuild only improves the start of its command.
  execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: packageFolder, stdio: "inherit" });
}

/** Writes what Prometheus answers to each dashboard. Returns the files, in the order of the pictures. */
async function query(directory: string): Promise<string[]> {
  const { paths } = await obtainTools(createProgress(), metricsTools);
  const prometheus = await startPrometheus({ tools: paths, history: shop("edge-26.8.3", "viz") });
  try {
    const files: string[] = [];
    for (const { dashboard } of PICTURES) {
      const range = { start: NOW - 3600, end: NOW, step: SCRAPE_INTERVAL };
      const json = JSON.parse(readFileSync(join(root, dashboard), "utf8"));
      const file = join(directory, basename(dashboard));
      writeFileSync(file, JSON.stringify(await queryDashboard(json, prometheus, range)));
      files.push(file);
    }
    return files;
  } finally {
    await prometheus.stop();
  }
}

await checkCommands();
installPackages();
const directory = mkdtempSync(join(tmpdir(), "pictures-"));
try {
  const answers = await query(directory);
  const files = answers.flatMap((file) => [file, `${file}.png`]);
  execFileSync(process.execPath, [join(packageFolder, "draw.ts"), ...files], { stdio: "inherit" });
  for (const [index, { picture }] of PICTURES.entries()) {
    const bytes = compress(`${answers[index]}.png`);
    writeFileSync(join(root, picture), bytes);
    console.log(`wrote ${picture}, ${bytes.length} bytes`);
  }
  writeFileSync(join(root, MANIFEST), `${JSON.stringify(createManifest(root), undefined, 2)}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
