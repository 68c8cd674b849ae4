/** The pod template: the place where every workload requests injection and configures its proxy. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  containsOutput,
  mapInput,
  mapResolved,
  omitUndefined,
  readPath,
  withDefault,
} from "../inputs/outputs.ts";
import { PortSet } from "../inputs/port-set.ts";
import type { IssueCollector } from "../inputs/validation.ts";
import {
  type Annotations,
  annotationNames,
  meshAnnotations,
  withoutRestartAnnotations,
} from "./annotations.ts";
import { mailPorts, type ServicePortNumbers } from "./mail-ports.ts";
import type { MeshOptions } from "./mesh-options.ts";
import { OPAQUE_PORTS, type PodPorts, SKIP_INBOUND_PORTS } from "./port-annotations.ts";
import { type ContainerPort, parseAnnotation, readPortItems } from "./port-items.ts";
import { findProxyObstacle, reportObstacle } from "./proxy-obstacles.ts";

/** Key of both the label and the annotation (linkerd.io, "Automatic Proxy Injection"). */
export const INJECT_KEY = "linkerd.io/inject";

/** `enabled` injects, `ingress` injects for ingress controllers, `disabled` keeps the proxy out. */
const DEFAULT_MODE = "enabled";

export type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
export type PodSpec = k8s.types.input.core.v1.PodSpec;
export type ObjectMeta = k8s.types.input.meta.v1.ObjectMeta;
export type Container = k8s.types.input.core.v1.Container;
export type StringMap = Record<string, pulumi.Input<string>>;

/** Receives a warning: an annotation that overrides the mesh options, or pods that Linkerd does not inject. */
export type Report = (warning: string) => void;

/** What {@link meshedTemplate} does with pods that would not start with a proxy. */
export interface UnmeshablePods {
  /** `disable` keeps the proxy out even if the namespace requests it; `none` leaves the template unchanged. */
  readonly change: "disable" | "none";
  /** Report no pods that a proxy cannot join. @default false */
  readonly silent?: boolean;
}

/**
 * A copy of the pod template with the label and the annotation that request injection, and the annotations for
 * `options`. Labels and annotations of the caller take precedence; a template with `disabled` in either of them stays
 * out of the mesh.
 *
 * @param restarts whether the template changes, and so its pods restart, when the mesh changes
 * @param servicePorts the ports of the Service of the pods, if it is known
 * @param unmeshable what happens to pods that would not start with a proxy
 */
export function meshedTemplate(
  template: pulumi.Input<PodTemplate>,
  options: MeshOptions,
  restarts: boolean,
  issues: IssueCollector,
  report: Report,
  servicePorts?: ServicePortNumbers,
  unmeshable: UnmeshablePods = { change: "none" },
): pulumi.Input<PodTemplate> {
  return mapInput(template, (plain) => {
    const pods = { ports: containerPorts(plain.spec), servicePorts };
    const all = meshAnnotations(options, pods, issues);
    const annotations = restarts ? all : withoutRestartAnnotations(all);
    const given = plain.metadata as pulumi.Input<ObjectMeta | undefined>;
    const mesh = (inject: MeshOptions["inject"]) =>
      mapInput(given, (own) => {
        const result = meshedMetadata(own, { ...options, inject }, annotations, report);
        reportMailPorts(own, readPath(result, "annotations", INJECT_KEY), options, pods, report);
        return result;
      });
    const metadata = mapInput(findProxyObstacle(plain.spec), (obstacle) => {
      if (obstacle === undefined) return mesh(options.inject);
      const requested = mapInput(given, (own) => requestedMode(own, options.inject));
      if (!unmeshable.silent) reportObstacle(obstacle, requested, report);
      if (!obstacle.preventsStart) return mesh(options.inject);
      return unmeshable.change === "disable" ? mesh("disabled") : given;
    });
    return metadata === undefined ? plain : { ...plain, metadata: metadata as pulumi.Input<ObjectMeta> };
  });
}

/** A copy of the metadata of a pod template or namespace with the inject label and annotation, and `annotations`. */
export function meshedMetadata(
  metadata: ObjectMeta | undefined,
  { inject, opaquePorts }: MeshOptions,
  annotations: Annotations,
  report: Report,
): ObjectMeta {
  const ownLabels = withDefault(metadata?.labels as pulumi.Input<StringMap>, {});
  const ownAnnotations = withDefault(metadata?.annotations as pulumi.Input<StringMap>, {});
  const mode = requestedMode(metadata, inject);
  return {
    ...metadata,
    labels: mapInput(ownLabels, (own) => ({ [INJECT_KEY]: mode, ...omitUndefined(own) })),
    annotations: mapInput(ownAnnotations, (own) => {
      if (inject !== undefined) reportOverride(INJECT_KEY, mode, inject, report);
      // Without the option, the list has the mail ports of the pods only, and overrides nothing that was set.
      const isImplied = opaquePorts === undefined && own[OPAQUE_PORTS] !== undefined;
      const { [OPAQUE_PORTS]: _implied, ...explicit } = annotations;
      return {
        [INJECT_KEY]: mode,
        ...(mode === "disabled"
          ? {}
          : unlessDisabled(mode, keepOwn(isImplied ? explicit : annotations, own, report))),
        ...omitUndefined(own),
      };
    }),
  };
}

