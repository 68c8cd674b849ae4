import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf } from "../../support/anchors.ts";
import { root } from "../../support/package.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const repository = manifest.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  // The summaries of recorded events quote messages, which are not links.
  .filter((page) => existsSync(join(root, page)) && !page.startsWith("test/events/"));

/** The files of this repository that a page links to, with their anchors. */
function linksOf(page: string): { path: string; anchor: string | undefined }[] {
  return [...readFileSync(join(root, page), "utf8").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    const [target = "", anchor] = link.split("#");
    const absolute = new RegExp(`^${repository}/(?:blob|tree)/main/(.*)$`).exec(target)?.[1];
    if (absolute !== undefined) return [{ path: join(root, absolute), anchor }];
    if (/^[a-z]+:/.test(target)) return [];
    return [{ path: target === "" ? join(root, page) : resolve(root, page, "..", target), anchor }];
  });
}

test.each(pages)("every link of %s leads to a file and a heading that exist", (page) => {
  const broken = linksOf(page).filter(
    ({ path, anchor }) => !existsSync(path) || (anchor !== undefined && !anchorsOf(path).includes(anchor)),
  );
  expect(broken.map(({ path, anchor }) => `${relative(root, path)}#${anchor ?? ""}`)).toEqual([]);
});

test("README.md has no relative link, because npm displays it too", () => {
  const relativeLinks = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/\]\((?!https:)[^)]*\)/g)];
  expect(relativeLinks.map(([link]) => link)).toEqual([]);
});
