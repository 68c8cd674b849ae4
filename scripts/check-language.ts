/** `npm run check:language`: fails where a file contains a word that this project does not use. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { findWords, formatFinding } from "./language/find-words.ts";

/** Files whose text is written by other people or by tools. That of dashboards, alerts, golden files and event logs is from `components/`. */
const FOREIGN =
  /^(LICENSE|(docs\/pictures\/)?package-lock\.json|docs\/pictures\/.*\.webp|(test\/recorded|dashboards)\/.*\.json|test\/golden\/.*\.yaml|test\/events\/[a-z].*\.(jsonl|md)|alerts\/.*|components\/observability\/series\/used-series\.ts|.*\.(sum|mod))$/;

const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
const paths = list.toString().trim().split("\n");
const findings = paths
  .filter((path) => !FOREIGN.test(path) && existsSync(path))
  .flatMap((path) => findWords(path, readFileSync(path, "utf8")));
for (const finding of findings) console.error(formatFinding(finding));
if (findings.length > 0) {
  console.error(`${findings.length} words to replace. scripts/language/vocabulary.ts has the list.`);
  process.exitCode = 1;
}
