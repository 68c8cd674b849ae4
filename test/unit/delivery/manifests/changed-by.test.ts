import { expect, test } from "vitest";
import { formatReports } from "../../../../delivery/manifests/format-reports.ts";
import { createReport } from "../../../../delivery/manifests/report.ts";

const deployment = (replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "linkerd-destination", namespace: "linkerd" },
  spec: { replicas },
});

const report = (live: number) =>
  createReport({
    stack: "prod",
    against: "the cluster",
    before: { objects: [deployment(live)], resources: [] },
    after: { objects: [deployment(3)], resources: [] },
    violations: [],
    findChangedBy: ({ fields }) => fields.map(({ path }) => `kubectl (${path})`),
  });

test("every format shows who changed an object of the cluster, and the formats for readers how to read it", () => {
  expect(formatReports([report(1)], "text", true)).toBe(`prod, compared with the cluster:
Left (-) is the cluster, right (+) is the program. To restore objects of the program, follow docs/recovery.md.

Changed outside of Pulumi (1)
  Deployment linkerd/linkerd-destination
    by kubectl (spec.replicas)

Differs from the program (1)
  Deployment linkerd/linkerd-destination
    ~ spec.replicas: 1 → 3
`);
  expect(formatReports([report(1)], "markdown", true)).toContain(
    "- `Deployment linkerd/linkerd-destination`: kubectl (spec.replicas)\n",
  );
  expect(JSON.parse(formatReports([report(1)], "json", true)).changed[0].changedBy).toEqual([
    "kubectl (spec.replicas)",
  ]);
});

test("the sections of drift name the side that has an object, and missing objects are not folded", () => {
  const drift = createReport({
    stack: "prod",
    against: "the cluster",
    before: { objects: [deployment(1), { ...deployment(1), kind: "StatefulSet" }], resources: [] },
    after: { objects: [deployment(3), { ...deployment(1), kind: "DaemonSet" }], resources: [] },
    violations: [],
  });
  const text = formatReports([drift], "text", true);
  expect(text.match(/^\w.* \(1\)$/gm)).toEqual([
    "Only in the cluster (1)",
    "Missing in the cluster (1)",
    "Differs from the program (1)",
  ]);
  const [lead, ...sections] = formatReports([drift], "markdown", true).split(/\n\n(?=###|<details>)/);
  expect(lead).toBe(
    "**prod**, compared with `the cluster`: no workload restarts, 1 object only in the cluster, 1 object missing, 1 object different.\n\n" +
      "Left (-) is the cluster, right (+) is the program. To restore objects of the program, follow docs/recovery.md.",
  );
  expect(sections.map((section) => section.split("\n")[0])).toEqual([
    "### Only in the cluster (1)",
    "### Missing in the cluster (1)",
    "<details><summary>Differs from the program (1)</summary>",
  ]);
  const fields = JSON.parse(formatReports([drift], "json", true));
  expect([fields.added, fields.removed]).toEqual([
    ["DaemonSet linkerd/linkerd-destination"],
    ["StatefulSet linkerd/linkerd-destination"],
  ]);
});

test("a cluster without drift is one line", () => {
  expect(formatReports([report(3)], "text", true)).toBe("prod, compared with the cluster: no changes.\n");
});
