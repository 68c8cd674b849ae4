import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test as base, expect, vi } from "vitest";
import { withLock } from "../../../sandbox/tools/lock.ts";

const test = base.extend<{ lockName: string }>({
  /** The name of a lock in a directory of its own. */
  lockName: async ({ task: _ }, use) => {
    const directory = mkdtempSync(join(tmpdir(), "lock-"));
    await use(join(directory, "tools"));
    rmSync(directory, { recursive: true, force: true });
  },
});

/** The files of a lock, whether held or not. */
function filesOf(name: string): string[] {
  return readdirSync(dirname(name)).sort();
}

/** Leaves a lock as a holder that was killed leaves it. */
function leaveLock(name: string, pid: number): void {
  mkdirSync(`${name}.lock`);
  writeFileSync(`${name}.pid`, String(pid));
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync("true").pid;
}

/** How many of 20 contenders, which arrive within 5 ms, hold the lock at once, at most. */
async function mostHolders(name: string): Promise<number> {
  let holders = 0;
  let most = 0;
  const hold = async () => {
    most = Math.max(most, ++holders);
    await sleep(1);
    holders--;
  };
  const contend = async (_: unknown, index: number) => {
    await sleep(index % 5);
    await withLock(name, hold);
  };
  await Promise.all(Array.from({ length: 20 }, contend));
  return most;
}

test.concurrent("two contenders hold the lock one after the other, and the second learns whom it waits for", async ({
  lockName: name,
}) => {
  const events: string[] = [];
  const [held, waited] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = withLock(name, async () => {
    events.push("first in");
    held.resolve();
    await waited.promise;
    events.push("first out");
  });
  await held.promise;
  const second = withLock(
    name,
    async () => void events.push("second in"),
    (pid) => {
      events.push(`waits for ${pid}`);
      waited.resolve();
    },
  );
  await Promise.all([first, second]);
  expect(events).toEqual(["first in", `waits for ${process.pid}`, "first out", "second in"]);
  expect(filesOf(name)).toEqual([]);
});

test.concurrent("the lock of a process that has ended is taken over by one contender at a time", async ({
  lockName: name,
}) => {
  leaveLock(name, deadPid());
  expect(await mostHolders(name)).toBe(1);
  expect(filesOf(name)).toEqual([]);
});

test.concurrent("the lock of a holder that was killed is taken over within seconds", async ({
  lockName: name,
}) => {
  const module = join(import.meta.dirname, "../../../sandbox/tools/lock.ts");
  const code = `import { withLock } from ${JSON.stringify(module)};
    await withLock(${JSON.stringify(name)}, () => new Promise(() => setInterval(() => {}, 1000)));`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code]);
  await vi.waitUntil(() => filesOf(name).includes("tools.pid"), { timeout: 30_000 });
  let waitedFor = "";
  const contender = withLock(
    name,
    async () => Date.now(),
    (pid) => {
      waitedFor = pid;
    },
  );
  await vi.waitUntil(() => waitedFor !== "", { timeout: 5_000 });
  const killed = Date.now();
  holder.kill("SIGKILL");
  expect((await contender) - killed).toBeLessThan(10_000);
  expect(waitedFor).toBe(String(holder.pid));
});

test.concurrent("a lock that was not renewed for an hour is taken over by one contender, although a process has its holder's pid", async ({
  lockName: name,
}) => {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  // Without the queue, one of three locks gets two holders.
  const names = Array.from({ length: 10 }, (_, index) => `${name}-${index}`);
  for (const each of names) {
    leaveLock(each, process.ppid);
    utimesSync(`${each}.lock`, anHourAgo, anHourAgo);
  }
  expect(await Promise.all(names.map(mostHolders))).toEqual(names.map(() => 1));
});

test.concurrent("the lock is released when the work fails", async ({ lockName: name }) => {
  const failing = withLock(name, async () => {
    throw new Error("no disk");
  });
  await expect(failing).rejects.toThrow("no disk");
  expect(filesOf(name)).toEqual([]);
});

test.concurrent("work whose lock was removed fails", async ({ lockName: name }) => {
  const work = withLock(name, async () => {
    rmSync(`${name}.lock`, { recursive: true });
    await sleep(2_000);
  });
  await expect(work).rejects.toThrow(/tools\.lock: must be held until the end, got: .*ENOENT/);
});
