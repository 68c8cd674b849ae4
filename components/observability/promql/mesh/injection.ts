/**
 * Injection: what the injector did, and what the API server did without it.
 *
 * Sources: linkerd2 controller/proxy-injector/metrics.go; k8s.io/apiserver pkg/admission/metrics, of stability ALPHA. Only
 * the API server knows that the injector was not reached. viz's Prometheus does not scrape the API server,
 * kube-prometheus-stack does.
 */
import { countOf, increase, type Query, select, sumBy } from "../expression.ts";

/** The webhook of the injector, and the policy of this project that injects by label. */
export const INJECTOR = 'name="linkerd-proxy-injector.linkerd.io"';
export const LABEL_POLICY = 'policy="linkerd-inject-by-label"';

/**
 * With the Prometheus operator, the namespace of the injected pod is `exported_namespace`, and `namespace` is the
 * injector's own.
 */
export const ofPods = (expression: string) =>
  `label_replace(${expression}, "namespace", "$1", "exported_namespace", "(.+)")`;

function responses(query: Query, ...matchers: readonly string[]): string {
  const { by = [] } = query;
  const selector = select("proxy_inject_admission_responses_total", ...matchers, query.matchers);
  return sumBy(by, ofPods(increase(selector, query)));
}

/** Pods and workloads that the injector patched within the window. Labels: `namespace` of the pod, `owner_kind`. */
export function injections(query: Query = {}): string {
  return responses(query, 'skip="false"');
}

/**
 * The reasons for skips that are intended, or harmless because the pod has a proxy. The injector joins all reasons of a
 * pod with commas (linkerd2, controller/proxy-injector/webhook.go; pkg/inject/report.go has the list).
 */
const INTENDED_SKIPS = [
  "injection_enable_annotation_absent",
  "injection_disable_annotation_present",
  "sidecar_already_exists",
];

/** Matchers of the responses for pods and workloads that were to be injected and were not. */
export const SKIPPED = `skip="true",skip_reason!~".*(${INTENDED_SKIPS.join("|")}).*"`;

/**
 * Pods and workloads that were to be injected and were not, within the window. Labels: `skip_reason`, `namespace`. Without
 * those that did not request injection, those that disable it, and those that have a proxy.
 */
export function skippedInjections(query: Query = {}): string {
  return responses(query, SKIPPED);
}

/** Calls of the injector's webhook, failed ones included: of stability STABLE, and there as soon as a pod was created. */
const webhookCalls = (query: Query) =>
  increase(
    select("apiserver_admission_webhook_admission_duration_seconds_count", INJECTOR, query.matchers),
    query,
  );

/**
 * Pods that were admitted without a proxy within the window, because the injector did not answer (`failurePolicy: Ignore`).
 * No result where nothing scrapes the API server.
 */
export function failedOpen(query: Query = {}): string {
  const { by = [], matchers } = query;
  const failures = select("apiserver_admission_webhook_fail_open_count", INJECTOR, matchers);
  return countOf(by, increase(failures, query), webhookCalls(query));
}

/**
 * Pods that were rejected within the window, because the injector did not answer (`failurePolicy: Fail`, with
 * `highAvailability`). No result where nothing scrapes the API server.
 */
export function refusedPods(query: Query = {}): string {
  const { by = [], matchers } = query;
  const error = 'error_type="calling_webhook_error"';
  const failures = select("apiserver_admission_webhook_rejection_count", INJECTOR, error, matchers);
  return countOf(by, increase(failures, query), webhookCalls(query));
}

/**
 * Evaluations of the label policy that failed within the window. Kubernetes 1.36 and later, where the API server evaluates
 * such policies. No result where nothing scrapes the API server.
 */
export function labelPolicyErrors(query: Query = {}): string {
  const { by = [], matchers } = query;
  const checks = (error?: string) =>
    increase(select("apiserver_mutating_admission_policy_check_total", LABEL_POLICY, error, matchers), query);
  return countOf(by, checks('error_type!="no_error"'), checks());
}
