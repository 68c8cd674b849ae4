import { mkdir, open, readFile, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../processes.ts";

/** A holder shows every few seconds that it lives; after a minute without, its pid belongs to another. */
const heartbeat = 5_000;
const silence = 60_000;

/** Runs `work` while no other process does so under the same lock file. `waiting` is told once for whom. */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  waiting: (pid: string) => void = () => {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  for (let told = false; !(await take(path)); ) {
    const holder = await readFile(path, "utf8").catch(() => "");
    if (await isDead(path, holder)) {
      await discard(path, holder);
      continue;
    }
    if (!told && holder) waiting(holder);
    told ||= holder !== "";
    await sleep(100);
  }
  const timer = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), heartbeat);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isDead(path: string, holder: string): Promise<boolean> {
  const touched = await stat(path).then(
    (found) => found.mtimeMs,
    () => Date.now(),
  );
  if (Date.now() - touched > silence) return true;
  // Between creating the file and writing the pid into it.
  return holder !== "" && !isAlive(Number(holder));
}

/**
 * Takes a dead lock away. One at a time, and after another look: two that do so at once would take away the
 * fresh lock of whoever came between them.
 */
async function discard(path: string, holder: string): Promise<void> {
  const discarding = `${path}.discarding`;
  if (!(await take(discarding))) {
    // It is held for milliseconds; one that stays is of a process that was killed in them.
    const { mtimeMs } = await stat(discarding).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > heartbeat) await rm(discarding, { force: true });
    await sleep(20);
    return;
  }
  try {
    const now = await readFile(path, "utf8").catch(() => undefined);
    if (now === holder && (await isDead(path, holder))) await rm(path, { force: true });
  } finally {
    await rm(discarding, { force: true });
  }
}
