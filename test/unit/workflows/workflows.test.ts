import { describe, expect, test } from "vitest";
import { BROKEN_ACCESS } from "../../support/workflows/broken-access.ts";
import { BROKEN_DELIVERY } from "../../support/workflows/broken-delivery.ts";
import { BROKEN_STEPS } from "../../support/workflows/broken-steps.ts";
import { BROKEN_SURROUNDINGS } from "../../support/workflows/broken-surroundings.ts";
import {
  ENVIRONMENTS,
  findLeaks,
  listCredentials,
  runsUnreviewedCode,
} from "../../support/workflows/credentials.ts";
import { listRuns } from "../../support/workflows/job-runs.ts";
import {
  listJobs,
  parseWorkflows,
  readSources,
  type Sources,
} from "../../support/workflows/read-workflows.ts";
import { RULES } from "../../support/workflows/rules.ts";

const sources = readSources();
const workflows = parseWorkflows(sources);

function findIssues(changed: Sources): string[] {
  const parsed = parseWorkflows(changed);
  return [...RULES.flatMap((rule) => rule(parsed)), ...findLeaks(parsed)];
}

test("the workflows have their names, and violate no rule", () => {
  expect(Object.keys(sources).sort()).toEqual([
    ...["changes.yaml", "checks.yaml", "drift.yaml", "preview.yaml", "pulumi.yaml", "up.yaml"],
  ]);
  expect(RULES.flatMap((rule) => rule(workflows))).toEqual([]);
});

test("the code of a pull request can read no secret before a reviewer approves", () => {
  expect(findLeaks(workflows)).toEqual([]);
});

test("each job that a pull request or a branch can start has exactly these credentials", () => {
  const runs = listRuns(workflows, ["pull_request", "workflow_dispatch"]);
  const table = runs.map((run) => ({
    job: `${run.trigger} ${run.at}`,
    code: runsUnreviewedCode(run) ? "of the pull request" : "of the base",
    environment: run.environment ?? "none",
    credentials: listCredentials(run).join(", ") || "none",
  }));
  const pulumi = "PULUMI_ACCESS_TOKEN, PULUMI_CONFIG_PASSPHRASE, KUBECONFIG, id-token: write";
  const proposed = { code: "of the pull request" };
  const withoutSecrets = { ...proposed, environment: "none", credentials: "none" };
  const called = (caller: string, stack: string) => `${caller} (stack=${stack}) > pulumi.yaml: pulumi`;
  expect(table).toEqual(
    expect.arrayContaining([
      { job: "pull_request checks.yaml: checks", ...withoutSecrets },
      { job: "pull_request changes.yaml: changes", ...withoutSecrets },
      {
        job: "pull_request changes.yaml: comment",
        code: "of the base",
        environment: "none",
        credentials: "pull-requests: write",
      },
      ...workflows.stacks.flatMap((stack) => [
        ...["pull_request", "workflow_dispatch"].map((trigger) => ({
          job: `${trigger} ${called("preview.yaml: preview", stack)}`,
          ...proposed,
          environment: `${stack}-preview`,
          credentials: pulumi,
        })),
        {
          job: `workflow_dispatch ${called("drift.yaml: check", stack)}`,
          ...proposed,
          environment: `${stack}-read`,
          credentials: pulumi,
        },
      ]),
    ]),
  );
  expect(table).toHaveLength(3 + 3 * workflows.stacks.length);
});

test("every environment of the workflows has rules, and every environment with rules is used", () => {
  const used = listRuns(workflows, ["pull_request", "workflow_dispatch", "push", "schedule"]);
  const names = new Set(used.flatMap(({ environment }) => environment ?? []));
  expect([...names].sort()).toEqual(Object.keys(ENVIRONMENTS).sort());
});

test("the rules see every job once", () => {
  expect(
    listJobs(workflows)
      .map(({ at }) => at)
      .sort(),
  ).toEqual([
    "changes.yaml: changes",
    "changes.yaml: comment",
    "checks.yaml: checks",
    "drift.yaml: check",
    "drift.yaml: issue",
    "preview.yaml: preview",
    "pulumi.yaml: pulumi",
    ...["up.yaml: checks", "up.yaml: dev"],
    ...workflows.stacks.filter((stack) => stack !== "dev").map((stack) => `up.yaml: preview-${stack}`),
    ...workflows.stacks.filter((stack) => stack !== "dev").map((stack) => `up.yaml: ${stack}`),
  ]);
});

describe("the rules find", () => {
  test.each([...BROKEN_ACCESS, ...BROKEN_DELIVERY, ...BROKEN_STEPS, ...BROKEN_SURROUNDINGS])(
    "$name",
    ({ file, from, to, issue }) => {
      const text = sources[file] ?? "";
      expect(text).toContain(from);
      const issues = findIssues({ ...sources, [file]: text.replace(from, to) });
      expect(issues.join("\n")).toMatch(issue);
    },
  );
});
