import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { expect, expectTypeOf, test } from "vitest";
import {
  type DeploymentTransforms,
  MeshedDeployment,
  type MeshedDeploymentArgs,
  type ServiceChildArgs,
  type Transform,
} from "../../../components/index.ts";
import { type Registered, register } from "../../support/mocks.ts";
import { CHILD_KINDS, CHILD_TYPES, completeArgs, deploymentArgs } from "./complete-workload.ts";

type Kind = keyof DeploymentTransforms;
/** The arguments of any child, as far as these tests change them. */
interface ChildArgs {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
}
/** A resource as it is registered, with its resource options. */
type Registration = Registered & { opts: pulumi.CustomResourceOptions };

const keyOf = ({ type, name }: { type: string; name: string }) => `${type} ${name}`;

/** All resources of a program with the complete workload, in which `transform` applies to the children of one kind. */
async function registerWith(
  kind: Kind,
  transform?: Transform<ChildArgs>,
  given: MeshedDeploymentArgs = structuredClone(completeArgs),
): Promise<Registration[]> {
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const { resources } = await register(() => {
    const queue = new k8s.core.v1.ConfigMap("queue", {});
    const args = { ...given, transform: { [kind]: transform } } as MeshedDeploymentArgs;
    new MeshedDeployment("web", args, {
      dependsOn: queue,
      transformations: [(child) => void options.set(keyOf(child), child.opts)],
    });
  });
  return resources
    .map((resource) => ({ ...resource, opts: options.get(keyOf(resource)) ?? {} }))
    .sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

let untransformed: Promise<Registration[]> | undefined;
/** The same without a transform, registered once, because tests only read it. */
function registerWithout(): Promise<Registration[]> {
  untransformed ??= registerWith("deployment");
  return untransformed;
}

/** All that a resource is registered with; `opts` has its options. Its parent and its dependencies are compared by name. */
function comparable({ opts, options: _options, ...resource }: Registration) {
  const { parent: _parent, dependsOn: _dependsOn, transformations: _transformations, ...rest } = opts;
  return { ...resource, opts: rest };
}

/** Expects that the children of one kind have become `change` of themselves, and that all else is as it was. */
function expectChange(
  kind: Kind,
  before: Registration[],
  after: Registration[],
  change: (child: Registration) => Registration,
): void {
  const isOfKind = ({ type }: Registration) => type === CHILD_TYPES[kind];
  expect(before.filter(isOfKind)).not.toEqual([]);
  expect(after.map(comparable)).toEqual(
    before.map((child) => comparable(isOfKind(child) ? change(child) : child)),
  );
}

const withMetadata = (child: Registration, change: object): Registration => ({
  ...child,
  inputs: { ...child.inputs, metadata: { ...child.inputs.metadata, ...change } },
});

test.each(CHILD_KINDS)(
  "the transform %s changes the arguments of that child, and nothing else",
  async (kind) => {
    const annotations = { changed: "yes" };
    const after = await registerWith(kind, ({ metadata, ...args }) => ({
      args: { ...args, metadata: { ...metadata, annotations } },
    }));
    expectChange(kind, await registerWithout(), after, (child) => withMetadata(child, { annotations }));
  },
);

test.each(CHILD_KINDS)(
  "the transform %s changes the options of that child, and nothing else",
  async (kind) => {
    const after = await registerWith(kind, () => ({ opts: { protect: true, ignoreChanges: ["spec"] } }));
    expectChange(kind, await registerWithout(), after, (child) => ({
      ...child,
      opts: { ...child.opts, protect: true, ignoreChanges: ["spec"] },
    }));
  },
);

test.each(CHILD_KINDS)("the transform %s can add a dependency to those of that child", async (kind) => {
  const created = (name: string) => new k8s.core.v1.ConfigMap(name, {});
  const after = await registerWith(kind, (_, opts, name) => ({
    opts: { ...opts, dependsOn: [opts.dependsOn, created(`${name}-first`)].flat() as pulumi.Resource[] },
  }));
  const before = await registerWithout();
  expectChange(
    kind,
    before,
    after.filter(({ name }) => !name.endsWith("-first")),
    (child) => ({ ...child, dependsOn: [...child.dependsOn, `${child.name}-first`].sort() }),
  );
});

test.each(CHILD_KINDS)("the transform %s cannot change the parent of that child", async (kind) => {
  const before = await registerWithout();
  for (const parent of ["other", undefined]) {
    const after = await registerWith(kind, (_, opts) => ({
      opts: {
        ...opts,
        parent: parent && new k8s.core.v1.ConfigMap(parent, {}),
      } as pulumi.CustomResourceOptions,
    }));
    const children = after.filter(({ name }) => name !== "other");
    expectChange(kind, before, children, (child) => ({ ...child, parent: "web" }));
  }
});

test.each(CHILD_KINDS)(
  "the transform %s that changes its arguments in place changes neither other children nor the caller's objects",
  async (kind) => {
    const before = await registerWithout();
    const given = structuredClone(completeArgs);
    const change: Transform<ChildArgs> = (args) => {
      args.metadata.labels.changed = "yes";
      return { args };
    };
    const after = await registerWith(kind, change, given);
    expectChange(kind, before, after, (child) =>
      withMetadata(child, { labels: { ...child.inputs.metadata.labels, changed: "yes" } }),
    );
    expect(given).toEqual(completeArgs);
  },
);

test.each(CHILD_KINDS)("the transform %s that returns no changes changes nothing", async (kind) => {
  const before = await registerWithout();
  expectChange(kind, before, await registerWith(kind, () => undefined), (child) => child);
  expectChange(kind, before, await registerWith(kind, () => ({})), (child) => child);
});

test.each(CHILD_KINDS)(
  "the transform %s is called once for each child of that kind, with its Pulumi name",
  async (kind) => {
    const names: string[] = [];
    const resources = await registerWith(kind, (_, __, name) => void names.push(name));
    const children = resources.filter(({ type }) => type === CHILD_TYPES[kind]).map(({ name }) => name);
    expect(names.toSorted()).toEqual(children.toSorted());
  },
);

test("a transform of a child that is not enabled is not called", async () => {
  const called: string[] = [];
  const transform = Object.fromEntries(CHILD_KINDS.map((kind) => [kind, () => void called.push(kind)]));
  await register(() => new MeshedDeployment("web", { ...deploymentArgs, transform }));
  expect(called).toEqual(["deployment"]);
});

test("a transform receives the arguments with the values of all options, and its result is not validated", async () => {
  let received: ServiceChildArgs | undefined;
  const annotations = { "config.linkerd.io/opaque-ports": "1" };
  const { find } = await register(
    () =>
      new MeshedDeployment("web", {
        ...deploymentArgs,
        service: { ports: { http: 80 }, type: "NodePort" },
        retries: { limit: 2 },
        transform: {
          service: (args) => {
            received = args;
            return { args: { ...args, metadata: { annotations }, spec: { ...args.spec, type: "Any" } } };
          },
        },
      }),
  );
  expect(received).toMatchObject({
    metadata: { name: "shop-web", annotations: { "retry.linkerd.io/limit": "2" } },
    spec: {
      type: "NodePort",
      ports: [
        { name: "http", port: 80 },
        { name: "grpc", port: 9000 },
      ],
    },
  });
  expect(find("web", CHILD_TYPES.service).inputs).toMatchObject({
    metadata: { annotations },
    spec: { type: "Any", selector: { app: "web" } },
  });
});

test("a transform has the types of its child, whose metadata and spec can be spread", () => {
  const transforms: DeploymentTransforms = {
    service: (args, opts) => ({
      args: { ...args, spec: { ...args.spec, loadBalancerClass: "internal" } },
      opts: { ...opts, protect: true },
    }),
    autoscaler: (args) => ({ args: { ...args, spec: { ...args.spec, behavior: {} } } }),
    disruptionBudget: (args) => ({ args: { ...args, metadata: { ...args.metadata, name: "budget" } } }),
    // @ts-expect-error the field is a boolean
    serviceAccount: (args) => ({ args: { ...args, automountServiceAccountToken: "no" } }),
  };
  expectTypeOf(transforms.deployment).toEqualTypeOf<Transform<k8s.apps.v1.DeploymentArgs> | undefined>();
  expectTypeOf(transforms.server).toEqualTypeOf<
    Transform<k8s.apiextensions.CustomResourceArgs> | undefined
  >();
});

test("an unknown transform is rejected with the known ones", () => {
  const transform = { hpa: () => undefined } as DeploymentTransforms;
  expect(() => new MeshedDeployment("web", { ...deploymentArgs, transform })).toThrow(
    `transform.hpa: unknown field. Known fields: ${CHILD_KINDS.join(", ")}. Fix: remove transform.hpa`,
  );
});
