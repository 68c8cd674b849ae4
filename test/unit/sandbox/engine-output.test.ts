import { expect, test } from "vitest";
import { engineOutput } from "../../../sandbox/engine-output.ts";

const OLD = "warning: resource plugin kubernetes is expected to have version >=4.34.2, but has 4.25.0";

function filtered(text: string, size = text.length): string {
  let out = "";
  const feed = engineOutput((piece) => {
    out += piece;
  });
  for (let at = 0; at < text.length; at += size) feed(text.slice(at, at + size));
  return out;
}

test("the warning about providers' versions is hidden, with the headings that stand over nothing else", () => {
  const said = `Updating:\n\n  pulumi:pulumi:Stack m-s  7 warnings\nDiagnostics:\n  pulumi:pulumi:Stack (m-s):\n    ${OLD}\n\nResources:\n    45 unchanged\n`;
  expect(filtered(said)).toBe("Updating:\n\nResources:\n    45 unchanged\n");
});

test("every other diagnostic is shown under its heading, whatever the pieces it comes in", () => {
  const said = `Diagnostics:\n  pulumi:pulumi:Stack (m-s):\n    ${OLD}\n\n  kubernetes:x (y):\n    warning: slow\n    error: gone\n`;
  const kept = "Diagnostics:\n  kubernetes:x (y):\n    warning: slow\n    error: gone\n";
  for (const size of [1, 7, 1000]) expect(filtered(said, size)).toBe(kept);
});
