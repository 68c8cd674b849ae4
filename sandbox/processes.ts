import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Process {
  readonly pid: number;
  readonly name: string;
}

/**
 * Finds the live processes with one of `names` that have a file under `directory` among their arguments, or their
 * working directory in it (known on Linux only). Pid files are not read: after a crash or a reboot, the pids in
 * them belong to other processes.
 */
export function findProcesses(directory: string, names: readonly string[]): Process[] {
  return listCommandLines().flatMap(({ pid, command, cwd }) => {
    const name = names.find((one) => one === basename(command.split(/[\0 ]/, 1)[0] ?? ""));
    return name !== undefined && `${command}\0${cwd}/`.includes(`${directory}/`) ? [{ pid, name }] : [];
  });
}

/** Terminates the processes, and kills those that still run after five seconds. */
export async function end(processes: readonly Process[]): Promise<void> {
  for (const { pid } of processes) signal(pid, "SIGTERM");
  const alive = () => processes.filter(({ pid }) => isAlive(pid));
  for (let left = 50; left > 0 && alive().length > 0; left--) await sleep(100);
  for (const { pid } of alive()) signal(pid, "SIGKILL");
  while (alive().length > 0) await sleep(20);
}

/** Whether a process runs. A zombie, which its parent has not reaped yet, has no command line and does not run. */
export function isAlive(pid: number): boolean {
  return listCommandLines(pid).some(({ command }) => command !== "");
}

/** Sends a signal to a process. Does nothing if the process has ended. */
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
  /** The working directory; empty if unknown. */
  readonly cwd: string;
}

function listCommandLines(only?: number): CommandLine[] {
  return existsSync("/proc/self/cmdline") ? readProc(only) : runPs(only);
}

function readProc(only?: number): CommandLine[] {
  const pids =
    only === undefined ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [String(only)];
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return [{ pid: Number(pid), command, cwd: readWorkingDirectory(pid) }];
    } catch {
      return []; // It has ended since the directory was listed.
    }
  });
}

function readWorkingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ""; // Another user's process: its arguments are readable, its working directory is not.
  }
}

function runPs(only?: number): CommandLine[] {
  const listed = execFileSync("ps", ["-axww", "-o", "pid=,stat=,command="], { encoding: "utf8" });
  return listed.split("\n").flatMap((line) => {
    const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith("Z") || (only !== undefined && Number(pid) !== only))
      return [];
    return [{ pid: Number(pid), command: command ?? "", cwd: "" }];
  });
}
