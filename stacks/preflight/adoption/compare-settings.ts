/** Compares values of a running control plane with the settings: domains, networks, CNI, ports and versions. */
import { BlockList, isIP } from "node:net";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { formatValue, type Path, type ValidationIssue } from "../../../components/inputs/validation.ts";
import { type ChartName, chartPin, isOlder } from "../../../components/linkerd/charts/charts.ts";
import { meshPortSets, PORT_LISTS } from "../../../components/linkerd/values/ports.ts";
import { installedCharts, toCharts, versionSetting } from "../../settings/chart-settings.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { commandFix } from "./commands.ts";
import type { RunningConfig, RunningMesh } from "./running-mesh.ts";

/** The chart's default (linkerd-control-plane, values.yaml). */
const DEFAULT_INBOUND_POLICY = "all-unauthenticated";

/** Finds values that proxies would not survive after their next restart. */
export function compareValues(config: RunningConfig, settings: Settings): ValidationIssue[] {
  const { trustDomain, clusterDomain, cni, defaultInboundPolicy = DEFAULT_INBOUND_POLICY } = settings;
  const reasons = {
    trustDomain: "Proxies reject identities of any other trust domain",
    clusterDomain: "Proxies find Services and identities by this domain",
    cni: "Pods that restart would not be connected to their proxies",
    defaultInboundPolicy: "Proxies that restart would accept other connections than now",
  };
  const planned = { trustDomain, clusterDomain, cni, defaultInboundPolicy };
  const issues: ValidationIssue[] = [];
  for (const setting of Object.keys(planned) as (keyof typeof planned)[]) {
    const value = config[setting];
    if (value === undefined || value === planned[setting]) continue;
    issues.push({
      path: [setting],
      reason: "must be the value of the running mesh",
      got: `${formatValue(planned[setting])}, while the mesh has ${formatValue(value)}`,
      because: reasons[setting],
      fixes: [{ kind: "set", path: [setting], value }],
    });
  }
  return [...issues, ...compareNetworks(config, settings), ...comparePorts(config, settings)];
}

function compareNetworks(
  { clusterNetworks }: RunningConfig,
  settings: Pick<Settings, "clusterNetworks">,
): ValidationIssue[] {
  const lost = clusterNetworks.filter(
    (network) => !settings.clusterNetworks.some((planned) => containsNetwork(planned, network)),
  );
  if (lost.length === 0) return [];
  return [
    {
      path: ["clusterNetworks"],
      reason: "must contain the networks of the running mesh",
      got: `a list without ${lost.join(", ")}`,
      because: "Proxies do not discover addresses outside these networks, and send to them without mTLS",
      fixes: [
        commandFix(
          ...clusterNetworks.map(
            (network, index) => `pulumi config set --path 'clusterNetworks[${index}]' ${network}`,
          ),
        ),
      ],
    },
  ];
}

/** Whether a CIDR contains another one. */
function containsNetwork(outer: string, inner: string): boolean {
  const [address = "", bits] = inner.split("/");
  const [base = "", outerBits] = outer.split("/");
  if (isIP(address) === 0 || isIP(address) !== isIP(base)) return outer === inner;
  if (Number(outerBits) > Number(bits)) return false;
  const family = isIP(base) === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, Number(outerBits), family);
  return list.check(address, family);
}

function comparePorts({ ports }: RunningConfig, settings: Pick<Settings, "ports">): ValidationIssue[] {
  const planned = meshPortSets(settings.ports);
  // A port that is skipped in both directions needs not be opaque.
  const covered = { ...planned, opaque: planned.opaque.union(planned.skipInbound, planned.skipOutbound) };
  return PORT_LISTS.flatMap((list) => {
    const lost = PortSet.of(ports[list]).without(covered[list]);
    if (lost.isEmpty) return [];
    const first = settings.ports[list]?.length ?? 0;
    return [
      {
        path: ["ports", list],
        reason: "must contain the ports of the running mesh",
        got: `a list without ${lost}`,
        because: "Proxies that restart would handle connections to these ports in another way",
        fixes: [
          commandFix(
            ...`${lost}`
              .split(",")
              .map((port, index) => `pulumi config set --path 'ports.${list}[${first + index}]' ${port}`),
          ),
        ],
      },
    ];
  });
}

/** Adoption must not downgrade a chart: a control plane must not be older than its proxies. An upgrade is allowed. */
export function compareVersions({ versions }: RunningMesh, settings: Settings): ValidationIssue[] {
  const charts = toCharts(settings);
  const newest = new Map<string, { path: Path; planned: string; running: string; chart: ChartName }>();
  for (const chart of installedCharts(settings)) {
    const planned = chartPin(chart, charts).version;
    const running = versions[chart];
    if (running === undefined || !isOlder(planned, running)) continue;
    const path = versionSetting(chart, charts);
    const known = newest.get(path.join("."));
    if (known === undefined || isOlder(known.running, running)) {
      newest.set(path.join("."), { path, planned, running, chart });
    }
  }
  return [...newest.values()].map(({ path, planned, running, chart }) => ({
    path,
    reason: "must not be older than the running chart",
    got: `${planned}, while the mesh has ${chart} ${running}`,
    because: "Linkerd supports no control plane that is older than its proxies",
    fixes: [{ kind: "set", path, value: running }],
  }));
}
