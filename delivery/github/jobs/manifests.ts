/** What `npm run manifests` finds out about stacks. */
import { code } from "../../markdown/blocks.ts";
import type { Finding } from "./finding.ts";
import { runCommand } from "./run-command.ts";

/** Exit status of `--against cluster`. Errors, and violations of mandatory policies, have 1. */
const CLUSTER_DIFFERS = 2;

/**
 * Compares the rendered manifests of stacks.
 *
 * @param against a Git reference, or `cluster`
 */
export async function compareManifests(stacks: readonly string[], against: string): Promise<Finding> {
  const compare = (names: readonly string[], format: string, showOutput: boolean) => {
    const selected = names.flatMap((stack) => ["--stack", stack]);
    const args = [
      "run",
      "--silent",
      "manifests",
      "--",
      ...selected,
      "--against",
      against,
      "--format",
      format,
    ];
    return runCommand("npm", args, { showOutput });
  };
  const shown = await compare(stacks, "markdown", true);
  if (shown.code === CLUSTER_DIFFERS) return { outcome: "different", markdown: shown.stdout };
  if (shown.code !== 0) return { outcome: "failed", markdown: formatFailure(shown) };
  if (against === "cluster") return { outcome: "same", markdown: shown.stdout };

  // One stack at a time, because several reports are several documents.
  for (const stack of stacks) {
    const report = await compare([stack], "json", false);
    if (report.code !== 0) return { outcome: "failed", markdown: formatFailure(report) };
    if (!isUnchanged(report.stdout)) return { outcome: "different", markdown: shown.stdout };
  }
  return { outcome: "same", markdown: shown.stdout };
}

/**
 * Whether no list of a report (`delivery/manifests/formats/format-json.ts`) has an entry. Violations that the commit has
 * too do not count: they are in every report.
 */
export function isUnchanged(json: string): boolean {
  const { violations, ...report } = JSON.parse(json) as { violations: readonly { isNew: boolean }[] };
  return (
    !violations.some(({ isNew }) => isNew) &&
    Object.values(report).every((value) => !Array.isArray(value) || value.length === 0)
  );
}

/** Violations of policies have a report too. */
function formatFailure({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const error = stderr.trim() === "" ? [] : [`The manifests have errors.\n\n${code(stderr)}`];
  return [...error, stdout.trim()].filter((part) => part !== "").join("\n\n");
}
