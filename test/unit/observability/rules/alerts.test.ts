import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { INJECTION_POLICY_NAME } from "../../../../components/meshing/injection-by-label.ts";
import { LABEL_POLICY } from "../../../../components/observability/promql/mesh/injection.ts";
import type { AlertRule } from "../../../../components/observability/rules/rule-groups.ts";
import { RUNBOOK_URL } from "../../../../components/observability/rules/rule-options.ts";
import { rules } from "../../../../components/observability/rules/rules.ts";
import { formatRuleFile, RULE_FILE } from "../../../../scripts/dashboards/rule-file.ts";
import { root } from "../../../support/package.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

const alerts = (options?: Parameters<typeof rules>[0]): AlertRule[] =>
  rules(options).flatMap(({ rules }) => rules.filter((rule) => "alert" in rule));

const names = [...new Set(alerts().map(({ alert }) => alert))];

/** The text of each section of docs/alerts.md by its heading, without the one about requirements. */
const sections = new Map(
  read("docs/alerts.md")
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section] as const)
    .filter(([heading]) => heading.startsWith("Mesh")),
);

test("there are at least 16 alerts, and each has a severity, a summary and a description", () => {
  expect(names.length).toBeGreaterThanOrEqual(16);
  for (const { labels, annotations } of alerts()) {
    expect(["critical", "warning", "info"]).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
    expect(annotations.description).toMatch(/\.$/);
  }
});

test("docs/alerts.md has one section for each alert, in their order, with meaning, queries or commands, and what to do", () => {
  expect([...sections.keys()]).toEqual(names);
  for (const [name, section] of sections) {
    for (const part of ["**Meaning.**", "**Look at.**", "```", "**Do.**"]) {
      expect(section, name).toContain(part);
    }
  }
});

test("the runbook of an alert is its heading in docs/alerts.md, in the repository of the package", () => {
  const { homepage } = JSON.parse(read("package.json"));
  expect(RUNBOOK_URL).toBe(`${homepage.replace("#readme", "")}/blob/main/docs/alerts.md`);
  for (const { alert, annotations } of alerts()) {
    expect(annotations.runbook_url).toBe(`${RUNBOOK_URL}#${alert.toLowerCase()}`);
  }
  for (const { alert, annotations } of alerts({ runbookUrl: "https://wiki.test/mesh" })) {
    expect(annotations.runbook_url).toBe(`https://wiki.test/mesh#${alert.toLowerCase()}`);
  }
});

test("the texts of an alert use only labels that its result has", () => {
  // Queries of a single value, and those whose labels a function of PromQL sets, have no `by`.
  const result: Record<string, string[]> = { MeshControlPlaneAbsent: ["component"] };
  for (const { alert, expr, annotations } of alerts()) {
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = ""]) => labels.split(", "));
    const recorded = expr.includes("linkerd_mesh:workload") ? ["namespace", "kind", "workload"] : [];
    const known = new Set([...grouped, ...recorded, ...(result[alert] ?? [])]);
    const used = [
      ...Object.values(annotations)
        .join(" ")
        .matchAll(/\$labels\.(\w+)/g),
    ].map(([, label]) => label);
    for (const label of used) expect([...known], `${alert} uses ${label}`).toContain(label);
  }
});

test("the alerts have the labels of the options, and keep their severity", () => {
  for (const { labels } of alerts({ labels: { team: "platform" } })) {
    expect(labels).toEqual({
      team: "platform",
      severity: expect.stringMatching(/^(critical|warning|info)$/),
    });
  }
});

test("the certificates of a stack become constants that precede the alerts", () => {
  const summary = { subject: "", issuer: "", algorithm: "", serial: "", notBefore: "" };
  const certificates = [
    { ...summary, name: "tap", notAfter: "2126-10-28T19:30:36.000Z" },
    { ...summary, name: "trust-anchor", notAfter: "2126-10-29T19:30:36.000Z" },
  ];
  const group = rules({ certificates }).find(({ name }) => name === "linkerd-certificates");
  const record = "linkerd_mesh:certificate_expiration_timestamp_seconds";
  expect(group?.rules.slice(0, 2)).toEqual([
    { record, expr: "vector(4948889436)", labels: { certificate: "tap" } },
    { record, expr: "vector(4948975836)", labels: { certificate: "trust-anchor" } },
  ]);
  expect(group?.rules.slice(2).every((rule) => "alert" in rule)).toBe(true);
});

test("the slow burn rate is measured over 6 hours if the Prometheus keeps its samples for 12 hours or more", () => {
  const slow = (retention?: string) =>
    alerts({ retention }).find(
      ({ alert, labels }) => alert === "MeshSuccessRateLow" && labels.severity === "warning",
    )?.expr;
  for (const retention of [undefined, "6h", "11h59m"]) {
    expect(slow(retention)).toContain("[3h]");
    expect(slow(retention)).not.toContain("[6h]");
  }
  for (const retention of ["12h", "15d", "1y"]) {
    expect(slow(retention)).toContain("[6h]");
    expect(slow(retention)).not.toContain("[3h]");
  }
});

test("the alert about the label policy uses the name of the policy that the mesh creates", () => {
  expect(LABEL_POLICY).toBe(`policy="${INJECTION_POLICY_NAME}"`);
});

test("no rule uses a metric that Linkerd removed, or a query that depends on who scrapes", () => {
  const text = rules()
    .flatMap(({ rules }) => rules.map(({ expr }) => expr))
    .join("\n");
  expect(text).not.toMatch(/tcp_connection_duration_ms|[^_]identity_cert_|request_errors_total|irate\(|job=/);
});

test("the rule file in the repository is up to date and has no certificates of a stack", () => {
  expect(read(RULE_FILE)).toBe(formatRuleFile());
  expect(formatRuleFile()).not.toMatch(/^ +- record: linkerd_mesh:certificate/m);
});
