/** Pods that request a proxy and do not get one. */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { INJECT_KEY } from "../../../components/meshing/pod-template.ts";
import { findProxyObstacle, type ProxyObstacle } from "../../../components/meshing/proxy-obstacles.ts";
import { containsUnknown, type Value, valueAt } from "../values.ts";
import type { PodTemplate } from "./pod-templates.ts";

/** The issue with a pod that a proxy cannot join. `undefined` if it can, or if the deciding fields are not known. */
export function checkObstacle({ path, template }: PodTemplate): ValidationIssue | undefined {
  const spec = knownFields(valueAt(template, "spec")) as Parameters<typeof findProxyObstacle>[0];
  // Without Outputs, the result is not an Output either.
  const obstacle = findProxyObstacle(spec) as ProxyObstacle | undefined;
  if (obstacle === undefined) return undefined;
  const fixes = [`set the annotation ${INJECT_KEY} to "disabled"`, ...(obstacle.fix ? [obstacle.fix] : [])];
  return {
    path: [...path, "spec", ...obstacle.field.split(".")],
    reason: "must not keep the proxy out of a meshed pod",
    got: obstacle.value,
    because: obstacle.because,
    fixes: fixes.map((text) => ({ kind: "instruction", text })),
  };
}

/** The fields of a pod spec that are known completely. */
function knownFields(spec: Value | undefined): object {
  if (typeof spec !== "object" || spec === null) return {};
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => !containsUnknown(value)));
}
