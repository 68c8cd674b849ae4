import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Process {
  readonly pid: number;
  readonly name: string;
}

/**
 * The live processes named `names` that have a file under `directory` among their arguments, or work in there
 * (which Linux alone tells). Pid files are not asked: after a crash or a reboot their numbers belong to others.
 */
export function processesOf(directory: string, names: readonly string[]): Process[] {
  return commandLines().flatMap(({ pid, command, cwd }) => {
    const name = names.find((one) => one === basename(command.split(/[\0 ]/, 1)[0] ?? ""));
    return name !== undefined && `${command}\0${cwd}/`.includes(`${directory}/`) ? [{ pid, name }] : [];
  });
}

/** Asks the processes to end, and makes those end that have not done so in five seconds. */
export async function end(processes: readonly Process[]): Promise<void> {
  for (const { pid } of processes) signal(pid, "SIGTERM");
  const alive = () => processes.filter(({ pid }) => isAlive(pid));
  for (let left = 50; left > 0 && alive().length > 0; left--) await sleep(100);
  for (const { pid } of alive()) signal(pid, "SIGKILL");
  while (alive().length > 0) await sleep(20);
}

/** Whether a process runs. One that has ended and is not yet reaped by its parent has no command line any more. */
export function isAlive(pid: number): boolean {
  return commandLines(pid).some(({ command }) => command !== "");
}

/** Sends a signal to a process, which may have ended by now. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

interface CommandLine {
  readonly pid: number;
  readonly command: string;
  /** Where it works; empty where the system does not tell. */
  readonly cwd: string;
}

function commandLines(only?: number): CommandLine[] {
  return existsSync("/proc/self/cmdline") ? fromProc(only) : fromPs(only);
}

function fromProc(only?: number): CommandLine[] {
  const pids =
    only === undefined ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [String(only)];
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return [{ pid: Number(pid), command, cwd: workingDirectory(pid) }];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ""; // Another user's: its arguments are everybody's to read, and this is not.
  }
}

function fromPs(only?: number): CommandLine[] {
  const listed = execFileSync("ps", ["-axww", "-o", "pid=,stat=,command="], { encoding: "utf8" });
  return listed.split("\n").flatMap((line) => {
    const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith("Z") || (only !== undefined && Number(pid) !== only))
      return [];
    return [{ pid: Number(pid), command: command ?? "", cwd: "" }];
  });
}
