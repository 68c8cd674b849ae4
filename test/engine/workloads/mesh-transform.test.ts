import type { V1Deployment, V1StatefulSet } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { meshTransform } from "../../../components/index.ts";
import { read } from "../../support/cluster.ts";
import { changes, openProgram, stateOf } from "../../support/stack.ts";

const MESHED = {
  "linkerd.io/inject": "enabled",
  "config.linkerd.io/opaque-ports": "25,587,3306,4444,5432,6379,7000,9300,11211",
};

test("a transform meshes the workloads of third-party YAML", async () => {
  const yaml = `
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: { name: passing, namespace: default }
    spec:
      replicas: 0
      serviceName: passing
      selector: { matchLabels: { app: passing } }
      template:
        metadata: { labels: { app: passing } }
        spec: { containers: [{ name: passing, image: "passing:1", ports: [{ name: db, containerPort: 7000 }] }] }`;
  const stack = await openProgram("passing", "test", async () => {
    const transforms = [meshTransform({ opaquePorts: ["db"] })];
    new k8s.yaml.v2.ConfigGroup("passing", { yaml }, { transforms });
  });
  await stack.up();
  const { spec } = await read<V1StatefulSet>("apps/v1", "StatefulSet", "passing", "default");
  expect(spec?.template.metadata?.annotations).toEqual(MESHED);
  expect(spec?.selector.matchLabels).toEqual({ app: "passing" });
  await stack.destroy();
});

test("a transform meshes a workload with a secret and one that is unknown in a preview, and the secret stays out of the state", async () => {
  const labels = { app: "secretive" };
  const ports = [{ name: "db", containerPort: 7000 }];
  const stack = await openProgram("secretive", "test", async () => {
    const created = new k8s.core.v1.ConfigMap("made", { metadata: { namespace: "default" } });
    const specWith = (env: pulumi.Input<string>, annotations: pulumi.Input<Record<string, string>>) => ({
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: {
          containers: [{ name: "main", image: "main:1", ports, env: [{ name: "GIVEN", value: env }] }],
        },
      },
    });
    const transforms = [meshTransform({ opaquePorts: ["db"] })];
    const metadata = (name: string) => ({ name, namespace: "default" });
    const secret = specWith(pulumi.secret("swordfish"), {});
    const late = specWith(
      created.metadata.uid,
      created.metadata.uid.apply((uid) => ({ uid })),
    );
    new k8s.apps.v1.Deployment(
      "secretive",
      { metadata: metadata("secretive"), spec: secret },
      { transforms },
    );
    new k8s.apps.v1.Deployment("late", { metadata: metadata("late"), spec: late }, { transforms });
  });
  expect(changes((await stack.preview()).changeSummary)).toEqual({ create: 4 });
  await stack.up();
  for (const name of ["secretive", "late"]) {
    const { metadata, spec } = await read<V1Deployment>("apps/v1", "Deployment", name, "default");
    expect(metadata?.name).toBe(name);
    expect(spec?.template.metadata?.annotations).toMatchObject(MESHED);
    expect(spec?.template.metadata?.labels).toEqual({ ...labels, "linkerd.io/inject": "enabled" });
  }
  expect(stateOf("secretive", "test")).not.toContain("swordfish");
  expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
  await stack.destroy();
});