/** The injection mode that the metadata requests, or else the options. */
function requestedMode(
  metadata: ObjectMeta | undefined,
  inject: MeshOptions["inject"],
): pulumi.Input<string> {
  const annotations = withDefault(metadata?.annotations as pulumi.Input<StringMap>, {});
  const labels = withDefault(metadata?.labels as pulumi.Input<StringMap>, {});
  return mapInput(annotations, (annotated) =>
    mapInput(labels, (labelled) => annotated[INJECT_KEY] ?? labelled[INJECT_KEY] ?? inject ?? DEFAULT_MODE),
  );
}

/** Pods outside the mesh need no other annotation, and must not restart with the mesh. */
function unlessDisabled(mode: pulumi.Input<string>, annotations: Annotations): Annotations {
  const values = Object.entries(annotations).map(([name, value]) => [
    name,
    mapInput(mode, (mode) => (mode === "disabled" ? undefined : value)),
  ]);
  return Object.fromEntries(values);
}

/** The annotations, with the caller's value for one that the caller set. A value under one of its names is used for all. */
function keepOwn(annotations: Annotations, own: StringMap, report: Report): Annotations {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => {
      const names = annotationNames(name);
      const ownName = names.find((each) => own[each] !== undefined);
      if (ownName === undefined) return [name, value];
      const ownValue = own[ownName] as pulumi.Input<string>;
      if (name === names[0]) reportOverride(ownName, ownValue, value, report);
      return [name, ownValue];
    }),
  );
}

/** Reports a list of opaque ports that the caller wrote and that leaves out a mail port. */
function reportMailPorts(
  own: ObjectMeta | undefined,
  mode: pulumi.Input<unknown>,
  { skipInboundPorts }: MeshOptions,
  { ports, servicePorts }: PodPorts,
  report: Report,
): void {
  const opaque = readPath(own, "annotations", OPAQUE_PORTS) as pulumi.Input<string> | undefined;
  if (opaque === undefined) return;
  const ownSkipped = readPath(own, "annotations", SKIP_INBOUND_PORTS) as pulumi.Input<string | undefined>;
  const lists = { mode, opaque, skipped: withDefault(ownSkipped, ""), skipInboundPorts, ports };
  mapResolved(lists, ({ mode, opaque, skipped, skipInboundPorts, ports }) => {
    if (mode === "disabled" || opaque === undefined) return "";
    const items = [...parseAnnotation(`${opaque},${skipped}`), ...(skipInboundPorts ?? [])];
    const listed = readPortItems(items, ports, () => undefined);
    const missing = mailPorts(ports, servicePorts).without(listed ?? PortSet.EMPTY);
    if (listed !== undefined && !missing.isEmpty) {
      report(
        `${OPAQUE_PORTS}: "${opaque}" in the metadata leaves out mail ports of the containers: ${missing}. Callers skip ` +
          "mail ports outbound, so a server there never sends its greeting. Fix: add them, or remove the annotation",
      );
    }
    return "";
  });
}

function reportOverride(
  name: string,
  own: pulumi.Input<string>,
  option: pulumi.Input<string>,
  report: Report,
): void {
  mapInput(own, (ownValue) =>
    mapInput(option, (optionValue) => {
      if (ownValue !== optionValue) {
        report(
          `${name}: "${ownValue}" in the metadata takes precedence over "${optionValue}" from the mesh options. ` +
            "Fix: remove one of them",
        );
      }
      return "";
    }),
  );
}

/**
 * The ports of all containers that run while the pod serves: its containers and its native sidecars. Known as soon as
 * these ports are known, even if other fields of the containers are Outputs.
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
          ? pulumi.output(lists).apply((resolved) => resolved.flat() as ContainerPort[])
          : (lists as ContainerPort[][]).flat();
      }),
    ),
  );
}

function declaredPorts({ ports }: Container): pulumi.Input<ContainerPort[]> {
  return withDefault(ports as pulumi.Input<ContainerPort[]>, []);
}
