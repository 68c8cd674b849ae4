import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
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

/** Runs `up` for the second of three commits, and returns whether it deployed. */
async function deployOver(history: readonly object[]): Promise<{ isDeployed: boolean; markdown: string }> {
  const pulumi = job.addCommand(
    "pulumi",
    `for last; do :; done; case "$*" in *history*) echo '${JSON.stringify(history)}' ;; up*) echo '{}' > "$last" ;; esac`,
  );
  job.addCommand("npm", "echo '## Summary'");
  const earlier = pulumi().length;
  const { markdown } = await runPulumi("up", "dev", join(job.directory, "dev.jsonl"));
  return {
    isDeployed: pulumi()
      .slice(earlier)
      .some((call) => call.startsWith("up ")),
    markdown,
  };
}

const update = (commit: string | undefined, kind = "update") => ({
  kind,
  environment: { "git.head": commit },
});

test("an older commit is not deployed over a newer one, also after a failed deployment or a preview", async () => {
  const errors = vi.spyOn(console, "error").mockReturnValue();
  const history = [update(commits[1], "preview"), { ...update(commits[2]), result: "failed" }];
  const { isDeployed, markdown } = await deployOver(history);
  expect(isDeployed).toBe(false);
  expect(markdown).toMatch(/must not be older than the deployed one, got \w{40}\. .* Fix: run the workflow/);
  expect(errors).toHaveBeenCalledWith(`::error::${markdown}`);
});

test("all other commits are deployed", async () => {
  for (const history of [
    [],
    [update(commits[0])],
    [update(commits[1])],
    [update(commits[2], "destroy"), update(commits[2])],
    [update("f".repeat(40))],
    [update(undefined)],
  ]) {
    expect(await deployOver(history)).toMatchObject({ isDeployed: true });
  }
});
