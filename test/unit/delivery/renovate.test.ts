import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  DEFAULT_CHART_SOURCE,
  DEFAULT_CHART_VERSION,
  isOlder,
} from "../../../components/linkerd/charts/charts.ts";
import { compatibilityTable } from "../../../stacks/preflight/compatibility.ts";
import { root } from "../../support/package.ts";

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly datasourceTemplate: string;
  readonly depNameTemplate: string;
  readonly registryUrlTemplate?: string;
  readonly extractVersionTemplate?: string;
}

interface Rule {
  readonly allowedVersions?: string;
  readonly matchFileNames?: readonly string[];
  readonly minimumReleaseAge?: string;
  readonly groupName?: string;
  readonly matchPackageNames?: readonly string[];
  readonly separateMajorMinor?: boolean;
}

interface Config {
  readonly extends?: readonly string[];
  readonly customManagers: readonly [Manager];
  readonly packageRules: readonly Rule[];
}

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** JSON5 is a subset of JavaScript. */
const readConfig = (path: string) => runInNewContext(`(${read(path)}\n)`) as Config;

const preset = readConfig("renovate/linkerd-mesh.json5");
const own = readConfig(".github/renovate.json5");

/** Whether a manager reads a file. Renovate's patterns of the form `/…/` are regular expressions. */
const reads = ({ managerFilePatterns }: Manager, file: string) =>
  managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file));

/** The versions that a manager finds in a text. */
const findVersions = ({ matchStrings }: Manager, text: string) =>
  matchStrings.flatMap((pattern) =>
    [...text.matchAll(new RegExp(pattern, "g"))].map(({ groups }) => groups?.currentValue),
  );

const stackFiles = readdirSync(root).filter((file) => /^Pulumi\..+\.yaml$/.test(file));
const versionOf = (file: string) => parse(read(file)).config["linkerd-mesh:chartVersion"];

describe("the preset", () => {
  const [manager] = preset.customManagers;

  test("the preset finds the version of each stack file once, and nothing else", () => {
    expect(stackFiles.sort()).toEqual(["Pulumi.dev.yaml", "Pulumi.prod.yaml"]);
    for (const file of stackFiles) {
      expect(reads(manager, file)).toBe(true);
      expect(findVersions(manager, read(file))).toEqual([versionOf(file)]);
    }
    expect(reads(manager, "environments/Pulumi.staging.yml")).toBe(true);
    expect(reads(manager, "Pulumi.yaml")).toBe(false);
  });

  test.each([
    ["config:\n  linkerd-mesh:chartVersion: 2026.8.3\n", ["2026.8.3"]],
    ['config:\n  linkerd-mesh:chartVersion: "2026.8.3" # tested\n', ["2026.8.3"]],
    ["config:\n  'linkerd-mesh:chartVersion': '2026.12.10'\n", ["2026.12.10"]],
    ["config:\r\n  linkerd-mesh:chartVersion: 2026.8.3\r\n", ["2026.8.3"]],
    ["config:\n  # linkerd-mesh:chartVersion: 2025.10.7\n", []],
    ["config:\n  linkerd-mesh:charts:\n    viz:\n      version: 2026.6.3\n", []],
    ["config:\n  other:chartVersion: 2026.6.3\n", []],
  ])("the preset reads the versions of %j as %j", (text, versions) => {
    expect(findVersions(manager, text)).toEqual(versions);
  });

  test("the preset looks for the chart of the control plane in the default repository", () => {
    expect(manager).toMatchObject({
      datasourceTemplate: "helm",
      depNameTemplate: "linkerd-control-plane",
      registryUrlTemplate: DEFAULT_CHART_SOURCE,
    });
  });

  test("the preset allows exactly the versions of the compatibility table", () => {
    const table = [...compatibilityTable().matchAll(/`(20\d\d\.\d+\.\d+)`/g)].map(([, version]) => version);
    expect(table).toContain(DEFAULT_CHART_VERSION);
    const [rule] = preset.packageRules;
    expect(rule?.allowedVersions).toBe(`/^(${table.join("|").replaceAll(".", "\\.")})$/`);
  });

  test("a release is 3 days old before dev gets it, and 14 days before any other stack does", () => {
    expect(
      preset.packageRules.map(({ matchFileNames, minimumReleaseAge }) => [matchFileNames, minimumReleaseAge]),
    ).toEqual([
      [undefined, "14 days"],
      [["**/Pulumi.dev.yaml", "**/Pulumi.dev.yml"], "3 days"],
    ]);
    expect(preset.packageRules[0]?.separateMajorMinor).toBe(false);
  });
});

// Renovate does not order pull requests. This test fails in prod's until dev's is merged.
test("prod does not have a newer chart version than dev", () => {
  const [dev, prod] = [versionOf("Pulumi.dev.yaml"), versionOf("Pulumi.prod.yaml")];
  expect(isOlder(dev, prod), `merge the update of dev to ${prod} first`).toBe(false);
});

describe("this repository", () => {
  const [manager] = own.customManagers;

  test("this repository uses the preset, and pins actions by digest", () => {
    expect(own.extends).toContain("local>linkerd-mesh/linkerd-mesh//renovate/linkerd-mesh.json5");
    expect(own.extends).toContain("helpers:pinGitHubActionDigests");
  });

  test("the version of the CLI is the only content of .pulumi.version, and that of the Go module", () => {
    const version = read(".pulumi.version").trim();
    expect(reads(manager, ".pulumi.version")).toBe(true);
    expect(findVersions(manager, read(".pulumi.version"))).toEqual([version]);
    expect(`v${version}`.replace(new RegExp(manager.extractVersionTemplate ?? ""), "$<version>")).toBe(
      version,
    );
    expect(read("sandbox/tools/go/engine/go.mod")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${version}\n`);
  });

  test("the SDKs change together, and the CLI with its Go modules", () => {
    const groups = own.packageRules.map(({ groupName, matchPackageNames }) => [groupName, matchPackageNames]);
    expect(groups).toContainEqual(["Pulumi SDKs", ["@pulumi/**", "@types/node"]]);
    expect(groups).toContainEqual(["Pulumi CLI", ["pulumi/pulumi", "github.com/pulumi/pulumi/**"]]);
    const { peerDependencies, devDependencies } = JSON.parse(read("package.json"));
    expect(Object.keys(peerDependencies).filter((name) => !name.startsWith("@pulumi/"))).toEqual([]);
    expect(devDependencies).toHaveProperty("@types/node");
  });
});
