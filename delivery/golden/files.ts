/** The golden files in the repository. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../program/stack-files.ts";

/** The folder of the golden files. */
const FOLDER = "test/golden";

/** Path of the golden file of a stack in the repository. */
export function goldenPath(stack: string): string {
  return `${FOLDER}/${stack}.yaml`;
}

/** Names of the stacks that have a golden file. */
export function listGoldenFiles(root = ROOT): string[] {
  return readdirSync(join(root, FOLDER)).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/** Reads the golden file of a stack. `undefined` if it does not exist. */
export function readGolden(stack: string, root = ROOT): string | undefined {
  try {
    return readFileSync(join(root, goldenPath(stack)), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
