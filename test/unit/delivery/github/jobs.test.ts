import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { combineFindings, readFinding, writeFinding } from "../../../../delivery/github/jobs/finding.ts";
import { checkGoldenFiles } from "../../../../delivery/github/jobs/golden-files.ts";
import { compareManifests, isUnchanged } from "../../../../delivery/github/jobs/manifests.ts";
import { writeKubeconfig } from "../../../../delivery/github/jobs/write-kubeconfig.ts";
import { BOT, FakeGitHub } from "../../../support/workflows/fake-github.ts";
import { HEAD, useFakeJob } from "../../../support/workflows/fake-job.ts";

const root = join(import.meta.dirname, "../../../..");
const job = useFakeJob();

const EMPTY = { stack: "dev", irreversible: [], rolls: [], added: [], removed: [], violations: [] };

test("manifests are unchanged if no list of a report has an entry but that of advisory violations", () => {
  expect(isUnchanged(JSON.stringify(EMPTY))).toBe(true);
  expect(isUnchanged(JSON.stringify({ ...EMPTY, violations: [{ level: "advisory" }] }))).toBe(true);
  expect(isUnchanged(JSON.stringify({ ...EMPTY, removed: ["ConfigMap linkerd/a"] }))).toBe(false);
});

const CHANGED = JSON.stringify({ ...EMPTY, rolls: ["linkerd/linkerd-identity"] });

test.each([
  ["same", "0", "HEAD^1", JSON.stringify(EMPTY)],
  ["different", "0", "HEAD^1", CHANGED],
  ["failed", "1", "HEAD^1", ""],
  ["same", "0", "cluster", ""],
  ["different", "2", "cluster", ""],
  ["failed", "1", "cluster", ""],
] as const)(
  "the outcome of manifests is %s after status %s against %s",
  async (outcome, code, against, json) => {
    // dev never changes.
    const dev = JSON.stringify(EMPTY);
    job.addCommand(
      "npm",
      `case "$*" in *"--stack dev --against"*json) echo '${dev}' ;; *json) echo '${json}' ;; *) echo '## Report'; exit ${code} ;; esac`,
    );
    const finding = await compareManifests(["dev", "prod"], against);
    expect(finding.outcome).toBe(outcome);
    expect(finding.markdown).toContain("## Report");
  },
);

test("manifests that cannot be rendered are reported in their own words", async () => {
  job.addCommand("npm", "echo 'charts: must be a job.directory. Fix: npm run charts' >&2; exit 1");
  expect(await compareManifests(["dev"], "HEAD^1")).toEqual({
    outcome: "failed",
    markdown: "The manifests have errors.\n\n```\ncharts: must be a job.directory. Fix: npm run charts\n```",
  });
});

