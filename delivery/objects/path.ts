/** Paths of fields, as messages print them. */
import type { PathStep } from "./object-changes.ts";

const PLAIN = /^[A-Za-z0-9_-]+$/;

/** Prints a path, e.g. `spec.containers[linkerd-proxy].env[LINKERD2_PROXY_LOG].value`. */
export function formatPath(steps: readonly PathStep[]): string {
  return steps
    .map((step, index) => {
      if (typeof step !== "string") return "entry" in step ? `[${step.entry}]` : " (order)";
      if (!PLAIN.test(step)) return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

/** The path without the entries of lists, e.g. `spec.containers.env.value`. */
export function formatFields(steps: readonly PathStep[]): string {
  return steps.filter((step) => typeof step === "string").join(".");
}

/** Whether a path begins with these fields. */
export function isBelow(steps: readonly PathStep[], ...fields: readonly string[]): boolean {
  return fields.every((field, index) => steps[index] === field);
}
