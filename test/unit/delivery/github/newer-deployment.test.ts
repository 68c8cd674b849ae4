import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { findNewerDeployment } from "../../../../delivery/github/jobs/newer-deployment.ts";
import { runPulumi } from "../../../../delivery/github/jobs/pulumi-command.ts";
import { useFakeJob } from "../../../support/workflows/fake-job.ts";

const job = useFakeJob();
const clone = mkdtempSync(join(tmpdir(), "clone-"));
const before = process.cwd();
const commits: string[] = [];

beforeAll(() => {
  process.chdir(clone);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@example.com", ...args], {
      encoding: "utf8",
    });
  git("init", "--quiet");
  for (const message of ["one", "two", "three"]) {
    git("commit", "--quiet", "--allow-empty", "--message", message);
    commits.push(git("rev-parse", "HEAD").trim());
  }
  git("checkout", "--quiet", commits[1] ?? "");
});
afterAll(() => process.chdir(before));

/** A job of the second of three commits. */
function deployOver(history: readonly object[]): () => string[] {
  return job.addCommand("pulumi", `case "$*" in *history*) echo '${JSON.stringify(history)}' ;; esac`);
}

const update = (commit: string | undefined, kind = "update") => ({
  kind,
  environment: { "git.head": commit },
});

test("an older commit is not deployed over a newer one, also after a failed deployment or a preview", async () => {
  const errors = vi.spyOn(console, "error").mockReturnValue();
  const calls = deployOver([update(commits[1], "preview"), { ...update(commits[2]), result: "failed" }]);
  const { outcome, markdown } = await runPulumi("up", "dev", join(job.directory, "dev.jsonl"));
  expect(outcome).toBe("failed");
  expect(markdown).toMatch(/must not be older than the deployed one, got \w{40}\. .* Fix: run the workflow/);
  expect(errors).toHaveBeenCalledWith(`::error::${markdown}`);
  expect(calls().map((call) => call.split(" --")[0])).toEqual(["stack select acme/dev", "stack history"]);
});

test.each([
  ["no update", () => []],
  ["an older commit", () => [update(commits[0])]],
  ["the same commit", () => [update(commits[1])]],
  ["a newer commit that was destroyed", () => [update(commits[2], "destroy"), update(commits[2])]],
  ["a commit that main does not have", () => [update("f".repeat(40))]],
  ["an update without a commit", () => [update(undefined)]],
] as const)("a commit is deployed over %s", async (_name, history) => {
  deployOver(history());
  expect(await findNewerDeployment("acme/dev")).toBeUndefined();
});

test("a history that Pulumi cannot read ends the job before it changes anything", async () => {
  job.addCommand("pulumi", "exit 1");
  await expect(findNewerDeployment("acme/dev")).rejects.toThrow("acme/dev: must have a history");
});
