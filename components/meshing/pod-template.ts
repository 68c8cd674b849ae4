/** The pod template: where every workload says that it is meshed, and how. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { containsOutput, mapInput, omitUndefined, readPath, withDefault } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";
import { type Annotations, meshAnnotations, namesOf, withoutRestartAnnotations } from "./annotations.ts";
import type { MeshOptions } from "./mesh-options.ts";
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
 * A copy of the pod template that asks for the proxy and says what `intent` says; `rolls` tells whether it changes
 * with the mesh. Labels and annotations that the caller wrote stand, and a template that says `disabled` in either
 * place stays out.
 */
export function meshedTemplate(
  template: pulumi.Input<PodTemplate>,
  intent: MeshOptions,
  rolls: boolean,
  mistakes: Mistakes,
  report: Report,
): pulumi.Input<PodTemplate> {
  return mapInput(template, (plain) => {
    const all = meshAnnotations(intent, containerPorts(plain.spec), mistakes);
    const annotations = rolls ? all : withoutRestartAnnotations(all);
    const metadata = mapInput(plain.metadata as pulumi.Input<ObjectMeta | undefined>, (own) =>
      meshedMetadata(own, intent.inject, annotations, report),
    );
    reportHostNetwork(plain.spec, metadata, report);
    return { ...plain, metadata };
  });
}

/** Metadata of a pod template or a namespace with the label, the annotation and `annotations`. */
export function meshedMetadata(
  metadata: ObjectMeta | undefined,
  inject: MeshOptions["inject"],
  annotations: Annotations,
  report: Report,
): ObjectMeta {
  const ownLabels = withDefault(metadata?.labels as pulumi.Input<StringMap>, {});
  const ownAnnotations = withDefault(metadata?.annotations as pulumi.Input<StringMap>, {});
  const mode = mapInput(ownAnnotations, (annotated) =>
    mapInput(
      ownLabels,
      (labelled) => annotated[INJECT_KEY] ?? labelled[INJECT_KEY] ?? inject ?? DEFAULT_MODE,
    ),
  );
  return {
    ...metadata,
    labels: mapInput(ownLabels, (own) => ({ [INJECT_KEY]: mode, ...omitUndefined(own) })),
    annotations: mapInput(ownAnnotations, (own) => {
      if (inject !== undefined) reportContradiction(INJECT_KEY, mode, inject, report);
      return {
        [INJECT_KEY]: mode,
        ...(mode === "disabled" ? {} : unlessDisabled(mode, yielding(annotations, own, report))),
        ...omitUndefined(own),
      };
    }),
  };
}

/** A pod that stays out of the mesh needs nothing else of it, and must not roll with it. */
function unlessDisabled(mode: pulumi.Input<string>, annotations: Annotations): Annotations {
  const values = Object.entries(annotations).map(([name, value]) => [
    name,
    mapInput(mode, (mode) => (mode === "disabled" ? undefined : value)),
  ]);
  return Object.fromEntries(values);
}

/** The wanted annotations. A setting that the caller wrote, under any of its names, is theirs under all of them. */
function yielding(wanted: Annotations, own: StringMap, report: Report): Annotations {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => {
      const names = namesOf(name);
      const written = names.find((each) => own[each] !== undefined);
      if (written === undefined) return [name, value];
      const theirs = own[written] as pulumi.Input<string>;
      if (name === names[0]) reportContradiction(written, theirs, value, report);
      return [name, theirs];
    }),
  );
}

/** The injector passes such pods by, whatever they ask for (linkerd2, pkg/inject/report.go). */
function reportHostNetwork(
  spec: pulumi.Input<PodSpec | undefined> | undefined,
  metadata: pulumi.Input<ObjectMeta>,
  report: Report,
): void {
  mapInput(readPath(spec, "hostNetwork"), (hostNetwork) => {
    if (hostNetwork !== true) return "";
    return mapInput(readPath(metadata, "annotations", INJECT_KEY), (mode) => {
      if (mode !== "disabled") {
        report(
          "hostNetwork is true, and Linkerd injects no proxy into pods on their node's network: they stay " +
            'unmeshed. Say so with linkerd.io/inject: "disabled", or leave hostNetwork out.',
        );
      }
      return "";
    });
  });
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

/**
 * The ports of the containers that run while the pod serves, native sidecars among them, without waiting for
 * anything else of them.
 */
export function containerPorts(
  spec: pulumi.Input<PodSpec | undefined> | undefined,
): pulumi.Input<ContainerPort[]> {
  return mapInput(spec as pulumi.Input<PodSpec | undefined>, (own) =>
    mapInput(withDefault(own?.containers as pulumi.Input<Container[]>, []), (main) =>
      mapInput(withDefault(own?.initContainers as pulumi.Input<Container[]>, []), (init) => {
        const lists = [
          ...main.map((each) => mapInput(each, declaredPorts)),
          ...init.map((each) =>
            mapInput(each, (container) => {
              if (container.ports === undefined) return [];
              return mapInput(container.restartPolicy, (policy) =>
                policy === "Always" ? declaredPorts(container) : [],
              );
            }),
          ),
        ];
        return containsOutput(lists)
          ? pulumi.output(lists).apply((plain) => plain.flat() as ContainerPort[])
          : (lists as ContainerPort[][]).flat();
      }),
    ),
  );
}

function declaredPorts({ ports }: Container): pulumi.Input<ContainerPort[]> {
  return withDefault(ports as pulumi.Input<ContainerPort[]>, []);
}
