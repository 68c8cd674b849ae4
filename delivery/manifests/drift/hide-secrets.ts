/** Hides secret settings in objects that are not Secrets, such as a password in the configuration of Prometheus. */
import { identifyObject, type Json, type KubernetesObject } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { SECRET } from "../../program/stack-files.ts";

/** Stands for a value in the cluster that is not the one of the settings. */
const ANOTHER = "[another secret]";

/** Both sides of a comparison. */
export interface Sides {
  readonly live: readonly KubernetesObject[];
  readonly rendered: readonly KubernetesObject[];
}

/**
 * Replaces each value that contains a secret, so that a difference is visible without its values.
 *
 * @param templates the rendered objects with `[secret]` in the place of secrets
 */
export function hideSecrets({ live, rendered }: Sides, templates: readonly KubernetesObject[]): Sides {
  const byId = (objects: readonly KubernetesObject[]) =>
    new Map(objects.map((object) => [identifyObject(object), object as unknown as Json]));
  const [found, wanted, marked] = [live, rendered, templates].map(byId);
  const hide = (object: KubernetesObject, side: "live" | "rendered") => {
    const id = identifyObject(object);
    const template = marked?.get(id);
    if (template === undefined || !JSON.stringify(template).includes(SECRET)) return object;
    const other = side === "live" ? wanted : found;
    const isOwn = side === "rendered";
    return hideValue(
      object as unknown as Json,
      other?.get(id),
      template,
      isOwn,
    ) as unknown as KubernetesObject;
  };
  return {
    live: live.map((object) => hide(object, "live")),
    rendered: rendered.map((object) => hide(object, "rendered")),
  };
}

/** @param isOwn whether the value is the one of the settings */
function hideValue(value: Json, other: Json | undefined, template: Json | undefined, isOwn: boolean): Json {
  if (isFields(value) && isFields(template)) {
    const others = isFields(other) ? other : {};
    return Object.fromEntries(
      Object.entries(value).map(([key, part = null]) => [
        key,
        hideValue(part, others[key], template[key], isOwn),
      ]),
    );
  }
  if (Array.isArray(value) && Array.isArray(template) && value.length === template.length) {
    return value.map((entry, index) =>
      hideValue(entry, Array.isArray(other) ? other[index] : undefined, template[index], isOwn),
    );
  }
  if (template === undefined || !JSON.stringify(template).includes(SECRET)) return value;
  return isOwn || JSON.stringify(value) === JSON.stringify(other) ? SECRET : ANOTHER;
}
