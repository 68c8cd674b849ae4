import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { findCommit, readGolden } from "../../../../delivery/manifests/golden-at-ref.ts";

let clone: string;
let shallow: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "clone-"));
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  const git = (...args: string[]) => execFileSync("git", [...author, ...args], { cwd: clone, stdio: "pipe" });
  git("init", "--quiet", "--initial-branch=main");
  git("commit", "--quiet", "--allow-empty", "--message=first");
  mkdirSync(join(clone, "test", "golden"), { recursive: true });
  writeFileSync(join(clone, "test", "golden", "prod.yaml"), "stack: prod\n");
  git("add", ".");
  git("commit", "--quiet", "--message=second");
  shallow = `${clone}-shallow`;
  git("clone", "--quiet", "--depth=1", `file://${clone}`, shallow);
});

test("the golden file of a commit is read from Git", async () => {
  const commit = await findCommit("main", clone);
  expect(commit.sha).toMatch(/^[0-9a-f]{40}$/);
  expect(await readGolden("prod", "main", commit)).toBe("stack: prod\n");
});

test("a commit without the golden file is rejected with the command that finds the first one with it", async () => {
  const commit = await findCommit("main~1", clone);
  await expect(readGolden("prod", "main~1", commit)).rejects.toThrow(
    '--against: must be a commit with test/golden/prod.yaml, got "main~1", which does not have the file. The comparison ' +
      "reads this file instead of running code of the commit. Fix: compare with a commit after the one that added " +
      "test/golden/prod.yaml: git log --diff-filter=A -- test/golden/prod.yaml",
  );
});

test("a commit that a shallow clone does not have is rejected with the command that fetches it", async () => {
  await expect(findCommit("origin/release", shallow)).rejects.toThrow(
    '--against: must be a commit of this clone, or "cluster", got "origin/release". This clone is shallow, so it has only ' +
      "the newest commits. Fix: git fetch --depth=1 origin release:refs/remotes/origin/release, or set fetch-depth: 0 of " +
      "actions/checkout",
  );
  await expect(findCommit("main~1", shallow)).rejects.toThrow("Fix: git fetch --unshallow origin, or set");
  await expect(findCommit("--output=x", clone)).rejects.toThrow("Fix: git fetch --all --tags");
});
