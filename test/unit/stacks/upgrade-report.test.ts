import { describe, expect, test } from "vitest";
import { deployedVersions, upgradeReport } from "../../../stacks/preflight/upgrade-report.ts";

const all = (version: string) => ({
  "linkerd-crds": version,
  "linkerd2-cni": version,
  "linkerd-control-plane": version,
  "linkerd-viz": version,
});

describe("before versions change", () => {
  test("one line tells from which to which, in which order, and what rolls when", () => {
    expect(upgradeReport(all("2025.10.7"), all("2026.6.3"))).toEqual({
      info:
        "Linkerd changes: linkerd-crds 2025.10.7 -> 2026.6.3, then linkerd2-cni 2025.10.7 -> 2026.6.3, then " +
        "linkerd-control-plane 2025.10.7 -> 2026.6.3, then linkerd-viz 2025.10.7 -> 2026.6.3. What rolls: the CNI " +
        "plugin on each node, the control plane, viz; meshed workloads do when their own stacks, which read this " +
        "mesh by MeshReference, are brought up next. See docs/upgrade.md.",
      warnings: [],
    });
  });

  test("each chart has its own, as after an up that broke off between two", () => {
    const { info } = upgradeReport({ ...all("2025.10.7"), "linkerd-crds": "2026.6.3" }, all("2026.6.3"));
    expect(info).toMatch(
      /^Linkerd changes: linkerd2-cni 2025\.10\.7 -> 2026\.6\.3, then linkerd-control-plane/,
    );
  });

  test("no workload rolls for viz, and no pod for the definitions", () => {
    const deployed = all("2026.6.3");
    expect(upgradeReport(deployed, { ...deployed, "linkerd-viz": "2026.8.3" }).info).toBe(
      "Linkerd changes: linkerd-viz 2026.6.3 -> 2026.8.3. What rolls: viz. See docs/upgrade.md.",
    );
    expect(upgradeReport(deployed, { ...deployed, "linkerd-crds": "2026.8.3" }).info).toBe(
      "Linkerd changes: linkerd-crds 2026.6.3 -> 2026.8.3. No pod rolls. See docs/upgrade.md.",
    );
  });

  test.each([
    ["nothing changes", all("2026.8.3"), all("2026.8.3")],
    ["nothing was deployed", {}, all("2026.8.3")],
    ["a chart comes or goes", { "linkerd-viz": "2026.6.3" }, { "linkerd2-cni": "2026.8.3" }],
  ])("nothing is said where %s", (_, deployed, wanted) => {
    expect(upgradeReport(deployed, wanted)).toEqual({ info: undefined, warnings: [] });
  });

  test("a way back is warned of once, with the reason", () => {
    const { warnings } = upgradeReport(all("2026.6.3"), { ...all("2025.10.7"), "linkerd-viz": "2026.8.3" });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Linkerd goes back: linkerd-crds, linkerd2-cni, linkerd-control-plane\. .* not for one that is behind/,
      ),
    ]);
  });

  test.each([
    ["2025.4.4", "2026.6.3", "2.19, edge-25.10.7", "2025.10.7"],
    ["2025.5.1", "2026.8.3", "2.19, edge-25.10.7", "2025.10.7"],
    ["2024.11.8", "2026.8.3", "2.18, edge-25.4.4 and 2.19, edge-25.10.7", "2025.4.4"],
  ])("%s to %s passes over a version of Linkerd, which is warned of", (from, to, over, first) => {
    const { warnings } = upgradeReport(all(from), all(to));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${from} -> ${to} passes over ${over}. `);
    expect(warnings[0]).toContain(`bring mesh and workloads to ${first} first`);
  });

  test.each([
    ["2025.10.7", "2026.8.3"],
    ["2025.4.4", "2026.5.1"],
    ["2026.6.3", "2026.8.3"],
    ["2024.11.8", "2025.2.1"],
  ])("%s to %s is one version at most, which is not", (from, to) => {
    expect(upgradeReport(all(from), all(to)).warnings).toEqual([]);
  });
});

test("what is deployed is each release's own version, and nothing of what is no release", () => {
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
