import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_LINKERD_VERSION, isOlder } from "../../components/linkerd/charts.ts";
import { compatibilityTable, compatibilityWarning } from "../../stacks/compatibility.ts";
import { mistakes } from "../support/settings.ts";

test("README's table is the one that the settings are checked with", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
  const [, printed] = /<!-- compatibility:.*-->\n([\s\S]*?)\n?<!-- \/compatibility -->/.exec(readme) ?? [];
  expect(printed).toBe(compatibilityTable());
});

test.each([DEFAULT_LINKERD_VERSION, "2026.6.3", "2025.10.7", "2025.4.4"])(
  "nothing is said about %s",
  (version) => {
    expect(compatibilityWarning(version)).toBeUndefined();
  },
);

test.each(["2026.8.2", "2027.1.1", "2024.11.8"])("%s is warned of, with what is known instead", (version) => {
  expect(compatibilityWarning(version)).toMatch(
    new RegExp(`^linkerd-mesh:linkerdVersion: ${version} is not in .*2026\\.8\\.3 .*2025\\.4\\.4`),
  );
});

test("charts that cannot leave the Gateway API alone are refused where they are to", () => {
  const given = { linkerdVersion: "2025.2.3", installGatewayApi: false };
  expect(mistakes(given)).toEqual([
    expect.stringMatching(
      /^linkerd-mesh:linkerdVersion: these charts install the Gateway API even with .*; expected 2025\.3\.1 or newer; given "2025\.2\.3"\. Mend it with/,
    ),
  ]);
  expect(mistakes({ ...given, installGatewayApi: true })).toEqual([]);
  expect(mistakes({ ...given, linkerdVersion: "2025.3.1" })).toEqual([]);
});

test("versions are compared as numbers", () => {
  expect(isOlder("2025.9.4", "2025.10.7")).toBe(true);
  expect(isOlder("2025.10.7", "2025.9.4")).toBe(false);
  expect(isOlder("2026.8.3", "2026.8.3")).toBe(false);
});
