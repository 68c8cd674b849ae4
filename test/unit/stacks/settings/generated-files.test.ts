import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { extraValueIssues } from "../../../../components/linkerd/values/extra-values.ts";
import { OWNED_VALUES } from "../../../../components/linkerd/values/owned-values.ts";
import { GENERATED_FILES } from "../../../../scripts/generate/generated-files.ts";
import { generateOwnedValues } from "../../../../scripts/generate/owned-values.ts";
import { generatePulumiConfig, toPlainText } from "../../../../scripts/generate/pulumi-config.ts";
import { generateSettingsTables } from "../../../../scripts/generate/settings-tables.ts";
import { compatibilityWarnings } from "../../../../stacks/preflight/compatibility.ts";
import { installedCharts, toCharts } from "../../../../stacks/settings/chart-settings.ts";
import { flag, object, setting } from "../../../../stacks/settings/common-schemas.ts";
import {
  settingJsonSchema,
  settingsSchema,
  toJsonSchema,
} from "../../../../stacks/settings/settings-schema.ts";
import { root } from "../../../support/package.ts";
import { findMessages, parseSettings } from "../../../support/settings.ts";

const readFile = (path: string) => readFileSync(join(root, path), "utf8");

test.each(Object.entries(GENERATED_FILES))("%s is up to date with the settings", (path, generate) => {
  const current = readFile(path);
  expect(generate(settingJsonSchema(), current)).toBe(current);
});

