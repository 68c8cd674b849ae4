import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type ChartName,
  DEFAULT_CHART_VERSION,
  isOlder,
  type LinkerdCharts,
} from "../../../../components/linkerd/charts/charts.ts";
import { compatibilityTable, compatibilityWarnings } from "../../../../stacks/preflight/compatibility.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";
import { root } from "../../../support/package.ts";
import { findMessages } from "../../../support/settings.ts";

const ALL = ["linkerd-crds", "linkerd2-cni", "linkerd-control-plane", "linkerd-viz"] as const;

const warningsFor = (charts: LinkerdCharts, installed: readonly ChartName[]) =>
  compatibilityWarnings(charts, installed).map((issue) => formatStackIssue(issue, readSettings({}).given));

test("the table in README.md is the one that settings are checked against", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, printed] = /<!-- compatibility:.*-->\n\n?([\s\S]*?)\n*<!-- \/compatibility -->/.exec(readme) ?? [];
  expect(printed).toBe(compatibilityTable());
});

test.each([DEFAULT_CHART_VERSION, "2026.6.3", "2025.10.7", "2025.4.4"])(
  "version %s of the table causes no warning",
  (version) => {
    expect(warningsFor({ version }, ALL)).toEqual([]);
  },
);

test.each(["2026.8.2", "2027.1.1", "2024.11.8"])(
  "version %s, which is not in the table, causes a warning with the known versions",
  (version) => {
    expect(warningsFor({ version }, ALL)).toEqual([
      expect.stringMatching(
        `^linkerd-mesh:chartVersion: should be a version in this release's compatibility table, got "${version}"\\. ` +
          "Known versions: 2026\\.8\\.3 .*2025\\.4\\.4 .*\\. Fix: preview it against a test cluster first$",
      ),
    ]);
  },
);

test("the version that counts is the control plane's, and the warning names the setting that pins it", () => {
  const charts = { version: "2027.1.1", controlPlane: { version: "2026.8.3" } };
  expect(warningsFor(charts, ["linkerd-crds", "linkerd-control-plane"])).toEqual([]);
  expect(warningsFor({ crds: { version: "2027.2.1" }, controlPlane: { version: "2027.1.1" } }, [])).toEqual([
    expect.stringMatching(/^linkerd-mesh:charts\.controlPlane\.version: should be .*, got "2027\.1\.1"\./),
  ]);
});

test("an installed viz or CNI chart of another version than the control plane's causes a warning", () => {
  const charts = {
    viz: { version: "2026.6.3" },
    cni: { version: "2025.10.7" },
    crds: { version: "2026.9.1" },
  };
  expect(warningsFor(charts, ALL)).toEqual([
    'linkerd-mesh:charts.cni.version: should be the version of the control plane, got "2025.10.7" beside "2026.8.3". Upstream tests the charts at one version only. Fix: preview it against a test cluster first',
    expect.stringMatching(/^linkerd-mesh:charts\.viz\.version: should be .*, got "2026\.6\.3" beside /),
  ]);
  expect(warningsFor(charts, ["linkerd-crds", "linkerd-control-plane"])).toEqual([]);
});

test("charts that install the Gateway API in any case are rejected with installGatewayApi false", () => {
  const settings = { chartVersion: "2025.2.3", installGatewayApi: false };
  expect(findMessages(settings)).toEqual([
    expect.stringMatching(
      /^linkerd-mesh:chartVersion: must be 2025\.3\.1 or newer with installGatewayApi false, got "2025\.2\.3"\. .* Fix: pulumi config set chartVersion <value>$/,
    ),
  ]);
  expect(findMessages({ ...settings, installGatewayApi: true })).toEqual([]);
  expect(findMessages({ ...settings, chartVersion: "2025.3.1" })).toEqual([]);
  // Only the chart of the CRDs counts.
  expect(findMessages({ ...settings, charts: { crds: { version: "2025.3.1" } } })).toEqual([]);
  expect(
    findMessages({
      installGatewayApi: false,
      chartVersion: "2025.1.1",
      charts: { crds: { version: "2025.2.3" } },
    }),
  ).toEqual([expect.stringMatching(/^linkerd-mesh:charts\.crds\.version: must be .*, got "2025\.2\.3"\./)]);
});

test("versions are compared by number", () => {
  expect(isOlder("2025.9.4", "2025.10.7")).toBe(true);
  expect(isOlder("2025.10.7", "2025.9.4")).toBe(false);
  expect(isOlder("2026.8.3", "2026.8.3")).toBe(false);
});
