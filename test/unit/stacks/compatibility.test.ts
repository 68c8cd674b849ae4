import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_CHART_VERSION, isOlder } from "../../../components/linkerd/charts/charts.ts";
import { compatibilityTable, compatibilityWarnings } from "../../../stacks/preflight/compatibility.ts";
import { root } from "../../support/package.ts";
import { mistakes } from "../../support/settings.ts";

const ALL = ["linkerd-crds", "linkerd2-cni", "linkerd-control-plane", "linkerd-viz"] as const;

test("README's table is the one that the settings are checked with", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, printed] = /<!-- compatibility:.*-->\n([\s\S]*?)\n?<!-- \/compatibility -->/.exec(readme) ?? [];
  expect(printed).toBe(compatibilityTable());
});

test.each([DEFAULT_CHART_VERSION, "2026.6.3", "2025.10.7", "2025.4.4"])(
  "nothing is said about %s",
  (version) => {
    expect(compatibilityWarnings({ version }, ALL)).toEqual([]);
  },
);

test.each(["2026.8.2", "2027.1.1", "2024.11.8"])("%s is warned of, with what is known instead", (version) => {
  const told = `chartVersion: ${version} is not in .*2026\\.8\\.3 .*2025\\.4\\.4`;
  expect(compatibilityWarnings({ version }, ALL)).toEqual([expect.stringMatching(`^linkerd-mesh:${told}`)]);
});

test("the control plane's version is the one that is looked up, by the setting that it stands in", () => {
  const charts = { version: "2027.1.1", controlPlane: { version: "2026.8.3" } };
  expect(compatibilityWarnings(charts, ["linkerd-crds", "linkerd-control-plane"])).toEqual([]);
  expect(
    compatibilityWarnings({ crds: { version: "2027.2.1" }, controlPlane: { version: "2027.1.1" } }, []),
  ).toEqual([expect.stringMatching(/^linkerd-mesh:charts\.controlPlane\.version: 2027\.1\.1 is not in /)]);
});

test("viz and CNI of another version than the control plane's are warned of where they are installed", () => {
  const charts = {
    viz: { version: "2026.6.3" },
    cni: { version: "2025.10.7" },
    crds: { version: "2026.9.1" },
  };
  expect(compatibilityWarnings(charts, ALL)).toEqual([
    "linkerd-mesh:charts.cni.version: linkerd2-cni is 2025.10.7, and the control plane is 2026.8.3; upstream tests them at one version only. Preview it against a test cluster first.",
    expect.stringMatching(/^linkerd-mesh:charts\.viz\.version: linkerd-viz is 2026\.6\.3, /),
  ]);
  expect(compatibilityWarnings(charts, ["linkerd-crds", "linkerd-control-plane"])).toEqual([]);
});

test("charts that cannot leave the Gateway API alone are refused where they are to", () => {
  const given = { chartVersion: "2025.2.3", installGatewayApi: false };
  expect(mistakes(given)).toEqual([
    expect.stringMatching(
      /^linkerd-mesh:chartVersion: these charts install the Gateway API even with .*; expected 2025\.3\.1 or newer; given "2025\.2\.3"\. Mend it with/,
    ),
  ]);
  expect(mistakes({ ...given, installGatewayApi: true })).toEqual([]);
  expect(mistakes({ ...given, chartVersion: "2025.3.1" })).toEqual([]);
  // It is the definitions' chart that counts.
  expect(mistakes({ ...given, charts: { crds: { version: "2025.3.1" } } })).toEqual([]);
  expect(
    mistakes({
      installGatewayApi: false,
      chartVersion: "2025.1.1",
      charts: { crds: { version: "2025.2.3" } },
    }),
  ).toEqual([
    expect.stringMatching(/^linkerd-mesh:charts\.crds\.version: these charts .*; given "2025\.2\.3"/),
  ]);
});

test("versions are compared as numbers", () => {
  expect(isOlder("2025.9.4", "2025.10.7")).toBe(true);
  expect(isOlder("2025.10.7", "2025.9.4")).toBe(false);
  expect(isOlder("2026.8.3", "2026.8.3")).toBe(false);
});
