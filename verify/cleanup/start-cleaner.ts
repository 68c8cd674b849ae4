/** Starts the process that cleans up if this one is killed. */
import { spawn } from "node:child_process";
import { extname, join } from "node:path";
import type { RunResources } from "./clean-up.ts";

/** Call it when nothing is left to clean up. */
export type Dismiss = () => void;

/** Starts the cleaner, in a session of its own, so that Ctrl-C does not end it. */
export function startCleaner(resources: RunResources): Dismiss {
  const script = join(import.meta.dirname, `cleaner${extname(import.meta.filename)}`);
  const cleaner = spawn(process.execPath, [script, JSON.stringify(resources)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  cleaner.unref();
  // It ends only after this process or `done`. A cleaner that was killed does not read.
  cleaner.stdin.on("error", () => {});
  return () => void cleaner.stdin.end("done\n");
}
