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

Changed outside of Pulumi (1)
  Deployment linkerd/linkerd-destination
    by kubectl (spec.replicas)

Changed (1)
  Deployment linkerd/linkerd-destination
    ~ spec.replicas: 1 → 3

Left is the cluster, right the program: an added object is missing in the cluster. docs/recovery.md restores objects.
`);
  expect(formatReports([report(1)], "markdown", true)).toContain(
    "- `Deployment linkerd/linkerd-destination`: kubectl (spec.replicas)\n",
  );
  expect(JSON.parse(formatReports([report(1)], "json", true)).changed[0].changedBy).toEqual([
    "kubectl (spec.replicas)",
  ]);
});

test("a cluster without drift is one line", () => {
  expect(formatReports([report(3)], "text", true)).toBe("prod, compared with the cluster: no changes.\n");
});
