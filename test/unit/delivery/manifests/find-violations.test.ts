import { expect, test } from "vitest";
import { findViolations, isRefused, markNew } from "../../../../delivery/manifests/find-violations.ts";
import { formatMarkdown } from "../../../../delivery/manifests/formats/format-markdown.ts";
import { formatText } from "../../../../delivery/manifests/formats/format-text.ts";
import { toObject } from "../../../../delivery/manifests/render/program-object.ts";
import { createReport } from "../../../../delivery/manifests/report.ts";
import type { RecordedResource } from "../../../../delivery/program/recorded-stack.ts";

/** A Deployment that requests a proxy, and does not get one with `hostNetwork`. */
function deployment(name: string, hostNetwork = true): RecordedResource {
  return {
    type: "kubernetes:apps/v1:Deployment",
    name,
    parent: "",
    dependsOn: [],
    options: {},
    inputs: {
      metadata: { name, namespace: "shop" },
      spec: {
        template: {
          metadata: { annotations: { "linkerd.io/inject": "enabled" } },
          spec: { containers: [{ name: "app", image: "app:1" }], hostNetwork },
        },
      },
    },
  };
}

const find = (...resources: RecordedResource[]) =>
  findViolations(
    { stack: "prod", resources, outputs: {} },
    resources.map(toObject).filter((object) => object !== undefined),
  );

test("a violation of a resource and of its object appears once, and each object has its own", () => {
  expect(find(deployment("a"), deployment("b")).map(({ object, level }) => [object, level])).toEqual([
    ["Deployment shop/a", "mandatory"],
    ["Deployment shop/b", "mandatory"],
  ]);
});

test("violations that the commit does not have are first, and only they fail", () => {
  const before = find(deployment("a"));
  const after = markNew(find(deployment("a"), deployment("b")), before);
  expect(after.map(({ object, isNew }) => [object, isNew])).toEqual([
    ["Deployment shop/b", true],
    ["Deployment shop/a", false],
  ]);
  expect(isRefused(after)).toBe(true);
  expect(isRefused(markNew(before, before))).toBe(false);
  expect(isRefused(markNew(before, find(deployment("a", false))))).toBe(true);
});

test("without a comparison of violations, as with a cluster, each mandatory one fails, and no advisory one", () => {
  const violations = find(deployment("a"));
  expect(isRefused(violations)).toBe(true);
  expect(isRefused(violations.map((violation) => ({ ...violation, level: "advisory" })))).toBe(false);
});

test("violations that the commit has too are the last section", () => {
  const side = { objects: [], resources: [] };
  const violations = markNew(find(deployment("a"), deployment("b")), find(deployment("a")));
  const report = createReport({
    stack: "prod",
    against: "origin/main",
    before: side,
    after: side,
    violations,
  });
  const text = formatText([report]);
  expect(text.match(/^(\S.* \(1\)| {2}\S.*)$/gm)).toEqual([
    "Violations (1)",
    "  Deployment shop/b (mandatory)",
    "Violations that origin/main has too (1)",
    "  Deployment shop/a (mandatory)",
  ]);
  const markdown = formatMarkdown([report]);
  expect(markdown).toContain("origin/main`: 1 violation, no workload restarts, 1 violation as before.\n");
  expect(markdown).toMatch(
    /### Violations \(1\)\n\n- `Deployment shop\/b`[^\n]*\n\n<details><summary>Violations that origin\/main has too \(1\)<\/summary>\n\n- `Deployment shop\/a`/,
  );
});
