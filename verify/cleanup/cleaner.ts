/**
 * `cleaner '<RunResources>'`: a process that cleans up after a run whose main process was killed.
 *
 * The main process holds the other end of its stdin. If that ends without a line `done`, the main process did not clean up.
 */
import { text } from "node:stream/consumers";
import { cleanUp, type RunResources } from "./clean-up.ts";

const resources: RunResources = JSON.parse(process.argv[2] ?? "");

if ((await text(process.stdin)).trim() !== "done") await cleanUp(resources);
