/** The settings of tap, viz's live view of requests. */
import type * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../../../inputs/outputs.ts";
import { formatValue, type ValidationIssue } from "../../../inputs/validation.ts";

/** Groups of people who may tap the workloads of one namespace. */
export interface TapViewer {
  /** The namespace, which must exist. Plain, because a resource is named after it. */
  namespace: string;
  /** Names of groups, as the API server authenticates them, e.g. `oidc:team-shop`. At least one. */
  groups: pulumi.Input<pulumi.Input<string>[]>;
}

/** Settings of tap. */
export interface TapSettings {
  /**
   * Names of HTTP headers that tap does not show, in lower case: tap compares exactly, and names on the wire are lower
   * case. Tap always shows paths with their query strings.
   * @default ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]
   */
  ignoreHeaders?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Who may use `linkerd viz tap`, for each namespace. Upstream has the ClusterRole `linkerd-<viz>-tap-admin` only, for all
   * namespaces. Plain, because it decides which resources exist.
   * @default none
   */
  viewers?: TapViewer[] | undefined;
}

/**
 * The headers that tap does not show by default: those that carry credentials. Tap compares names exactly
 * (linkerd2, viz/tap/api/grpc_server.go).
 */
export const DEFAULT_IGNORED_HEADERS: readonly string[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
];

// RFC 9110, "token", without capitals. Without a comma, which separates the names in the argument of tap.
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** Issues with the settings of tap, except for values that are Outputs. */
export function tapIssues({ ignoreHeaders, viewers = [] }: TapSettings = {}): ValidationIssue[] {
  return [...headerIssues(knownValue(ignoreHeaders) as string[] | undefined), ...viewerIssues(viewers)];
}

function headerIssues(headers: readonly string[] = []): ValidationIssue[] {
  return headers.flatMap((header, index): ValidationIssue[] => {
    const path = ["tap", "ignoreHeaders", index];
    if (HEADER.test(header)) return [];
    if (HEADER.test(header.toLowerCase())) {
      return [
        {
          path,
          reason: "must be in lower case",
          got: formatValue(header),
          because: "Tap compares names exactly, and names on the wire are in lower case",
          fixes: [{ kind: "set", path, value: header.toLowerCase() }],
        },
      ];
    }
    return [{ path, reason: 'must be the name of an HTTP header, e.g. "x-token"', got: formatValue(header) }];
  });
}

function viewerIssues(viewers: readonly TapViewer[]): ValidationIssue[] {
  return viewers.flatMap(({ namespace, groups }, index): ValidationIssue[] => {
    const path = ["tap", "viewers", index];
    const issues: ValidationIssue[] = [];
    if (viewers.findIndex((other) => other.namespace === namespace) < index) {
      issues.push({
        path: [...path, "namespace"],
        reason: "must be listed once",
        got: formatValue(namespace),
        fixes: [{ kind: "instruction", text: "list all groups of the namespace in one item" }],
      });
    }
    if (knownValue(groups)?.length === 0) {
      issues.push({
        path: [...path, "groups"],
        reason: 'must be a list with at least one group, e.g. ["oidc:team-shop"]',
        got: "an empty list",
      });
    }
    return issues;
  });
}
