/** CustomResourceDefinitions, versions and fields that the cluster loses. */
import { formatObject, type Json, type KubernetesObject } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { ChangedObject, Irreversible, ObjectChanges, PathStep } from "../object-changes.ts";
import { readFields, readList } from "../workloads.ts";

/** Number of fields that a finding names. */
const MAX_FIELDS = 5;

/** Finds CRDs that are deleted, versions that are no longer served or stored, and fields that a schema loses. */
export function findLostApis({ removed, changed }: ObjectChanges): Irreversible[] {
  return [
    ...removed.filter(isCrd).map(describeRemoved),
    ...changed
      .filter(({ after }) => isCrd(after))
      .flatMap((crd) => [...findVersions(crd), ...findFields(crd)]),
  ];
}

function isCrd(object: KubernetesObject): boolean {
  return groupKind(object) === "apiextensions.k8s.io/CustomResourceDefinition";
}

function describeRemoved(crd: KubernetesObject): Irreversible {
  return {
    object: formatObject(crd),
    what: "is deleted",
    why:
      `Kubernetes deletes every ${readFields(crd, "spec", "names").kind ?? "object"} in the cluster with it. ` +
      "Save them first: kubectl get " +
      `${crd.metadata.name} --all-namespaces --output yaml.`,
  };
}

function findVersions({ before, after }: ChangedObject): Irreversible[] {
  const versions = new Map(readList(after, "spec", "versions").map((version) => [nameOf(version), version]));
  const recorded = readList(before, "status", "storedVersions");
  return readList(before, "spec", "versions").flatMap((version): Irreversible[] => {
    const name = nameOf(version);
    const { served, storage } = readFields(version);
    const isStored = storage === true || recorded.includes(name);
    if (!versions.has(name) && isStored) {
      return [
        {
          object: formatObject(after),
          what: `loses the stored version ${name}`,
          why:
            "The API server rejects the update while status.storedVersions lists the version, because objects may be " +
            "stored in it. Write each object once in the new version, and remove the old one from status.storedVersions.",
        },
      ];
    }
    const isServed = readFields(versions.get(name)).served === true;
    return served !== true || isServed
      ? []
      : [
          {
            object: formatObject(after),
            what: `no longer serves ${name}`,
            why: "Clients and manifests that use this version fail. Change them to a version that is served first.",
          },
        ];
  });
}

const nameOf = (version: Json) => readFields(version).name ?? "";

function findFields({ after, fields }: ChangedObject): Irreversible[] {
  const lost = fields.flatMap(({ steps, before: old, after: value }) =>
    old !== undefined && value === undefined && steps.at(-2) === "properties" ? [formatField(steps)] : [],
  );
  if (lost.length === 0) return [];
  const more = lost.length > MAX_FIELDS ? `, and ${lost.length - MAX_FIELDS} more` : "";
  return [
    {
      object: formatObject(after),
      what: `loses ${lost.length === 1 ? "the field" : "the fields"} ${lost.slice(0, MAX_FIELDS).join(", ")}${more}`,
      why: "The API server drops the value from each object that is written again. Check that no object sets it.",
    },
  ];
}

/** `spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.port` as `spec.port (v1)`. */
function formatField(steps: readonly PathStep[]): string {
  const version = steps.find((step) => typeof step !== "string" && "entry" in step);
  const schema = steps.slice(steps.indexOf("openAPIV3Schema") + 1);
  const names = schema.filter((_, index) => index > 0 && schema[index - 1] === "properties");
  const suffix = typeof version === "object" && "entry" in version ? ` (${version.entry})` : "";
  return `${names.join(".")}${suffix}`;
}
