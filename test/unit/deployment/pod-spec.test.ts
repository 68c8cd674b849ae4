import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { create, expectIssue, ports, selector, specWith, TYPES } from "./web-deployment.ts";

const probes = { readiness: "/ready", liveness: "/live" };

describe("options that shape the pods", () => {
  test("spreading prefers other nodes and zones, and a pod always starts", async () => {
    const { pod } = await create({ spec: specWith(), topologySpread: true });
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

  test("probes call the first port of the first container, and allow a slow start", async () => {
    const { pod } = await create({ spec: specWith(), probes });
    const [web, log] = pod.containers;
    expect(web.readinessProbe).toMatchObject({
      httpGet: { path: "/ready", port: 8080 },
      failureThreshold: 3,
    });
    expect(web.livenessProbe).toMatchObject({ httpGet: { path: "/live", port: 8080 }, failureThreshold: 6 });
    expect(web.startupProbe).toMatchObject({ httpGet: { path: "/live", port: 8080 }, failureThreshold: 60 });
    expect(log).toEqual({ name: "log", image: "log:1" });
  });

  test("a probe has no port if the ports of the container are an Output without a value", async () => {
    const { pod } = await create({
      spec: specWith({}, { ports: pulumi.output(undefined) }),
      probes: { readiness: "/ready" },
    });
    expect(pod.containers[0].readinessProbe.httpGet).toEqual({ path: "/ready" });
  });

  test("`restricted` sets a security context on the pod and on each container, including init containers", async () => {
    const { pod } = await create({
      spec: specWith({ initContainers: [{ name: "init", image: "i" }] }),
      podSecurity: "restricted",
    });
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of [...pod.containers, ...pod.initContainers]) {
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
  });
});

describe("values in the spec", () => {
  test("values in the spec take precedence over every option", async () => {
    const own = {
      pod: {
        securityContext: { runAsNonRoot: false, seccompProfile: { type: "Unconfined" } },
        topologySpreadConstraints: [],
      },
      container: {
        livenessProbe: { tcpSocket: { port: 1 } },
        readinessProbe: { tcpSocket: { port: 2 } },
        resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "3" } },
        securityContext: { allowPrivilegeEscalation: true, capabilities: { drop: ["NET_RAW"] } },
      },
    };
    const { pod } = await create({
      spec: specWith(own.pod, own.container),
      topologySpread: true,
      podSecurity: "restricted",
      resources: true,
      probes,
    });
    expect(pod).toMatchObject(own.pod);
    expect(pod.containers[0]).toEqual({ name: "web", image: "web:1", ports, ...own.container });
  });

  test("a limit in the spec that is lower than the request replaces it, as in Kubernetes", async () => {
    const requestsWith = async (limits: object) => {
      const container = { resources: { limits } };
      const { pod } = await create({ spec: specWith({}, container), resources: true });
      return pod.containers[0].resources.requests;
    };
    expect(await requestsWith({ cpu: "50m", memory: "1Gi" })).toEqual({ memory: "128Mi" });
    expect(await requestsWith({ cpu: "0.1", memory: pulumi.output("64Mi") })).toEqual({ cpu: "100m" });
    expect(await requestsWith({ cpu: 1 })).toEqual({ cpu: "100m", memory: "128Mi" });
  });

  test("a field of a container that is unknown in a preview leaves the other fields known", async () => {
    const { find } = await register(
      () => {
        const unknown = new k8s.core.v1.ConfigMap("config", {}).metadata.uid;
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
    const [app] = find("web", TYPES.deployment).inputs.spec.template.spec.containers;
    expect(app.resources.claims).toEqual([{ name: "gpu" }]);
    expect(app.startupProbe).toEqual({ tcpSocket: { port: 1 } });
  });

  test("`restricted` drops all capabilities that a container does not drop, and respects privileged containers", async () => {
    const securityContextWith = async (securityContext: object) => {
      const { pod } = await create({ spec: specWith({}, { securityContext }), podSecurity: "restricted" });
      return pod.containers[0].securityContext;
    };
    expect(await securityContextWith({ capabilities: { add: ["NET_BIND_SERVICE"] } })).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    });
    for (const privileged of [true, pulumi.output(true)]) {
      expect(await securityContextWith({ privileged })).toEqual({
        privileged: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  test("an Output without a value is as if the field were absent, in every field that an option reads", async () => {
    const options = {
      service: { ports: {} },
      serviceAccount: true,
      podSecurity: "restricted" as const,
      resources: true,
      probes: { ...probes, port: 8080 },
    };
    const absent = pulumi.output(undefined);
    const fields = {
      pod: { initContainers: absent, securityContext: absent, serviceAccountName: absent },
      container: {
        readinessProbe: absent,
        livenessProbe: absent,
        startupProbe: absent,
        resources: absent,
        securityContext: absent,
      },
    };
    const [app, log] = specWith().template.spec.containers;
    const containers = [
      { ...app, ...fields.container },
      { ...log, ports: absent },
    ];
    const { pod } = await create({ spec: specWith({ ...fields.pod, containers }), ...options });
    const plain = (await create({ spec: specWith(), ...options })).pod;
    expect({ ...pod, initContainers: undefined }).toEqual({ ...plain, initContainers: undefined });
  });

  test("a field that is undefined does not replace the value of an option", async () => {
    const options = {
      serviceAccount: true,
      topologySpread: true,
      podSecurity: "restricted" as const,
      resources: true,
      probes,
    };
    const fields = {
      pod: {
        serviceAccountName: undefined,
        topologySpreadConstraints: undefined,
        securityContext: { runAsNonRoot: undefined, seccompProfile: undefined },
      },
      container: {
        readinessProbe: undefined,
        livenessProbe: undefined,
        startupProbe: undefined,
        resources: { requests: { cpu: undefined, memory: undefined } },
        securityContext: { allowPrivilegeEscalation: undefined, capabilities: undefined },
      },
    };
    const { pod } = await create({ spec: specWith(fields.pod, fields.container), ...options });
    expect(pod).toEqual((await create({ spec: specWith(), ...options })).pod);
  });
});

test.each<[string, object, string]>([
  [
    "a probe of a container without ports",
    { spec: specWith({}, { ports: [] }), probes: { readiness: "/" } },
    "probes.port: must be set for an application container that declares no ports.",
  ],
  [
    "an unknown probe",
    { probes: { startup: "/" } },
    "probes.startup: unknown field. Known fields: readiness, liveness, port.",
  ],
  [
    "a request that is not a quantity",
    { resources: { cpu: "lots" } },
    'resources.cpu: must be a Kubernetes quantity, e.g. "100m" or "64Mi", got "lots".',
  ],
  [
    "a request of an unknown resource",
    { resources: { gpu: "1" } },
    "resources.gpu: unknown field. Known fields: cpu, memory.",
  ],
  [
    "an unknown Pod Security Standard",
    { podSecurity: "baseline" },
    'podSecurity: must be one of restricted, got "baseline".',
  ],
])("%s is rejected", (_, args, issue) => expectIssue(args, issue));
