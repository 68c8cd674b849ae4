/** Compares a stack with the same stack in a commit. */
import { parseGolden } from "../golden/parse-golden.ts";
import type { RecordedStack } from "../program/recorded-stack.ts";
import { type Commit, readGolden } from "./golden-at-ref.ts";
import { type RenderRelease, renderStack } from "./render/render-stack.ts";
import type { Snapshot } from "./report.ts";

/** Renders the golden file of a commit, with the charts of its versions. */
export async function renderRef(
  stack: string,
  ref: string,
  commit: Commit,
  renderRelease: RenderRelease,
): Promise<Snapshot> {
  return renderSnapshot(parseGolden(await readGolden(stack, ref, commit)), renderRelease);
}

/** Renders a recorded stack. */
export async function renderSnapshot(stack: RecordedStack, renderRelease: RenderRelease): Promise<Snapshot> {
  return { objects: await renderStack(stack, renderRelease), resources: stack.resources };
}
