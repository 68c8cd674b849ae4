import { expect, onTestFinished, test, vi } from "vitest";
import { terminalProgress } from "../../../sandbox/tools/index.ts";

/** A place to write to that keeps what is written. */
function output(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => !!written.push(text) } as unknown as NodeJS.WriteStream;
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  return { written, progress: terminalProgress(stream) };
}

const work = (seconds: number) => () => new Promise<void>((done) => setTimeout(done, seconds * 1000));

test("where nobody watches, a long step gives a sign of life every 30 seconds", async () => {
  const { written, progress } = output(false);
  const done = progress.during("etcd: building (1 of 2)", work(70));
  await vi.advanceTimersByTimeAsync(70_000);
  await done;
  expect(written).toEqual([
    "etcd: building (1 of 2) …\n",
    "etcd: building (1 of 2) … 30 s so far\n",
    "etcd: building (1 of 2) … 60 s so far\n",
    "etcd: building (1 of 2): 70 s\n",
  ]);
});

test("on a terminal the seconds count up in one line", async () => {
  const { written, progress } = output(true);
  const done = progress.during("etcd", work(2.5));
  await vi.advanceTimersByTimeAsync(2_500);
  await done;
  expect(written.map((text) => text.replace("\r\u001b[K", "|"))).toEqual([
    "|etcd …",
    "|etcd … 1 s",
    "|etcd … 2 s",
    "|etcd: 3 s\n",
  ]);
});

test("a step that fails says so and for how long it took, and its error is kept", async () => {
  const { written, progress } = output(false);
  const failing = progress.during("etcd", async () => {
    throw new Error("no disk");
  });
  await expect(failing).rejects.toThrow("no disk");
  expect(written.at(-1)).toBe("etcd: failed after 0 s\n");
});
