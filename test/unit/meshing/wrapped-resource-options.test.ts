import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { splitOptions } from "../../../components/meshing/wrapped-resource-options.ts";

const TYPE = "kubernetes:apps/v1:Deployment";

test("options that require a provider go to the wrapped resource only", () => {
  const given = {
    ignoreChanges: ["spec.replicas"],
    replaceOnChanges: ["spec"],
    deleteBeforeReplace: true,
    customTimeouts: { create: "5m" },
    import: "shop/web",
    version: "4.34.2",
    pluginDownloadURL: "https://plugins.example",
    additionalSecretOutputs: ["spec"],
    hooks: { beforeUpdate: [() => undefined] },
    hideDiffs: ["metadata.annotations"],
    replaceWith: [{} as pulumi.Resource],
    replacementTrigger: pulumi.output("2"),
  };
  const { component, child, resource } = splitOptions("Deployment", "web", { ...given, protect: true });
  expect(resource).toMatchObject(given);
  expect(child).toEqual({});
  expect(component).toEqual({ protect: true, aliases: [] });
});

test("an alias with the type of the wrapped resource means the plain resource of the same name", () => {
  const { component, resource } = splitOptions("Deployment", "web", {
    aliases: [{ type: TYPE }, { name: "old" }],
  });
  expect(component.aliases).toEqual([{ name: "old" }]);
  expect(resource.aliases).toEqual([{ type: TYPE, name: "web", parent: pulumi.rootStackResource }]);
});

test("inside another component, an alias means the plain resource with the same parent", () => {
  const parent = {} as pulumi.Resource;
  const { resource } = splitOptions("Deployment", "web", { parent, aliases: [{ type: TYPE }] });
  expect(resource.aliases).toEqual([{ type: TYPE, name: "web", parent }]);
});

test("an alias with a parent, and a URN of the wrapped resource, are passed on unchanged", () => {
  const urn = `urn:pulumi:prod::shop::${TYPE}::site`;
  const place = { type: TYPE, name: "site", parent: pulumi.rootStackResource };
  const { component, resource } = splitOptions("Deployment", "web", { aliases: [urn, place] });
  expect(component.aliases).toEqual([]);
  expect(resource.aliases).toEqual([urn, place]);
});

test("an alias of an older API version goes to the wrapped resource, and one of a component to the component", () => {
  const older = "urn:pulumi:prod::shop::acme:Shop$kubernetes:extensions/v1beta1:Deployment::web";
  const component = "urn:pulumi:prod::shop::kubernetes:apps/v1:Deployment$acme:Web::web";
  const split = splitOptions("Deployment", "web", { aliases: [older, component] });
  expect(split.resource.aliases).toEqual([older]);
  expect(split.component.aliases).toEqual([component]);
});

const UNKNOWN_ALIASES: [string, pulumi.Input<pulumi.URN | pulumi.Alias>][] = [
  ["a URN", pulumi.output(`urn:pulumi:prod::shop::${TYPE}::web`)],
  ["an alias", pulumi.output({ type: TYPE })],
  ["the type of an alias", { type: pulumi.output(TYPE) as unknown as string }],
];

test.each(UNKNOWN_ALIASES)(
  "an Output as %s is rejected, because on the wrong resource it would delete the existing one",
  (_, alias) => {
    expect(() => splitOptions("Deployment", "web", { aliases: [{ name: "old" }, alias] })).toThrow(
      'MeshedDeployment "web" has 1 invalid resource option:\n' +
        "- aliases[1]: must be a URN, or { type, name, parent }, with plain values, got an Output. " +
        "Whether it is an alias of the Deployment or of the component must be known before either is registered.",
    );
  },
);

test("all aliases that are Outputs are reported in one error that Pulumi prints without a stack trace", () => {
  let error: unknown;
  try {
    splitOptions("Deployment", "web", { aliases: UNKNOWN_ALIASES.map(([, alias]) => alias) });
  } catch (thrown) {
    error = thrown;
  }
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message.match(/aliases\[\d\]/g)).toEqual([
    "aliases[0]",
    "aliases[1]",
    "aliases[2]",
  ]);
});
