import { expect, onTestFinished, test, vi } from "vitest";
import { createProgress } from "../../../sandbox/tools/index.ts";

/** Creates progress whose output is recorded, and stops the clock. */
function recordProgress(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => !!written.push(text) } as unknown as NodeJS.WriteStream;
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  return { written, progress: createProgress(stream) };
}

const work = (seconds: number) => () => new Promise<void>((done) => setTimeout(done, seconds * 1000));

test("a long step prints a line every 30 seconds where the output is not a terminal", async () => {
  const { written, progress } = recordProgress(false);
  const done = progress.track("etcd: building (1 of 2)", work(70));
  await vi.advanceTimersByTimeAsync(70_000);
  await done;
  expect(written).toEqual([
    "etcd: building (1 of 2) …\n",
    "etcd: building (1 of 2) … 30 s\n",
    "etcd: building (1 of 2) … 60 s\n",
    "etcd: building (1 of 2): 70 s\n",
  ]);
});

test("a step counts its seconds in one line on a terminal", async () => {
  const { written, progress } = recordProgress(true);
  const done = progress.track("etcd", work(2.5));
  await vi.advanceTimersByTimeAsync(2_500);
  await done;
  expect(written.map((text) => text.replace("\r\u001b[K", "|"))).toEqual([
    "|etcd …",
    "|etcd … 1 s",
    "|etcd … 2 s",
    "|etcd: 3 s\n",
  ]);
});

test("a step that fails prints how long it took, and its error is passed on", async () => {
  const { written, progress } = recordProgress(false);
  const failing = progress.track("etcd", async () => {
    throw new Error("no disk");
  });
  await expect(failing).rejects.toThrow("no disk");
  expect(written.at(-1)).toBe("etcd: failed after 0 s\n");
});
