/** What becomes of requests. */
import type { Labels } from "../../history.ts";
import type { Call } from "../facts.ts";

/** What happens to the requests of a call, per second and of all pods. */
export function resolveCall(call: Call) {
  const { rps, retries = { requests: 0, successes: 0, limitExceeded: 0 }, timeouts = 0, denied } = call;
  const standard = denied ? { 403: 1 } : call.protocol === "grpc" ? { 0: 1 } : { 200: 1 };
  const statuses = Object.entries(call.statuses ?? standard);
  const attempts = rps + retries.requests;
  // Each retry follows an attempt that failed. Some retries fail as well.
  const failure = call.protocol === "grpc" ? "14" : "503";
  const failed = retries.requests + retries.limitExceeded;
  const addFailures = (rates: (readonly [string, number])[], more: number) =>
    more === 0 ? rates : [...rates, [failure, more] as const];
  const multiply = (total: number) => statuses.map(([status, share]) => [status, share * total] as const);
  return {
    attempts,
    /** Responses of the callees. */
    attemptStatuses: addFailures(multiply(attempts - failed - timeouts), failed),
    /** What the application gets. */
    requestStatuses: addFailures(multiply(rps - retries.limitExceeded - timeouts), retries.limitExceeded),
    ...{ timeouts, retries },
  };
}

/** The labels of a response: linkerd2-proxy, linkerd/app/core/src/classify.rs. */
export function classify(status: string, grpc: boolean): Labels {
  if (grpc) {
    const failed = ["2", "4", "12", "13", "14", "15"].includes(status);
    return { status_code: "200", grpc_status: status, classification: failed ? "failure" : "success" };
  }
  return { status_code: status, classification: status.startsWith("5") ? "failure" : "success" };
}
