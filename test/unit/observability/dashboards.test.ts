import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allDashboards, formatDashboard } from "../../../components/observability/dashboards/dashboards.ts";
import { listPanels } from "../../../components/observability/dashboards/parts/layout.ts";
import { vizDashboards } from "../../../components/observability/dashboards/viz-links.ts";
import { DASHBOARDS_FOLDER, generateFiles } from "../../../scripts/dashboards/files.ts";
import { root } from "../../support/package.ts";

test("the UIDs are the published ones, because the links of users contain them", () => {
  expect(allDashboards().map(({ uid, title }) => `${uid}: ${title}`)).toEqual([
    "linkerd-applications: Linkerd: applications",
    "linkerd-mesh-health: Linkerd: mesh health",
    "linkerd-deployment: Linkerd: Deployment",
    "linkerd-statefulset: Linkerd: StatefulSet",
    "linkerd-daemonset: Linkerd: DaemonSet",
    "linkerd-job: Linkerd: Job",
    "linkerd-cronjob: Linkerd: CronJob",
    "linkerd-pod: Linkerd: Pod",
    "linkerd-namespace: Linkerd: Namespace",
  ]);
});

test("a copy for viz has the variables of viz's links, and the panels of Applications", () => {
  const [applications] = allDashboards();
  if (applications === undefined) throw new Error("there is no dashboard");
  for (const copy of vizDashboards()) {
    const resource = copy.uid.replace("linkerd-", "");
    const names = (copy.templating.list ?? []).map(({ name }) => name);
    expect(names).toContain("namespace");
    expect(names).toContain(resource);
    expect(names).not.toContain("kind");
    expect(listPanels(copy).map(({ title }) => title)).toEqual(
      listPanels(applications).map(({ title }) => title),
    );
  }
});

test("the dashboards and rules of the repository are those of the code, byte by byte, on each run", () => {
  const files = generateFiles();
  expect(generateFiles()).toEqual(files);
  for (const [path, content] of Object.entries(files)) {
    expect(readFileSync(join(root, path), "utf8") === content, path).toBe(true);
  }
  const committed = readdirSync(join(root, DASHBOARDS_FOLDER)).map((name) => `${DASHBOARDS_FOLDER}/${name}`);
  expect(committed.filter((path) => !(path in files))).toEqual([]);
});

test("a dashboard fits into a ConfigMap with others", () => {
  for (const dashboard of allDashboards()) {
    expect(formatDashboard(dashboard).length, dashboard.uid).toBeLessThan(200_000);
  }
});

test("Applications opens with the table and the golden signals, because closed rows send no queries", () => {
  const [applications] = allDashboards();
  const rows = applications?.panels.filter((panel) => panel.type === "row") ?? [];
  expect(rows.map(({ title, collapsed }) => `${title}${collapsed ? ", closed" : ""}`)).toEqual([
    "All applications",
    "Golden signals",
    "By caller, closed",
    "Called by it, closed",
    "By route, closed",
    "TCP, closed",
    "Policy, closed",
    "Saturation, closed",
  ]);
});
