import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf } from "../../support/anchors.ts";
import { root } from "../../support/package.ts";

/** The pages that problems name, in the sources of the acceptance test. */
const references = readdirSync(join(root, "verify"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) => [
    ...readFileSync(join(root, "verify", path), "utf8").matchAll(/"(docs\/[^"#]*)(?:#([^"]*))?"/g),
  ])
  .map(([, page = "", anchor]) => ({ page, anchor }));

test("every page that a problem of the acceptance test names exists, with its heading", () => {
  expect(references.length).toBeGreaterThan(20);
  const broken = references.filter(
    ({ page, anchor }) =>
      !existsSync(join(root, page)) ||
      (anchor !== undefined && !anchorsOf(join(root, page)).includes(anchor)),
  );
  expect(broken).toEqual([]);
});
