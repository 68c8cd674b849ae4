/** Turns recorded resources into the objects that they create. */
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import { RELEASE } from "../../objects/program-resource.ts";
import type { RecordedResource } from "../../program/recorded-stack.ts";

/** `kubernetes:core/v1:Secret`: the API and the kind of an object. */
const OBJECT_TYPE = /^kubernetes:(?<api>[\w.-]+\/v\w+):(?<kind>\w+)$/;

/**
 * Returns the object that a recorded resource creates; `undefined` if it does not create exactly one. An object without a
 * name has the one that a recording has in the place of a generated name.
 */
export function toObject({ type, name, inputs }: RecordedResource): KubernetesObject | undefined {
  const { api, kind } = OBJECT_TYPE.exec(type)?.groups ?? {};
  if (api === undefined || kind === undefined || type === RELEASE) return undefined;
  const { apiVersion, kind: _, metadata, ...rest } = inputs;
  return {
    apiVersion: typeof apiVersion === "string" ? apiVersion : api.replace(/^core\//, ""),
    kind,
    metadata: { name: `${name}-generated`, ...(metadata as object) },
    ...rest,
  };
}
