/** What a job finds out about the stacks, as a file that another job reads. */
import { lstat, readFile, writeFile } from "node:fs/promises";

/** What a job finds out. */
export interface Finding {
  /**
   * - `same`: nothing differs.
   * - `different`: something differs.
   * - `failed`: the comparison was not possible, or what it compares is not valid.
   */
  readonly outcome: "same" | "different" | "failed";
  /** Without secrets. Formatted by `delivery/markdown`. */
  readonly markdown: string;
}

/** What the job of a stack found. */
export interface StackFinding {
  readonly stack: string;
  /** `undefined` if the job wrote nothing. */
  readonly finding: Finding | undefined;
}

/** Bytes of a file that is read. Comments and issues have at most 65,536 characters. */
const LONGEST = 1_000_000;
const INVALID: Finding = { outcome: "failed", markdown: "The file with the result is not valid." };

/** A check that failed is more important than one that found a difference: it may have missed another one. */
export function combineFindings(findings: readonly Finding[]): Finding {
  const outcome = (["failed", "different"] as const).find((one) =>
    findings.some((finding) => finding.outcome === one),
  );
  return {
    outcome: outcome ?? "same",
    markdown: findings.map(({ markdown }) => markdown.trim()).join("\n\n"),
  };
}

export function writeFinding(path: string, { outcome, markdown }: Finding): Promise<void> {
  return writeFile(path, JSON.stringify({ outcome, markdown }));
}

/**
 * Reads the finding of another job, which may have run the code of a pull request: the content is data of any origin. A
 * file that is not a finding is a failure of that job, also a link, a directory and a file that is too long to read.
 *
 * @returns `undefined` if there is no file
 */
export async function readFinding(path: string): Promise<Finding | undefined> {
  let text: string;
  try {
    const file = await lstat(path);
    if (!file.isFile() || file.size > LONGEST) return INVALID;
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return parse(text) ?? INVALID;
}

function parse(text: string): Finding | undefined {
  try {
    const { outcome, markdown } = (JSON.parse(text) ?? {}) as Partial<Record<keyof Finding, unknown>>;
    if (typeof markdown !== "string") return undefined;
    if (outcome !== "same" && outcome !== "different" && outcome !== "failed") return undefined;
    return { outcome, markdown };
  } catch {
    return undefined;
  }
}
