/** What work costs: wall time, and processor time, which other work on the machine does not lengthen. */
import { readFileSync } from "node:fs";

/** Seconds. Processor time is this process's and that of all that it waited for; NaN but on Linux. */
export interface Usage {
  wall: number;
  cpu: number;
}

/** Since this process began. */
export function usageSoFar(): Usage {
  return { wall: performance.now() / 1000, cpu: processorSeconds() };
}

export async function usageOf(work: () => unknown): Promise<Usage> {
  const before = usageSoFar();
  await work();
  return difference(usageSoFar(), before);
}

export function difference(a: Usage, b: Usage): Usage {
  return { wall: a.wall - b.wall, cpu: a.cpu - b.cpu };
}

/** Fields 14 to 17 of proc(5)'s stat: user and system, own and of children, in hundredths of a second. */
function processorSeconds(): number {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return Number.NaN;
  }
}
