/** Trust anchors that leave the bundle of the mesh, are deleted or are replaced. */
import { isDeepStrictEqual } from "node:util";
import { redactText } from "../../redaction/redact-text.ts";
import { formatObject, type KubernetesObject } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { Irreversible, ObjectChanges } from "../object-changes.ts";
import { formatResource, type ProgramResource, type ResourceChanges } from "../program-resource.ts";
import { readFields } from "../workloads.ts";

/** The ConfigMap with the anchors that each proxy of the control plane and the identity controller trust. */
const BUNDLE = "linkerd-identity-trust-roots";
const ANCHOR = "linkerd-mesh:certificates:TrustAnchor";

/** Finds certificates that leave the bundle, and anchors of the program that are deleted or replaced with their keys. */
export function findLostAnchors(
  { changed, removed }: ObjectChanges,
  { before, after }: ResourceChanges,
): Irreversible[] {
  return [
    ...changed.flatMap(({ before: old, after: object }) => findLeaving(old, object)),
    ...removed.flatMap((object) => findLeaving(object, undefined)),
    ...findDeleted(before, after),
  ];
}

function findLeaving(before: KubernetesObject, after: KubernetesObject | undefined): Irreversible[] {
  if (groupKind(before) !== "/ConfigMap" || before.metadata.name !== BUNDLE) return [];
  const remaining = listAnchors(after);
  const lost = listAnchors(before).filter((anchor) => {
    const index = remaining.indexOf(anchor);
    if (index >= 0) remaining.splice(index, 1);
    return index < 0;
  });
  return lost.map((anchor) => ({
    object: formatObject(before),
    what: `loses the trust anchor ${anchor}`,
    why:
      "Proxies that start afterwards reject every certificate that this anchor signed. Remove it only after all meshed " +
      "pods have restarted with an issuer of another anchor: docs/rotation.md.",
  }));
}

/** The anchors, a line each. Two placeholders of a golden file may be equal. */
function listAnchors(object: KubernetesObject | undefined): string[] {
  return Object.values(readFields(object, "data"))
    .flatMap((text) => redactText(String(text)).split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function findDeleted(before: readonly ProgramResource[], after: readonly ProgramResource[]): Irreversible[] {
  const children = (resources: readonly ProgramResource[], anchor: string) =>
    resources.filter(({ parent }) => parent === anchor).map(({ type, inputs }) => ({ type, inputs }));
  return before
    .filter(({ type }) => type === ANCHOR)
    .flatMap((anchor): Irreversible[] => {
      const { name } = anchor;
      const object = formatResource(anchor);
      if (!after.some((resource) => resource.type === ANCHOR && resource.name === name)) {
        const why =
          "Its key is deleted with it, so it cannot sign another issuer. Keep it until no issuer needs it: docs/rotation.md.";
        return [{ object, what: "is deleted", why }];
      }
      if (isDeepStrictEqual(children(before, name), children(after, name))) return [];
      const why =
        "Proxies with the old anchor and proxies with the new one reject each other. Rotate in three steps: docs/rotation.md.";
      return [{ object, what: "is replaced", why }];
    });
}
