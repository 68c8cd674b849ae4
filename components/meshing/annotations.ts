/** The annotations for mesh options. Names and values: linkerd2, pkg/k8s/labels.go and pkg/inject/inject.go. */
import type * as pulumi from "@pulumi/pulumi";
import { isDeferred, omitUndefined } from "../inputs/outputs.ts";
import type { PortSet } from "../inputs/port-set.ts";
import { flag, goDuration, matching, nonEmpty, oneOf, quantity, type TextReader } from "../inputs/readers.ts";
import {
  formatValue,
  type IssueCollector,
  type Path,
  type Reader,
  type Reject,
} from "../inputs/validation.ts";
import { LINKERD_VERSION, TRUST_BUNDLE } from "../linkerd/restart-annotations.ts";
import { MAIL_PORTS, type MeshPorts, meshPorts } from "../linkerd/values/ports.ts";
import { type ProxySettings, proxyIssues } from "../linkerd/values/proxy.ts";
import type { MeshOptions, MeshRef, PortItem, PortList, ProxyOptions } from "./mesh-options.ts";
import { type ContainerPort, isPortName, parseAnnotation, readPortItems } from "./port-items.ts";

/** Annotations by name. */
export type Annotations = Record<string, pulumi.Input<string>>;

export const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";
export const SKIP_INBOUND_PORTS = "config.linkerd.io/skip-inbound-ports";
export const SKIP_OUTBOUND_PORTS = "config.linkerd.io/skip-outbound-ports";

/**
 * Three names of one annotation: the current one since edge-26.5.2, beta since edge-25.10.2, alpha before. An injector
 * uses the first name that it knows, on the pod or else on its namespace. All three are written: otherwise a newer name
 * on a namespace would override an older name on a pod.
 */
const NATIVE_SIDECAR = [
  "config.linkerd.io/proxy-enable-native-sidecar",
  "config.beta.linkerd.io/proxy-enable-native-sidecar",
  "config.alpha.linkerd.io/proxy-enable-native-sidecar",
] as const;

/** All names of an annotation, the newest first. */
export function annotationNames(annotation: string): readonly string[] {
  return (NATIVE_SIDECAR as readonly string[]).includes(annotation) ? NATIVE_SIDECAR : [annotation];
}

/** Fields that each set one annotation to one value. */
type ValueFields = Readonly<Record<string, readonly [annotation: string, read: TextReader]>>;

const OPTION_FIELDS: ValueFields = {
  proxyAwait: ["config.linkerd.io/proxy-await", flag("enabled", "disabled")],
  shutdownGracePeriod: ["config.linkerd.io/shutdown-grace-period", goDuration],
  nativeSidecar: [NATIVE_SIDECAR[0], flag("true", "false")],
};
const PROXY_FIELDS: ValueFields = {
  cpuRequest: ["config.linkerd.io/proxy-cpu-request", quantity],
  cpuLimit: ["config.linkerd.io/proxy-cpu-limit", quantity],
  memoryRequest: ["config.linkerd.io/proxy-memory-request", quantity],
  memoryLimit: ["config.linkerd.io/proxy-memory-limit", quantity],
  logLevel: ["config.linkerd.io/proxy-log-level", nonEmpty],
  logFormat: ["config.linkerd.io/proxy-log-format", oneOf("plain", "json")],
  accessLog: ["config.linkerd.io/access-log", oneOf("apache", "json")],
};
const REF_FIELDS: ValueFields = {
  linkerdVersion: [LINKERD_VERSION, nonEmpty],
  trustBundleSha256: [TRUST_BUNDLE, matching(/^[0-9a-f]*$/, "a SHA-256 in lower-case hexadecimal")],
};

/** Fields that are port lists, each with the list of the mesh that it is added to. */
const PORT_FIELDS = {
  skipOutboundPorts: { annotation: SKIP_OUTBOUND_PORTS, list: "skipOutbound" },
  skipInboundPorts: { annotation: SKIP_INBOUND_PORTS, list: "skipInbound" },
  opaquePorts: { annotation: OPAQUE_PORTS, list: "opaque" },
} as const;

type PortField = keyof typeof PORT_FIELDS;

const KNOWN_FIELDS = [
  "inject",
  ...Object.keys(PORT_FIELDS),
  "skipSmtp",
  ...Object.keys(OPTION_FIELDS),
  "proxy",
  "ref",
];
const RENAMED_FIELDS = {
  from: "mesh.ref",
  mail: "mesh.skipSmtp",
  waitForProxy: "mesh.proxyAwait",
  shutdownGrace: "mesh.shutdownGracePeriod",
};

const injectMode = oneOf("enabled", "ingress", "disabled");
const boolean = flag("true", "false");

/**
 * The annotations for `options`, all except `linkerd.io/inject`. Adds an issue for every invalid field.
 *
 * @param ports the ports of the containers, by whose names port lists may refer to them
 */
