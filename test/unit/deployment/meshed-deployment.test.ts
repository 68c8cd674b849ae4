import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { MeshedDeployment, ServiceMesh } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
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

describe("MeshedDeployment", () => {
  test("registers one Deployment, its child, under the name a plain one would have", async () => {
    const deployment = await deployed({ spec: specWith({ labels: { app: "web" } }) });
    expect(deployment).toMatchObject({ type: DEPLOYMENT, name: "web", parent: "web" });
  });

  test("puts label and annotation on the pod template and nowhere else", async () => {
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

  test("changes nothing else of the spec", async () => {
    const spec = specWith({ labels: { app: "web" } });
    const plain = await register(() => new k8s.apps.v1.Deployment("web", { spec }));
    const meshed = await deployed({ spec });
    const { template, ...rest } = meshed.inputs.spec;
    const { template: plainTemplate, ...plainRest } = plain.find("web").inputs.spec;
    expect(rest).toEqual(plainRest);
    expect(template.spec).toEqual(plainTemplate.spec);
  });

  test("leaves the caller's own objects as they were, shared labels included", async () => {
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
  ])("a template whose %s says disabled stays out of the mesh", async (_, metadata) => {
    const { inputs } = await deployed({ spec: specWith(metadata) });
    expect(inputs.spec.template.metadata.annotations[INJECT]).toBe("disabled");
    expect(inputs.spec.template.metadata.labels[INJECT]).toBe("disabled");
  });

  test("keeps what the caller set even where label and annotation differ", async () => {
    const { inputs } = await deployed({
      spec: specWith({ annotations: { [INJECT]: "ingress" }, labels: { app: "web", [INJECT]: "enabled" } }),
    });
    expect(inputs.spec.template.metadata).toEqual({
      annotations: { [INJECT]: "ingress" },
      labels: { app: "web", [INJECT]: "enabled" },
    });
  });

  test("a label and annotations that are undefined are not said", async () => {
    const nothing = { [INJECT]: undefined, "config.linkerd.io/proxy-await": undefined };
    const metadata = { labels: { app: "web", [INJECT]: undefined }, annotations: nothing };
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
  ])("an Output as %s is meshed all the same", async (_, args) => {
    const { inputs } = await deployed(args);
    expect(inputs.spec.template.metadata).toEqual({
      labels: { app: "web", [INJECT]: "enabled" },
      annotations: { [INJECT]: "enabled" },
    });
    expect(inputs.spec.selector).toEqual({ matchLabels: { app: "web" } });
  });

  test("all of it waits for a mesh of the same program, whose injector and definitions it needs", async () => {
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

  test("one unknown image leaves the rest of the template known in a preview", async () => {
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
    const { template } = find("web", DEPLOYMENT).inputs.spec;
    expect(template.metadata.annotations).toEqual({ [INJECT]: "enabled" });
    expect(template.spec.containers[0].name).toBe("web");
  });
});