describe("Pulumi.yaml", () => {
  test("Pulumi.yaml describes every setting, with the program's default", () => {
    const { config } = parse(readFile("Pulumi.yaml"));
    const defaults = Object.entries(config).map(([name, entry]) => [
      name,
      (entry as { default: unknown }).default,
    ]);
    expect(Object.fromEntries(defaults)).toEqual(parseSettings({}));
    for (const entry of Object.values(config)) {
      expect(entry).toMatchObject({
        type: expect.stringMatching(/^(string|boolean|integer|array|object)$/),
        description: expect.stringMatching(/^[^`]+\.$/),
      });
    }
  });

  test("generation replaces the block config of Pulumi.yaml and keeps everything around it", () => {
    const file = "name: x\nconfig:\n  old:\n    type: string\n\n  # A comment\n  older: {}\nmain: index.ts\n";
    const schema = toJsonSchema(object({ fast: setting(flag.default(true), { description: "Be fast." }) }));
    expect(generatePulumiConfig(schema, file)).toBe(
      "name: x\nconfig:\n  fast:\n    type: boolean\n    default: true\n    description: Be fast.\nmain: index.ts\n",
    );
  });

  test("a setting without a description is rejected by the generator", () => {
    const schema = toJsonSchema(object({ fast: flag.default(true) }));
    expect(() => generatePulumiConfig(schema, "config:\n")).toThrow("fast: must have a description");
  });

  test("links in descriptions become paths from the root of the repository", () => {
    expect(toPlainText("`a` of [the table](../README.md#x) \\| [b](removal.md)")).toBe(
      "a of the table (README.md#x) | b (docs/removal.md)",
    );
  });
});

describe("docs/settings.md", () => {
  const rows = readFile("docs/settings.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  test.each(Object.entries(parseSettings({})))(
    "docs/settings.md has the setting %s with the program's default",
    (name, value) => {
      const row = rows.find((line) => line.startsWith(`| \`${name}\``));
      // An object has a row for each field, and the list of networks is too long for a table.
      if (row === undefined) expect(rows.some((line) => line.startsWith(`| \`${name}.`))).toBe(true);
      else if (typeof value !== "object") expect(row).toContain(` | \`${value}\` | `);
    },
  );

  test("every row of docs/settings.md has a type, a default and a description", () => {
    for (const row of rows) {
      expect(row).toMatch(
        /^\| `[\w.]+` \| (boolean|string|integer|number|list|object) \| \S.* \| [A-Z`[].*\. \|$/,
      );
    }
  });

  test("a setting without a table, or with an unknown one, is rejected by the generator", () => {
    const fast = (table?: "cni") =>
      toJsonSchema(
        object({ fast: setting(flag.default(true), { description: "Be fast.", ...(table && { table }) }) }),
      );
    expect(() => generateSettingsTables(fast(), "")).toThrow("fast: must have a table of docs/settings.md");
    expect(() => generateSettingsTables(fast("cni"), "")).toThrow(
      "docs/settings.md: must have the marker <!-- settings: cni -->",
    );
  });
});

describe("owned chart values", () => {
  test("two settings with the same chart value are rejected by the generator", () => {
    const owner = (chartValue: string) => setting(flag.optional(), { chartValues: { viz: [chartValue] } });
    const generate = (...[a, b]: [string, string]) =>
      generateOwnedValues(toJsonSchema(object({ a: owner(a), b: owner(b) })));
    expect(() => generate("tap.x", "tap.x")).toThrow("b: its chart value x must not have another owner");
    expect(() => generate("tap.x", "tap")).toThrow("b: its chart value tap must not have another owner");
    expect(() => generate("tap", "tap.x")).toThrow("b: its chart value tap must not have another owner");
    expect(generate("tap.x", "tap.y")).toContain('x: "a",\n      y: "b",');
  });

  test("a chart value with a dot in its key is written with a backslash in the metadata", () => {
    expect(OWNED_VALUES.viz).toMatchObject({ podLabels: { "linkerd.io/inject": "injection" } });
  });

  test("owners are arguments of ServiceMesh, so that the library names them correctly", () => {
    expect(OWNED_VALUES.controlPlane.linkerdVersion).toBe("charts.version");
    expect(extraValueIssues({ viz: { linkerdVersion: "x" } })).toEqual([
      {
        path: ["extraValues", "viz", "linkerdVersion"],
        reason: "must be set with charts.version instead",
        got: '"x"',
        fixes: [{ kind: "remove" }],
      },
    ]);
  });
});

/**
 * To add a setting: the entry in the schema that this test adds, the argument of `ServiceMesh`, and the mapping to chart
 * values. Everything else is generated from the first, or validated with it.
 */
describe("a new setting", () => {
  const entry = setting(flag.default(false), {
    description: "Log in JSON, see [logs](settings.md#logs).",
    table: "proxies",
    chartValues: { controlPlane: ["proxy.logFormat"], viz: ["tap.log\\.format"] },
  });
  const field = setting(flag.optional(), {
    description: "Log colors.",
    defaultText: "`true`",
    chartValues: { controlPlane: ["proxy.logColors"] },
  });
  const { proxy } = settingsSchema.shape;
  const schema = toJsonSchema(
    settingsSchema.extend({
      jsonLogs: entry,
      proxy: setting(proxy.unwrap().extend({ colors: field }).default({}), {
        description: "Every proxy.",
        table: "proxies",
      }),
    }),
  );
  const generated = (path: string) => GENERATED_FILES[path]?.(schema, readFile(path)) ?? "";

  test("a new setting and a new field appear in Pulumi.yaml from their schema entries alone", () => {
    const { config } = parse(generated("Pulumi.yaml"));
    expect(config.jsonLogs).toEqual({
      type: "boolean",
      default: false,
      description: "Log in JSON, see logs (docs/settings.md#logs).",
    });
    expect(config.proxy.description).toMatch(/ Fields: cpuRequest, .*, nativeSidecar, colors\.$/);
  });

  test("a new setting and a new field appear in docs/settings.md from their schema entries alone", () => {
    const [, table] =
      /<!-- settings: proxies -->([\s\S]*?)<!-- \/settings -->/.exec(generated("docs/settings.md")) ?? [];
    expect(table).toContain(
      "| `jsonLogs` | boolean | `false` | Log in JSON, see [logs](settings.md#logs). |\n",
    );
    expect(table).toContain("| `proxy.colors` | boolean | `true` | Log colors. |\n");
  });

  test("the chart values of a new setting and a new field are owned from their schema entries alone", () => {
    const values = generated("components/linkerd/values/owned-values.ts");
    expect(values).toContain('      logFormat: "jsonLogs",\n');
    expect(values).toContain('      logColors: "proxy.colors",\n');
    expect(values).toContain('      "log.format": "jsonLogs",\n');
  });
});

test.each(["dev", "prod"])("the settings of Pulumi.%s.yaml are valid and cause no warning", (stack) => {
  const settings: Record<string, unknown> = parse(readFile(`Pulumi.${stack}.yaml`)).config;
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );
  const parsed = parseSettings(config);
  expect(parsed.highAvailability).toBe(stack === "prod");
  expect(compatibilityWarnings(toCharts(parsed), installedCharts(parsed))).toEqual([]);
  const names = Object.entries(settings).map(([key, value]) => [key.replace("linkerd-mesh:", ""), value]);
  expect(findMessages(Object.fromEntries(names))).toEqual([]);
});
