import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MeshedNamespace, type MeshedNamespaceOptions } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const COMPONENT = "linkerd-mesh:workloads:MeshedNamespace";

/** The options that each resource was made with, by its type. */
async function optionsOf(given: () => MeshedNamespaceOptions) {
  const options: Record<string, pulumi.ResourceOptions> = {};
  const { find } = await register(() => {
    const see: pulumi.ResourceTransformation = ({ type, opts }) => {
      options[type] = opts;
      return undefined;
    };
    return new MeshedNamespace("shop", {}, { ...given(), transformations: [see] });
  });
  return { component: options[COMPONENT], namespace: options[NAMESPACE], find };
}

test("a plain Namespace moves in by an alias, which is not the component's", async () => {
  const { component, namespace } = await optionsOf(() => ({
    aliases: [{ type: NAMESPACE }, { name: "old" }],
  }));
  expect(component?.aliases).toEqual([{ name: "old" }]);
  expect(namespace?.aliases).toContainEqual({
    type: NAMESPACE,
    name: "shop",
    parent: pulumi.rootStackResource,
  });
});

test("what only a resource with a provider knows goes to the Namespace, the rest stays", async () => {
  const given = {
    import: "shop",
    ignoreChanges: ["metadata.labels"],
    customTimeouts: { delete: "30m" },
  };
  const { component, namespace } = await optionsOf(() => ({ ...given, protect: true }));
  expect(namespace).toMatchObject(given);
  expect(component).toMatchObject({ protect: true });
  for (const option of Object.keys(given)) expect(component).not.toHaveProperty(option);
});

test("what was to be waited for, the Namespace waits for", async () => {
  const { find } = await optionsOf(() => ({ dependsOn: [new k8s.core.v1.ConfigMap("first", {})] }));
  expect(find("shop", NAMESPACE)).toMatchObject({ parent: "shop", dependsOn: ["first"] });
});
