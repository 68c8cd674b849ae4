/** What goes with what: Linkerd, Kubernetes and the Gateway API. README's table is printed from here. */
import {
  CHART_KEYS,
  type ChartName,
  chartPin,
  isOlder,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import type { SettingMistake } from "../../components/linkerd/mistakes.ts";
import { versionSetting } from "../settings/chart-settings.ts";

/** A release of Linkerd; facts from its tag in linkerd/linkerd2. */
interface Release {
  /** As Linkerd's makers call it. */
  readonly name: string;
  /** Version of its charts, `YYYY.M.N`. */
  readonly chart: string;
  /** The oldest that Chart.yaml's `kubeVersion` takes, and the newest that upstream tests. */
  readonly kubernetes: readonly [oldest: string, newest: string];
  /** The oldest and the newest that upstream tests (.github/workflows/integration.yml). */
  readonly gatewayApi: readonly [oldest: string, newest: string];
  /** Whether this project was tested with it, on Kubernetes 1.36. */
  readonly tested: boolean;
}

/** Newest first. */
const RELEASES: readonly Release[] = [
  {
    name: "edge-26.8.3",
    chart: "2026.8.3",
    kubernetes: ["1.31", "1.36"],
    gatewayApi: ["1.2.1", "1.5.1"],
    tested: true,
  },
  {
    name: "2.20, edge-26.6.3",
    chart: "2026.6.3",
    kubernetes: ["1.31", "1.35"],
    gatewayApi: ["1.1.1", "1.4.0"],
    tested: true,
  },
  {
    name: "2.19, edge-25.10.7",
    chart: "2025.10.7",
    kubernetes: ["1.23", "1.34"],
    gatewayApi: ["1.1.1", "1.4.0"],
    tested: true,
  },
  {
    name: "2.18, edge-25.4.4",
    chart: "2025.4.4",
    kubernetes: ["1.23", "1.32"],
    gatewayApi: ["1.1.1", "1.3.0"],
    tested: false,
  },
];

/** The first chart that can leave the Gateway API alone: older ones install it whatever they are told (linkerd-crds, values.yaml). */
const FIRST_WITHOUT_GATEWAY_API = "2025.3.1";

const CONTROL_PLANE = "linkerd-control-plane";

/** A sentence about a control plane that is none of the table's, and about each chart beside it of another version. */
export function compatibilityWarnings(charts: LinkerdCharts, installed: readonly ChartName[]): string[] {
  const { version } = chartPin(CONTROL_PLANE, charts);
  const warnings: string[] = [];
  if (!RELEASES.some(({ chart }) => chart === version)) {
    const known = RELEASES.map(({ chart, name }) => `${chart} (${name})`).join(", ");
    warnings.push(
      `linkerd-mesh:${versionSetting(CONTROL_PLANE, charts).join(".")}: ${version} is not in this release's table of ` +
        `compatibility, so nothing is known about it. Known are: ${known}. Preview it against a test cluster first.`,
    );
  }
  for (const name of installed.filter((chart) => chart === "linkerd-viz" || chart === "linkerd2-cni")) {
    const beside = chartPin(name, charts).version;
    if (beside === version) continue;
    warnings.push(
      `linkerd-mesh:charts.${CHART_KEYS[name]}.version: ${name} is ${beside}, and the control plane is ${version}; upstream ` +
        "tests them at one version only. Preview it against a test cluster first.",
    );
  }
  return warnings;
}

/** Versions that are known not to do what another setting asks for. */
export function knownBad(charts: LinkerdCharts, installGatewayApi?: boolean): SettingMistake[] {
  if (installGatewayApi !== false) return [];
  if (!isOlder(chartPin("linkerd-crds", charts).version, FIRST_WITHOUT_GATEWAY_API)) return [];
  return [
    {
      path: versionSetting("linkerd-crds", charts),
      problem: `these charts install the Gateway API even with installGatewayApi false, over the cluster's own; expected ${FIRST_WITHOUT_GATEWAY_API} or newer`,
      against: "charts",
    },
  ];
}

/** Linkerd's versions between the one that a chart belongs to and that of another, oldest first. */
export function passedOver(from: string, to: string): Release[] {
  // An edge belongs to the version that was marked last (linkerd.io, "Upgrading Linkerd").
  const versions = RELEASES.filter(({ name }) => name.startsWith("2.")).reverse();
  const indexOf = (chart: string) => versions.findLastIndex((version) => !isOlder(chart, version.chart));
  return versions.slice(indexOf(from) + 1, Math.max(indexOf(to), 0));
}

/** The table as README.md has it, between its markers. */
export function compatibilityTable(): string {
  const rows = RELEASES.map(({ name, chart, kubernetes, gatewayApi, tested }) =>
    [
      "",
      name,
      `\`${chart}\``,
      kubernetes.join(" to "),
      gatewayApi.join(" to "),
      tested ? "yes, on Kubernetes 1.36" : "no",
      "",
    ].join(" | "),
  );
  const head = [" | Linkerd | Chart | Kubernetes | Gateway API | Tested here | ", "|---|---|---|---|---|"];
  return [...head, ...rows].map((line) => line.trim()).join("\n");
}
