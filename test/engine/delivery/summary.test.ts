import { realpathSync } from "node:fs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { summarize } from "../../../delivery/summary/summarize.ts";
import { useStandIns } from "../../../sandbox/charts.ts";
import { collect, Recorder } from "../../events/recorder.ts";
import { ONE_SETTING, ROTATION_TRUST, SETTINGS, STACK } from "../../events/scenes/mesh.ts";
import { readSummary, toOperation } from "../../events/summaries.ts";
import { standInArchives } from "../../support/charts.ts";
import { testEngine } from "../../support/engine.ts";

let recorder: Recorder;

/** Opens the stack with the stand-in charts, also if the other tests run with real ones. The recordings have them. */
const open = (settings: object = {}) => recorder.openMesh(STACK, { ...SETTINGS, ...settings });

beforeAll(() => {
  process.env.PATH = inject("tools").searchPath;
  const { chartVersion } = useStandIns().settings;
  const directory = realpathSync(standInArchives([chartVersion]));
  recorder = new Recorder(testEngine(), inject("tools"), {
    directory,
    versions: [chartVersion, chartVersion],
  });
});

afterAll(async () => {
  const stack = await open();
  await stack.destroy();
  await stack.workspace.removeStack(STACK);
});

/** The summary of a preview with these settings. */
async function summarizePreview(settings?: object): Promise<string> {
  const stack = await open(settings);
  const { events, error } = await collect((options) => stack.preview(options));
  expect(error).toBeUndefined();
  return summarize([toOperation(recorder.format(events))], { head: "1234abcd" });
}

/** Each run has other certificates. */
const withoutIdentity = (text: string) => text.replaceAll(/SHA-256 \w{12}, expires [\d-]{10}/g, "SHA-256 …");

test("a preview has the summary of its recording: a first installation, no change, a setting and a rotation", {
  timeout: 300_000,
}, async () => {
  expect(await summarizePreview()).toBe(readSummary("fresh-install"));
  await (await open()).up();
  expect(await summarizePreview()).toBe(readSummary("no-change"));
  expect(await summarizePreview(ONE_SETTING)).toBe(readSummary("one-setting-prod"));
  expect(withoutIdentity(await summarizePreview(ROTATION_TRUST))).toBe(
    withoutIdentity(readSummary("rotation-trust")),
  );
});
