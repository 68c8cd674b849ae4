/** Whether the golden files are those of the program. */
import { code } from "../../markdown/blocks.ts";
import { runCommand } from "./run-command.ts";

/**
 * Writes the golden files again, and compares them with those of the commit.
 *
 * @returns Markdown with the difference, or `undefined` without one
 */
export async function checkGoldenFiles(): Promise<string | undefined> {
  const written = await runCommand("npm", ["run", "--silent", "golden"]);
  if (written.code !== 0) {
    return `The program does not run, so its golden files cannot be compared.\n\n${code(written.stderr || written.stdout)}`;
  }
  // `git diff` alone does not list a new file.
  const added = await runCommand("git", ["add", "--intent-to-add", "test/golden"]);
  const difference = await runCommand("git", ["diff", "--no-color", "--", "test/golden"]);
  if (added.code === 0 && difference.code === 0 && difference.stdout === "") return undefined;
  const sentence =
    "The golden files are not those of the program. Fix: `npm run golden`, and commit `test/golden`.";
  return `${sentence}\n\n${code(difference.stdout || difference.stderr || added.stderr, "diff")}`;
}
