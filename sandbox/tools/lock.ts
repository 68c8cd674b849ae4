import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LockOptions, lock } from "proper-lockfile";
import { isAlive } from "../processes.ts";

/** A holder renews its lock this often, in milliseconds. */
const RENEWAL = 1_000;
/** Without a renewal for this long, a lock expires: its holder hangs, or its pid belongs to another process. */
const EXPIRY = 60_000;
/** The same for a holder that does not run any more. It is the shortest time that proper-lockfile accepts. */
const EXPIRY_OF_DEAD = 2_000;

/**
 * Runs `work` while no other process runs work under a lock of the same name. `<name>.lock` is the lock,
 * `<name>.pid` names its holder. `onWait` is called once, with the holder's pid, if another process holds the lock.
 */
export async function withLock<T>(
  name: string,
  work: () => Promise<T>,
  onWait: (pid: string) => void = () => {},
): Promise<T> {
  await mkdir(dirname(name), { recursive: true });
  let lost: Error | undefined;
  const onLost = (reason: Error) => {
    lost = reason;
  };
  const release = await waitForLock(name, onWait, onLost);
  try {
    const result = await work();
    if (lost)
      throw new Error(`${name}.lock: must be held until the end, got: ${lost.message}. Fix: try again.`);
    return result;
  } finally {
    if (!lost) {
      await rm(`${name}.pid`, { force: true });
      await release();
    }
  }
}

type Release = () => Promise<void>;

/**
 * proper-lockfile replaces an expired lock in two steps: of several processes that find it expired, a slow one
 * removes the new lock of a fast one (moxystudio/node-proper-lockfile#121). A second lock, held only while the
 * first one is examined, admits one process at a time.
 */
async function waitForLock(
  name: string,
  onWait: (pid: string) => void,
  onLost: (reason: Error) => void,
): Promise<Release> {
  for (let reported = false; ; await sleep(50)) {
    const leave = await tryLock(`${name}.queue`);
    if (!leave) continue;
    try {
      const pid = await readFile(`${name}.pid`, "utf8").catch(() => "");
      const alive = pid !== "" && isAlive(Number(pid));
      const stale = alive || pid === "" ? EXPIRY : EXPIRY_OF_DEAD;
      const release = await tryLock(name, { stale, update: RENEWAL, onCompromised: onLost });
      if (release) {
        await writeFile(`${name}.pid`, String(process.pid));
        return release;
      }
      if (alive && !reported) onWait(pid);
      reported ||= alive;
    } finally {
      await leave();
    }
  }
}

/** `undefined` if the lock is held. */
async function tryLock(name: string, options: LockOptions = {}): Promise<Release | undefined> {
  try {
    // Without `realpath`, nothing needs to exist under the name itself.
    return await lock(name, { ...options, realpath: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOCKED") return undefined;
    throw error;
  }
}
