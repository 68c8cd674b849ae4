import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createManifest,
  findOldPictures,
  MANIFEST,
  MAX_PICTURE_BYTES,
  PICTURES,
} from "../../../scripts/pictures/manifest.ts";
import { root } from "../../support/package.ts";

const drawn = JSON.parse(readFileSync(join(root, MANIFEST), "utf8"));

test("the pictures show the dashboards as they are, over the history as it is", () => {
  expect(findOldPictures(drawn, createManifest(root))).toEqual([]);
});

test.each(["dashboards/linkerd-mesh-health.json", "docs/pictures/mesh-health.webp"])(
  "a picture is out of date when %s changes, and the other picture is not",
  (path) => {
    expect(findOldPictures(drawn, { ...drawn, [path]: "other" })).toEqual([
      `docs/pictures/mesh-health.webp: must be drawn again, because these changed: ${path}. Fix: npm run pictures`,
    ]);
  },
);

test.each(["history", "script"])("all pictures are out of date when the %s changes", (name) => {
  expect(findOldPictures({ ...drawn, [name]: "other" }, drawn)).toHaveLength(PICTURES.length);
});

test.each(PICTURES)("$picture is small and in README.md", ({ picture }) => {
  expect(statSync(join(root, picture)).size).toBeLessThanOrEqual(MAX_PICTURE_BYTES);
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(picture);
});
