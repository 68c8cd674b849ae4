/** The confirmation of a rotation on a terminal. */

import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

import { VerifyError } from "../verify-error.ts";

/** A stream that may be a terminal, e.g. `process.stdin`. */
type Terminal<Stream> = Stream & { readonly isTTY?: boolean };

/** Rejects an unattended run without `--yes`. Call it before anything else. */
export function requireConfirmation(yes: boolean, input: Terminal<Readable>): void {
  if (yes || input.isTTY) return;
  throw new VerifyError(
    "--rotation: must be confirmed on a terminal or with --yes, got neither. It changes the trust anchor of the mesh. Fix: --yes",
  );
}

/** Prints the text and resolves to whether the answer is `yes`. With `yes`, prints the text only. */
export async function confirmOn(
  input: Terminal<Readable>,
  output: Writable,
  yes: boolean,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  output.write(`${text}\n`);
  if (yes) return true;
  const lines = createInterface({ input, output });
  try {
    return (await lines.question('Type "yes" to continue: ', { signal })).trim() === "yes";
  } finally {
    lines.close();
  }
}
