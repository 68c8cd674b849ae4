/**
 * The port lists of a mesh: which ports proxies skip, and which they treat as opaque.
 *
 * Linkerd's chart values and annotations replace its defaults instead of adding to them, so every list that this
 * project writes is a union with the list that it replaces.
 */
import type * as pulumi from "@pulumi/pulumi";
import { isDeferred, mapResolved } from "../../inputs/outputs.ts";
import { PortSet, readPortItem } from "../../inputs/port-set.ts";
import { formatPath, type ValidationIssue } from "../../inputs/validation.ts";

/** SMTP, submission over TLS, submission, and the alternative submission port of most mail providers. */
export const MAIL_PORTS: PortSet = PortSet.of(25, 465, 587, 2525);

/** Ports that Linkerd skips by default, inbound and outbound: Galera (linkerd-control-plane, values.yaml, `proxyInit`). */
export const DEFAULT_SKIP_PORTS: PortSet = PortSet.of(4567, 4568);

/** The proxy's own control and admin ports, which never receive application traffic (charts/partials, `_proxy-init.tpl`). */
export const PROXY_PORTS: PortSet = PortSet.of(4190, 4191);

/** Ports that never reach a proxy, whatever the settings are. */
export const ALWAYS_SKIPPED_PORTS: PortSet = DEFAULT_SKIP_PORTS.union(PROXY_PORTS);

/** Ports that Linkerd treats as opaque by default: protocols in which the server speaks first (ibid., `proxy.opaquePorts`). */
export const DEFAULT_OPAQUE_PORTS: PortSet = PortSet.of(25, 587, 3306, 4444, 5432, 6379, 9300, 11211);

/**
 * Ports that every mesh treats as opaque: Linkerd's, and all mail ports. Callers skip mail ports outbound, so their
 * connections arrive without TLS, and the proxy of a mail server would wait 10 s for a client that waits for the greeting.
 */
export const MESH_OPAQUE_PORTS: PortSet = DEFAULT_OPAQUE_PORTS.union(MAIL_PORTS);

/** Ports to add to Linkerd's own lists. Items are ports or ranges, e.g. `[6000, "4000-4010"]`. */
export interface PortSettings {
  /** Outbound connections to these ports bypass the proxy. @default none */
  skipOutbound?: pulumi.Input<pulumi.Input<number | string>[]> | undefined;
  /** Inbound connections to these ports bypass the proxy. @default none */
  skipInbound?: pulumi.Input<pulumi.Input<number | string>[]> | undefined;
  /**
   * The proxy carries these ports as plain TCP, without protocol detection. SMTP (25, 465, 587 and 2525) always is.
   * @default none
   */
  opaque?: pulumi.Input<pulumi.Input<number | string>[]> | undefined;
  /** Skip SMTP outbound: ports 25, 465, 587 and 2525. @default true */
  skipSmtp?: pulumi.Input<boolean> | undefined;
}

/** {@link PortSettings} without Outputs. */
export type ResolvedPortSettings = pulumi.Unwrap<PortSettings>;

/** The port lists of a mesh in Linkerd's form, e.g. `25,587,4000-4010`. A workload's annotation replaces them. */
export interface MeshPorts {
  /** Ports to which outbound connections bypass the proxy. */
  readonly skipOutbound: string;
  /** Ports on which inbound connections bypass the proxy. */
  readonly skipInbound: string;
  /** Ports that the proxy carries as plain TCP. */
  readonly opaque: string;
}

/** {@link MeshPorts} as sets. */
export type MeshPortSets = { readonly [list in keyof MeshPorts]: PortSet };

/** The names of the lists. */
export const PORT_LISTS = ["skipOutbound", "skipInbound", "opaque"] as const satisfies (keyof MeshPorts)[];

/**
 * Port lists to pass to the chart. The inbound list is `undefined` without custom ports, so the chart's default applies.
 * SMTP is always opaque, and is skipped outbound unless that is turned off.
 */
export function portLists({ skipOutbound, skipInbound, opaque, skipSmtp = true }: ResolvedPortSettings = {}) {
  const inbound = PortSet.of(...(skipInbound ?? []));
  return {
    skipOutbound: PortSet.of(...(skipOutbound ?? [])).union(
      skipSmtp ? MAIL_PORTS : PortSet.EMPTY,
      DEFAULT_SKIP_PORTS,
    ),
    skipInbound: inbound.isEmpty ? undefined : inbound.union(DEFAULT_SKIP_PORTS),
    opaque: PortSet.of(...(opaque ?? [])).union(MESH_OPAQUE_PORTS),
  };
}

