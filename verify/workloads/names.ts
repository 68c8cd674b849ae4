/**
 * The workloads of the acceptance test. Each is also the name of its Kubernetes object, of the Service of a server, and of
 * the ServiceAccount of a Deployment.
 */
export const WORKLOAD_NAMES = [
  /** Meshed, sends requests. */
  "client",
  /** Meshed, sends requests, and is not in any `allowFrom`. */
  "stranger",
  /** Has `linkerd.io/inject: disabled`. */
  "unmeshed",
  /** A bare Pod with the label `linkerd.io/inject: enabled` and no annotation, in a namespace that does not inject. */
  "label-only",
  /** Two replicas that answer with the name of their pod. */
  "echo",
  /** Fails and delays requests. Its Service has retries and a timeout. */
  "flaky",
  /** Admits only `client`. Has HTTP probes. */
  "guarded",
  /** A meshed server that speaks first, on the mail ports and on a port that is not skipped. */
  "mail-inside",
  /** The same server without a proxy. */
  "mail-outside",
  /** A Job. */
  "job",
  /** A CronJob that runs every minute. */
  "cron-job",
] as const;

export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** Port of the HTTP servers and of their Services. */
export const HTTP_PORT = 8080;

/** Ports of the mail servers: SMTP, and one that neither Linkerd nor this project skips or treats as opaque. */
export const MAIL_PORTS = [25, 465, 587, 2525] as const;
export const COMPARISON_PORT = 4025;

/** Request timeout of `flaky`'s Service, and its limit of retries. */
export const FLAKY_TIMEOUT_SECONDS = 2;
export const FLAKY_RETRY_LIMIT = 2;
