/** What can be seen to be wrong with a MeshedDeployment before anything is registered. */

import { isDeferred, knownValue, peekPath } from "../inputs/outputs.ts";
import { quantity } from "../inputs/readers.ts";
import type { Mistakes } from "../inputs/validation.ts";
import type { Report } from "../meshing/pod-template.ts";
import { DEPLOYMENT_FIELDS, type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import { checkAutoscaling } from "./autoscaling.ts";
import { checkDisruptionBudget, keepsAll } from "./disruption-budget.ts";
import { accountOf, runsAsAnother } from "./service-account.ts";

/** Notes every mistake in what is known, and reports what may be one. `container` is the application's, as it will be. */
export function checkDeployment(
  args: MeshedDeploymentArgs,
  container: unknown,
  mistakes: Mistakes,
  report: Report,
): void {
  for (const key of Object.keys(args).filter((key) => !(DEPLOYMENT_FIELDS as string[]).includes(key))) {
    mistakes.add(key, `no such field. Known are ${DEPLOYMENT_FIELDS.join(", ")}.`);
  }
  checkSelector(args.spec, mistakes);

  const { autoscaling, probes, resources } = args;
  if (autoscaling) checkAutoscaling(autoscaling, container, mistakes);
  const budget = resolveOption(args.disruptionBudget);
  if (budget) {
    const fewest = (autoscaling ? autoscaling.min : peekPath(args.spec, "replicas")) ?? undefined;
    checkDisruptionBudget(budget, knownValue(fewest) as number | undefined, mistakes);
    // Something else may scale it.
    if (fewest === undefined && keepsAll(budget, 1)) {
      report(
        "disruptionBudget.minAvailable lets no node be drained while there is one replica, and one is what Kubernetes " +
          "makes where neither spec.replicas nor autoscaling says more. maxUnavailable fits any number.",
      );
    }
  }

  for (const [field, value] of Object.entries(resolveOption(resources) ?? {})) {
    if (field !== "cpu" && field !== "memory") {
      mistakes.add(`resources.${field}`, "no such field. Known are cpu, memory.");
    } else if (value !== undefined) mistakes.read(`resources.${field}`, value, quantity);
  }
  if (probes) {
    mistakes.addUnknownKeys("probes", probes, ["readiness", "liveness", "port"]);
    const ports = peekPath(container, "ports");
    if (probes.port === undefined && !isDeferred(ports) && !(ports as unknown[] | undefined)?.length) {
      mistakes.add(
        "probes",
        "the application container has no port to ask. Name it in the spec, or as probes.port.",
      );
    }
  }
  if (args.serviceAccount) {
    const own = accountOf(peekPath(args.spec, "template", "spec"));
    if (typeof own === "string") mistakes.add("serviceAccount", runsAsAnother(own));
  }
  for (const field of ["timeouts", "retries"] as const) {
    if (args[field] && !args.service) {
      mistakes.add(
        field,
        "they are kept by the Service, of which there is none. Ask for it with service: true.",
      );
    }
  }
}

/** A selector that its own template does not match is refused by the API server: late, and in other words. */
function checkSelector(spec: unknown, mistakes: Mistakes): void {
  const selector = peekPath(spec, "selector", "matchLabels");
  const labels = peekPath(spec, "template", "metadata", "labels");
  if (spec === undefined || isDeferred(selector) || isDeferred(labels) || isDeferred(spec)) return;
  for (const [key, wanted] of Object.entries(selector ?? {})) {
    const label = (labels as Record<string, unknown> | undefined)?.[key];
    if (isDeferred(wanted) || isDeferred(label) || wanted === label) continue;
    mistakes.add(
      "spec.selector",
      `selects ${key}=${wanted}, but the pod template's label is ${label === undefined ? "missing" : `${key}=${label}`}. ` +
        `Expected every label of the selector on the template.`,
    );
  }
}
