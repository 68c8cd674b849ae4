import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { mergeValues } from "../../../components/inputs/merge.ts";
import { checkedSettings, meshStack } from "../../../stacks/mesh.ts";
import { secretValues } from "../../../stacks/secrets/secret-settings.ts";
import { readSettings, type SettingsError } from "../../../stacks/settings/settings.ts";
import { register } from "../../support/mocks.ts";
import { config } from "../../support/settings.ts";

/** Archives by their names alone, which is all that is looked at. */
const chartSource = mkdtempSync(join(tmpdir(), "charts-"));
for (const chart of ["linkerd-crds", "linkerd-control-plane", "linkerd-viz"]) {
  writeFileSync(join(chartSource, `${chart}-2026.8.3.tgz`), "");
}

afterEach(() => pulumi.runtime.setAllConfig({}));

/** The program's stack, never deployed before. */
function stack(settings: Record<string, unknown>, secretKeys: string[] = []) {
  return register(() => {
    pulumi.runtime.setAllConfig(config({ chartSource, injection: "off", ...settings }), secretKeys);
    return meshStack();
  });
}

test("a project by another name is refused, as none of its settings would be read", async () => {
  const made = register(() => meshStack(), { project: "corp-mesh" });
  await expect(made).rejects.toThrow(
    /^Pulumi\.yaml: the project's name has to stay "linkerd-mesh", .*; given "corp-mesh"\. Mend it with: pulumi stack rename organization\/linkerd-mesh\/test, then name: linkerd-mesh in Pulumi\.yaml, and linkerd-mesh: for corp-mesh: in Pulumi\.test\.yaml$/,
  );
  await expect(made).rejects.toBeInstanceOf(pulumi.RunError);
});

describe("secret extra values", () => {
  const extraValues = {
    viz: { prometheus: { args: { "log.level": "hunter2" } }, tolerations: [{ key: "hunter2" }] },
  };
  // How the wire marks a secret (@pulumi/pulumi, runtime/rpc.js); mocks are told of an input as a whole.
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
  });

  test("reach Helm as secrets, merged like any", async () => {
    const { find } = await stack({ extraValues }, ["linkerd-mesh:extraValues"]);
    expect(find("linkerd-viz-release").inputs.values).toEqual(
      secret(expect.objectContaining({ ...extraValues.viz, createNamespaceMetadataJob: false })),
    );
    expect(find("linkerd-crds-release").inputs.values).not.toHaveProperty("value");
  });

  test("are secret each by itself: what is beside them is shown", async () => {
    const { viz } = secretValues(extraValues);
    const merged = mergeValues({ prometheus: { args: { other: "shown" } } }, viz ?? {});
    const leaf = expect.toSatisfy(pulumi.Output.isInstance);
    expect(merged).toEqual({
      prometheus: { args: { other: "shown", "log.level": leaf } },
      tolerations: leaf,
    });
    expect(await pulumi.isSecret(merged.tolerations as pulumi.Output<unknown>)).toBe(true);
  });

  test("stay as they are where the setting is none", async () => {
    const { find } = await stack({ extraValues }, ["linkerd-mesh:certificates"]);
    expect(find("linkerd-viz-release").inputs.values).toMatchObject(extraValues.viz);
  });
});

describe("mistakes in secret settings", () => {
  const told = async (settings: Record<string, unknown>) => {
    const given = config(settings);
    const { mistakes } = await checkedSettings(given, new Set(Object.keys(given))).then(
      () => ({ mistakes: [] }),
      (error: SettingsError) => error,
    );
    return mistakes;
  };

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      "a value that a setting covers",
      { extraValues: { viz: { defaultRegistry: "hunter2" } } },
      /extraValues\.viz\.defaultRegistry: this value is set by the setting imageRegistry; .*; given a secret\./,
    ],
    ["text for an object", { extraValues: "hunter2" }, /extraValues: expected an object; given a secret\./],
    [
      "a part of what was given",
      { viz: false, extraValues: { viz: { a: { b: ["hunter2"] } } } },
      /extraValues\.viz: this is for linkerd-viz, .*; given a secret\./,
    ],
    ["another setting", { namespace: "hunter2!" }, /namespace: expected a DNS label: .*; given a secret\./],
    [
      "what a problem would quote",
      { ports: { opaque: ["hunter2"] } },
      /ports\.opaque\.0: Expected ports from 1 to 65535 .*; given a secret\./,
    ],
    [
      "where there are no charts",
      { chartSource: "/hunter2" },
      /chartSource: no charts to be had from the secret source: it is no directory\./,
    ],
    [
      "where there is one chart",
      { chartSource, charts: { viz: { source: "/hunter2" } } },
      /charts\.viz\.source: no charts to be had from the secret source: it is no directory\./,
    ],
  ])("do not tell %s", async (_, settings, message) => {
    const mistakes = await told({ chartSource, ...settings });
    expect(mistakes).toEqual([expect.stringMatching(message)]);
    expect(mistakes.join()).not.toContain("hunter2");
  });

  test("tell what others gave", () => {
    const { mistakes } = readSettings(
      config({ viz: "maybe", cni: "hunter2" }),
      new Set(["linkerd-mesh:cni"]),
    );
    expect(mistakes).toEqual([
      expect.stringContaining('given "maybe"'),
      expect.stringContaining("given a secret"),
    ]);
  });
});
