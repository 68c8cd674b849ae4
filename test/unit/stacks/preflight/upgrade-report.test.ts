import { expect, test } from "vitest";
import { deployedVersions, upgradeReport } from "../../../../stacks/preflight/upgrade-report.ts";

const all = (version: string) => ({
  "linkerd-crds": version,
  "linkerd2-cni": version,
  "linkerd-control-plane": version,
  "linkerd-viz": version,
});

test("a change of versions is reported in one line: both versions, the order, and which pods restart when", () => {
  expect(upgradeReport(all("2025.10.7"), all("2026.6.3"))).toEqual({
    info:
      "Linkerd changes: linkerd-crds 2025.10.7 -> 2026.6.3, then linkerd2-cni 2025.10.7 -> 2026.6.3, then " +
      "linkerd-control-plane 2025.10.7 -> 2026.6.3, then linkerd-viz 2025.10.7 -> 2026.6.3. Restarts: the CNI " +
      "plugin on each node, the control plane, viz. Workloads restart on the next `pulumi up` of stacks that use " +
      "MeshReference. See docs/upgrade.md.",
    warnings: [],
  });
});

test("each chart is compared with its own version, as after an up that was interrupted between two charts", () => {
  const { info } = upgradeReport({ ...all("2025.10.7"), "linkerd-crds": "2026.6.3" }, all("2026.6.3"));
  expect(info).toMatch(
    /^Linkerd changes: linkerd2-cni 2025\.10\.7 -> 2026\.6\.3, then linkerd-control-plane/,
  );
});

test("a change of viz restarts no workload, and a change of CRDs restarts no pod", () => {
  const deployed = all("2026.6.3");
  expect(upgradeReport(deployed, { ...deployed, "linkerd-viz": "2026.8.3" }).info).toBe(
    "Linkerd changes: linkerd-viz 2026.6.3 -> 2026.8.3. Restarts: viz. See docs/upgrade.md.",
  );
  expect(upgradeReport(deployed, { ...deployed, "linkerd-crds": "2026.8.3" }).info).toBe(
    "Linkerd changes: linkerd-crds 2026.6.3 -> 2026.8.3. No pod restarts. See docs/upgrade.md.",
  );
});

test.each([
  ["no version changes", all("2026.8.3"), all("2026.8.3")],
  ["nothing was deployed", {}, all("2026.8.3")],
  ["charts are added or removed", { "linkerd-viz": "2026.6.3" }, { "linkerd2-cni": "2026.8.3" }],
])("nothing is reported if %s", (_, deployed, requested) => {
  expect(upgradeReport(deployed, requested)).toEqual({ info: undefined, warnings: [] });
});

test("a downgrade causes one warning with the reason", () => {
  const { warnings } = upgradeReport(all("2026.6.3"), { ...all("2025.10.7"), "linkerd-viz": "2026.8.3" });
  expect(warnings).toEqual([
    expect.stringMatching(
      /^Linkerd is downgraded: linkerd-crds, linkerd2-cni, linkerd-control-plane\. .* not one that is older/,
    ),
  ]);
});

test.each([
  ["2025.4.4", "2026.6.3", "2.19, edge-25.10.7", "2025.10.7"],
  ["2025.5.1", "2026.8.3", "2.19, edge-25.10.7", "2025.10.7"],
  ["2024.11.8", "2026.8.3", "2.18, edge-25.4.4 and 2.19, edge-25.10.7", "2025.4.4"],
])("an upgrade from %s to %s causes a warning, because it skips %s", (from, to, skipped, first) => {
  const { warnings } = upgradeReport(all(from), all(to));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`${from} -> ${to} skips ${skipped}. `);
  expect(warnings[0]).toContain(`Fix: upgrade mesh and workloads to ${first} first`);
});

test.each([
  ["2025.10.7", "2026.8.3"],
  ["2025.4.4", "2026.5.1"],
  ["2026.6.3", "2026.8.3"],
  ["2024.11.8", "2025.2.1"],
])("an upgrade from %s to %s causes no warning, because it is at most one version of Linkerd", (from, to) => {
  expect(upgradeReport(all(from), all(to)).warnings).toEqual([]);
});

test("the deployed version of a chart is its release's own, and other resources are ignored", () => {
  const release = (name: string, version: string) => ({
    type: "kubernetes:helm.sh/v3:Release",
    outputs: { name, version },
  });
  const state = {
    "urn:crds": release("linkerd-crds", "2026.8.3"),
    "urn:viz": release("linkerd-viz", "2026.6.3"),
    "urn:namespace": { type: "kubernetes:core/v1:Namespace", outputs: { name: "linkerd" } },
  };
  expect(deployedVersions(state)).toEqual({ "linkerd-crds": "2026.8.3", "linkerd-viz": "2026.6.3" });
  expect(deployedVersions({})).toEqual({});
});
