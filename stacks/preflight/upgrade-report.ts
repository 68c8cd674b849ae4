/** Pure: what other versions of Linkerd's charts mean to a mesh that runs. */

import { type DeployedState, releasesIn } from "../../components/deployed/deployed-state.ts";
import {
  type ChartName,
  chartPin,
  isOlder,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import { passedOver } from "./compatibility.ts";

/** Version of each chart that is installed, or is to be. */
export type ChartVersions = Readonly<Partial<Record<ChartName, string>>>;

/** In the order in which they are brought up, each with what rolls with it. */
const ROLLS: Record<ChartName, string | undefined> = {
  "linkerd-crds": undefined,
  "linkerd2-cni": "the CNI plugin on each node",
  "linkerd-control-plane": "the control plane",
  "linkerd-viz": "viz",
};

/** The versions in a state: each release's own, so that an `up` that broke off between two is seen. */
export function deployedVersions(state: DeployedState): ChartVersions {
  return Object.fromEntries(releasesIn(state).map(({ name, version }) => [name, version]));
}

/** The versions that settings ask for, of the charts that they install. */
export function wantedVersions(charts: LinkerdCharts, installed: readonly ChartName[]): ChartVersions {
  return Object.fromEntries(installed.map((name) => [name, chartPin(name, charts).version]));
}

/** What to tell before versions change; nothing where none does. */
export function upgradeReport(deployed: ChartVersions, wanted: ChartVersions) {
  const changes = (Object.keys(ROLLS) as ChartName[]).flatMap((chart) => {
    const [from, to] = [deployed[chart], wanted[chart]];
    return from === undefined || to === undefined || from === to ? [] : [{ chart, from, to }];
  });
  if (changes.length === 0) return { info: undefined, warnings: [] };
  const steps = changes.map(({ chart, from, to }) => `${chart} ${from} -> ${to}`).join(", then ");
  const rolling = changes.flatMap(({ chart }) => ROLLS[chart] ?? []);
  const rolls = rolling.length === 0 ? "No pod rolls" : `What rolls: ${rolling.join(", ")}`;
  const workloads = changes.some(({ chart }) => chart === "linkerd-control-plane")
    ? "; meshed workloads do when their own stacks, which read this mesh by MeshReference, are brought up next"
    : "";
  return {
    info: `Linkerd changes: ${steps}. ${rolls}${workloads}. See docs/upgrade.md.`,
    warnings: [...backwards(changes), ...tooFar(changes)],
  };
}

type Change = { chart: ChartName; from: string; to: string };

function backwards(changes: readonly Change[]): string[] {
  const back = changes.filter(({ from, to }) => isOlder(to, from)).map(({ chart }) => chart);
  if (back.length === 0) return [];
  return [
    `Linkerd goes back: ${back.join(", ")}. Its makers vouch for a control plane that is ahead of its proxies, not ` +
      "for one that is behind, and test no way back. See docs/upgrade.md, “Going back”.",
  ];
}

function tooFar(changes: readonly Change[]): string[] {
  return changes
    .filter(({ chart }) => chart === "linkerd-control-plane")
    .flatMap(({ from, to }) => {
      const over = passedOver(from, to);
      if (over.length === 0) return [];
      return [
        `Linkerd ${from} -> ${to} passes over ${over.map(({ name }) => name).join(" and ")}. Proxies may be one version ` +
          `of Linkerd behind their control plane, and not more: bring mesh and workloads to ${over[0]?.chart} first.`,
      ];
    });
}
