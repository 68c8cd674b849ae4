/** Pods that a proxy cannot join. */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { knownValue } from "../../../components/inputs/outputs.ts";
import type { MeshOptions } from "../../../components/meshing/mesh-options.ts";
import { findProxyObstacle } from "../../../components/meshing/proxy-obstacles.ts";
import { meshed, meshTransform } from "../../../components/meshing/workload-kinds.ts";
import { outputValue } from "../../support/mocks.ts";
import { deployInvalid, deployWeb, messageOf, specWith, TYPES } from "../deployment/web-deployment.ts";
import { INJECT, spec, template } from "./web-workload.ts";

const warn = vi.spyOn(pulumi.log, "warn");
beforeEach(() => void warn.mockResolvedValue());
afterEach(() => void warn.mockReset());
const warnings = () => warn.mock.calls.map(([text]) => text);

/** A required node affinity with one term for each list of operating systems. */
const requiring = (...terms: string[][]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((values) => ({
          matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values }],
        })),
      },
    },
  },
});

const WINDOWS: [string, object, string][] = [
  ["the operating system windows", { os: { name: "windows" } }, "os.name"],
  [
    "a node selector for Windows",
    { nodeSelector: { "kubernetes.io/os": "windows" } },
    'nodeSelector["kubernetes.io/os"]',
  ],
  [
    "a node selector with the former label for Windows",
    { nodeSelector: { "beta.kubernetes.io/os": "windows" } },
    'nodeSelector["beta.kubernetes.io/os"]',
  ],
  ["a node affinity for Windows", requiring(["windows"]), "affinity.nodeAffinity"],
];

const withPods = (podSpec: object) => ({
  ...spec,
  template: { ...template, spec: { ...template.spec, ...podSpec } },
});

const warning = (field: string) =>
  `${field}: these pods are not meshed, because Linkerd's proxy runs on Linux only. ` +
  `Fix: set ${INJECT} to "disabled"`;

test.each(WINDOWS)(
  "a MeshedDeployment of pods with %s keeps the proxy out and is reported",
  async (_, podSpec, field) => {
    const { find } = await deployWeb({ spec: specWith(podSpec), mesh: { opaquePorts: [9999] } });
    const { metadata } = find("web", TYPES.deployment).inputs.spec.template;
    expect(metadata.annotations).toEqual({ [INJECT]: "disabled" });
    expect(metadata.labels).toEqual({ app: "web", [INJECT]: "disabled" });
    expect(warnings()).toEqual([warning(field)]);
  },
);

test.each(WINDOWS)("meshed leaves pods with %s unchanged and reports them", (_, podSpec, field) => {
  const args = { spec: withPods(podSpec) };
  expect(meshed("Deployment", args, { skipSmtp: true })).toEqual(args);
  expect(warnings()).toEqual([`Deployment: ${warning(field)}`]);
});

test.each(WINDOWS)("meshTransform leaves pods with %s unchanged without a warning", async (_, podSpec) => {
  const props = { spec: withPods(podSpec) };
  const type = "kubernetes:apps/v1:DaemonSet";
  const result = await meshTransform()({ custom: true, type, name: "x", props, opts: {} });
  expect(result?.props).toEqual(props);
  expect(warnings()).toEqual([]);
});

test("meshTransform meshes the other pods of a chart with pods on the host network, without a warning", async () => {
  const props = { spec: withPods({ hostNetwork: true }) };
  const type = "kubernetes:apps/v1:DaemonSet";
  await meshTransform()({ custom: true, type, name: "x", props, opts: {} });
  expect(warnings()).toEqual([]);
});

test.each<[string, MeshOptions, object]>([
  ["by an option", { inject: "disabled" }, {}],
  ["by an annotation", {}, { annotations: { [INJECT]: "disabled" } }],
  ["by a label", {}, { labels: { app: "web", [INJECT]: "disabled" } }],
])("pods for Windows that are disabled %s are not reported", async (_, mesh, metadata) => {
  const windows = specWith({ os: { name: "windows" } });
  const own = { ...windows.template, metadata: { labels: { app: "web" }, ...metadata } };
  await deployWeb({ spec: { ...windows, template: own }, mesh });
  expect(warnings()).toEqual([]);
});

test.each<[string, object]>([
  ["the operating system linux", { os: { name: "linux" } }],
  ["a node selector for Linux", { nodeSelector: { "kubernetes.io/os": "linux" } }],
  ["a toleration of Windows nodes", { tolerations: [{ key: "os", value: "windows", effect: "NoSchedule" }] }],
  ["a node affinity for Linux or Windows", requiring(["windows"], ["linux"])],
  ["a node affinity with both operating systems in one term", requiring(["windows", "linux"])],
])("a proxy can join pods with %s", (_, podSpec) => {
  expect(findProxyObstacle({ ...template.spec, ...podSpec })).toBeUndefined();
});

test("an operating system that is an Output is read when it resolves, and other Outputs leave the template known", async () => {
  const os = { name: pulumi.output("windows") };
  const args = { spec: withPods({ os }) };
  const result = await outputValue(pulumi.output(meshed("Deployment", args)));
  expect(JSON.stringify(result)).not.toContain(INJECT);
  expect(warnings()).toEqual([`Deployment: ${warning("os.name")}`]);
  const pool = { nodeSelector: { pool: pulumi.output("a") } };
  expect(knownValue(findProxyObstacle({ ...template.spec, ...pool }))).toBeUndefined();
  const metadata = (meshed("Deployment", { spec: withPods(pool) }).spec as typeof spec).template.metadata;
  expect(metadata).toMatchObject({ annotations: { [INJECT]: "enabled" } });
});

test("allowFrom is rejected for pods for Windows", async () => {
  const args = { spec: specWith({ os: { name: "windows" } }), allowFrom: [{ serviceAccount: "a" }] };
  expect(await deployInvalid(args)).toEqual({
    message: messageOf(
      "allowFrom: must be used with meshed pods, got os.name: windows. Linkerd's proxy runs on Linux only. " +
        "Fix: remove allowFrom",
    ),
    resources: [],
  });
});
