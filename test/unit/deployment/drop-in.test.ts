import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, expectTypeOf, test } from "vitest";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { outputValue, type Registered, register } from "../../support/mocks.ts";
import { CHILD_KINDS, CHILD_TYPES, completeArgs, deploymentArgs } from "./complete-workload.ts";

type Plain = k8s.apps.v1.Deployment;

/** A program that creates a Deployment and uses what other programs use of one. It compiles with either class. */
function useDeployment(Deployment: typeof k8s.apps.v1.Deployment | typeof MeshedDeployment) {
  const web = new Deployment("web", deploymentArgs, { customTimeouts: { create: "5m" } });
  const { metadata, spec, status }: Pick<Plain, "metadata" | "spec" | "status"> = web;
  return pulumi.output({
    apiVersion: web.apiVersion,
    kind: web.kind,
    id: web.id,
    metadata,
    name: web.metadata.name,
    spec,
    image: web.spec.template.spec.containers[0]?.image,
    status,
    ready: web.status.readyReplicas,
    path: pulumi.interpolate`${web.metadata.namespace}/${web.metadata.name}`,
  });
}

test("after replacing Deployment with MeshedDeployment, a program reads the same outputs", async () => {
  const outputsWith = async (Deployment: Parameters<typeof useDeployment>[0]) => {
    const { result } = await register(async () => ({ value: await outputValue(useDeployment(Deployment)) }));
    return result.value;
  };
  const plain = await outputsWith(k8s.apps.v1.Deployment);
  const { spec, ...meshed } = await outputsWith(MeshedDeployment);
  expect(plain).toMatchObject({
    id: "web-id",
    name: "shop-web",
    image: "web:1",
    path: "shop/shop-web",
    ready: 3,
  });

  // The pod template has the label and the annotation of the mesh in addition.
  const { template, ...rest } = spec;
  const { spec: plainSpec, ...others } = plain;
  const { template: plainTemplate, ...plainRest } = plainSpec;
  expect(meshed).toEqual(others);
  expect(rest).toEqual(plainRest);
  expect(template.spec).toEqual(plainTemplate.spec);
  expect(template.metadata).toEqual({
    labels: { app: "web", "linkerd.io/inject": "enabled" },
    annotations: { "linkerd.io/inject": "enabled" },
  });
});

test("each output of a MeshedDeployment has the type and is the Output of its Deployment", async () => {
  expectTypeOf<MeshedDeployment>().toExtend<
    Pick<Plain, "apiVersion" | "kind" | "id" | "urn" | "metadata" | "spec" | "status">
  >();
  const { result } = await register(() => {
    const web = new MeshedDeployment("web", deploymentArgs);
    const { deployment } = web;
    for (const output of ["apiVersion", "kind", "id", "metadata", "spec", "status"] as const) {
      expect(web[output], output).toBe(deployment[output]);
    }
    return { web, deployment };
  });
  const urns = [await outputValue(result.web.urn), await outputValue(result.deployment.urn)];
  expect(urns.map((urn) => urn.split("::")[2])).toEqual([
    "linkerd-mesh:workloads:MeshedDeployment",
    "linkerd-mesh:workloads:MeshedDeployment$kubernetes:apps/v1:Deployment",
  ]);
});

test("the arguments and the options of a Deployment are arguments and options of a MeshedDeployment", () => {
  type Given = [name: string, args: k8s.apps.v1.DeploymentArgs, opts?: pulumi.CustomResourceOptions];
  expectTypeOf<Given>().toExtend<ConstructorParameters<typeof k8s.apps.v1.Deployment>>();
  expectTypeOf<Given>().toExtend<ConstructorParameters<typeof MeshedDeployment>>();
});

test("the shortcuts of a MeshedDeployment have the values of its Deployment and its ServiceAccount", async () => {
  const { result } = await register(() => {
    const { name, namespace, labels, identity } = new MeshedDeployment("web", completeArgs);
    return { values: outputValue(pulumi.output({ name, namespace, labels, identity })) };
  });
  expect(await result.values).toEqual({
    name: "shop-web",
    namespace: "shop",
    labels: { app: "web" },
    identity: { serviceAccount: "shop-web", namespace: "shop" },
  });
});

