/** The engine of a run whose main process was killed: it could create objects after their deletion. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Time for an engine to exit after SIGTERM. */
const GRACE_MS = 3_000;

/** Ends the processes of Pulumi whose environment or arguments name the directory of the run. */
export async function endEngines(directory: string): Promise<void> {
  for (const pid of findEngines(directory)) signal(pid, "SIGTERM");
  const deadline = Date.now() + GRACE_MS;
  while (findEngines(directory).length > 0 && Date.now() < deadline) await sleep(100);
  while (findEngines(directory).length > 0) {
    for (const pid of findEngines(directory)) signal(pid, "SIGKILL");
    await sleep(50);
  }
}

/** The pids of `pulumi` and of its plugins, e.g. `pulumi-resource-kubernetes`, that belong to the run. */
export function findEngines(directory: string): number[] {
  return listProcesses()
    .filter(({ command, context }) => basename(command).startsWith("pulumi") && context.includes(directory))
    .map(({ pid }) => pid);
}

interface Process {
  readonly pid: number;
  /** The program, with or without its path. */
  readonly command: string;
  /** Arguments and environment. */
  readonly context: string;
}

function listProcesses(): Process[] {
  return existsSync("/proc/self/environ") ? readProc() : runPs();
}

function readProc(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const [args, environment] = ["cmdline", "environ"].map((file) =>
        readFileSync(`/proc/${pid}/${file}`, "utf8"),
      );
      return [{ pid: Number(pid), command: args?.split("\0")[0] ?? "", context: `${args}${environment}` }];
    } catch {
      return []; // It has ended since the directory was listed, or belongs to another user.
    }
  });
}

/** macOS has no `/proc`; its `ps -E` prints the environment behind the arguments. */
function runPs(): Process[] {
  const listed = execFileSync("ps", ["-axww", "-E", "-o", "pid=,command="], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  return listed.split("\n").flatMap((line) => {
    const [, pid, context = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), command: context.split(" ")[0] ?? "", context }];
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
