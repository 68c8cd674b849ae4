import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { splitOptions } from "../../../components/meshing/wrapped-resource-options.ts";

const TYPE = "kubernetes:apps/v1:Deployment";

describe("options of a component that stands in for a resource", () => {
  test("those that only a resource with a provider knows go to that resource alone", () => {
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

  test("an alias of the resource's type means the plain one that stood here, under the same name", () => {
    const { component, resource } = splitOptions("Deployment", "web", {
      aliases: [{ type: TYPE }, { name: "old" }],
    });
    expect(component.aliases).toEqual([{ name: "old" }]);
    expect(resource.aliases).toEqual([{ type: TYPE, name: "web", parent: pulumi.rootStackResource }]);
  });

  test("inside another component, the plain one stood there too", () => {
    const parent = {} as pulumi.Resource;
    const { resource } = splitOptions("Deployment", "web", { parent, aliases: [{ type: TYPE }] });
    expect(resource.aliases).toEqual([{ type: TYPE, name: "web", parent }]);
  });

  test("an alias that says where it stood, or is the resource's URN, is taken by its word", () => {
    const urn = `urn:pulumi:prod::shop::${TYPE}::site`;
    const place = { type: TYPE, name: "site", parent: pulumi.rootStackResource };
    const { component, resource } = splitOptions("Deployment", "web", { aliases: [urn, place] });
    expect(component.aliases).toEqual([]);
    expect(resource.aliases).toEqual([urn, place]);
  });

  test("an alias of an older API version is the resource's too, and one of a component is the component's", () => {
    const before = "urn:pulumi:prod::shop::acme:Shop$kubernetes:extensions/v1beta1:Deployment::web";
    const component = "urn:pulumi:prod::shop::kubernetes:apps/v1:Deployment$acme:Web::web";
    const split = splitOptions("Deployment", "web", { aliases: [before, component] });
    expect(split.resource.aliases).toEqual([before]);
    expect(split.component.aliases).toEqual([component]);
  });

  test.each<[string, pulumi.Input<pulumi.URN | pulumi.Alias>]>([
    ["a URN", pulumi.output(`urn:pulumi:prod::shop::${TYPE}::web`)],
    ["an alias", pulumi.output({ type: TYPE })],
    ["the type of an alias", { type: pulumi.output(TYPE) as unknown as string }],
  ])("an Output as %s is refused: on the wrong side it would delete what is there", (_, alias) => {
    expect(() => splitOptions("Deployment", "web", { aliases: [alias] })).toThrow(
      'The options of MeshedDeployment "web" have a mistake:\n- aliases: one is an Output',
    );
  });
});
