/** Intent into Linkerd's annotations. Names and values: linkerd2, pkg/k8s/labels.go and pkg/inject/inject.go. */
import type * as pulumi from "@pulumi/pulumi";
import { isDeferred, omitUndefined } from "../inputs/outputs.ts";
import { flag, goDuration, matching, nonEmpty, oneOf, quantity, type Read } from "../inputs/readers.ts";
import type { Mistakes } from "../inputs/validation.ts";
import { LINKERD_VERSION, TRUST_BUNDLE } from "../linkerd/restart-annotations.ts";
import { MAIL_PORTS, type MeshPorts, meshPorts, withoutPorts } from "../linkerd/values/ports.ts";
import { type ProxySettings, proxyIssues } from "../linkerd/values/proxy.ts";
import type { MeshOptions, PortItem, PortList, ProxyOptions } from "./mesh-options.ts";
import { type ContainerPort, isPortName, portList } from "./port-items.ts";

/** Annotations by name. */
export type Annotations = Record<string, pulumi.Input<string>>;

export const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";
export const SKIP_INBOUND_PORTS = "config.linkerd.io/skip-inbound-ports";

/**
 * One setting under three names: its own since edge-26.5.2, beta since edge-25.10.2, alpha before. An injector
 * takes the first that it knows, of the pod or else of its namespace: so all are written, or a namespace's newer name
 * would win over a pod's older one.
 */
const NATIVE_SIDECAR = [
  "config.linkerd.io/proxy-enable-native-sidecar",
  "config.beta.linkerd.io/proxy-enable-native-sidecar",
  "config.alpha.linkerd.io/proxy-enable-native-sidecar",
] as const;

/** All the names of an annotation's setting, the newest first. */
export function namesOf(annotation: string): readonly string[] {
  return (NATIVE_SIDECAR as readonly string[]).includes(annotation) ? NATIVE_SIDECAR : [annotation];
}

/** Fields that are read by themselves. */
const INTENT: Readonly<Record<string, readonly [annotation: string, read: Read]>> = {
  proxyAwait: ["config.linkerd.io/proxy-await", flag("enabled", "disabled")],
  shutdownGracePeriod: ["config.linkerd.io/shutdown-grace-period", goDuration],
  nativeSidecar: [NATIVE_SIDECAR[0], flag("true", "false")],
};
const PROXY: typeof INTENT = {
  cpuRequest: ["config.linkerd.io/proxy-cpu-request", quantity],
  cpuLimit: ["config.linkerd.io/proxy-cpu-limit", quantity],
  memoryRequest: ["config.linkerd.io/proxy-memory-request", quantity],
  memoryLimit: ["config.linkerd.io/proxy-memory-limit", quantity],
  logLevel: ["config.linkerd.io/proxy-log-level", nonEmpty],
  logFormat: ["config.linkerd.io/proxy-log-format", oneOf("plain", "json")],
  accessLog: ["config.linkerd.io/access-log", oneOf("apache", "json")],
};
const MESH: typeof INTENT = {
  linkerdVersion: [LINKERD_VERSION, nonEmpty],
  trustBundleSha256: [TRUST_BUNDLE, matching(/^[0-9a-f]*$/, "a SHA-256 in hex")],
};
/** Port lists, each with the mesh's own, which the annotation would otherwise take away. */
const PORTS = {
  skipOutboundPorts: ["config.linkerd.io/skip-outbound-ports", "skipOutbound"],
  skipInboundPorts: [SKIP_INBOUND_PORTS, "skipInbound"],
  opaquePorts: [OPAQUE_PORTS, "opaque"],
} as const;

const FIELDS = ["inject", ...Object.keys(PORTS), "skipSmtp", ...Object.keys(INTENT), "proxy", "ref"];
const MODES = oneOf("enabled", "ingress", "disabled");

/**
 * The annotations that say what `intent` says, all but injection itself. `ports` are those of the
 * containers, whose names may stand in port lists.
 */
export function meshAnnotations(
  intent: MeshOptions,
  ports: pulumi.Input<ContainerPort[]>,
  mistakes: Mistakes,
): Annotations {
  mistakes.addUnknownKeys("mesh", intent, FIELDS);
  mistakes.addUnknownKeys("mesh.proxy", intent.proxy ?? {}, Object.keys(PROXY));
  if (intent.inject !== undefined) mistakes.read("mesh.inject", intent.inject, MODES);
  if (intent.skipSmtp !== undefined)
    mistakes.read("mesh.skipSmtp", intent.skipSmtp, flag("let out", "kept in"));

  const written: Record<string, pulumi.Input<string> | undefined> = {};
  for (const [path, given, fields] of [
    ["mesh", intent, INTENT],
    ["mesh.proxy", intent.proxy, PROXY],
    ["mesh.ref", intent.ref, MESH],
  ] as [string, Record<string, unknown> | undefined, typeof INTENT][]) {
    for (const [field, [annotation, read]] of given ? Object.entries(fields) : []) {
      const value = given?.[field];
      // A mesh that is given must be whole: with half of one, pods would silently not roll.
      const missing = given === intent.ref && !(field in (given ?? {}));
      if (value === undefined && !missing) continue;
      written[annotation] = mistakes.read(`${path}.${field}`, value, read);
    }
  }
  for (const { path, problem } of proxyIssues(knownOf(intent.proxy ?? {}))) {
    mistakes.add(`mesh.${path.join(".")}`, `${problem}.`);
  }
  for (const name of NATIVE_SIDECAR) written[name] = written[NATIVE_SIDECAR[0]];
  for (const [field, [annotation, list]] of Object.entries(PORTS)) {
    const items = intent[field as keyof typeof PORTS];
    const skipSmtp = field === "skipOutboundPorts" ? intent.skipSmtp : undefined;
    if (items === undefined && skipSmtp === undefined) continue;
    written[annotation] = mistakes.read<PortInputs, string>(
      `mesh.${field}`,
      { items: items ?? [], skipSmtp, ports: namesPorts(items) ? ports : [], mesh: portsOf(intent) },
      ({ items, skipSmtp, ports, mesh }) => {
        if (!Array.isArray(items)) {
          const given = JSON.stringify(items);
          throw new RangeError(`expected a list of ports, e.g. [5671, "4000-4010"]; given ${given}.`);
        }
        const own = skipSmtp === false ? withoutPorts(mesh[list], MAIL_PORTS) : mesh[list];
        return portList(skipSmtp ? [own, MAIL_PORTS] : [own], items, ports);
      },
    );
  }
  return omitUndefined(written);
}

/** Those that stay as they are when the mesh changes. */
export function withoutRestartAnnotations(annotations: Annotations): Annotations {
  const { [LINKERD_VERSION]: _version, [TRUST_BUNDLE]: _bundle, ...rest } = annotations;
  return rest;
}

/** The proxy's settings without those that are known only later. */
function knownOf(proxy: ProxyOptions): ProxySettings {
  return Object.fromEntries(Object.entries(proxy).filter(([, value]) => !isDeferred(value)));
}

interface PortInputs {
  items: PortItem[];
  skipSmtp?: boolean;
  ports: ContainerPort[];
  mesh: MeshPorts;
}

/** The lists of the workload's mesh, as far as it is told which that is. */
export function portsOf({ ref }: MeshOptions): pulumi.Input<MeshPorts> {
  return ref?.ports ?? meshPorts();
}

/** Whether the list may hold names; if not, unknown ports of containers need not hold it up. */
function namesPorts(items: PortList | undefined): boolean {
  if (!Array.isArray(items)) return isDeferred(items);
  return items.some((item) => isDeferred(item) || isPortName(item));
}
