import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { MeshedDeployment, ServiceMesh } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { allowFrom, TYPES } from "./web-deployment.ts";

const DEPLOYMENT = TYPES.deployment;
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

async function deployed(args: k8s.apps.v1.DeploymentArgs, preview = false) {
  const { find } = await register(() => new MeshedDeployment("web", args), { preview });
  return find("web", DEPLOYMENT);
}

describe("the Deployment of a MeshedDeployment", () => {
  test("the Deployment is a child with the name of a plain Deployment", async () => {
    const deployment = await deployed({ spec: specWith({ labels: { app: "web" } }) });
    expect(deployment).toMatchObject({ type: DEPLOYMENT, name: "web", parent: "web" });
  });

  test("the label and the annotation are set on the pod template and nowhere else", async () => {
    const { inputs } = await deployed({
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

  test("the rest of the spec does not change", async () => {
    const spec = specWith({ labels: { app: "web" } });
    const plain = await register(() => new k8s.apps.v1.Deployment("web", { spec }));
    const meshed = await deployed({ spec });
    const { template, ...rest } = meshed.inputs.spec;
    const { template: plainTemplate, ...plainRest } = plain.find("web").inputs.spec;
    expect(rest).toEqual(plainRest);
    expect(template.spec).toEqual(plainTemplate.spec);
  });

  test("the objects of the caller, including shared labels, do not change", async () => {
    const labels = { app: "web" };
    const spec = { ...specWith({ labels }), selector: { matchLabels: labels } };
    const { inputs } = await deployed({ spec });
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
  ])("a template with `disabled` in its %s stays out of the mesh", async (_, metadata) => {
    const { inputs } = await deployed({ spec: specWith(metadata) });
    expect(inputs.spec.template.metadata.annotations[INJECT]).toBe("disabled");
    expect(inputs.spec.template.metadata.labels[INJECT]).toBe("disabled");
  });

  test("a label and an annotation of the caller are kept even if they differ", async () => {
    const { inputs } = await deployed({
      spec: specWith({ annotations: { [INJECT]: "ingress" }, labels: { app: "web", [INJECT]: "enabled" } }),
    });
    expect(inputs.spec.template.metadata).toEqual({
      annotations: { [INJECT]: "ingress" },
      labels: { app: "web", [INJECT]: "enabled" },
    });
  });

  test("a label or annotation that is undefined counts as absent", async () => {
    const absent = { [INJECT]: undefined, "config.linkerd.io/proxy-await": undefined };
    const metadata = { labels: { app: "web", [INJECT]: undefined }, annotations: absent };
    const spec = specWith(metadata as unknown as Metadata);
    const { find } = await register(() => new MeshedDeployment("web", { spec, mesh: { proxyAwait: true } }));
    expect(find("web", DEPLOYMENT).inputs.spec.template.metadata).toEqual({
      labels: { app: "web", [INJECT]: "enabled" },
      annotations: { [INJECT]: "enabled", "config.linkerd.io/proxy-await": "enabled" },
    });
  });

  const metadata: Metadata = { labels: { app: "web" } };
  test.each<[string, k8s.apps.v1.DeploymentArgs]>([
    ["spec", { spec: pulumi.output(specWith(metadata)) }],
    ["template", { spec: { ...specWith(metadata), template: pulumi.output(specWith(metadata).template) } }],
    ["template metadata", { spec: specWith(pulumi.output(metadata)) }],
    ["labels", { spec: specWith({ labels: pulumi.output({ app: "web" }) }) }],
    ["annotations", { spec: specWith({ ...metadata, annotations: pulumi.output({}) }) }],
    ["single label", { spec: specWith({ labels: { app: pulumi.output("web") } }) }],
    ["promise of a spec", { spec: Promise.resolve(specWith(metadata)) }],
  ])("a Deployment is meshed with an Output as its %s", async (_, args) => {
    const { inputs } = await deployed(args);
    expect(inputs.spec.template.metadata).toEqual({
      labels: { app: "web", [INJECT]: "enabled" },
      annotations: { [INJECT]: "enabled" },
    });
    expect(inputs.spec.selector).toEqual({ matchLabels: { app: "web" } });
  });

  test("every child depends on a mesh of the same program, whose injector and CRDs it needs", async () => {
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
        allowFrom,
      });
    });
    const workload = resources.filter(
      ({ parent, type }) => parent === "web" && type.startsWith("kubernetes:"),
    );
    expect(workload).toHaveLength(6);
    for (const { dependsOn } of workload) {
      expect(dependsOn).toEqual(
        expect.arrayContaining(["m-crds-release", "m-control-plane-release", "m-injection-by-label-policy"]),
      );
    }
  });

  test("an image that is unknown in a preview leaves the rest of the template known", async () => {
    const { find } = await register(
      () => {
        const build = new k8s.core.v1.ConfigMap("build", {});
        const spec = specWith(metadata);
        const containers = [{ name: "web", image: build.metadata.uid }];
        return new MeshedDeployment("web", {
          spec: { ...spec, template: { ...spec.template, spec: { containers } } },
        });
      },
      { preview: true },
    );
    const { template } = find("web", DEPLOYMENT).inputs.spec;
    expect(template.metadata.annotations).toEqual({ [INJECT]: "enabled" });
    expect(template.spec.containers[0].name).toBe("web");
  });
});
