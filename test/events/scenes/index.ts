import type { Recorder } from "../recorder.ts";
import { recordAdoption } from "./adoption.ts";
import { recordFailures } from "./failures.ts";
import { recordMesh } from "./mesh.ts";
import { recordPolicies } from "./policies.ts";
import { recordViz } from "./viz.ts";
import { recordWorkloads } from "./workloads.ts";

/** Situations that follow each other in one cluster. */
export const SCENES: Readonly<Record<string, (recorder: Recorder) => Promise<void>>> = {
  mesh: recordMesh,
  viz: recordViz,
  failures: recordFailures,
  workloads: recordWorkloads,
  adoption: recordAdoption,
  policies: recordPolicies,
};
