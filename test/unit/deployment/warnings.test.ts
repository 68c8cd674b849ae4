/** A correct workload prints no warning. */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  MeshedDeployment,
  MeshedNamespace,
  type MeshRef,
  meshed,
  meshTransform,
} from "../../../components/index.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { register } from "../../support/mocks.ts";
import { completeArgs } from "./complete-workload.ts";
import { specWith, specWithAnnotations } from "./web-deployment.ts";

const warn = vi.spyOn(pulumi.log, "warn");
beforeEach(() => void warn.mockResolvedValue());
afterEach(() => void warn.mockReset());

const ref: MeshRef = {
  linkerdVersion: pulumi.output("edge-26.8.3"),
  trustBundleSha256: pulumi.output("ab12"),
  ports: pulumi.output(meshPorts()),
  defaultInboundPolicy: pulumi.output("deny" as const),
};
const probes = { readiness: "/ready", liveness: "/live" };

test.each<[string, () => unknown]>([
  ["a plain Deployment", () => new MeshedDeployment("web", { spec: specWith() })],
  ["a workload with every companion", () => new MeshedDeployment("web", completeArgs)],
  [
    "a workload with every option for its pods, in a mesh that denies by default",
    () =>
      new MeshedDeployment("web", {
        spec: specWith(),
        mesh: { ref, inject: "enabled", skipInboundPorts: [9102], proxy: { cpuRequest: "50m" } },
        probes,
        resources: true,
        podSecurity: "restricted",
        topologySpread: true,
        disruptionBudget: { minAvailable: "50%" },
        autoscaling: { min: 2, max: 10 },
      }),
  ],
  [
    "a restricted workload with HTTP and TCP probes and an exec hook",
    () =>
      new MeshedDeployment("web", {
        spec: specWith(
          {},
          {
            readinessProbe: { httpGet: { path: "/ready?full=1", port: "http" } },
            livenessProbe: { tcpSocket: { port: 8080 } },
            lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } },
          },
        ),
        mesh: { ref },
        allowFrom: [{ serviceAccount: "a" }],
      }),
  ],
  [
    "a database with a TCP probe on its opaque port",
    () =>
      new MeshedDeployment("db", {
        spec: specWith({}, { readinessProbe: { tcpSocket: { port: 5432 } } }),
        mesh: { ref, opaquePorts: [5432] },
        service: true,
      }),
  ],
  [
    "annotations of the pod template without options for them",
    () =>
      new MeshedDeployment("web", {
        spec: specWithAnnotations({ "config.linkerd.io/proxy-log-level": "debug" }),
      }),
  ],
  [
    "a workload that stays out of the mesh",
    () =>
      new MeshedDeployment("web", { spec: specWith({ hostNetwork: true }), mesh: { inject: "disabled" } }),
  ],
  ["a meshed namespace", () => new MeshedNamespace("shop", { mesh: { ref, opaquePorts: [5432] } })],
  [
    "a meshed CronJob",
    () =>
      meshed(
        "CronJob",
        { spec: { schedule: "@daily", jobTemplate: { spec: { template: specWith().template } } } },
        { ref, skipSmtp: true },
      ),
  ],
  [
    "a chart with pods on the host network and pods for Windows",
    async () => {
      for (const podSpec of [
        { hostNetwork: true },
        { nodeSelector: { "kubernetes.io/os": "windows" } },
        {},
      ]) {
        const type = "kubernetes:apps/v1:DaemonSet";
        await meshTransform({ ref })({
          custom: true,
          type,
          name: "x",
          props: { spec: specWith(podSpec) },
          opts: {},
        });
      }
    },
  ],
])("%s prints no warning", async (_, program) => {
  await register(program);
  expect(warn.mock.calls.map(([text]) => text)).toEqual([]);
});
