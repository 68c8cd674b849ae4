import { readFileSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

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
  if (holder === "") return false;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Renaming is atomic, so of several that find the lock dead one takes it away, and none a fresh one. */
async function discard(path: string, holder: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if (readFileSync(aside, "utf8") === holder) await rm(aside, { force: true });
  else await rename(aside, path);
}
