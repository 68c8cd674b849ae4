import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MeshedDeployment, ServiceMesh } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { TYPES, specWith as webSpec } from "./web-deployment.ts";

const INJECT = "linkerd.io/inject";
type Metadata = k8s.types.input.meta.v1.ObjectMeta;

function specWith(metadata?: pulumi.Input<Metadata>) {
  return {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      ...(metadata && { metadata }),
      spec: { containers: [{ name: "web", image: "web:1" }] },
    },
  };
}

async function deploy(args: k8s.apps.v1.DeploymentArgs, preview = false) {
  const { find } = await register(() => new MeshedDeployment("web", args), { preview });
  return find("web", TYPES.deployment);
}

test("a MeshedDeployment registers one Deployment as its child, with the name of a plain Deployment", async () => {
  const deployment = await deploy({ spec: specWith({ labels: { app: "web" } }) });
  expect(deployment).toMatchObject({ type: TYPES.deployment, name: "web", parent: "web" });
});

test("a MeshedDeployment adds the injection label and annotation to the pod template only", async () => {
  const { inputs } = await deploy({
    metadata: { name: "web", namespace: "shop" },
    spec: specWith({ labels: { app: "web" }, annotations: { team: "shop" } }),
  });
  expect(inputs.spec.template.metadata).toEqual({
    labels: { app: "web", [INJECT]: "enabled" },
    annotations: { team: "shop", [INJECT]: "enabled" },
  });
  expect(inputs.spec.selector).toEqual({ matchLabels: { app: "web" } });
  expect(inputs.metadata).toEqual({ name: "web", namespace: "shop" });
});

test("a MeshedDeployment changes no other field of the spec", async () => {
  const spec = specWith({ labels: { app: "web" } });
  const plain = await register(() => new k8s.apps.v1.Deployment("web", { spec }));
  const meshed = await deploy({ spec });
  const { template, ...rest } = meshed.inputs.spec;
  const { template: plainTemplate, ...plainRest } = plain.find("web").inputs.spec;
  expect(rest).toEqual(plainRest);
  expect(template.spec).toEqual(plainTemplate.spec);
});

test("a MeshedDeployment does not change the objects of the caller, not even labels that are shared with the selector", async () => {
  const labels = { app: "web" };
  const spec = { ...specWith({ labels }), selector: { matchLabels: labels } };
  const { inputs } = await deploy({ spec });
  expect(labels).toEqual({ app: "web" });
  expect(inputs.spec.selector.matchLabels).toEqual({ app: "web" });
});

test.each<[string, Metadata]>([
  ["annotation", { labels: { app: "web" }, annotations: { [INJECT]: "disabled" } }],
  ["label", { labels: { app: "web", [INJECT]: "disabled" } }],
  [
    "annotation and label",
    { annotations: { [INJECT]: "disabled" }, labels: { app: "web", [INJECT]: "disabled" } },
  ],
])("a pod template whose %s disables injection stays out of the mesh", async (_, metadata) => {
  const { inputs } = await deploy({ spec: specWith(metadata) });
  expect(inputs.spec.template.metadata.annotations[INJECT]).toBe("disabled");
  expect(inputs.spec.template.metadata.labels[INJECT]).toBe("disabled");
});

test("a label and an annotation of the caller are kept even if they differ", async () => {
  const { inputs } = await deploy({
    spec: specWith({ annotations: { [INJECT]: "ingress" }, labels: { app: "web", [INJECT]: "enabled" } }),
  });
  expect(inputs.spec.template.metadata).toEqual({
    annotations: { [INJECT]: "ingress" },
    labels: { app: "web", [INJECT]: "enabled" },
  });
});

test("a label and annotations that are undefined do not replace those of the component", async () => {
  const annotations = { [INJECT]: undefined, "config.linkerd.io/proxy-await": undefined };
  const metadata = { labels: { app: "web", [INJECT]: undefined }, annotations };
  const spec = specWith(metadata as unknown as Metadata);
  const { find } = await register(() => new MeshedDeployment("web", { spec, mesh: { proxyAwait: true } }));
  expect(find("web", TYPES.deployment).inputs.spec.template.metadata).toEqual({
    labels: { app: "web", [INJECT]: "enabled" },
    annotations: { [INJECT]: "enabled", "config.linkerd.io/proxy-await": "enabled" },
  });
});

const metadata: Metadata = { labels: { app: "web" } };
test.each<[string, k8s.apps.v1.DeploymentArgs]>([
  ["an Output as its spec", { spec: pulumi.output(specWith(metadata)) }],
  [
    "an Output as its template",
    { spec: { ...specWith(metadata), template: pulumi.output(specWith(metadata).template) } },
  ],
  ["an Output as its template metadata", { spec: specWith(pulumi.output(metadata)) }],
  ["an Output as its labels", { spec: specWith({ labels: pulumi.output({ app: "web" }) }) }],
  ["an Output as its annotations", { spec: specWith({ ...metadata, annotations: pulumi.output({}) }) }],
  ["an Output as one label", { spec: specWith({ labels: { app: pulumi.output("web") } }) }],
  ["a Promise as its spec", { spec: Promise.resolve(specWith(metadata)) }],
])("a Deployment with %s is meshed", async (_, args) => {
  const { inputs } = await deploy(args);
  expect(inputs.spec.template.metadata).toEqual({
    labels: { app: "web", [INJECT]: "enabled" },
    annotations: { [INJECT]: "enabled" },
  });
  expect(inputs.spec.selector).toEqual({ matchLabels: { app: "web" } });
});

test("all resources of a MeshedDeployment depend on a mesh of the same program, whose injector and CRDs they need", async () => {
  const { resources } = await register(() => {
    const mesh = new ServiceMesh("m");
    const spec = {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          containers: [{ name: "web", image: "web:1", ports: [{ name: "http", containerPort: 80 }] }],
        },
      },
    };
    new MeshedDeployment("web", {
      spec,
      mesh: { ref: mesh },
      service: true,
      serviceAccount: true,
      allowFrom: [{ serviceAccount: "shop" }],
    });
  });
  const workload = resources.filter(({ parent, type }) => parent === "web" && type.startsWith("kubernetes:"));
  expect(workload).toHaveLength(6);
  for (const { dependsOn } of workload) {
    expect(dependsOn).toEqual(
      expect.arrayContaining(["m-crds-release", "m-control-plane-release", "m-injection-by-label-policy"]),
    );
  }
});

test("the Deployment and its Service depend on the resources that the component depends on", async () => {
  const { find } = await register(() => {
    const first = new k8s.core.v1.ConfigMap("first", {});
    return new MeshedDeployment("web", { spec: webSpec(), service: true }, { dependsOn: [first] });
  });
  expect(find("web", TYPES.deployment).dependsOn).toEqual(["first"]);
  expect(find("web", TYPES.service).dependsOn).toEqual(["first"]);
});

test("an unknown image leaves the rest of the pod template known in a preview", async () => {
  const { find } = await register(
    () => {
      const built = new k8s.core.v1.ConfigMap("built", {});
      const spec = specWith(metadata);
      const containers = [{ name: "web", image: built.metadata.uid }];
      return new MeshedDeployment("web", {
        spec: { ...spec, template: { ...spec.template, spec: { containers } } },
      });
    },
    { preview: true },
  );
  const { template } = find("web", TYPES.deployment).inputs.spec;
  expect(template.metadata.annotations).toEqual({ [INJECT]: "enabled" });
  expect(template.spec.containers[0].name).toBe("web");
});
