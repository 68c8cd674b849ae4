/** The report as text. */
import type { CheckStatus } from "./finding.ts";
import type { CheckResult, VerifyReport } from "./report.ts";

const RESULTS: Readonly<Record<CheckStatus, string>> = {
  passed: "passed",
  failed: "FAILED",
  skipped: "skipped",
};

/** Formats a table of all checks, then the problems with their causes, then a summary. */
export function formatReport(report: VerifyReport): string {
  const { results } = report;
  return [formatTable(results), ...results.flatMap(formatProblems), formatSummary(report)].join("\n\n");
}

/** One row for each observation: the first one is beside the name and the result. */
function formatTable(results: readonly CheckResult[]): string {
  const rows = results.flatMap((result) => {
    const [first = "", ...rest] = observations(result);
    return [[result.name, RESULTS[result.status], first], ...rest.map((line) => ["", "", line])];
  });
  const table = [["CHECK", "RESULT", "OBSERVED"], ...rows];
  const width = (column: number) => Math.max(...table.map((row) => row[column]?.length ?? 0));
  const [check, status] = [width(0), width(1)];
  return table
    .map(([name = "", result = "", line = ""]) =>
      `${name.padEnd(check)}  ${result.padEnd(status)}  ${line}`.trimEnd(),
    )
    .join("\n");
}

/** The observations, with the parts that did not run. A failed check has its problems below the table as well. */
function observations({ observed, problems, skipped }: CheckResult): string[] {
  return [
    ...observed,
    ...problems.map((problem) => problem.observed),
    ...skipped.map((reason) => `not checked: ${reason}`),
  ];
}

function formatProblems({ name, title, problems }: CheckResult): string[] {
  if (problems.length === 0) return [];
  const lines = problems.flatMap(({ observed, cause, docs }) => [
    `  ${observed}`,
    `    Likely cause: ${cause}`,
    `    See ${docs}`,
  ]);
  return [[`${name}: ${title}`, ...lines].join("\n")];
}

function formatSummary({
  mesh,
  passed,
  failed,
  skipped,
  seconds,
  namespace,
  kept,
  cleanupError,
}: VerifyReport): string {
  const stack = mesh.stack === null ? "" : `, stack ${mesh.stack}`;
  return [
    `Linkerd ${mesh.linkerdVersion} in namespace ${mesh.namespace}${stack}: ` +
      `${passed} passed, ${failed} failed, ${skipped} skipped in ${Math.round(seconds)} s.`,
    ...(kept ? [`The workloads are in namespace ${namespace}.`] : []),
    ...(cleanupError === null ? [] : [`The workloads are not deleted: ${cleanupError}`]),
  ].join("\n");
}
