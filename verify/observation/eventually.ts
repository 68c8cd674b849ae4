/** Repeats an observation until the cluster has reached the expected state. */
import timers from "node:timers/promises";

export interface Patience {
  /** No further attempt starts after this time. */
  readonly withinMs: number;
  /** Pause between two attempts. @default 1000 */
  readonly intervalMs?: number;
  /** Ends the wait with a rejection. */
  readonly signal: AbortSignal;
}

/**
 * Observes until the result is accepted or the time is over, and returns the last result, accepted or not: a new policy
 * or a new Service takes a moment to reach the proxies. The caller judges the last result, so that no earlier one hides a
 * broken promise. An observation that fails ends the wait: `observe` decides which errors are observations.
 */
export async function eventually<Observation>(
  observe: () => Promise<Observation>,
  isAccepted: (observation: Observation) => boolean,
  { withinMs, intervalMs = 1_000, signal }: Patience,
): Promise<Observation> {
  const end = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const observation = await observe();
    if (isAccepted(observation) || performance.now() + intervalMs > end) return observation;
    await timers.setTimeout(intervalMs, undefined, { signal });
  }
}
