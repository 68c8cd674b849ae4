import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { outputValue, register } from "../../support/mocks.ts";
import { allOptions, create, specWith, TYPES } from "./web-deployment.ts";

describe("the children of a MeshedDeployment", () => {
  test("every child is a property of the component", async () => {
    const { resources, web } = await create(allOptions);
    const children = [
      web.deployment,
      web.service,
      web.serviceAccount,
      web.disruptionBudget,
      web.autoscaler,
      web.meshTlsAuthentication,
      ...web.grpcRoutes,
      ...web.servers,
      ...web.authorizationPolicies,
    ];
    const urns = await Promise.all(children.map((child) => outputValue((child as pulumi.Resource).urn)));
    const names = urns
      .map((urn) => urn.split("::").slice(-2))
      .map(([type, name]) => [type?.split("$").at(-1), name]);
    const registered = resources
      .filter(({ parent }) => parent === "web")
      .map(({ type, name }) => [type, name]);
    expect(names.toSorted()).toEqual(registered.toSorted());
    expect(web.servers).toHaveLength(3);
    expect(web.authorizationPolicies).toHaveLength(3);
    expect(web.grpcRoutes).toHaveLength(1);
  });

  test("the property of a child that is not enabled is undefined or empty", async () => {
    const { web } = await create({ spec: specWith() });
    expect({
      service: web.service,
      serviceAccount: web.serviceAccount,
      disruptionBudget: web.disruptionBudget,
      autoscaler: web.autoscaler,
      meshTlsAuthentication: web.meshTlsAuthentication,
    }).toEqual({});
    expect([web.grpcRoutes, web.servers, web.authorizationPolicies]).toEqual([[], [], []]);
  });

  test("every child depends on what the component depends on", async () => {
    const { find } = await register(() => {
      const first = new k8s.core.v1.ConfigMap("first", {});
      return new MeshedDeployment("web", { spec: specWith(), service: true }, { dependsOn: [first] });
    });
    expect(find("web", TYPES.deployment).dependsOn).toEqual(["first"]);
    expect(find("web", TYPES.service).dependsOn).toEqual(["first"]);
  });

  test("the labels of the Deployment are the labels of every child", async () => {
    const labels = { team: "shop", tier: "web" };
    const { resources } = await create({ ...allOptions, metadata: { labels } });
    const children = resources.filter(({ parent }) => parent === "web");
    expect(children).toHaveLength(13);
    for (const { type, inputs } of children) expect([type, inputs.metadata.labels]).toEqual([type, labels]);
  });

  test("labels that are an Output are the labels of every child as well", async () => {
    const metadata = pulumi.output({ labels: { team: "shop" } });
    const { resources } = await create({ ...allOptions, metadata });
    const children = resources.filter(({ parent }) => parent === "web");
    for (const { type, inputs } of children) {
      expect([type, inputs.metadata.labels]).toEqual([type, { team: "shop" }]);
    }
  });

  test("no child has labels if the Deployment has none", async () => {
    for (const metadata of [{ namespace: "shop" }, pulumi.output({ namespace: "shop" })]) {
      const { resources } = await create({ ...allOptions, metadata });
      const children = resources.filter(({ parent }) => parent === "web");
      for (const { type, inputs } of children) {
        expect([type, Object.keys(inputs.metadata)]).toEqual([type, expect.not.arrayContaining(["labels"])]);
      }
    }
  });
});
