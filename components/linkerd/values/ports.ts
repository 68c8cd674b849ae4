/**
 * The port lists of a mesh: what proxies skip, and what they carry as opaque bytes.
 *
 * Linkerd's chart values and annotations replace its defaults instead of adding to them, so every list that this
 * project writes is a union with the list that it replaces.
 */
import { PortSet, readPortItem } from "../../inputs/port-set.ts";
import { formatPath, type ValidationIssue } from "../../inputs/validation.ts";

/** SMTP, submission over TLS, submission, and the alternative submission port of most mail providers. */
export const MAIL_PORTS: PortSet = PortSet.of(25, 465, 587, 2525);

/** Ports that Linkerd skips by default, inbound and outbound: Galera (linkerd-control-plane, values.yaml, `proxyInit`). */
export const DEFAULT_SKIP_PORTS: PortSet = PortSet.of(4567, 4568);

/** The proxy's own control and admin ports, which never receive application traffic (charts/partials, `_proxy-init.tpl`). */
export const PROXY_PORTS: PortSet = PortSet.of(4190, 4191);

/** Ports that Linkerd treats as opaque by default: protocols in which the server speaks first (ibid., `proxy.opaquePorts`). */
export const DEFAULT_OPAQUE_PORTS: PortSet = PortSet.of(25, 587, 3306, 4444, 5432, 6379, 9300, 11211);

/** Ports to add to Linkerd's own lists. Items are ports or ranges, e.g. `[6000, "4000-4010"]`. */
export interface PortSettings {
  /** Outbound connections to these ports bypass the proxy. @default none */
  skipOutbound?: (number | string)[] | undefined;
  /** Inbound connections to these ports bypass the proxy. @default none */
  skipInbound?: (number | string)[] | undefined;
  /** The proxy carries these ports as plain TCP, without protocol detection. @default none */
  opaque?: (number | string)[] | undefined;
  /** Skip SMTP outbound: ports 25, 465, 587 and 2525. @default true */
  skipSmtp?: boolean | undefined;
}

/** The port lists of a mesh in Linkerd's form, e.g. `25,587,4000-4010`. A workload's annotation replaces them. */
export interface MeshPorts {
  readonly skipOutbound: string;
  readonly skipInbound: string;
  readonly opaque: string;
}

/** {@link MeshPorts} as sets. */
export type MeshPortSets = { readonly [list in keyof MeshPorts]: PortSet };

/** The names of the lists. */
export const PORT_LISTS = ["skipOutbound", "skipInbound", "opaque"] as const satisfies (keyof MeshPorts)[];

/**
 * Port lists to pass to the chart. A list without custom ports is `undefined`, so the chart's default applies;
 * outbound always adds SMTP unless it is turned off.
 */
export function portLists({ skipOutbound, skipInbound, opaque, skipSmtp = true }: PortSettings = {}) {
  const extend = (ports: (number | string)[] | undefined, defaults: PortSet) =>
    ports === undefined || ports.length === 0 ? undefined : PortSet.of(...ports).union(defaults);
  return {
    skipOutbound: PortSet.of(...(skipOutbound ?? [])).union(
      skipSmtp ? MAIL_PORTS : PortSet.EMPTY,
      DEFAULT_SKIP_PORTS,
    ),
    skipInbound: extend(skipInbound, DEFAULT_SKIP_PORTS),
    opaque: extend(opaque, DEFAULT_OPAQUE_PORTS),
  };
}

/** The lists in force under these settings, with the chart's defaults filled in. */
export function meshPortSets(settings?: PortSettings): MeshPortSets {
  const { skipOutbound, skipInbound, opaque } = portLists(settings);
  return {
    skipOutbound,
    skipInbound: skipInbound ?? DEFAULT_SKIP_PORTS,
    opaque: opaque ?? DEFAULT_OPAQUE_PORTS,
  };
}

/** {@link meshPortSets} in Linkerd's form. */
export function meshPorts(settings?: PortSettings): MeshPorts {
  const { skipOutbound, skipInbound, opaque } = meshPortSets(settings);
  return { skipOutbound: `${skipOutbound}`, skipInbound: `${skipInbound}`, opaque: `${opaque}` };
}

/** The lists of a mesh, read back from its output `ports`. */
export function parseMeshPorts({ skipOutbound, skipInbound, opaque }: MeshPorts): MeshPortSets {
  return {
    skipOutbound: PortSet.of(skipOutbound),
    skipInbound: PortSet.of(skipInbound),
    opaque: PortSet.of(opaque),
  };
}

/** Items that are not ports, ports listed twice, and ports that are both skipped and opaque. */
export function portIssues(ports: PortSettings = {}): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const read = (list: (typeof PORT_LISTS)[number]): PortSet => {
    const path = ["ports", list];
    let all = PortSet.EMPTY;
    for (const [index, item] of (ports[list] ?? []).entries()) {
      const set = readPortItem(item, (issue) => void issues.push({ ...issue, path: [...path, index] }));
      if (set === undefined) continue;
      const twice = all.intersection(set);
      if (!twice.isEmpty) {
        issues.push({
          path: [...path, index],
          reason: "must list each port once",
          got: `${twice} again`,
          fixes: [{ kind: "remove" }],
        });
      }
      all = all.union(set);
    }
    return all;
  };
  const skipped = { skipOutbound: read("skipOutbound"), skipInbound: read("skipInbound") };
  const opaque = read("opaque");
  for (const [list, set] of Object.entries(skipped)) {
    const both = opaque.intersection(set);
    if (both.isEmpty) continue;
    issues.push({
      path: ["ports", "opaque"],
      reason: `must not overlap ${formatPath(["ports", list])}`,
      got: `${both} in both`,
      because: "A skipped port never reaches a proxy, so it cannot be opaque",
      conflictsWith: ["ports", list],
    });
  }
  return issues;
}
