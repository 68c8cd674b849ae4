/** Checks of the arguments of a MeshedDeployment, before anything is registered. */
import { isDeferred, peekPath } from "../inputs/outputs.ts";
import { oneOf, quantity } from "../inputs/readers.ts";
import type { IssueCollector } from "../inputs/validation.ts";
import type { Report } from "../meshing/pod-template.ts";
import { DEPLOYMENT_FIELDS, type MeshedDeploymentArgs, RENAMED_FIELDS, resolveOption } from "./arguments.ts";
import { validateAutoscaling } from "./autoscaling.ts";
import { validateDisruptionBudget } from "./disruption-budget.ts";
import { readProbePath } from "./kubelet/probe-paths.ts";
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
  if (args.podSecurity !== undefined) {
    issues.read(["podSecurity"], args.podSecurity, oneOf("restricted"));
    validateUsers(args.spec, issues);
  }
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

/** The kubelet does not start a container as root with `runAsNonRoot`, which `podSecurity` sets unless the spec does. */
function validateUsers(spec: unknown, issues: IssueCollector): void {
  const podPath = ["template", "spec"];
  const ofPod = (field: string) => peekPath(spec, ...podPath, "securityContext", field);
  for (const field of ["containers", "initContainers"]) {
    const containers = peekPath(spec, ...podPath, field);
    if (!Array.isArray(containers)) continue;
    for (const [index, container] of containers.entries()) {
      const ofContainer = (name: string) => peekPath(container, "securityContext", name);
      const user = ofContainer("runAsUser") ?? ofPod("runAsUser");
      const nonRoot = ofContainer("runAsNonRoot") ?? ofPod("runAsNonRoot") ?? true;
      if (user !== 0 || nonRoot !== true) continue;
      const own = ofContainer("runAsUser") === undefined ? [] : [field, index];
      issues.add({
        path: ["spec", ...podPath, ...own, "securityContext", "runAsUser"],
        reason: 'must not be 0 with podSecurity "restricted"',
        got: `0 for ${field}[${index}]`,
        because: "The kubelet does not start a container as root that must run as another user",
        conflictsWith: ["podSecurity"],
        fixes: [
          { kind: "instruction", text: "set the ID of another user" },
          { kind: "instruction", text: "remove podSecurity" },
        ],
      });
    }
  }
}

function validateProbes(probes: ProbeOptions, container: unknown, issues: IssueCollector): void {
  const renamed = { ready: "probes.readiness", live: "probes.liveness" };
  issues.addUnknownKeys(["probes"], probes, ["readiness", "liveness", "port"], renamed);
  for (const field of ["readiness", "liveness"] as const) {
    if (probes[field] !== undefined) issues.read(["probes", field], probes[field], readProbePath);
  }
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
