/** Which versions of Linkerd, Kubernetes and the Gateway API work together. The table in README.md is printed from here. */
import { formatValue, type ValidationIssue } from "../../components/inputs/validation.ts";
import {
  CHART_KEYS,
  type ChartName,
  chartPin,
  isOlder,
  type LinkerdCharts,
} from "../../components/linkerd/charts/charts.ts";
import { versionSetting } from "../settings/chart-settings.ts";

/** A release of Linkerd. The facts are from its tag in linkerd/linkerd2. */
interface Release {
  /** Name that Linkerd's makers use. */
  readonly name: string;
  /** Version of its charts, `YYYY.M.N`. */
  readonly chart: string;
  /** The oldest version that `kubeVersion` in Chart.yaml accepts, and the newest that upstream tests. */
  readonly kubernetes: readonly [oldest: string, newest: string];
  /** The oldest and the newest version that upstream tests (.github/workflows/integration.yml). */
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

/** The first charts that can leave out the Gateway API. Older ones install it in any case (linkerd-crds, values.yaml). */
const FIRST_WITHOUT_GATEWAY_API = "2025.3.1";

const CONTROL_PLANE = "linkerd-control-plane";

const TEST_FIRST: ValidationIssue["fixes"] = [
  { kind: "instruction", text: "preview it against a test cluster first" },
];

/** Warnings about a control plane that is not in the table, and about charts of another version next to it. */
export function compatibilityWarnings(
  charts: LinkerdCharts,
  installed: readonly ChartName[],
): ValidationIssue[] {
  const { version } = chartPin(CONTROL_PLANE, charts);
  const warnings: ValidationIssue[] = [];
  if (!RELEASES.some(({ chart }) => chart === version)) {
    const known = RELEASES.map(({ chart, name }) => `${chart} (${name})`).join(", ");
    warnings.push({
      path: versionSetting(CONTROL_PLANE, charts),
      reason: "should be a version in this release's compatibility table",
      got: formatValue(version),
      because: `Known versions: ${known}`,
      fixes: TEST_FIRST,
    });
  }
  for (const name of installed.filter((chart) => chart === "linkerd-viz" || chart === "linkerd2-cni")) {
    const own = chartPin(name, charts).version;
    if (own === version) continue;
    warnings.push({
      path: ["charts", CHART_KEYS[name], "version"],
      reason: "should be the version of the control plane",
      got: `${formatValue(own)} beside ${formatValue(version)}`,
      because: "Upstream tests the charts at one version only",
      fixes: TEST_FIRST,
    });
  }
  return warnings;
}

/** Versions that are known not to work with another setting. */
export function compatibilityIssues(charts: LinkerdCharts, installGatewayApi: boolean): ValidationIssue[] {
  const { version } = chartPin("linkerd-crds", charts);
  if (installGatewayApi || !isOlder(version, FIRST_WITHOUT_GATEWAY_API)) return [];
  return [
    {
      path: versionSetting("linkerd-crds", charts),
      reason: `must be ${FIRST_WITHOUT_GATEWAY_API} or newer with installGatewayApi false`,
      got: formatValue(version),
      because: "Older charts install the Gateway API in any case, over the cluster's own",
      conflictsWith: ["installGatewayApi"],
    },
  ];
}

/** The versions of Linkerd that an upgrade skips, oldest first. */
export function skippedVersions(from: string, to: string): Release[] {
  // An edge release belongs to the latest version before it (linkerd.io, "Upgrading Linkerd").
  const versions = RELEASES.filter(({ name }) => name.startsWith("2.")).reverse();
  const indexOf = (chart: string) => versions.findLastIndex((version) => !isOlder(chart, version.chart));
  return versions.slice(indexOf(from) + 1, Math.max(indexOf(to), 0));
}

/** The table between the markers in README.md. */
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
