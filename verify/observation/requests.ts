/** How results of `http-requests` are read and printed. */
import type { LoadResult } from "../probe/protocol.ts";

/** Whether each request got an answer with status 200. */
export function allSucceeded({ sent, statuses }: LoadResult): boolean {
  return sent > 0 && statuses["200"] === sent;
}

/** The errors of Node for a connection that the server closes. A proxy closes the connections that it denies. */
const CLOSED = ["ECONNRESET", "EPIPE"];

/** Whether each request was answered with 403, or its connection was closed. */
export function isDenied({ sent, statuses, errors }: LoadResult): boolean {
  const closed = CLOSED.reduce((sum, code) => sum + (errors[code] ?? 0), 0);
  return sent > 0 && (statuses["403"] ?? 0) + closed === sent;
}

/** The answers and errors with their numbers, e.g. `3 × 200, 1 × ECONNRESET`. */
export function formatAnswers({ statuses, errors }: LoadResult): string {
  return formatCounts({ ...statuses, ...errors }) || "no request was sent";
}

/** Counts by name, e.g. `116 × echo-1, 84 × echo-2`. */
export function formatCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}

/** A duration in milliseconds, as seconds from one second on, e.g. `8 ms` or `10.0 s`. */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** A number with its noun, e.g. `1 attempt` or `2 attempts`. */
export function formatNumber(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
