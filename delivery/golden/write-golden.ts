/** Writes the golden files of all stacks. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { recordStack } from "../program/record-program.ts";
import type { RecordedStack } from "../program/recorded-stack.ts";
import { listStacks, ROOT } from "../program/stack-files.ts";
import { goldenPath, listGoldenFiles, readGolden } from "./files.ts";
import { formatGolden } from "./golden-file.ts";

/**
 * Writes the file of each stack in `root`, and deletes the files of stacks that do not exist. Returns a line for each
 * file. Nothing is written if the settings of one stack are invalid.
 */
export async function writeGoldenFiles(
  root = ROOT,
  record: (stack: string) => Promise<RecordedStack> = (stack) => recordStack(stack, { directory: root }),
): Promise<string[]> {
  const stacks = listStacks(root);
  const texts = new Map<string, string>();
  for (const stack of stacks) texts.set(stack, formatGolden(await record(stack)));
  mkdirSync(join(root, dirname(goldenPath("any"))), { recursive: true });
  const written = [...texts].map(([stack, text]) => {
    const path = goldenPath(stack);
    if (text === readGolden(stack, root)) return `${path}: no change`;
    writeFileSync(join(root, path), text);
    return `${path}: written`;
  });
  const leftover = listGoldenFiles(root).filter((stack) => !stacks.includes(stack));
  for (const stack of leftover) rmSync(join(root, goldenPath(stack)));
  return [
    ...written,
    ...leftover.map((stack) => `${goldenPath(stack)}: deleted, because there is no such stack`),
  ];
}
