/** The pod template: where every workload says that it is meshed, and how. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { definedOnly, holdsLater, mapInput } from "../inputs.ts";
import type { Mistakes } from "../mistakes.ts";
import { type Annotations, meshAnnotations, namesOf } from "./annotations.ts";
import type { MeshIntent } from "./intent.ts";
import type { ContainerPort } from "./port-items.ts";

/** Label, annotation: the same key (linkerd.io, "Automatic Proxy Injection"). */
export const INJECT_KEY = "linkerd.io/inject";

/** `enabled` injects, `ingress` injects for ingress controllers, `disabled` keeps the proxy out. */
const DEFAULT_MODE = "enabled";

export type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
export type PodSpec = k8s.types.input.core.v1.PodSpec;
export type ObjectMeta = k8s.types.input.meta.v1.ObjectMeta;
export type Container = k8s.types.input.core.v1.Container;
export type StringMap = Record<string, pulumi.Input<string>>;

/** Told when the caller's own annotation and the intent disagree; the annotation stands. */
export type Report = (contradiction: string) => void;

/**
 * A copy of the pod template that asks for the proxy and says what `intent` says. Labels and annotations
 * that the caller wrote stand, and a template that says `disabled` in either place stays out.
 */
export function meshedTemplate(
  template: pulumi.Input<PodTemplate>,
  intent: MeshIntent,
  mistakes: Mistakes,
  report: Report,
): pulumi.Input<PodTemplate> {
  return mapInput(template, (plain) => {
    const annotations = meshAnnotations(intent, containerPorts(plain.spec), mistakes);
    const metadata = plain.metadata as pulumi.Input<ObjectMeta | undefined>;
    return {
      ...plain,
      metadata: mapInput(metadata, (own) => meshedMetadata(own, intent.inject, annotations, report)),
    };
  });
}

/** Metadata of a pod template or a namespace with the label, the annotation and `annotations`. */
export function meshedMetadata(
  metadata: ObjectMeta = {},
  inject: MeshIntent["inject"],
  annotations: Annotations,
  report: Report,
): ObjectMeta {
  const ownLabels = (metadata.labels ?? {}) as pulumi.Input<StringMap>;
  const ownAnnotations = (metadata.annotations ?? {}) as pulumi.Input<StringMap>;
  const mode = mapInput(ownAnnotations, (annotated) =>
    mapInput(
      ownLabels,
      (labelled) => annotated[INJECT_KEY] ?? labelled[INJECT_KEY] ?? inject ?? DEFAULT_MODE,
    ),
  );
  // A pod that stays out of the mesh needs nothing else of it, and must not roll with it.
  const wanted = mode === "disabled" ? {} : annotations;
  return {
    ...metadata,
    labels: mapInput(ownLabels, (own) => ({ [INJECT_KEY]: mode, ...definedOnly(own) })),
    annotations: mapInput(ownAnnotations, (own) => {
      if (inject !== undefined) reportContradiction(INJECT_KEY, mode, inject, report);
      return { [INJECT_KEY]: mode, ...without(wanted, own, report), ...definedOnly(own) };
    }),
  };
}

/** The wanted annotations whose setting the caller did not write, under any of its names. */
function without(wanted: Annotations, own: StringMap, report: Report): Annotations {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => {
      const names = namesOf(name);
      const written = names.find((each) => own[each] !== undefined);
      if (written === undefined) return true;
      if (name === names[0])
        reportContradiction(written, own[written] as pulumi.Input<string>, value, report);
      return false;
    }),
  );
}

function reportContradiction(
  name: string,
  own: pulumi.Input<string>,
  wanted: pulumi.Input<string>,
  report: Report,
): void {
  mapInput(own, (has) =>
    mapInput(wanted, (wants) => {
      if (has !== wants) {
        report(`${name} is set to "${has}" by hand, which stands; \`mesh\` would make it "${wants}".`);
      }
      return "";
    }),
  );
}

/** The ports of all containers, without waiting for anything else of them. */
export function containerPorts(
  spec: pulumi.Input<PodSpec | undefined> | undefined,
): pulumi.Input<ContainerPort[]> {
  return mapInput(spec as pulumi.Input<PodSpec | undefined>, (own) =>
    mapInput((own?.containers ?? []) as pulumi.Input<Container[]>, (main) =>
      mapInput((own?.initContainers ?? []) as pulumi.Input<Container[]>, (init) => {
        const lists = [...main, ...init].map((each) => mapInput(each, ({ ports = [] }) => ports));
        return holdsLater(lists)
          ? pulumi.output(lists).apply((plain) => plain.flat() as ContainerPort[])
          : (lists as ContainerPort[][]).flat();
      }),
    ),
  );
}
