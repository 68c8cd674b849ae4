/** The cluster cannot be read: `up` is rejected, and a preview warns where no decision depends on the cluster. */
import * as pulumi from "@pulumi/pulumi";
import type { Fix, ValidationIssue } from "../../components/inputs/validation.ts";
import { ClusterError, CredentialsTimeout } from "../cluster/connection.ts";
import type { CheckReport } from "./unchecked.ts";

const PATH = ["kubernetes:context"];

const FIXES: readonly Fix[] = [
  {
    kind: "instruction",
    text: "set kubernetes:context, kubernetes:kubeconfig or KUBECONFIG, and check with kubectl get --raw /readyz",
  },
];

/** What a check needs the cluster for. */
export interface ClusterNeed {
  /** What the check finds out: clauses that begin with "whether". */
  readonly what: readonly string[];
  /** Why `up` needs the cluster: a sentence without its full stop. */
  readonly because: string;
  /** Whether the preview would be wrong without the cluster, so that it fails too. @default false */
  readonly isDecisive?: boolean;
}

/**
 * Reports that a check cannot read the cluster. Throws `error` again if it has another reason.
 *
 * A command for credentials that does not end fails a preview too, because the provider would wait for it without a limit.
 */
export function reportUnreadCluster(error: unknown, need: ClusterNeed): CheckReport {
  if (!(error instanceof ClusterError)) throw error;
  return reportUnanswered(error.message, {
    ...need,
    isDecisive: need.isDecisive || error instanceof CredentialsTimeout,
  });
}

/** The same for a failure without an error. `failure` is the reason, without a full stop. */
export function reportUnanswered(failure: string, { what, because, isDecisive }: ClusterNeed): CheckReport {
  if (pulumi.runtime.isDryRun() && !isDecisive) {
    const cause = { path: PATH, reason: "should select a cluster that answers", failure, fixes: FIXES };
    return { issues: [], unchecked: [{ cause, what }] };
  }
  const issue = {
    path: PATH,
    reason: "must select a cluster that answers",
    because: `${because} (${failure})`,
    fixes: FIXES,
  };
  return { issues: [issue], unchecked: [] };
}

/** The issues, those with the cluster once: several checks report one that does not answer. */
export function withoutRepeatedFailures(issues: readonly ValidationIssue[]): ValidationIssue[] {
  const reasons = new Set<string>();
  return issues.filter(({ path: [first], reason }) => {
    if (first !== PATH[0]) return true;
    const isRepeated = reasons.has(reason);
    reasons.add(reason);
    return !isRepeated;
  });
}
