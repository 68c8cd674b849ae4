import { expect, test } from "vitest";
import { ValidationError } from "../../../../components/index.ts";
import { parseDuration } from "../../../../components/observability/rules/duration.ts";
import type { RuleOptions } from "../../../../components/observability/rules/rule-options.ts";
import { rules } from "../../../../components/observability/rules/rules.ts";

/** The messages of the issues with options, without the header. */
function issuesOf(options: RuleOptions): string[] {
  try {
    rules(options);
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.message.split("\n- ").slice(1);
  }
}

test("a latency that Prometheus does not count is rejected with the bounds next to it", () => {
  expect(issuesOf({ latencyMs: 250 })).toEqual([
    "latencyMs: must be a latency that Prometheus counts: 1, 2 or 5 times a power of ten, from 1 to 50000, got 250. The number of responses above any other latency is not known. Fix: set latencyMs to 200, or set latencyMs to 500",
  ]);
  expect(issuesOf({ latencyMs: 0 })).toEqual([expect.stringMatching(/Fix: set latencyMs to 1$/)]);
  expect(issuesOf({ latencyMs: 60_000 })).toEqual([expect.stringMatching(/Fix: set latencyMs to 50000$/)]);
});

test("every latency that Prometheus counts is accepted", () => {
  for (const latencyMs of [1, 2, 5, 10, 50, 100, 500, 1000, 5000, 10_000, 50_000]) {
    expect(issuesOf({ latencyMs })).toEqual([]);
  }
});

test("all invalid options are reported together", () => {
  expect(
    issuesOf({
      successRate: 0.9,
      latencyMs: 7,
      latencyShare: 1,
      minRequests: 0,
      retention: "2h",
    }).map((message) => message.split(":")[0]),
  ).toEqual(["successRate", "latencyMs", "latencyShare", "minRequests", "retention"]);
});

test("objectives that no alert could watch are rejected", () => {
  for (const successRate of [0, 0.949, 1, 99, Number.NaN]) expect(issuesOf({ successRate })).toHaveLength(1);
  for (const successRate of [0.95, 0.99, 0.9999]) expect(issuesOf({ successRate })).toEqual([]);
  for (const latencyShare of [0, 1, 99, Number.NaN]) expect(issuesOf({ latencyShare })).toHaveLength(1);
  for (const minRequests of [0, -1, 1.5, Number.NaN]) expect(issuesOf({ minRequests })).toHaveLength(1);
});

test("a retention below 6 hours, or that is not a duration, is rejected", () => {
  for (const retention of ["5h59m", "", "6", "six hours", "6 h", "h"]) {
    expect(issuesOf({ retention })).toEqual([
      `retention: must be a duration of 6h or more, got ${JSON.stringify(retention)}. A burn rate over a longer window than the retention has no result. Fix: set retention to "6h"`,
    ]);
  }
});

test("labels that Prometheus rejects, or that every alert has already, are rejected", () => {
  expect(issuesOf({ labels: { team: "platform", _tier: "1" } })).toEqual([]);
  for (const name of ["severity", "alertname", "team-name", "1st", "__name__", ""]) {
    expect(issuesOf({ labels: { [name]: "x" } })).toEqual([expect.stringMatching(/^labels.* Fix: remove /)]);
  }
});

test("a page of runbooks that is not a URL, has credentials or has a fragment is rejected without showing it", () => {
  expect(issuesOf({ runbookUrl: "https://wiki.example.com/linkerd?v=2" })).toEqual([]);
  for (const runbookUrl of [
    "wiki.example.com",
    "ftp://wiki.example.com",
    "https://wiki.example.com/#alerts",
    "https://robot:hunter2@wiki.example.com",
    "https://",
  ]) {
    expect(issuesOf({ runbookUrl })).toEqual([
      "runbookUrl: must be an http or https URL without credentials and without a fragment. The name of the alert is added to it as the fragment.",
    ]);
  }
});

test("alerts that are disabled are left out, and nothing else is", () => {
  const names = (options: RuleOptions) =>
    rules(options).flatMap(({ rules }) => rules.map((rule) => ("alert" in rule ? rule.alert : rule.record)));
  const disabled = ["MeshSuccessRateLow", "MeshCertificateExpires"];
  expect(names({ disabled })).toEqual(names({}).filter((name) => !disabled.includes(name)));
});

test("a group whose alerts are all disabled is left out", () => {
  const group = rules().find(({ name }) => name === "linkerd-admission");
  const disabled = group?.rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : []));
  expect(rules({ disabled }).map(({ name }) => name)).not.toContain("linkerd-admission");
});

test("disabled alerts that do not exist, or are listed twice, are rejected", () => {
  expect(issuesOf({ disabled: ["MeshTooSlow"] })).toEqual([
    expect.stringMatching(
      /^disabled\[0\]: must be the name of an alert, got "MeshTooSlow"\. Known alerts: MeshCallersDenied, .*, MeshTcpConnectionsFail\.$/,
    ),
  ]);
  expect(issuesOf({ disabled: ["MeshPodUnmeshed", "MeshPodUnmeshed"] })).toEqual([
    'disabled[1]: must not be listed twice, got "MeshPodUnmeshed". Fix: remove disabled[1]',
  ]);
});

test("durations have the units of Prometheus, in their order", () => {
  expect(parseDuration("1h30m")).toBe(5400);
  expect(parseDuration("15d")).toBe(1_296_000);
  expect(parseDuration("1y2w3d4h5m6s7ms")).toBeCloseTo(31_536_000 + 1_209_600 + 259_200 + 14_400 + 306.007);
  expect(parseDuration("30m1h")).toBeUndefined();
});
