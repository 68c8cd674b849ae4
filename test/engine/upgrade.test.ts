import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recordingIn, STACK } from "../recorded/recording.ts";
import { standInArchives } from "../support/charts.ts";
import { openMesh, previewed } from "../support/stack.ts";

const RECORDED = join(import.meta.dirname, "../recorded");

describe("the state that an earlier release left", () => {
  const files = readdirSync(RECORDED).filter((file) => file.endsWith(".json"));
  test.each(files)("%s is as this one would leave it: nothing to do", async (file) => {
    const text = readFileSync(join(RECORDED, file), "utf8");
    const { settings, deployment } = recordingIn(text, (version) => standInArchives([version]));
    const stack = await openMesh(STACK, settings);
    await stack.importStack(deployment);
    const { steps, changeSummary } = await previewed(stack);
    // What a release has to change all the same, it says here. Never a replacement, never a deletion.
    expect(steps).toEqual([]);
    expect(changeSummary.same).toBeGreaterThan(40);
    await stack.workspace.removeStack(STACK, { force: true });
  });
});
