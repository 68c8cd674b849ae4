/** Why a run ended early. */
import { VerifyError } from "../verify-error.ts";

/**
 * The reason to report for an error of a run. Work that is interrupted rejects with errors of its own, e.g. an `AbortError`,
 * so a time limit that is over, and a signal of the caller, take precedence.
 */
export function reasonOf(
  error: unknown,
  limit: AbortSignal,
  limitMs: number,
  caller: AbortSignal | undefined,
): Error {
  if (limit.aborted) return new VerifyError(`run: must end within ${limitMs / 1000} s, got no end.`);
  return caller?.aborted ? caller.reason : (error as Error);
}
