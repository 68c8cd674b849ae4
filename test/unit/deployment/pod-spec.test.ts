/** The options that shape the pods: topology spread, probes, resource requests and pod security. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { deployWeb, ports, selector, specWith, TYPES } from "./web-deployment.ts";

const probes = { readiness: "/ready", liveness: "/live" };
const podSecurity = "restricted" as const;

test("topologySpread prefers different nodes and zones, and keeps no pod from being scheduled", async () => {
  const { pod } = await deployWeb({ spec: specWith(), topologySpread: true });
  const over = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: selector,
    matchLabelKeys: ["pod-template-hash"],
  });
  expect(pod.topologySpreadConstraints).toEqual([
    over("kubernetes.io/hostname"),
    over("topology.kubernetes.io/zone"),
  ]);
});

test("probes call the first port of the application container and allow for a slow start", async () => {
  const { pod } = await deployWeb({ spec: specWith(), probes });
  const [web, log] = pod.containers;
  expect(web.readinessProbe).toMatchObject({
    httpGet: { path: "/ready", port: 8080 },
    failureThreshold: 3,
  });
  expect(web.livenessProbe).toMatchObject({ httpGet: { path: "/live", port: 8080 }, failureThreshold: 6 });
  expect(web.startupProbe).toMatchObject({ httpGet: { path: "/live", port: 8080 }, failureThreshold: 60 });
  expect(log).toEqual({ name: "log", image: "log:1" });
});

test("a probe has no port if the ports of the first container resolve to undefined", async () => {
  const { pod } = await deployWeb({
    spec: specWith({}, { ports: pulumi.output(undefined) }),
    probes: { readiness: "/ready" },
  });
  expect(pod.containers[0].readinessProbe.httpGet).toEqual({ path: "/ready" });
});

test("podSecurity restricts the pod and each of its containers, including init containers", async () => {
  const { pod } = await deployWeb({
    spec: specWith({ initContainers: [{ name: "init", image: "i" }] }),
    podSecurity,
  });
  expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  for (const { securityContext } of [...pod.containers, ...pod.initContainers]) {
    expect(securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
  }
});

test("podSecurity drops all capabilities that a container does not add", async () => {
  const { pod } = await deployWeb({
    spec: specWith({}, { securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } } }),
    podSecurity,
  });
  expect(pod.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
  });
});

test.each([
  ["a plain value", true],
  ["an Output", pulumi.output(true)],
])("podSecurity does not set allowPrivilegeEscalation if privileged is true as %s", async (_, privileged) => {
  const { pod } = await deployWeb({ spec: specWith({}, { securityContext: { privileged } }), podSecurity });
  expect(pod.containers[0].securityContext).toEqual({
    privileged: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("a limit in the spec that is lower than the default request removes the request", async () => {
  const requestsWith = async (limits: object) => {
    const container = { resources: { limits } };
    const { pod } = await deployWeb({ spec: specWith({}, container), resources: true });
    return pod.containers[0].resources.requests;
  };
  expect(await requestsWith({ cpu: "50m", memory: "1Gi" })).toEqual({ memory: "128Mi" });
  expect(await requestsWith({ cpu: "0.1", memory: pulumi.output("64Mi") })).toEqual({ cpu: "100m" });
  expect(await requestsWith({ cpu: 1 })).toEqual({ cpu: "100m", memory: "128Mi" });
});

test("values in the spec take precedence over every option", async () => {
  const podSpec = {
    securityContext: { runAsNonRoot: false, seccompProfile: { type: "Unconfined" } },
    topologySpreadConstraints: [],
  };
  const container = {
    livenessProbe: { tcpSocket: { port: 1 } },
    readinessProbe: { tcpSocket: { port: 2 } },
    resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "3" } },
    securityContext: { allowPrivilegeEscalation: true, capabilities: { drop: ["NET_RAW"] } },
  };
  const { pod } = await deployWeb({
    spec: specWith(podSpec, container),
    topologySpread: true,
    podSecurity,
    resources: true,
    probes,
  });
  expect(pod).toMatchObject(podSpec);
  expect(pod.containers[0]).toEqual({ name: "web", image: "web:1", ports, ...container });
});

test("fields of the spec that are undefined have no effect on the options", async () => {
  const options = { serviceAccount: true, topologySpread: true, podSecurity, resources: true, probes };
  const podSpec = {
    serviceAccountName: undefined,
    topologySpreadConstraints: undefined,
    securityContext: { runAsNonRoot: undefined, seccompProfile: undefined },
  };
  const container = {
    readinessProbe: undefined,
    livenessProbe: undefined,
    startupProbe: undefined,
    resources: { requests: { cpu: undefined, memory: undefined } },
    securityContext: { allowPrivilegeEscalation: undefined, capabilities: undefined },
  };
  const { pod } = await deployWeb({ spec: specWith(podSpec, container), ...options });
  expect(pod).toEqual((await deployWeb({ spec: specWith(), ...options })).pod);
});

test("fields of the spec that resolve to undefined have no effect on the options", async () => {
  const options = {
    service: { ports: {} },
    serviceAccount: true,
    podSecurity,
    resources: true,
    probes: { ...probes, port: 8080 },
  };
  const later = pulumi.output(undefined);
  const podSpec = { initContainers: later, securityContext: later, serviceAccountName: later };
  const container = {
    readinessProbe: later,
    livenessProbe: later,
    startupProbe: later,
    resources: later,
    securityContext: later,
  };
  const [web, log] = specWith().template.spec.containers;
  const containers = [
    { ...web, ...container },
    { ...log, ports: later },
  ];
  const { pod } = await deployWeb({ spec: specWith({ ...podSpec, containers }), ...options });
  const plain = (await deployWeb({ spec: specWith(), ...options })).pod;
  expect({ ...pod, initContainers: undefined }).toEqual({ ...plain, initContainers: undefined });
});

test("an unknown field of a container leaves its other fields known in a preview", async () => {
  const { find } = await register(
    () => {
      const unknown = new k8s.core.v1.ConfigMap("created", {}).metadata.uid;
      const container = {
        resources: { limits: unknown, claims: [{ name: "gpu" }] },
        startupProbe: { tcpSocket: { port: 1 } },
        livenessProbe: unknown.apply(() => ({})),
      };
      const options = { resources: true, probes: { liveness: "/live" } };
      return new MeshedDeployment("web", { spec: specWith({}, container), ...options });
    },
    { preview: true },
  );
  const [web] = find("web", TYPES.deployment).inputs.spec.template.spec.containers;
  expect(web.resources.claims).toEqual([{ name: "gpu" }]);
  expect(web.startupProbe).toEqual({ tcpSocket: { port: 1 } });
});
