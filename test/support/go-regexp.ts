/** Go's regular expressions (RE2), evaluated by Helm, which is a Go program. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./cluster.ts";

// Sprig's `mustRegexMatch` is Go's `regexp.MatchString`.
const TEMPLATE = `
apiVersion: v1
kind: ConfigMap
metadata: { name: matches }
data:
  {{- range $index, $text := .Values.texts }}
  "{{ $index }}": {{ mustRegexMatch $.Values.pattern $text | quote }}
  {{- end }}
`;

/** Whether Go's `regexp.MatchString` finds the pattern in each text. */
export async function matchInGo(pattern: string, texts: readonly string[]): Promise<boolean[]> {
  const chart = mkdtempSync(join(tmpdir(), "go-regexp-"));
  mkdirSync(join(chart, "templates"));
  writeFileSync(join(chart, "Chart.yaml"), "{ apiVersion: v2, name: matches, version: 1.0.0 }\n");
  writeFileSync(join(chart, "templates", "matches.yaml"), TEMPLATE);
  writeFileSync(join(chart, "values.yaml"), JSON.stringify({ pattern, texts }));
  const rendered = await run("helm", "template", "matches", chart);
  const found = [...rendered.matchAll(/^ {2}"(\d+)": "(true|false)"$/gm)];
  if (found.length !== texts.length)
    throw new Error(`${found.length} of ${texts.length} texts were evaluated`);
  return found.map(([, , match]) => match === "true");
}