/** The children of a MeshedDeployment that its properties have, by kind. */
const childrenOf = (web: MeshedDeployment): Record<keyof typeof CHILD_TYPES, pulumi.Resource[]> => ({
  deployment: [web.deployment],
  service: [web.service].filter((child) => child !== undefined),
  serviceAccount: [web.serviceAccount].filter((child) => child !== undefined),
  disruptionBudget: [web.disruptionBudget].filter((child) => child !== undefined),
  autoscaler: [web.autoscaler].filter((child) => child !== undefined),
  server: [...web.servers],
  authorizationPolicy: [...web.authorizationPolicies],
  meshTlsAuthentication: [web.meshTlsAuthentication].filter((child) => child !== undefined),
  grpcRoute: [...web.grpcRoutes],
});

const isChild = ({ type }: Registered) => type.startsWith("kubernetes:");

test("every child that is registered is a property of the component", async () => {
  const { resources, result } = await register(async () => {
    const children = Object.values(childrenOf(new MeshedDeployment("web", completeArgs))).flat();
    return { urns: await Promise.all(children.map(({ urn }) => outputValue(urn))) };
  });
  const inProperties = result.urns.map((urn) => urn.split("$").at(-1)).sort();
  const registered = resources.filter(isChild).map(({ type, name }) => `${type}::${name}`);
  expect(inProperties).toEqual(registered.sort());
  expect(new Set(resources.filter(isChild).map(({ type }) => type))).toEqual(
    new Set(Object.values(CHILD_TYPES)),
  );
});

test("the Servers and the AuthorizationPolicies are in the order of the ports", async () => {
  const { result } = await register(async () => {
    const { servers, authorizationPolicies } = new MeshedDeployment("web", completeArgs);
    const namesOf = (children: readonly pulumi.Resource[]) =>
      Promise.all(children.map(async ({ urn }) => (await outputValue(urn)).split("::").at(-1)));
    return { servers: await namesOf(servers), policies: await namesOf(authorizationPolicies) };
  });
  expect(result).toEqual({ servers: ["web-http", "web-grpc"], policies: ["web-http", "web-grpc"] });
});

test("the property of a child that is not enabled is undefined or empty", async () => {
  const { result } = await register(() => ({
    children: childrenOf(new MeshedDeployment("web", deploymentArgs)),
  }));
  const { deployment, ...others } = result.children;
  expect(deployment).toHaveLength(1);
  expect(Object.values(others).flat()).toEqual([]);
});

/** The labels of every registered child. */
async function labelsWith(metadata: MeshedDeploymentArgs["metadata"]) {
  const { resources } = await register(() => {
    new MeshedDeployment("web", { ...completeArgs, ...(metadata && { metadata }) });
  });
  const children = resources.filter(isChild);
  expect(children.length).toBeGreaterThan(CHILD_KINDS.length);
  return children.map(({ type, name, inputs }) => [type, name, inputs.metadata]);
}

test.each<[string, MeshedDeploymentArgs["metadata"]]>([
  ["plain values", { labels: { team: "shop", tier: "front" } }],
  ["an Output", { labels: pulumi.output({ team: "shop", tier: "front" }) }],
  ["values of which one is an Output", { labels: { team: pulumi.output("shop"), tier: "front" } }],
  ["a part of metadata that is an Output", pulumi.output({ labels: { team: "shop", tier: "front" } })],
])("the labels of the Deployment are the labels of every child: %s", async (_, metadata) => {
  for (const [type, name, { labels }] of await labelsWith(metadata)) {
    expect(labels, `${type} ${name}`).toEqual({ team: "shop", tier: "front" });
  }
});

test("the children of a Deployment without labels have no labels", async () => {
  for (const [type, name, metadata] of await labelsWith({ name: "shop-web", namespace: "shop" })) {
    expect(metadata, `${type} ${name}`).not.toHaveProperty("labels");
  }
});

test("the labels of the Deployment are not added to its selector and its pods", async () => {
  const { find } = await register(() => new MeshedDeployment("web", completeArgs));
  const { spec } = find("web", CHILD_TYPES.deployment).inputs;
  expect(spec.selector.matchLabels).toEqual({ app: "web" });
  expect(spec.template.metadata.labels).toEqual({ app: "web", "linkerd.io/inject": "enabled" });
});
