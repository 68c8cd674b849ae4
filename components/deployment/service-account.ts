/** The ServiceAccount of a workload, which is also its identity in the mesh. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { peekPath, updatePath } from "../inputs/outputs.ts";
import { formatValue, type IssueCollector, type Reader } from "../inputs/validation.ts";

/**
 * A copy of the Deployment's `args` with pods that run as `account`. Adds an issue if the spec has a ServiceAccount of its
 * own. An account in an Output is checked when it resolves, any other by {@link rejectOwnAccount} before.
 */
export function runAs(
  args: k8s.apps.v1.DeploymentArgs,
  account: pulumi.Output<string>,
  issues: IssueCollector,
): k8s.apps.v1.DeploymentArgs {
  const read: Reader<unknown, pulumi.Input<string>> = (own, reject) =>
    rejectOwnAccount(own, reject) === undefined ? undefined : account;
  return updatePath(args, ["spec", "template", "spec"], (podSpec) => ({
    ...(podSpec as object),
    serviceAccountName: issues.read(["serviceAccount"], accountOf(podSpec), read),
  })) as k8s.apps.v1.DeploymentArgs;
}

/** Rejects the ServiceAccount in a pod spec, beside the one that is created. */
export const rejectOwnAccount: Reader<unknown, true> = (own, reject) =>
  typeof own !== "string" || own === ""
    ? true
    : reject({
        reason: "must not be set together with spec.template.spec.serviceAccountName",
        got: `serviceAccountName ${formatValue(own)}`,
        conflictsWith: ["spec", "template", "spec", "serviceAccountName"],
        fixes: [{ kind: "remove" }, { kind: "instruction", text: "remove serviceAccountName from the spec" }],
      });

/** The ServiceAccount of a pod spec, by either name of the field. Empty means none, as in Kubernetes. */
export function accountOf(podSpec: unknown): unknown {
  return peekPath(podSpec, "serviceAccountName") || peekPath(podSpec, "serviceAccount") || undefined;
}
