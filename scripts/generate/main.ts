/**
 * `npm run generate`: writes the files that are generated from the settings.
 * `npm run generate -- --check`: fails if one of them is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { settingJsonSchema } from "../../stacks/settings/settings-schema.ts";
import { GENERATED_FILES } from "./generated-files.ts";

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const root = join(import.meta.dirname, "../..");

for (const [path, generate] of Object.entries(GENERATED_FILES)) {
  const file = join(root, path);
  const current = existsSync(file) ? readFileSync(file, "utf8") : "";
  const generated = generate(settingJsonSchema(), current);
  if (generated === current) continue;
  if (options.check) {
    console.error(`${path}: must match the settings in stacks/settings. Fix: npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, generated);
    console.log(`wrote ${path}`);
  }
}