export function meshAnnotations(
  options: MeshOptions,
  ports: pulumi.Input<ContainerPort[]>,
  issues: IssueCollector,
): Annotations {
  const { inject, skipSmtp, proxy = {}, ref } = options;
  issues.addUnknownKeys(["mesh"], options, KNOWN_FIELDS, RENAMED_FIELDS);
  issues.addUnknownKeys(["mesh", "proxy"], proxy, Object.keys(PROXY_FIELDS));
  if (inject !== undefined) issues.read(["mesh", "inject"], inject, injectMode);
  if (skipSmtp !== undefined) issues.read(["mesh", "skipSmtp"], skipSmtp, boolean);
  if (ref !== undefined) requireRefFields(ref, issues);

  const annotations: Partial<Annotations> = {
    ...readFields(["mesh"], options, OPTION_FIELDS, issues),
    ...readFields(["mesh", "proxy"], proxy, PROXY_FIELDS, issues),
    ...readFields(["mesh", "ref"], ref ?? {}, REF_FIELDS, issues),
  };
  for (const { path, conflictsWith, ...issue } of proxyIssues(knownSettings(proxy))) {
    issues.add({
      ...issue,
      path: ["mesh", ...path],
      conflictsWith: conflictsWith && ["mesh", ...conflictsWith],
    });
  }
  for (const name of NATIVE_SIDECAR) annotations[name] = annotations[NATIVE_SIDECAR[0]];
  for (const [field, { annotation }] of Object.entries(PORT_FIELDS)) {
    annotations[annotation] = readPortField(field as PortField, options, ports, issues);
  }
  return omitUndefined(annotations);
}

/** A copy without the annotations that change with the mesh. */
export function withoutRestartAnnotations(annotations: Annotations): Annotations {
  const { [LINKERD_VERSION]: _version, [TRUST_BUNDLE]: _bundle, ...rest } = annotations;
  return rest;
}

/** The port lists of the mesh that `options` refers to, or the default lists. */
export function meshPortsOf({ ref }: MeshOptions): pulumi.Input<MeshPorts> {
  return ref?.ports ?? meshPorts();
}

/** The annotations for the fields that are set. */
function readFields(
  path: Path,
  given: object,
  fields: ValueFields,
  issues: IssueCollector,
): Partial<Annotations> {
  const annotations: Partial<Annotations> = {};
  for (const [field, [annotation, read]] of Object.entries(fields)) {
    const value = (given as Record<string, unknown>)[field];
    if (value !== undefined) annotations[annotation] = issues.read([...path, field], value, read);
  }
  return annotations;
}

/** With a field missing, pods would silently not restart. A field that is `undefined` is the caller's decision. */
function requireRefFields(ref: MeshRef, issues: IssueCollector): void {
  for (const field of Object.keys(REF_FIELDS).filter((each) => !(each in ref))) {
    issues.add({
      path: ["mesh", "ref", field],
      reason: "must be present",
      got: "nothing",
      because: "Pods restart when it changes",
      fixes: [{ kind: "instruction", text: "pass a ServiceMesh or a MeshReference as mesh.ref" }],
    });
  }
}

/** The proxy options that are known now, and so can be compared with each other. */
function knownSettings(proxy: ProxyOptions): ProxySettings {
  return Object.fromEntries(Object.entries(proxy).filter(([, value]) => !isDeferred(value)));
}

/** What a port annotation is computed from. */
interface PortInputs {
  items: PortItem[];
  skipSmtp?: boolean;
  ports: ContainerPort[];
  mesh: MeshPorts;
}

/** The value of a port annotation: the items of the field and the list of the mesh. */
function readPortField(
  field: PortField,
  options: MeshOptions,
  ports: pulumi.Input<ContainerPort[]>,
  issues: IssueCollector,
): pulumi.Input<string> | undefined {
  const { list } = PORT_FIELDS[field];
  const items = options[field];
  const skipSmtp = field === "skipOutboundPorts" ? options.skipSmtp : undefined;
  if (items === undefined && skipSmtp === undefined) return undefined;
  return issues.read<PortInputs, string>(
    ["mesh"],
    {
      items: items ?? [],
      skipSmtp,
      ports: mayContainNames(items) ? ports : [],
      mesh: meshPortsOf(options),
    },
    ({ items, skipSmtp, ports, mesh }, reject) => {
      const base = readPortList(mesh[list], rejectAt(reject, "ref", "ports", list));
      const added = Array.isArray(items)
        ? readPortItems(items, ports, rejectAt(reject, field))
        : reject({
            path: [field],
            reason: 'must be a list of ports, e.g. [5671, "4000-4010"]',
            got: formatValue(items),
          });
      if (base === undefined || added === undefined) return undefined;
      const own = skipSmtp === false ? base.without(MAIL_PORTS) : base;
      return String(own.union(added, ...(skipSmtp ? [MAIL_PORTS] : [])));
    },
  );
}

function rejectAt(reject: Reject, ...path: Path): Reject {
  return (issue) => reject({ ...issue, path: [...path, ...(issue.path ?? [])] });
}

/** A list of the mesh in Linkerd's form, e.g. `25,587,4000-4010`. */
const readPortList: Reader<string, PortSet> = (list, reject) =>
  typeof list === "string"
    ? readPortItems(parseAnnotation(list), [], reject)
    : reject({ reason: "must be a comma-separated list of ports", got: formatValue(list) });

/** Whether the list may contain port names. If not, it does not depend on container ports that are Outputs. */
function mayContainNames(items: PortList | undefined): boolean {
  if (!Array.isArray(items)) return isDeferred(items);
  return items.some((item) => isDeferred(item) || isPortName(item));
}
