import { expect, test } from "vitest";
import { filterEngineOutput } from "../../../sandbox/engine-output.ts";

const HIDDEN = "warning: resource plugin kubernetes is expected to have version >=4.34.2, but has 4.25.0";

function filter(text: string, size = text.length): string {
  let out = "";
  const feed = filterEngineOutput((piece) => {
    out += piece;
  });
  for (let at = 0; at < text.length; at += size) feed(text.slice(at, at + size));
  return out;
}

test("a warning about the version of a provider is hidden, and so are headings that have no line below them then", () => {
  const output = `Updating:\n\n  pulumi:pulumi:Stack m-s  7 warnings\nDiagnostics:\n  pulumi:pulumi:Stack (m-s):\n    ${HIDDEN}\n\nResources:\n    45 unchanged\n`;
  expect(filter(output)).toBe("Updating:\n\nResources:\n    45 unchanged\n");
});

test("every other diagnostic is shown below its heading, in pieces of any size", () => {
  const output = `Diagnostics:\n  pulumi:pulumi:Stack (m-s):\n    ${HIDDEN}\n\n  kubernetes:x (y):\n    warning: slow\n    error: gone\n`;
  const kept = "Diagnostics:\n  kubernetes:x (y):\n    warning: slow\n    error: gone\n";
  for (const size of [1, 7, 1000]) expect(filter(output, size)).toBe(kept);
});
