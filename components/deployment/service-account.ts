/** Pods that run as a ServiceAccount of their own. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { peekPath, updatePath } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";

/**
 * A copy of `args` whose pods run as `account`. Whether the spec names another may be known only later: it is
 * then told as it would have been beforehand (`checkDeployment`).
 */
export function runAs(
  args: k8s.apps.v1.DeploymentArgs,
  account: pulumi.Output<string>,
  mistakes: Mistakes,
): k8s.apps.v1.DeploymentArgs {
  return updatePath(args, ["spec", "template", "spec"], (spec) => ({
    ...(spec as object),
    serviceAccountName: mistakes.read("serviceAccount", accountOf(spec), (own: unknown) => {
      if (typeof own !== "string" || own === "") return account;
      throw new RangeError(runsAsAnother(own));
    }),
  })) as k8s.apps.v1.DeploymentArgs;
}

/** What a pod spec names as its ServiceAccount, by either of the field's names; empty is none, as in Kubernetes. */
export function accountOf(spec: unknown): unknown {
  return peekPath(spec, "serviceAccountName") || peekPath(spec, "serviceAccount") || undefined;
}

/** The mistake of asking for one beside a spec that names another. */
export function runsAsAnother(own: string): string {
  return `the spec runs the pods as "${own}" already. Expected one of the two.`;
}
