import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { outputValue, register } from "../../support/mocks.ts";
import { create, specWith } from "./web-deployment.ts";

describe("the outputs of a MeshedDeployment", () => {
  const metadata = { name: "w", namespace: "shop" };

  test("a MeshedDeployment has the outputs of the Deployment that it replaces", async () => {
    // The same function for both: it compiles only if they have the same outputs.
    const outputsOf = (deployment: k8s.apps.v1.Deployment | MeshedDeployment) => ({
      name: deployment.metadata.name,
      replicas: deployment.spec.replicas,
      readyReplicas: deployment.status.apply((status) => status?.readyReplicas ?? 0),
      id: deployment.id,
      apiVersion: deployment.apiVersion,
      kind: deployment.kind,
    });
    const spec = specWith();
    const { web } = await create({ metadata, spec });
    const { result: plain } = await register(() => new k8s.apps.v1.Deployment("web", { metadata, spec }));
    expect(await outputValue(pulumi.output(outputsOf(web)))).toEqual(
      await outputValue(pulumi.output(outputsOf(plain))),
    );
    expect(web.metadata).toBe(web.deployment.metadata);
    expect(web.spec).toBe(web.deployment.spec);
    expect(web.status).toBe(web.deployment.status);
    expect(web.id).toBe(web.deployment.id);
    expect(web.urn).not.toBe(web.deployment.urn);
  });

  test("the component reads the outputs of the Deployment through getters, which Pulumi does not serialize", async () => {
    const { web } = await create({ spec: specWith() });
    const outputs = ["apiVersion", "kind", "metadata", "spec", "status", "id", "name", "namespace", "labels"];
    expect(Object.keys(web).filter((key) => outputs.includes(key))).toEqual([]);
    // Nothing of ComponentResource is hidden by a getter.
    const inherited = new Set<string>();
    let prototype = Object.getPrototypeOf(MeshedDeployment.prototype);
    while (prototype !== Object.prototype) {
      for (const key of Object.getOwnPropertyNames(prototype)) inherited.add(key);
      prototype = Object.getPrototypeOf(prototype);
    }
    const own = Object.getOwnPropertyNames(MeshedDeployment.prototype).filter((key) => key !== "constructor");
    expect(own.filter((key) => inherited.has(key))).toEqual([]);
  });

  test("its name, namespace, labels and identity are those of the Deployment", async () => {
    const { web } = await create({ metadata, spec: specWith({ serviceAccountName: "till" }) });
    const { name, namespace, labels, identity } = web;
    expect(await outputValue(pulumi.output({ name, namespace, labels, identity }))).toEqual({
      name: "w",
      namespace: "shop",
      labels: { app: "web" },
      identity: { serviceAccount: "till", namespace: "shop" },
    });
  });

  test("its identity is the ServiceAccount that it creates", async () => {
    const { web } = await create({ metadata, spec: specWith(), serviceAccount: true });
    expect(await outputValue(pulumi.output(web.identity))).toEqual({
      serviceAccount: "w",
      namespace: "shop",
    });
  });

  test.each([
    [{ serviceAccount: "till" }, "till"],
    [{ serviceAccountName: "" }, "default"],
  ])("its identity is the ServiceAccount that Kubernetes reads from %o", async (account, expected) => {
    const { web } = await create({ spec: specWith(account) });
    expect(await outputValue(web.identity.serviceAccount)).toBe(expected);
  });
});