/** The lists in force under these settings, with the chart's defaults filled in. */
export function meshPortSets(settings?: ResolvedPortSettings): MeshPortSets {
  const { skipOutbound, skipInbound, opaque } = portLists(settings);
  return {
    skipOutbound,
    skipInbound: skipInbound ?? DEFAULT_SKIP_PORTS,
    opaque,
  };
}

/** {@link meshPortSets} in Linkerd's form. */
export function meshPorts(settings?: ResolvedPortSettings): MeshPorts {
  const { skipOutbound, skipInbound, opaque } = meshPortSets(settings);
  return { skipOutbound: `${skipOutbound}`, skipInbound: `${skipInbound}`, opaque: `${opaque}` };
}

/**
 * Prints each list from only the settings that decide it, so that an Output in one list leaves the others known in
 * a preview.
 */
export function mapPortLists<T>(
  { skipOutbound, skipInbound, opaque, skipSmtp }: PortSettings = {},
  print: (settings: ResolvedPortSettings, list: keyof MeshPorts) => T,
): { [list in keyof MeshPorts]: pulumi.Input<T> } {
  const printList = (list: keyof MeshPorts, settings: PortSettings) =>
    mapResolved(settings, (resolved) => print(resolved, list));
  return {
    skipOutbound: printList("skipOutbound", { skipOutbound, skipSmtp }),
    skipInbound: printList("skipInbound", { skipInbound }),
    opaque: printList("opaque", { opaque }),
  };
}

/**
 * The ports of a list that always skip the proxy. A range that spans other ports as well, e.g. `4000-5000`, is not about
 * them.
 */
export function alwaysSkipped(items: readonly (number | string)[]): PortSet {
  const ranges = items.flatMap((item) => readPortItem(item, () => undefined) ?? []);
  return PortSet.EMPTY.union(...ranges.filter((range) => range.without(ALWAYS_SKIPPED_PORTS).isEmpty));
}

/** Why a list of opaque ports must not contain skipped ports. */
export const NEVER_OPAQUE = "A skipped port never reaches a proxy, so it cannot be opaque";

/**
 * Items that are not ports, ports listed twice, and ports that are both skipped and opaque. A mail port may be skipped
 * outbound and opaque inbound. Outputs are not checked.
 */
export function portIssues(ports: PortSettings = {}): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const read = (list: keyof MeshPorts): PortSet => {
    const path = ["ports", list];
    let all = PortSet.EMPTY;
    for (const [index, item] of knownItems(ports[list])) {
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
  read("opaque");
  for (const [list, set] of Object.entries(skipped)) {
    const conflicting = list === "skipOutbound" ? set.without(MAIL_PORTS) : set;
    for (const [index, item] of knownItems(ports.opaque)) {
      const range = readPortItem(item, () => undefined) ?? PortSet.EMPTY;
      const both = range.intersection(conflicting);
      if (both.isEmpty) continue;
      issues.push({
        path: ["ports", "opaque", index],
        reason: `must not overlap ${formatPath(["ports", list])}`,
        got: `${both} in both`,
        because: NEVER_OPAQUE,
        conflictsWith: ["ports", list],
        fixes: [{ kind: range.without(both).isEmpty ? "remove" : "change" }],
      });
    }
  }
  for (const [index, item] of knownItems(ports.opaque)) {
    const skipped = alwaysSkipped([item]);
    if (skipped.isEmpty) continue;
    issues.push({
      path: ["ports", "opaque", index],
      reason: "must not be a port that Linkerd skips by default",
      got: `${skipped}`,
      because: NEVER_OPAQUE,
      fixes: [{ kind: "remove" }],
    });
  }
  return issues;
}

/** The items of a list that are not Outputs, each with its index. */
function knownItems(list: PortSettings[keyof MeshPorts]): [index: number, item: number | string][] {
  if (list === undefined || isDeferred(list)) return [];
  const items = list as pulumi.Input<number | string>[];
  return items.flatMap((item, index) =>
    isDeferred(item) ? [] : [[index, item as number | string] as [number, number | string]],
  );
}
