/** Recordings of the stacks of this project, which all unit tests of a worker share. */
import { recordStack } from "../../delivery/program/record-program.ts";
import type { RecordedStack } from "../../delivery/program/recorded-stack.ts";

const recordings = new Map<string, Promise<RecordedStack>>();

/** What the program registers for a stack with its committed settings. Recorded once. */
export function recordedStack(stack: string): Promise<RecordedStack> {
  const known = recordings.get(stack);
  if (known !== undefined) return known;
  const recording = recordStack(stack);
  recordings.set(stack, recording);
  return recording;
}
