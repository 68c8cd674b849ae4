/** Names that Pulumi generates: `<name of the resource>-<8 hex digits>`. A recording cannot have them. */
import type { Cluster } from "../../../stacks/cluster/cluster.ts";
import type { Json } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import type { RecordedResource } from "../../program/recorded-stack.ts";
import { toObject } from "../render/program-object.ts";

/**
 * Returns the resources with the generated names of the cluster, also where other resources refer to them. A name stays as
 * it is if the cluster has none or several that fit: then the object is reported as missing.
 */
export async function resolveGeneratedNames(
  cluster: Cluster,
  resources: readonly RecordedResource[],
): Promise<RecordedResource[]> {
  const names = new Map<string, string>();
  for (const resource of resources) {
    const object = toObject(resource);
    const { metadata } = resource.inputs;
    if (object === undefined || (isFields(metadata) && metadata.name !== undefined)) continue;
    const { namespace } = object.metadata;
    const found = await cluster.listMetadata(object.apiVersion, object.kind, namespace ? { namespace } : {});
    const pattern = new RegExp(`^${resource.name}-[0-9a-f]{8}$`);
    const [name, another] = found.map((each) => each.name).filter((each) => pattern.test(each));
    if (name !== undefined && another === undefined) names.set(object.metadata.name, name);
  }
  return resources.map((resource) => {
    const inputs = replaceTexts(resource.inputs as Json, names) as RecordedResource["inputs"];
    const name = names.get(toObject(resource)?.metadata.name ?? "");
    return name === undefined
      ? { ...resource, inputs }
      : { ...resource, inputs: { ...inputs, metadata: { ...(inputs.metadata as object), name } } };
  });
}

function replaceTexts(value: Json | undefined, names: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((entry) => replaceTexts(entry, names));
  if (!isFields(value)) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, replaceTexts(field, names)]));
}
