/** The checks in the order in which they run. */
import { authorization } from "./authorization.ts";
import { certificates } from "./certificates.ts";
import type { Check } from "./check.ts";
import { injection } from "./injection.ts";
import { jobs } from "./jobs.ts";
import { loadBalancing } from "./load-balancing.ts";
import { mail } from "./mail.ts";
import { mtls } from "./mtls.ts";
import { retries } from "./retries.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { rotation } from "./rotation.ts";
import { viz } from "./viz.ts";

/** Checks that run at the same time. They do not disturb each other. */
export type Stage = readonly Check[];

/** A stage begins when the one before it has ended: the last two restart workloads of the others. */
export const STAGES: readonly Stage[] = [
  [injection, mtls, mail, authorization, retries, loadBalancing, jobs, certificates, viz],
  [rollingRestart],
  [rotation],
];
