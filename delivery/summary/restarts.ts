/** Pods that restart, as far as a preview knows. */
import { escapeText, inlineCode } from "../markdown/escape.ts";
import { countPods, joinNames } from "../markdown/phrases.ts";
import { RELEASE } from "../objects/program-resource.ts";
import { readPods, restartsPods } from "../objects/restarts.ts";
import type { StepChanges } from "./changes.ts";
import { isCrdRelease } from "./losses.ts";
import { nameStep } from "./names.ts";
import type { Step } from "./operation.ts";

const WORKLOAD = /^kubernetes:apps\/v1:(Deployment|StatefulSet|DaemonSet)$/;

/**
 * Finds the restarts of one step, as Markdown. The events have the pod templates of the program's own workloads, but not
 * those that Helm renders: for a release, only the rendered objects show which pods restart.
 */
export function findRestarts(step: Step, changes: StepChanges): string[] {
  if (step.op !== "update" && step.op !== "replace") return [];
  if (step.type === RELEASE && !isCrdRelease(step)) {
    const list = "npm run manifests -- --stack <stack> --against <base>";
    return [
      `${escapeText(nameStep(step))}: Helm restarts the pods whose template changes. The comment on the pull request names them, as does ${inlineCode(list)}`,
    ];
  }
  const causes = changes.known.filter(restartsPods).map(({ path }) => path);
  if (!WORKLOAD.test(step.type) || causes.length === 0) return [];
  const pods = countPods(readPods(step.after ?? {}));
  return [`${escapeText(nameStep(step))}: ${pods}, because of ${joinNames(causes.map(inlineCode))}`];
}
