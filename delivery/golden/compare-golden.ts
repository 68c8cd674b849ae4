/** Compares what the program registers with a golden file. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/** The command that writes the golden files. */
const FIX = "Fix: review the difference, then run npm run golden and commit the file";

/** Lines around a difference. */
const CONTEXT = 3;

/**
 * Describes the difference between a golden file and the current text. `undefined` if there is none.
 *
 * @param path path of the file in the repository
 * @param committed text of the file; `undefined` if it does not exist
 * @param current text for what the program registers now; `undefined` if the stack does not exist
 */
export function describeGoldenDifference(
  path: string,
  committed: string | undefined,
  current: string | undefined,
): string | undefined {
  if (committed === current) return undefined;
  if (committed === undefined) return `${path}: must exist. Fix: npm run golden`;
  if (current === undefined)
    return `${path}: must not exist, because there is no such stack. Fix: npm run golden`;
  const headers = { context: CONTEXT, headerOptions: FILE_HEADERS_ONLY };
  const diff = createTwoFilesPatch(path, "now", committed, current, undefined, undefined, headers);
  return `${path}: must be equal to what the program registers. ${FIX}\n${diff}`;
}
