import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { withLock } from "../../../sandbox/tools/lock.ts";

function lockFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "lock-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "lock");
}

/** The pid of a process that was and is no more. */
function deadPid(): string {
  return String(spawnSync("true").pid);
}

test("two that want the lock have it one after the other, and the second is told whom it waits for", async () => {
  const path = lockFile();
  const events: string[] = [];
  const first = withLock(path, async () => {
    events.push("first in");
    await sleep(300);
    events.push("first out");
  });
  await sleep(50);
  const second = withLock(
    path,
    async () => void events.push("second in"),
    (pid) => void events.push(`waits for ${pid}`),
  );
  await Promise.all([first, second]);
  expect(events).toEqual(["first in", `waits for ${process.pid}`, "first out", "second in"]);
  expect(existsSync(path)).toBe(false);
});

test("the lock of a process that died is taken over, by one of many", async () => {
  const path = lockFile();
  writeFileSync(path, deadPid());
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      withLock(path, async () => {
        most = Math.max(most, ++inside);
        await sleep(5);
        inside--;
      }),
    ),
  );
  expect(most).toBe(1);
});

test("the lock of a pid that lives but belongs to another by now is taken over", async () => {
  const path = lockFile();
  writeFileSync(path, String(process.ppid));
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, longAgo, longAgo);
  expect(await withLock(path, async () => "mine")).toBe("mine");
});

test("the lock is given back when the work fails", async () => {
  const path = lockFile();
  const failing = withLock(path, async () => {
    throw new Error("no luck");
  });
  await expect(failing).rejects.toThrow("no luck");
  expect(existsSync(path)).toBe(false);
});
