/** Changes that many objects share, such as the label with the version of the chart. */
import type { ReportedField, ReportedObject } from "../report.ts";

/** Number of objects from which a change is shown once for all of them. */
const MIN_OBJECTS = 3;

/** Changes that the same objects share. */
export interface SharedFields {
  readonly fields: readonly ReportedField[];
  /** Names of the objects, e.g. `ConfigMap linkerd/linkerd-config`. */
  readonly objects: readonly string[];
}

/** Splits changes into those that three or more objects share, and the rest. Objects without another change are left out. */
export function groupFields(changed: readonly ReportedObject[]): {
  readonly shared: readonly SharedFields[];
  readonly single: readonly ReportedObject[];
} {
  const groups = new Map<string, { field: ReportedField; objects: string[] }>();
  for (const { object, fields } of changed) {
    for (const field of fields) {
      const group = groups.get(identify(field)) ?? { field, objects: [] };
      group.objects.push(object);
      groups.set(identify(field), group);
    }
  }
  const isShared = (field: ReportedField) =>
    (groups.get(identify(field))?.objects.length ?? 0) >= MIN_OBJECTS;
  return {
    shared: joinFields([...groups.values()].filter(({ objects }) => objects.length >= MIN_OBJECTS)),
    single: changed
      .map(({ object, fields }) => ({ object, fields: fields.filter((field) => !isShared(field)) }))
      .filter(({ fields }) => fields.length > 0),
  };
}

function joinFields(
  groups: readonly { readonly field: ReportedField; readonly objects: string[] }[],
): SharedFields[] {
  const joined = Map.groupBy(groups, ({ objects }) => JSON.stringify(objects));
  return [...joined.values()].map((parts) => ({
    fields: parts.map(({ field }) => field),
    objects: parts[0]?.objects ?? [],
  }));
}

const identify = ({ path, before, after }: ReportedField) =>
  JSON.stringify([path, before ?? null, after ?? null]);
