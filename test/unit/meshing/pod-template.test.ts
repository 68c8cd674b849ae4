import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { knownValue, peekPath } from "../../../components/inputs/outputs.ts";
import type { MeshOptions } from "../../../components/meshing/mesh-options.ts";
import { containerPorts } from "../../../components/meshing/pod-template.ts";
import { meshed, type WorkloadArgs } from "../../../components/meshing/workload-kinds.ts";
import { outputValue } from "../../support/mocks.ts";
import { annotationsOf, CONFIG, INJECT, spec, template } from "./web-workload.ts";

test("a pod template that is disabled gets no other annotation, and so does not restart with the mesh", async () => {
  const mesh: MeshOptions = { skipSmtp: true, ref: { linkerdVersion: "1", trustBundleSha256: "2" } };
  expect(await annotationsOf({ ...mesh, inject: "disabled" })).toEqual({});
  expect(await annotationsOf(mesh, { [INJECT]: "disabled" })).toEqual({});
  expect(await annotationsOf({ ...mesh, inject: pulumi.output<"disabled">("disabled") })).toEqual({});
  const labels = pulumi.output({ app: "web", [INJECT]: "disabled" });
  const args = { spec: { ...spec, template: { ...template, metadata: { labels } } } };
  const { annotations } = (await outputValue(
    pulumi.output(peekPath(meshed("Deployment", args, mesh).spec, "template", "metadata")),
  )) as { annotations: object };
  expect(annotations).toEqual({ [INJECT]: "disabled" });
});

test.each<[string, object | null]>([
  [
    "labels and annotations that resolve to nothing",
    { labels: pulumi.output(undefined), annotations: pulumi.output(undefined) },
  ],
  ["a null value", null],
  ["an Output that resolves to nothing", pulumi.output(undefined)],
])("metadata with %s is meshed like absent metadata", async (_, metadata) => {
  const args = { spec: { ...spec, template: { ...template, metadata } } } as WorkloadArgs["Deployment"];
  const meshedSpec = meshed("Deployment", args, { skipSmtp: true }).spec;
  expect(await outputValue(pulumi.output(peekPath(meshedSpec, "template", "metadata") as object))).toEqual({
    labels: { [INJECT]: "enabled" },
    annotations: {
      [INJECT]: "enabled",
      [`${CONFIG}/skip-outbound-ports`]: "25,465,587,2525,4567,4568",
    },
  });
});

test("pods on the host network are reported as not meshed, unless injection is disabled", () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const onHost = { ...template, spec: { ...template.spec, hostNetwork: true } };
  meshed("DaemonSet", { spec: { ...spec, template: onHost } });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    "DaemonSet: hostNetwork: these pods are not meshed, because Linkerd does not inject pods on the host network. " +
      `Fix: set ${INJECT} to "disabled", or remove hostNetwork`,
  ]);
  meshed("DaemonSet", { spec: { ...spec, template: onHost } }, { inject: "disabled" });
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

test("an inject label that differs from mesh.inject takes precedence with a warning", () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const metadata = { labels: { app: "web", [INJECT]: "disabled" } };
  const args = meshed(
    "Deployment",
    { spec: { ...spec, template: { ...template, metadata } } },
    { inject: "ingress" },
  );
  expect(peekPath(args.spec, "template", "metadata", "annotations")).toEqual({ [INJECT]: "disabled" });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    `Deployment: ${INJECT}: "disabled" in the metadata takes precedence over "ingress" from the mesh options. ` +
      "Fix: remove one of them",
  ]);
  warn.mockRestore();
});

test("container ports include those of native sidecars and exclude those of other init containers", () => {
  const ports = (containerPort: number) => [{ containerPort }];
  expect(
    containerPorts({
      containers: [{ name: "web", ports: ports(1) }, { name: "bare" }],
      initContainers: [
        { name: "sidecar", restartPolicy: "Always", ports: ports(2) },
        { name: "setup", ports: ports(3) },
      ],
    }),
  ).toEqual([{ containerPort: 1 }, { containerPort: 2 }]);
});

test("container ports are known although the image of a container is an Output", () => {
  const image = pulumi.output("web:1");
  const ports = containerPorts({ containers: [{ name: "web", image, ports: [{ containerPort: 1 }] }] });
  expect(knownValue(ports)).toEqual([{ containerPort: 1 }]);
});
