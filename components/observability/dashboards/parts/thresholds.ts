/** Colors of values. */
import type { Thresholds } from "./sdk-types.ts";

type Color = "green" | "orange" | "red" | "text";

/** A color below the first limit, and one from each limit on. */
function thresholds(base: Color, ...steps: readonly (readonly [from: number, color: Color])[]): Thresholds {
  const limits = steps.map(([value, color]) => ({ value, color }));
  return { mode: "absolute", steps: [{ value: null, color: base }, ...limits] };
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** No color. */
export const NEUTRAL = thresholds("text");

/** Shares of successes: the objective of the alerts is 99 %. */
export const SUCCESS = thresholds("red", [0.95, "orange"], [0.99, "green"]);

/** Shares of failures: the reverse of {@link SUCCESS}. */
export const FAILURE = thresholds("green", [0.01, "orange"], [0.05, "red"]);

/** Counts of events that must not happen. */
export const NONE_EXPECTED = thresholds("green", [1e-9, "red"]);

/** Seconds to the expiry of certificates that people renew: 30 and 90 days, as in the alerts. */
export const EXPIRY = thresholds("red", [30 * DAY, "orange"], [90 * DAY, "green"]);

/** Seconds to the expiry of a proxy's certificate. It is renewed when 7.2 of 24 hours remain. */
export const PROXY_EXPIRY = thresholds("red", [6 * HOUR, "orange"], [7 * HOUR, "green"]);

/** Shares of time in which something has to wait. */
export const WAITING = thresholds("green", [0.1, "orange"], [0.25, "red"]);

/** Counts of which at least one is needed. */
export const SOME_EXPECTED = thresholds("red", [1, "green"]);
