/**
 * What happened to pods without the injector, for alerts: as in `injection.ts`, and with the first event, which the panels
 * of a dashboard can leave out.
 */
import { select, sumBy } from "../expression.ts";
import { increaseFromFirst } from "../first-increase.ts";
import { INJECTOR, LABEL_POLICY, ofPods, SKIPPED } from "./injection.ts";

/** Pods that the API server admitted during `window` without calling the injector successfully. One value, or none. */
export function podsAdmittedWithoutInjector(window: string): string {
  const selector = select("apiserver_admission_webhook_fail_open_count", INJECTOR);
  return sumBy([], increaseFromFirst(selector, window));
}

/** Requests that the API server rejected during `window`, because it could not call the injector. One value, or none. */
export function podsRejectedWithoutInjector(window: string): string {
  const error = 'error_type="calling_webhook_error"';
  const selector = select("apiserver_admission_webhook_rejection_count", INJECTOR, error);
  return sumBy([], increaseFromFirst(selector, window));
}

/** Evaluations of the label policy that failed during `window`, by `error_type`. */
export function failedPolicyEvaluations(window: string): string {
  const error = 'error_type!="no_error"';
  const selector = select("apiserver_mutating_admission_policy_check_total", LABEL_POLICY, error);
  return sumBy(["error_type"], increaseFromFirst(selector, window));
}

/** Pods that should be meshed and that the injector skipped during `window`, by `namespace`, `owner_kind` and `skip_reason`. */
export function podsSkippedByInjector(window: string): string {
  const selector = select("proxy_inject_admission_responses_total", SKIPPED);
  return sumBy(["namespace", "owner_kind", "skip_reason"], ofPods(increaseFromFirst(selector, window)));
}
