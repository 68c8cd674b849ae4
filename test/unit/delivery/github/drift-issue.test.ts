import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Repository } from "../../../../delivery/github/api/repository.ts";
import { ISSUE_MARKER, ISSUE_TITLE } from "../../../../delivery/github/issue/format-issue.ts";
import { reportDrift } from "../../../../delivery/github/issue/report-drift.ts";
import type { Finding } from "../../../../delivery/github/jobs/finding.ts";
import { BOT, FakeGitHub, type StoredIssue } from "../../../support/workflows/fake-github.ts";

const RUN = "https://github.example/acme/mesh/actions/runs/1";
const same: Finding = { outcome: "same", markdown: "No changes." };
const edited: Finding = {
  outcome: "different",
  markdown: "`Deployment linkerd/linkerd-destination` has 2 replicas",
};

let github: FakeGitHub;
beforeAll(async () => {
  github = new FakeGitHub();
  await github.start();
});
afterAll(() => github.stop());
beforeEach(() => {
  for (const list of [github.comments, github.issues, github.faults, github.requests]) list.length = 0;
});

function report(dev: Finding | undefined, prod: Finding | undefined, isComplete = true) {
  const variables = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: "acme/mesh",
    GITHUB_TOKEN: "ghs_secret",
  };
  const stacks = [
    { stack: "dev", finding: dev },
    { stack: "prod", finding: prod },
  ];
  return reportDrift(Repository.ofJob(variables, 1), stacks, {
    isComplete,
    runUrl: RUN,
  });
}

function addIssue(issue: Partial<StoredIssue>): void {
  const number = github.issues.length + 1;
  github.issues.push({ number, title: "Other", body: "", state: "open", user: BOT, ...issue });
}

test("drift opens one issue, later checks update it, and the first clean check closes it", async () => {
  await report(same, edited);
  expect(github.issues).toMatchObject([{ title: ISSUE_TITLE, state: "open" }]);
  expect(github.issues[0]?.body).toContain("| `dev` | no difference |\n| `prod` | **differs** |");
  expect(github.issues[0]?.body).toContain("linkerd/linkerd-destination");

  await report(edited, edited);
  expect(github.issues).toHaveLength(1);
  expect(github.issues[0]?.body).toContain("| `dev` | **differs** |");

  await report(same, same);
  expect(github.issues).toMatchObject([{ state: "closed", state_reason: "completed" }]);
  expect(github.comments).toMatchObject([{ body: `No stack differs any more: [run](${RUN}).` }]);

  await report(edited, same);
  expect(github.issues).toMatchObject([{ state: "closed" }, { state: "open" }]);
});

test("without drift and without an issue, nothing is written", async () => {
  expect(await report(same, same)).toMatchObject({ action: "none" });
  expect(github.requests).toHaveLength(1);
});

test.each([
  ["could not be checked", { outcome: "failed", markdown: "no cluster answers" } as const],
  ["did not report", undefined],
])("a stack that %s keeps the issue open", async (text, finding) => {
  await report(edited, same);
  await report(same, finding);
  expect(github.issues).toMatchObject([{ state: "open" }]);
  expect(github.issues[0]?.body).toContain(`| \`prod\` | **${text}** |`);
});

test("a failed job with the clean finding of its earlier attempt does not close the issue", async () => {
  await report(edited, same);
  await report(same, same, false);
  expect(github.issues).toMatchObject([{ state: "open" }]);
  expect(github.issues[0]?.body).toContain("| `dev` | **did not report** |\n| `prod` | **did not report** |");
});

test("the issue is found behind 150 others, and issues of users and pull requests are not touched", async () => {
  for (let count = 0; count < 150; count++) addIssue({});
  addIssue({ body: `${ISSUE_MARKER}\n`, user: { login: "user" } });
  addIssue({ body: `${ISSUE_MARKER}\n`, pull_request: {} });
  addIssue({ body: `${ISSUE_MARKER.replace("drift", "drift-eu")}\n` });
  addIssue({ body: `${ISSUE_MARKER}\n`, title: "The issue" });
  await report(same, same);
  expect(github.issues.filter(({ state }) => state === "closed")).toMatchObject([{ title: "The issue" }]);
});

test("the details of a stack that do not fit are replaced by a link to the run", async () => {
  await report(edited, { outcome: "different", markdown: "x".repeat(65_000) });
  expect(github.issues[0]?.body).toContain(
    `prod: too long for an issue. See the [summary of the run](${RUN}).`,
  );
  expect(github.issues[0]?.body).toContain("linkerd/linkerd-destination");
});

test("a lost answer to a new issue does not lead to a second issue", async () => {
  github.faults.push({ method: "POST", path: /issues/, status: 502, afterwards: true });
  await report(same, edited);
  expect(github.issues).toHaveLength(1);
});
