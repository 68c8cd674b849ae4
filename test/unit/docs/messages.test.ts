import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../support/package.ts";

const SOURCES = ["components", "stacks"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);

test("every page and section that a message names exists", () => {
  const references = SOURCES.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/(docs\/[\w/-]+\.md)(?:, "([^"\n]+)")?/g)].map(
      ([, page = "", section]) => ({ file, page, section }),
    ),
  );
  expect(references.filter(({ section }) => section !== undefined).length).toBeGreaterThan(5);
  const missing = references.filter(({ page, section }) => {
    if (!existsSync(join(root, page))) return true;
    const lines = readFileSync(join(root, page), "utf8").split("\n");
    return section !== undefined && !lines.some((line) => line.replace(/^#+ /, "") === section);
  });
  expect(missing).toEqual([]);
});
