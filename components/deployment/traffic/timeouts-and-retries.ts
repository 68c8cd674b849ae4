/** Timeouts and retries of meshed callers, which their proxies read from annotations of the Service. */
import type * as pulumi from "@pulumi/pulumi";
import { integer, listOf, matching, oneOf, policyDuration, type TextReader } from "../../inputs/readers.ts";
import { formatValue, type IssueCollector } from "../../inputs/validation.ts";
import type { Annotations } from "../../meshing/annotations.ts";

/**
 * Timeouts of meshed callers. A duration is one integer with a unit `ms`, `s`, `m`, `h` or `d`, e.g. `"500ms"`.
 * See {@link MeshedDeploymentArgs.timeouts}.
 */
export interface TimeoutOptions {
  /**
   * From the first byte of a request to the last byte of its response, including retries.
   * Writes `timeout.linkerd.io/request`. @default no limit
   */
  request?: pulumi.Input<string> | undefined;
  /**
   * From the last byte of a request to the last byte of its response.
   * Writes `timeout.linkerd.io/response`. @default no limit
   */
  response?: pulumi.Input<string> | undefined;
  /** Without a byte in either direction. Writes `timeout.linkerd.io/idle`. @default no limit */
  idle?: pulumi.Input<string> | undefined;
}

/** gRPC status codes that Linkerd can retry. */
export type GrpcRetryCode =
  | "cancelled"
  | "deadline-exceeded"
  | "internal"
  | "resource-exhausted"
  | "unavailable";

/** Retries of meshed callers. See {@link MeshedDeploymentArgs.retries}. */
export interface RetryOptions {
  /** Retries of one request, 1 to 65535. Writes `retry.linkerd.io/limit`. @default 1 */
  limit?: pulumi.Input<number> | undefined;
  /**
   * Time after which an attempt is retried: one integer with a unit, e.g. `"400ms"`.
   * Writes `retry.linkerd.io/timeout`. @default no limit
   */
  timeout?: pulumi.Input<string> | undefined;
  /**
   * HTTP responses to retry: `"5xx"`, `"gateway-error"` (502 to 504), a status such as `"503"`, or a range such as
   * `"500-504"`. Writes `retry.linkerd.io/http`. @default none
   */
  http?: pulumi.Input<string[]> | undefined;
  /**
   * gRPC status codes to retry, on the ports named `grpc` or `grpc-…`. Writes `retry.linkerd.io/grpc`.
   *
   * Linkerd retries on gRPC status codes only for traffic that a GRPCRoute matches, so one is created for each of these
   * ports. That needs the Gateway API CRDs with `parentRefs.port`, e.g. those of `installGatewayApi`. The ports of the
   * containers must be plain values, and cannot be opaque. @default none
   */
  grpc?: pulumi.Input<GrpcRetryCode[]> | undefined;
}

const httpStatus = matching(
  /^(5xx|gateway-error|[1-5]\d\d(-[1-5]\d\d)?)$/,
  'one of "5xx", "gateway-error", a status such as "503", or a range such as "500-504"',
);

/** With one reversed range, the policy controller ignores the annotation. */
const httpStatusRange: TextReader = (value, reject) => {
  const text = httpStatus(value, reject);
  const [, from = "", to = from] = /^(\d+)-(\d+)$/.exec(text ?? "") ?? [];
  if (from <= to) return text;
  return reject({
    reason: "must be a range from a lower to a higher status",
    got: formatValue(text),
    fixes: [{ kind: "instruction", text: `use "${to}-${from}"` }],
  });
};

// linkerd2, policy-controller/k8s/index/src/outbound: index.rs (timeouts), index/http.rs and index/grpc.rs (retries).
const TIMEOUTS: Readonly<Record<keyof TimeoutOptions, TextReader>> = {
  request: policyDuration,
  response: policyDuration,
  idle: policyDuration,
};
const RETRIES: Readonly<Record<keyof RetryOptions, TextReader>> = {
  limit: integer(1, 65_535),
  timeout: policyDuration,
  http: listOf(httpStatusRange),
  grpc: listOf(oneOf("cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable")),
};

/** Annotations of the Service from which the proxies of callers read timeouts and retries. */
export function trafficAnnotations(
  timeouts: TimeoutOptions | undefined,
  retries: RetryOptions | undefined,
  issues: IssueCollector,
): Annotations {
  return {
    ...readAnnotations("timeouts", "timeout.linkerd.io", timeouts, TIMEOUTS, issues),
    ...readAnnotations("retries", "retry.linkerd.io", retries, RETRIES, issues),
  };
}

function readAnnotations(
  argument: "timeouts" | "retries",
  prefix: string,
  options: object = {},
  readers: Readonly<Record<string, TextReader>>,
  issues: IssueCollector,
): Annotations {
  issues.addUnknownKeys([argument], options, Object.keys(readers));
  const annotations: Annotations = {};
  for (const [field, read] of Object.entries(readers)) {
    const option = (options as Record<string, unknown>)[field];
    if (option === undefined) continue;
    const value = issues.read([argument, field], option, read);
    if (value !== undefined) annotations[`${prefix}/${field}`] = value;
  }
  return annotations;
}
