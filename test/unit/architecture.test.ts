import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, test } from "vitest";
import { root } from "../support/package.ts";

const MAX_LINES = 250;
const MAX_FILES = 15;

const PRODUCT = ["components", "stacks", "verify", "delivery"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name)),
);

test(`no product file has more than ${MAX_LINES} lines`, () => {
  const long = PRODUCT.map(
    (path) => [path, readFileSync(path, "utf8").trimEnd().split("\n").length] as const,
  );
  expect(long.filter(([, lines]) => lines > MAX_LINES)).toEqual([]);
});

test(`no product folder has more than ${MAX_FILES} source files`, () => {
  const folders = Object.entries(Object.groupBy(PRODUCT, dirname));
  const counts = folders.map(([folder, files = []]) => [folder, files.length] as const);
  expect(counts.length).toBeGreaterThan(10);
  expect(counts.filter(([, count]) => count > MAX_FILES)).toEqual([]);
});

/** The names of the rules that these files violate. */
async function violations(files: Record<string, string>): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "architecture-"));
  for (const folder of ["components", "stacks"]) mkdirSync(join(directory, folder));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const { default: config } = await import(join(root, ".dependency-cruiser.mjs"));
  const { output } = await cruise(["index.ts", "components", "stacks"], {
    ruleSet: { forbidden: config.forbidden },
    baseDir: directory,
    tsPreCompilationDeps: true,
    validate: true,
  });
  return (output as ICruiseResult).summary.violations.map(({ rule }) => rule.name);
}

const exporting = (name: string) => `export const ${name} = 1;\n`;

test("an import from a lower layer is allowed", async () => {
  const files = {
    "index.ts": 'import "./stacks/mesh.ts";\n',
    "stacks/mesh.ts": 'import "../components/index.ts";\n',
    "components/index.ts": 'export * from "./inputs/outputs.ts";\n',
    "components/inputs/outputs.ts": exporting("value"),
  };
  expect(await violations(files)).toEqual([]);
});

test.each([
  ["an import from a higher layer", "layer ^components/inputs/", '"../deployed/state.ts"'],
  ["an import of a type from a higher layer", "layer ^components/inputs/", '"../deployed/state.ts"', "type "],
  ["a product file that belongs to no layer", "known layer", '"../other/state.ts"'],
  ["an import of a test", "product only", '"../../test/state.ts"'],
  ["an import of a file that does not exist", "found imports", '"./missing.ts"'],
])("%s is a violation", async (_, rule, imported, type = "") => {
  const files = {
    "index.ts": 'import "./components/index.ts";\n',
    "components/index.ts": `
      export * from "./inputs/outputs.ts";
      export * from "./deployed/state.ts";
    `,
    "components/inputs/outputs.ts": `export ${type}{ value } from ${imported};\n`,
    "components/deployed/state.ts": exporting("value"),
    "components/other/state.ts": exporting("value"),
    "test/state.ts": exporting("value"),
  };
  expect(await violations(files)).toContain(rule);
});

test("two files that import each other are a violation", async () => {
  const files = {
    "index.ts": 'import "./components/index.ts";\n',
    "components/index.ts": 'export * from "./inputs/a.ts";\n',
    "components/inputs/a.ts": 'export { b } from "./b.ts";\nexport const a = 1;\n',
    "components/inputs/b.ts": 'export { a } from "./a.ts";\nexport const b = 1;\n',
  };
  expect(await violations(files)).toEqual(["no cycles"]);
});

test("a file that nothing imports is a violation", async () => {
  const files = { "index.ts": exporting("value"), "components/inputs/unused.ts": exporting("value") };
  expect(await violations(files)).toEqual(["used files"]);
});
