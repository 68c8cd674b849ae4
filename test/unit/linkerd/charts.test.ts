import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { linkerdVersion, locateChart } from "../../../components/linkerd/charts/charts.ts";

describe("chart sources", () => {
  test("a chart is located in a repository, a registry or a directory", () => {
    const version = "2026.8.3";
    expect(locateChart("linkerd-viz", {})).toEqual({
      chart: "linkerd-viz",
      version,
      repositoryOpts: { repo: "https://helm.linkerd.io/edge" },
    });
    expect(locateChart("linkerd-viz", { source: "oci://registry.example/charts/" })).toEqual({
      chart: "oci://registry.example/charts/linkerd-viz",
      version,
    });
    expect(locateChart("linkerd-viz", { source: "/charts" })).toEqual({
      chart: "/charts/linkerd-viz",
      version,
    });
  });

  test("in a directory, an archive of the pinned version precedes a folder", () => {
    const directory = mkdtempSync(join(tmpdir(), "charts-"));
    const archive = join(directory, "linkerd-crds-2026.8.3.tgz");
    writeFileSync(archive, "");
    expect(locateChart("linkerd-crds", { source: directory }).chart).toBe(archive);
    expect(locateChart("linkerd-crds", { source: directory, version: "2026.6.3" }).chart).toBe(
      join(directory, "linkerd-crds"),
    );
  });

  test("one chart can have another version or source, and the others keep theirs", () => {
    const charts = {
      version: "2026.6.3",
      source: "oci://registry.example/charts",
      crds: { version: "2026.8.3" },
      viz: { source: "/charts" },
    };
    expect(locateChart("linkerd-crds", charts)).toEqual({
      chart: "oci://registry.example/charts/linkerd-crds",
      version: "2026.8.3",
    });
    expect(locateChart("linkerd-viz", charts)).toEqual({ chart: "/charts/linkerd-viz", version: "2026.6.3" });
    expect(locateChart("linkerd2-cni", charts)).toEqual({
      chart: "oci://registry.example/charts/linkerd2-cni",
      version: "2026.6.3",
    });
  });

  test("chart version 2026.8.3 is Linkerd edge-26.8.3", () => {
    expect(linkerdVersion("2026.8.3")).toBe("edge-26.8.3");
  });
});
