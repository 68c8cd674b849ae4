/** Measures work in wall time and processor time. Other work on the machine does not increase processor time. */
import { readFileSync } from "node:fs";

/** Seconds. Processor time includes the ended children of this process. It is NaN except on Linux. */
export interface Usage {
  wall: number;
  cpu: number;
}

/** Measures since the start of this process. */
export function getUsage(): Usage {
  return { wall: performance.now() / 1000, cpu: readProcessorTime() };
}

/** Measures `work`. */
export async function measureUsage(work: () => unknown): Promise<Usage> {
  const before = getUsage();
  await work();
  return subtract(getUsage(), before);
}

export function subtract(a: Usage, b: Usage): Usage {
  return { wall: a.wall - b.wall, cpu: a.cpu - b.cpu };
}

/**
 * Reads fields 14 to 17 of proc(5) stat: user and system time, own and of children, in hundredths of a second.
 *
 * @param pid the process @default this one
 * @returns seconds
 */
export function readProcessorTime(pid: number | "self" = "self"): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return Number.NaN;
  }
}
