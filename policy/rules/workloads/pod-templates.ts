/** The pod templates of workloads, and what their metadata requests of the mesh. */
import type { Path } from "../../../components/inputs/validation.ts";
import { INJECT_KEY } from "../../../components/meshing/pod-template.ts";
import type { CheckedResource } from "../checked-resource.ts";
import { itemsAt, textAt, UNKNOWN, type Value, valueAt } from "../values.ts";

/** Where each kind has its pod template. */
const TEMPLATES: Readonly<Record<string, Path>> = {
  "kubernetes:apps/v1:Deployment": ["spec", "template"],
  "kubernetes:apps/v1:StatefulSet": ["spec", "template"],
  "kubernetes:apps/v1:DaemonSet": ["spec", "template"],
  "kubernetes:apps/v1:ReplicaSet": ["spec", "template"],
  "kubernetes:core/v1:ReplicationController": ["spec", "template"],
  "kubernetes:batch/v1:Job": ["spec", "template"],
  "kubernetes:batch/v1:CronJob": ["spec", "jobTemplate", "spec", "template"],
  "kubernetes:core/v1:Pod": [],
};

/** The pod template of a workload. */
export interface PodTemplate {
  readonly resource: CheckedResource;
  /** Path of the template in the inputs of the resource. */
  readonly path: Path;
  readonly template: Value;
}

/** The pod template of a workload; `undefined` if the resource has no pods, or the template is not known. */
export function podTemplateOf(resource: CheckedResource): PodTemplate | undefined {
  const path = TEMPLATES[resource.type];
  if (path === undefined) return undefined;
  const template = valueAt(resource.inputs, ...path);
  return template === undefined || template === UNKNOWN ? undefined : { resource, path, template };
}

/** What a pod template or a namespace requests: the annotation, or else the label. `undefined` if neither is set. */
export function requestedMode(metadata: Value | undefined): string | typeof UNKNOWN | undefined {
  const modes = ["annotations", "labels"].map((field) => valueAt(metadata, field, INJECT_KEY));
  const mode = modes.find((each) => each !== undefined && each !== null);
  return typeof mode === "string" || mode === UNKNOWN ? mode : undefined;
}

/** The path of the request, as in {@link requestedMode}. */
export function requestPath({ path, template }: PodTemplate): Path {
  const metadata = valueAt(template, "metadata");
  const field = textAt(metadata, "annotations", INJECT_KEY) === undefined ? "labels" : "annotations";
  const isAbsent = requestedMode(metadata) === undefined;
  return [...path, "metadata", isAbsent ? "annotations" : field, INJECT_KEY];
}

/** Whether the mode requests a proxy. */
export function isMeshedMode(mode: unknown): boolean {
  return mode === "enabled" || mode === "ingress";
}

/** Whether the template has a proxy already, as Linkerd's own control plane does. */
export function hasProxy({ template }: PodTemplate): boolean {
  return ["containers", "initContainers"].some((list) =>
    itemsAt(template, "spec", list).some(({ value }) => textAt(value, "name") === "linkerd-proxy"),
  );
}