test("golden files of the program are not reported, and others with their difference", async () => {
  job.addCommand("npm", "");
  const git = job.addCommand("git", "");
  expect(await checkGoldenFiles()).toBeUndefined();
  expect(git()).toEqual(["add --intent-to-add test/golden", "diff --no-color -- test/golden"]);
  job.addCommand("git", 'case "$1" in diff) echo "-memoryLimit: 250Mi"; echo "+memoryLimit: 300Mi" ;; esac');
  expect(await checkGoldenFiles()).toMatch(
    /Fix: `npm run golden`[\s\S]*```diff\n-memoryLimit: 250Mi\n\+memoryLimit: 300Mi/,
  );
});

test("settings that the program rejects are reported in its words", async () => {
  job.addCommand("npm", "echo 'linkerd-mesh:proxy.memoryLimit: must be a quantity' >&2; exit 1");
  expect(await checkGoldenFiles()).toContain("linkerd-mesh:proxy.memoryLimit: must be a quantity");
});

test("of several checks, a failure is the result, then a difference", () => {
  const [same, different, failed] = (["same", "different", "failed"] as const).map((outcome) => ({
    outcome,
    markdown: `${outcome}\n`,
  }));
  if (!same || !different || !failed) throw new Error("three findings are expected");
  expect(combineFindings([same, different])).toEqual({ outcome: "different", markdown: "same\n\ndifferent" });
  expect(combineFindings([different, failed]).outcome).toBe("failed");
  expect(combineFindings([same, same]).outcome).toBe("same");
});

test("only the user of the job can read its kubeconfig, also if an earlier job left a file", async () => {
  const path = join(job.directory, "kubeconfig");
  writeFileSync(path, "old", { mode: 0o644 });
  const content =
    "current-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nclusters: [{name: a}]\nusers: [{name: a, user: {token: t}}]\n";
  await writeKubeconfig(path, content);
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual([content, 0o600]);
  await expect(writeKubeconfig(path, "", "a")).rejects.toThrow(
    /^secret KUBECONFIG: must be a kubeconfig, got nothing\. Fix: /,
  );
});

test("a file that is not a finding is a failure, and a missing file is reported as missing", async () => {
  const path = join(job.directory, "finding.json");
  await writeFinding(path, { outcome: "same", markdown: "No changes" });
  expect(await readFinding(path)).toEqual({ outcome: "same", markdown: "No changes" });
  for (const text of [
    "",
    "null",
    "{",
    '{"outcome":"green","markdown":""}',
    `{"outcome":"same","markdown":"${"x".repeat(1e6)}"}`,
  ]) {
    writeFileSync(path, text);
    expect(await readFinding(path)).toMatchObject({ outcome: "failed" });
  }
  expect(await readFinding(join(job.directory, "missing.json"))).toBeUndefined();
});

test("a directory, a link and a file that is too long to read are failures, so that an earlier comment does not stay", async () => {
  const at = (name: string) => join(job.directory, name);
  mkdirSync(at("directory"));
  await writeFinding(at("target"), { outcome: "same", markdown: "No changes" });
  symlinkSync(at("target"), at("link"));
  writeFileSync(at("long"), "");
  // More than Node reads at once.
  truncateSync(at("long"), 3 * 2 ** 30);
  for (const name of ["directory", "link", "long"]) {
    expect(await readFinding(at(name))).toMatchObject({ outcome: "failed" });
  }
});

test("the job that comments and the first step run without an installed package", async () => {
  const copy = join(job.directory, "checkout");
  mkdirSync(copy);
  for (const path of ["package.json", "delivery/github", "delivery/markdown"]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  const github = new FakeGitHub();
  await github.start();
  github.pullRequest.head.sha = HEAD;
  const run = (file: string, environment: Record<string, string>) =>
    promisify(execFile)(process.execPath, [join(copy, "delivery/github", file)], {
      cwd: copy,
      env: {
        GITHUB_API_URL: github.url,
        GITHUB_REPOSITORY: "acme/mesh",
        GITHUB_TOKEN: "t",
        RUN_URL: "https://r",
        ...environment,
      },
    }).catch((error: { stderr: string }) => error);
  const results = await Promise.all([
    run("comment.ts", {
      ...{
        PULL_REQUEST: "7",
        HEAD_SHA: "1".repeat(40),
        JOB_RESULT: "failure",
        FINDING: join(job.directory, "none"),
      },
    }),
    run("drift-issue.ts", { STACKS: "dev prod", JOB_RESULT: "failure", FINDINGS: job.directory }),
    run("requirements.ts", { STACK: "dev", COMMAND: "up", ENVIRONMENT: "dev", HAS_KUBECONFIG: "true" }),
  ]);
  await github.stop();
  expect(github.comments).toMatchObject([{ user: BOT, body: expect.stringContaining("the check failed") }]);
  expect(github.issues).toMatchObject([{ state: "open" }]);
  const errors = results[2]?.stderr.trim().split("\n");
  expect(errors).toEqual([
    expect.stringMatching(/^::error::Pulumi\.dev\.yaml: must exist/),
    expect.stringMatching(/^::error::variable PULUMI_ORG: must be/),
    expect.stringMatching(/^::error::secret PULUMI_ACCESS_TOKEN: must be/),
  ]);
});
