import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { ValidationError } from "../../../components/inputs/validation.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import type { MeshOptions } from "../../../components/meshing/mesh-options.ts";
import { meshed } from "../../../components/meshing/workload-kinds.ts";
import { failing } from "../../support/mocks.ts";
import { CONFIG, spec, template } from "./web-workload.ts";

const ref = { linkerdVersion: "1", trustBundleSha256: "ab" };
const A_PORT = 'must be a port from 1 to 65535 or a range such as "4000-4010"';

/** The issues of mesh options that are plain values, each as one line. */
function issuesOf(mesh: unknown, args: unknown = { spec }): string[] {
  try {
    meshed("Deployment", args as { spec: typeof spec }, mesh as MeshOptions);
  } catch (error) {
    if (error instanceof ValidationError) return error.message.split("\n- ").slice(1);
    throw error;
  }
  return [];
}

const neverOpaque = (got: string) =>
  `mesh.opaquePorts: must not contain ports that skip the proxy, got ${got}. ` +
  "A skipped port never reaches a proxy, so it cannot be opaque. Fix: remove the port from mesh.opaquePorts";

test.each<[string, unknown, string]>([
  ["port 0 is rejected", { skipOutboundPorts: [0] }, `mesh.skipOutboundPorts[0]: ${A_PORT}, got 0.`],
  [
    "a port over 65535 is rejected with its index",
    { opaquePorts: [7000, 70000] },
    `mesh.opaquePorts[1]: ${A_PORT}, got 70000.`,
  ],
  [
    "a port that is not an integer is rejected",
    { opaquePorts: [1.5] },
    `mesh.opaquePorts[0]: ${A_PORT}, got 1.5.`,
  ],
  [
    "a range whose higher port comes first is rejected",
    { skipInboundPorts: ["80-20"] },
    `mesh.skipInboundPorts[0]: ${A_PORT}, got "80-20". Fix: put the lower port first`,
  ],
  [
    "the name of no container port is rejected with the names that exist",
    { opaquePorts: ["htpp"] },
    "mesh.opaquePorts[0]: must be a port, a range of ports, or the name of a container port, " +
      'got "htpp" (container ports: http, db).',
  ],
  [
    "a port list that is not a list is rejected",
    { skipOutboundPorts: "25,465" },
    'mesh.skipOutboundPorts: must be a list of ports, e.g. [5671, "4000-4010"], got "25,465".',
  ],
  [
    "an unknown option is rejected with the known ones",
    { skipOutbound: [25] },
    "mesh.skipOutbound: unknown field. Known fields: inject, skipOutboundPorts, skipInboundPorts, opaquePorts, " +
      "skipSmtp, proxyAwait, shutdownGracePeriod, nativeSidecar, proxy, ref. Fix: remove mesh.skipOutbound",
  ],
  [
    "an unknown proxy option is rejected with the known ones",
    { proxy: { cpu: "1" } },
    "mesh.proxy.cpu: unknown field. Known fields: cpuRequest, cpuLimit, memoryRequest, memoryLimit, logLevel, " +
      "logFormat, accessLog. Fix: remove mesh.proxy.cpu",
  ],
  [
    "text that is not a quantity is rejected",
    { proxy: { cpuRequest: "lots" } },
    'mesh.proxy.cpuRequest: must be a Kubernetes quantity, e.g. "100m" or "64Mi", got "lots".',
  ],
  [
    "text that is not a duration is rejected",
    { shutdownGracePeriod: "1 day" },
    'mesh.shutdownGracePeriod: must be a duration, e.g. "30s" or "1m30s", got "1 day".',
  ],
  [
    "an unknown injection mode is rejected",
    { inject: "yes" },
    'mesh.inject: must be one of enabled, ingress, disabled, got "yes".',
  ],
  [
    "text instead of a boolean is rejected for proxyAwait",
    { proxyAwait: "yes" },
    'mesh.proxyAwait: must be true or false, got "yes".',
  ],
  [
    "text instead of a boolean is rejected for skipSmtp",
    { skipSmtp: "no" },
    'mesh.skipSmtp: must be true or false, got "no".',
  ],
  [
    "a mesh reference without its trust bundle is rejected",
    { ref: { linkerdVersion: "1" } },
    "mesh.ref.trustBundleSha256: must be present, got nothing. Pods restart when it changes. " +
      "Fix: pass a ServiceMesh or a MeshReference as mesh.ref",
  ],
  [
    "a trust bundle hash that is not hexadecimal is rejected",
    { ref: { ...ref, trustBundleSha256: "AB" } },
    'mesh.ref.trustBundleSha256: must be a SHA-256 in lower-case hexadecimal, got "AB".',
  ],
  [
    "an invalid port list of the mesh is rejected where it is, when an option extends it",
    { ref: { ...ref, ports: { ...meshPorts(), opaque: "25,0" } }, opaquePorts: [7000] },
    `mesh.ref.ports.opaque[1]: ${A_PORT}, got "0".`,
  ],
  [
    "a missing port list of the mesh is rejected, when an option extends it",
    { ref: { ...ref, ports: {} }, opaquePorts: [7000] },
    "mesh.ref.ports.opaque: must be a comma-separated list of ports, got nothing.",
  ],
  [
    "an opaque port that Linkerd skips by default is rejected",
    { opaquePorts: [6000, 4567] },
    neverOpaque("4567, which Linkerd skips by default"),
  ],
  [
    "an opaque port that only the proxy serves is rejected",
    { opaquePorts: ["4190-4191"] },
    neverOpaque("4190-4191, which Linkerd skips by default"),
  ],
  [
    "an opaque port that the workload skips inbound is rejected",
    { opaquePorts: ["5990-6010"], skipInboundPorts: [6000] },
    neverOpaque("6000, which mesh.skipInboundPorts contains"),
  ],
  [
    "an opaque port that the mesh skips inbound is rejected",
    { ref: { ...ref, ports: meshPorts({ skipInbound: [6000] }) }, opaquePorts: [6000] },
    neverOpaque("6000, which the mesh skips inbound"),
  ],
])("%s", (_, mesh, issue) => {
  expect(issuesOf(mesh)).toEqual([issue]);
});

