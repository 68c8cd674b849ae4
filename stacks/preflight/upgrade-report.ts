/** Pure: the consequences of a change of chart versions. */
import { type DeployedState, releasesIn } from "../../components/deployed/deployed-state.ts";
import {
  type ChartName,
  chartPin,
  isOlder,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import { skippedVersions } from "./compatibility.ts";

/** Version of each chart that is installed, or will be. */
export type ChartVersions = Readonly<Partial<Record<ChartName, string>>>;

/** The charts in the order of their upgrade, each with the pods that restart with it. */
const RESTARTS: Record<ChartName, string | undefined> = {
  "linkerd-crds": undefined,
  "linkerd2-cni": "the CNI plugin on each node",
  "linkerd-control-plane": "the control plane",
  "linkerd-viz": "viz",
};

/** The versions in a state, by release, so that an `up` that was interrupted between two releases is recognized. */
export function deployedVersions(state: DeployedState): ChartVersions {
  return Object.fromEntries(releasesIn(state).map(({ name, version }) => [name, version]));
}

/** The versions that the settings request, for the charts that they install. */
export function requestedVersions(charts: LinkerdCharts, installed: readonly ChartName[]): ChartVersions {
  return Object.fromEntries(installed.map((name) => [name, chartPin(name, charts).version]));
}

/** What to print before versions change. Without a change, there is nothing to print. */
export function upgradeReport(deployed: ChartVersions, requested: ChartVersions) {
  const changes = (Object.keys(RESTARTS) as ChartName[]).flatMap((chart) => {
    const [from, to] = [deployed[chart], requested[chart]];
    return from === undefined || to === undefined || from === to ? [] : [{ chart, from, to }];
  });
  if (changes.length === 0) return { info: undefined, warnings: [] };
  const steps = changes.map(({ chart, from, to }) => `${chart} ${from} -> ${to}`).join(", then ");
  const restarts = changes.flatMap(({ chart }) => RESTARTS[chart] ?? []);
  return {
    info: [
      `Linkerd changes: ${steps}.`,
      restarts.length === 0 ? "No pod restarts." : `Restarts: ${restarts.join(", ")}.`,
      ...(changes.some(({ chart }) => chart === "linkerd-control-plane")
        ? ["Workloads restart on the next `pulumi up` of stacks that use MeshReference."]
        : []),
      "See docs/upgrade.md.",
    ].join(" "),
    warnings: [...warnOfDowngrades(changes), ...warnOfSkippedVersions(changes)],
  };
}

type Change = { chart: ChartName; from: string; to: string };

function warnOfDowngrades(changes: readonly Change[]): string[] {
  const downgraded = changes.filter(({ from, to }) => isOlder(to, from)).map(({ chart }) => chart);
  if (downgraded.length === 0) return [];
  return [
    `Linkerd is downgraded: ${downgraded.join(", ")}. Its makers support a control plane that is newer than its ` +
      'proxies, not one that is older, and test no downgrades. See docs/upgrade.md, "Going back".',
  ];
}

function warnOfSkippedVersions(changes: readonly Change[]): string[] {
  return changes
    .filter(({ chart }) => chart === "linkerd-control-plane")
    .flatMap(({ from, to }) => {
      const skipped = skippedVersions(from, to);
      if (skipped.length === 0) return [];
      return [
        `Linkerd ${from} -> ${to} skips ${skipped.map(({ name }) => name).join(" and ")}. Proxies may be at most one ` +
          `version of Linkerd older than their control plane. Fix: upgrade mesh and workloads to ${skipped[0]?.chart} first`,
      ];
    });
}
