/** Asserts the problems of findings. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Finding, Problem } from "../../../verify/report/finding.ts";
import { root } from "../../support/package.ts";

/** Asserts that a finding has one problem, with a cause and a page that exists. Returns it. */
export function onlyProblem({ problems }: Pick<Finding, "problems">): Problem {
  expect(problems.map(({ observed }) => observed)).toHaveLength(1);
  const [problem] = problems as [Problem];
  expect(problem.cause).toMatch(/\.$/);
  expect(existsSync(join(root, problem.docs.split("#")[0] as string))).toBe(true);
  return problem;
}
