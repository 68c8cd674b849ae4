/** The checks in the order in which they run. */
import type { Check } from "./check.ts";

/** Checks that run at the same time. They do not disturb each other. */
export type Stage = readonly Check[];

export const STAGES: readonly Stage[] = [];
