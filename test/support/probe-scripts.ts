/** Runs the scripts of the acceptance test on this machine, as they run in pods. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { ProbeScript, ProbeScripts } from "../../verify/probe/protocol.ts";
import { root } from "./package.ts";

const pathOf = (script: string) => join(root, "verify/probe", `${script}.ts`);

/** Runs a client script and returns its result. Rejects with what it prints to stderr if it fails. */
export async function runProbe<Script extends ProbeScript>(
  script: Script,
  args: ProbeScripts[Script]["args"],
): Promise<ProbeScripts[Script]["result"]> {
  const { stdout } = await promisify(execFile)(process.execPath, [pathOf(script), JSON.stringify(args)]);
  return JSON.parse(stdout);
}

/** A server script that runs. */
export interface ProbeServer {
  readonly process: ChildProcess;
  /** Sends SIGTERM and resolves with the exit code. */
  terminate(): Promise<number | null>;
}

/** Starts a server script, and waits until it listens on its ports. */
export async function startProbe(script: string, ...ports: number[]): Promise<ProbeServer> {
  const server = spawn(process.execPath, [pathOf(script), ...ports.map(String)], { stdio: "inherit" });
  const ended = once(server, "exit");
  for (const port of ports) while (!(await isListening(port))) await sleep(20);
  return {
    process: server,
    terminate: async () => {
      server.kill("SIGTERM");
      return (await ended)[0];
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
