/** The engine and the cluster of the files that run in this worker. */
import { inject } from "vitest";
import type { Engine } from "../../sandbox/engine.ts";

/** Returns the engine of this worker. Workers share none, because each file installs the mesh. */
export function testEngine(): Engine {
  const worker = Number(process.env.VITEST_POOL_ID);
  const engines = inject("engines");
  const engine = engines[worker - 1];
  if (engine === undefined) throw new Error(`worker ${worker} has no cluster: ${engines.length} are running`);
  return engine;
}