test.each([
  ["from", "mesh.ref", ref],
  ["mail", "mesh.skipSmtp", true],
  ["waitForProxy", "mesh.proxyAwait", true],
  ["shutdownGrace", "mesh.shutdownGracePeriod", "30s"],
])("the old option mesh.%s is rejected with its new name %s", (old, current, value) => {
  expect(issuesOf({ [old]: value })).toEqual([`mesh.${old}: renamed to ${current}. Fix: use ${current}`]);
});

test.each([
  [
    "CPU request",
    { cpuRequest: "2", cpuLimit: "1500m" },
    /^mesh\.proxy\.cpuRequest: must be at most .* got 2 .*1500m\b/,
  ],
  [
    "memory request",
    { memoryRequest: "1Gi", memoryLimit: "1G" },
    /^mesh\.proxy\.memoryRequest: must be at most .* got 1Gi .*1G\b/,
  ],
])("a proxy's %s over its limit is rejected with both values", (_, proxy, issue) => {
  expect(issuesOf({ proxy })).toEqual([expect.stringMatching(issue)]);
});

test("a port name whose container port is invalid is rejected with that port", () => {
  const containers = [{ name: "web", ports: [{ name: "http", containerPort: 70000 }] }];
  const args = { spec: { ...spec, template: { ...template, spec: { containers } } } };
  expect(issuesOf({ opaquePorts: ["http"] }, args)).toEqual([`mesh.opaquePorts[0]: ${A_PORT}, got 70000.`]);
});

test("all issues with mesh options are reported in one error that Pulumi prints without a stack trace", () => {
  const mesh = { skipSmtp: "no", opaquePorts: [0, "x"], shutdownGracePeriod: "" };
  let error: unknown;
  try {
    meshed("CronJob", { spec: { schedule: "", jobTemplate: { spec: { template } } } }, mesh as never);
  } catch (thrown) {
    error = thrown;
  }
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message.split("\n").map((line) => line.split(": ")[0])).toEqual([
    'meshed("CronJob") has 4 invalid arguments:',
    "- mesh.skipSmtp",
    "- mesh.shutdownGracePeriod",
    "- mesh.opaquePorts[0]",
    "- mesh.opaquePorts[1]",
  ]);
});

test("an invalid value in an Output is reported with its path when the Output resolves", async () => {
  const port = pulumi.output(70_000);
  const { spec: bad } = meshed("Deployment", { spec }, { skipInboundPorts: [port] });
  const text = peekPath(bad, "template", "metadata", "annotations", `${CONFIG}/skip-inbound-ports`);
  await expect(failing(text)).rejects.toThrow(`mesh.skipInboundPorts[0]: ${A_PORT}, got 70000.`);
});

test("an invalid option beside a spec that is an Output is reported when the spec resolves", async () => {
  const args = meshed("Deployment", { spec: pulumi.output(spec) }, { skipOutboundPorts: [70_000] });
  await expect(failing(args.spec)).rejects.toThrow(`mesh.skipOutboundPorts[0]: ${A_PORT}, got 70000.`);
});

test.each<[string, MeshOptions]>([
  ["a range of opaque ports that spans ports which Linkerd skips by default", { opaquePorts: ["4000-5000"] }],
  [
    "an opaque port to which the workload's own connections skip the proxy",
    { opaquePorts: [9092], skipOutboundPorts: [9092] },
  ],
  [
    "an opaque port that callers skip outbound, which is needed where the server speaks first",
    { ref: { ...ref, ports: meshPorts({ skipOutbound: [3307] }) }, opaquePorts: [3307] },
  ],
])("%s is valid", (_, mesh) => {
  expect(issuesOf(mesh)).toEqual([]);
});
