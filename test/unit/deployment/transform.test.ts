import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { type DeploymentTransforms, MeshedDeployment } from "../../../components/index.ts";
import { type Registered, register } from "../../support/mocks.ts";
import { allOptions, create, ofType, specWith, TYPES } from "./web-deployment.ts";

type Child = keyof DeploymentTransforms;
const CHILDREN = Object.entries(TYPES) as [Child, string][];

/** A transform of one kind of child that adds an annotation and an option. */
function transformOf(child: Child, calls: string[] = []): DeploymentTransforms {
  // biome-ignore lint/suspicious/noExplicitAny: one function for the arguments of every child
  const transform = (args: any, opts: pulumi.CustomResourceOptions, name: string) => {
    calls.push(name);
    const annotations = { ...args.metadata?.annotations, changed: "yes" };
    return {
      args: { ...args, metadata: { ...args.metadata, annotations } },
      opts: { ...opts, protect: true },
    };
  };
  return { [child]: transform };
}

/** Creates a workload with every child and returns what it registers, and the options of each child. */
async function createAll(transform: DeploymentTransforms = {}) {
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const see: pulumi.ResourceTransformation = ({ type, name, opts }) => {
    options.set(`${type} ${name}`, opts);
    return undefined;
  };
  const args = { ...allOptions, metadata: { labels: { team: "shop" } }, transform };
  const { resources } = await register(() => new MeshedDeployment("web", args, { transformations: [see] }));
  return { resources, optionsOf: ({ type, name }: Registered) => options.get(`${type} ${name}`) };
}

describe("a transform", () => {
  test.each(CHILDREN)(
    "a transform of `%s` changes each of these children and nothing else",
    async (child, type) => {
      const calls: string[] = [];
      const before = (await createAll()).resources;
      const { resources: after, optionsOf } = await createAll(transformOf(child, calls));
      expect(after.map(({ type, name }) => [type, name])).toEqual(
        before.map(({ type, name }) => [type, name]),
      );
      for (const [index, resource] of after.entries()) {
        const original = before[index] as Registered;
        const isChanged = resource.type === type;
        const { annotations, ...metadata } = resource.inputs.metadata ?? {};
        expect(annotations?.changed).toBe(isChanged ? "yes" : undefined);
        expect(optionsOf(resource)?.protect).toBe(isChanged ? true : undefined);
        if (!isChanged) expect(resource).toEqual(original);
        else {
          const { annotations: originalAnnotations, ...originalMetadata } = original.inputs.metadata ?? {};
          expect(annotations).toEqual({ ...originalAnnotations, changed: "yes" });
          expect({ ...resource, inputs: { ...resource.inputs, metadata } }).toEqual({
            ...original,
            inputs: { ...original.inputs, metadata: originalMetadata },
          });
        }
      }
      expect(calls).toEqual(ofType(after, type).map(({ name }) => name));
    },
  );

  test("a transform that returns nothing changes nothing", async () => {
    const transform = Object.fromEntries(CHILDREN.map(([child]) => [child, () => undefined]));
    expect((await createAll(transform)).resources).toEqual((await createAll()).resources);
  });

  test("a transform that changes its arguments in place changes no other child", async () => {
    const before = (await createAll()).resources;
    const { resources: after } = await createAll({
      service: (args) => {
        Object.assign(args.metadata.labels as object, { team: "other" });
        return undefined;
      },
    });
    for (const [index, { type, inputs }] of after.entries()) {
      if (type === TYPES.service) expect(inputs.metadata.labels).toEqual({ team: "other" });
      else expect(inputs).toEqual(before[index]?.inputs);
    }
  });

  test("options that a transform does not return are kept, and the parent cannot be changed", async () => {
    const parent = undefined as unknown as pulumi.Resource;
    const { resources, optionsOf } = await createAll({
      authorizationPolicy: () => ({ opts: { protect: true, parent } }),
    });
    for (const policy of ofType(resources, TYPES.authorizationPolicy)) {
      expect(policy.parent).toBe("web");
      expect(optionsOf(policy)).toMatchObject({ protect: true, replaceOnChanges: ["spec.targetRef.name"] });
    }
  });

  test("`metadata` and `spec` of a child can be spread, although fields inside them are Outputs", async () => {
    const { find } = await create({
      metadata: pulumi.output({ name: "late", namespace: "shop" }),
      spec: specWith(),
      service: true,
      transform: {
        service: (args) => ({ args: { ...args, spec: { ...args.spec, clusterIP: "None" } } }),
      },
    });
    const { metadata, spec } = find("web", TYPES.service).inputs;
    expect(metadata).toMatchObject({ name: "late", namespace: "shop" });
    expect(spec).toMatchObject({ clusterIP: "None", selector: { app: "web" } });
  });

  test("a reference to a transformed child follows the transform", async () => {
    const { find, pod } = await create({
      spec: specWith(),
      service: true,
      serviceAccount: true,
      retries: { grpc: ["internal"] },
      transform: {
        service: (args) => ({ args: { ...args, metadata: { ...args.metadata, name: "front" } } }),
        serviceAccount: (args) => ({ args: { ...args, metadata: { ...args.metadata, name: "account" } } }),
      },
    });
    expect(pod.serviceAccountName).toBe("account");
    expect(find("web-grpc-api", TYPES.grpcRoute).inputs.spec.parentRefs).toMatchObject([{ name: "front" }]);
  });

  test("a transform of a child that is not enabled is not called", async () => {
    const calls: string[] = [];
    const transform = Object.assign({}, ...CHILDREN.map(([child]) => transformOf(child, calls)));
    await create({ spec: specWith(), transform });
    expect(calls).toEqual(["web"]);
  });
});
