import { join } from "node:path";
import { expect, test } from "vitest";
import { runPulumi } from "../../../../delivery/github/jobs/pulumi-command.ts";
import { HEAD, useFakeJob } from "../../../support/workflows/fake-job.ts";

const job = useFakeJob();

const WRITE_EVENTS = 'for last; do :; done; case "$*" in *--event-log*) echo "{}" > "$last" ;; esac';

test.each([
  ["preview", "preview --policy-pack policy --stack acme/prod --non-interactive --event-log"],
  ["up", "up --yes --policy-pack policy --stack acme/prod --non-interactive --event-log"],
  ["verify", "preview --expect-no-changes --stack acme/prod --non-interactive --event-log"],
  ["drift", "preview --refresh --expect-no-changes --stack acme/prod --non-interactive --event-log"],
] as const)(
  "%s runs Pulumi for the stack of the organization, and summarizes the events",
  async (step, command) => {
    const events = join(job.directory, "prod.jsonl");
    const pulumi = job.addCommand(
      "pulumi",
      `${WRITE_EVENTS}; [ "$2" = history ] && echo '[]'; [ "$1" = stack ] || [ "$PULUMI_DEBUG_COMMANDS" = true ]`,
    );
    const npm = job.addCommand("npm", "echo '## Summary'");
    expect(await runPulumi(step, "prod", events)).toEqual({ outcome: "same", markdown: "## Summary" });
    const history =
      step === "up" ? ["stack history --stack acme/prod --json --page-size 20 --non-interactive"] : [];
    expect(pulumi()).toEqual([
      "stack select acme/prod --non-interactive",
      ...history,
      `${command} ${events}`,
    ]);
    expect(npm()).toEqual([`run --silent summary -- --head ${HEAD} ${events}`]);
  },
);

test.each([
  ["different", "error: no changes were expected but changes were proposed"],
  ["different", "error: no changes were expected for preview but changes were proposed"],
  ["failed", "error: update failed"],
] as const)("the outcome is %s after %s", async (outcome, error) => {
  job.addCommand("pulumi", `[ "$1" = stack ] && exit; ${WRITE_EVENTS}; echo '${error}' >&2; exit 255`);
  job.addCommand("npm", "echo '## Summary'");
  const finding = await runPulumi("drift", "prod", join(job.directory, "prod.jsonl"));
  expect(finding.outcome).toBe(outcome);
  expect(finding.markdown).toMatch(/## Summary$/);
  expect(finding.markdown.includes(error)).toBe(outcome === "failed");
});

test("a stack that does not exist is reported with the command that creates it", async () => {
  job.addCommand("pulumi", "echo \"error: no stack named 'acme/prod' found\" >&2; exit 255");
  const { outcome, markdown } = await runPulumi("preview", "prod", join(job.directory, "prod.jsonl"));
  expect(outcome).toBe("failed");
  expect(markdown).toContain("The stack does not exist.");
  expect(markdown).toContain("pulumi stack init acme/prod");
});

test("a login that fails, and an engine that does not start, are reported in the words of Pulumi", async () => {
  job.addCommand("pulumi", "echo 'error: invalid access token' >&2; exit 255");
  const login = await runPulumi("preview", "prod", join(job.directory, "prod.jsonl"));
  expect(login.markdown).toMatch(/^Pulumi cannot open the stack acme\/prod\.[\s\S]*invalid access token/);
  job.addCommand("pulumi", "[ \"$1\" = stack ] && exit; echo 'error: unknown flag' >&2; exit 255");
  const start = await runPulumi("preview", "prod", join(job.directory, "prod.jsonl"));
  expect(start).toEqual({
    outcome: "failed",
    markdown:
      "`pulumi preview --policy-pack policy` failed.\n\n```\nerror: unknown flag\n```\n\nThe engine wrote no log of its events.",
  });
});

test("a preview that succeeds without events fails, because nobody can read what it found", async () => {
  job.addCommand("pulumi", "exit 0");
  const finding = await runPulumi("preview", "prod", join(job.directory, "prod.jsonl"));
  expect(finding.outcome).toBe("failed");
  expect(finding.markdown).toContain("The engine wrote no log of its events.");
});
