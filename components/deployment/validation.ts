/** Checks of the arguments of a MeshedDeployment, before anything is registered. */
import { isDeferred, peekPath } from "../inputs/outputs.ts";
import { oneOf, quantity } from "../inputs/readers.ts";
import type { IssueCollector } from "../inputs/validation.ts";
import type { Report } from "../meshing/pod-template.ts";
import { DEPLOYMENT_FIELDS, type MeshedDeploymentArgs, RENAMED_FIELDS, resolveOption } from "./arguments.ts";
import { validateAutoscaling } from "./autoscaling.ts";
import { validateDisruptionBudget } from "./disruption-budget.ts";
import type { ProbeOptions } from "./pod-spec.ts";
import { accountOf, rejectOwnAccount } from "./service-account.ts";
import { TRANSFORM_FIELDS } from "./transform.ts";

/**
 * Adds an issue for everything that is known to be wrong, and reports what may be wrong. The arguments about ports and
 * traffic are checked where they are read.
 *
 * @param container the application container, with the probes and requests of the options
 */
export function validateDeployment(
  args: MeshedDeploymentArgs,
  container: unknown,
  issues: IssueCollector,
  report: Report,
): void {
  issues.addUnknownKeys([], args, DEPLOYMENT_FIELDS, RENAMED_FIELDS);
  issues.addUnknownKeys(["transform"], args.transform ?? {}, TRANSFORM_FIELDS);
  validateSelector(args.spec, issues);
  if (args.autoscaling) validateAutoscaling(args.autoscaling, container, issues);
  const budget = resolveOption(args.disruptionBudget);
  if (budget) {
    const replicas = (args.autoscaling ? args.autoscaling.min : peekPath(args.spec, "replicas")) ?? undefined;
    validateDisruptionBudget(budget, replicas, issues, report);
  }
  const resources = resolveOption(args.resources) ?? {};
  issues.addUnknownKeys(["resources"], resources, ["cpu", "memory"]);
  for (const field of ["cpu", "memory"] as const) {
    if (resources[field] !== undefined) issues.read(["resources", field], resources[field], quantity);
  }
  if (args.probes) validateProbes(args.probes, container, issues);
  if (args.podSecurity !== undefined) issues.read(["podSecurity"], args.podSecurity, oneOf("restricted"));
  const serviceAccount = resolveOption(args.serviceAccount);
  if (serviceAccount) {
    issues.addUnknownKeys(["serviceAccount"], serviceAccount, ["automountToken"]);
    const own = accountOf(peekPath(args.spec, "template", "spec"));
    if (!isDeferred(own)) issues.read(["serviceAccount"], own, rejectOwnAccount);
  }
  for (const field of ["timeouts", "retries"] as const) {
    if (!args[field] || args.service) continue;
    issues.add({
      path: [field],
      reason: "must be set together with service",
      because: "The proxies of callers read it from annotations of the Service",
      fixes: [{ kind: "set", path: ["service"], value: true }],
    });
  }
}

/** The API server rejects a Deployment whose selector does not match its own template. */
function validateSelector(spec: unknown, issues: IssueCollector): void {
  const selector = peekPath(spec, "selector", "matchLabels");
  const labels = peekPath(spec, "template", "metadata", "labels");
  if (spec === undefined || isDeferred(selector) || isDeferred(labels) || isDeferred(spec)) return;
  for (const [key, selected] of Object.entries(selector ?? {})) {
    const label = (labels as Record<string, unknown> | undefined)?.[key];
    if (isDeferred(selected) || isDeferred(label) || selected === label) continue;
    issues.add({
      path: ["spec", "selector"],
      reason: "must match the labels of the pod template",
      got: `${key}=${selected}, but the template ${label === undefined ? "does not have this label" : `has ${key}=${label}`}`,
    });
  }
}

function validateProbes(probes: ProbeOptions, container: unknown, issues: IssueCollector): void {
  const renamed = { ready: "probes.readiness", live: "probes.liveness" };
  issues.addUnknownKeys(["probes"], probes, ["readiness", "liveness", "port"], renamed);
  const ports = peekPath(container, "ports");
  if (probes.port !== undefined || isDeferred(ports) || (ports as unknown[] | undefined)?.length) return;
  issues.add({
    path: ["probes", "port"],
    reason: "must be set for an application container that declares no ports",
    fixes: [
      { kind: "instruction", text: "set probes.port" },
      { kind: "instruction", text: "declare the port of the container in the spec" },
    ],
  });
}
