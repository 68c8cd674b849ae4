import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import { runAs } from "../../../components/deployment/service-account.ts";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { Mistakes } from "../../../components/inputs/validation.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { failing, outputValue, type Registered, register } from "../../support/mocks.ts";

const K8S = "kubernetes:";
const TYPES = {
  deployment: `${K8S}apps/v1:Deployment`,
  service: `${K8S}core/v1:Service`,
  account: `${K8S}core/v1:ServiceAccount`,
  budget: `${K8S}policy/v1:PodDisruptionBudget`,
  autoscaler: `${K8S}autoscaling/v2:HorizontalPodAutoscaler`,
  server: `${K8S}policy.linkerd.io/v1beta3:Server`,
  policy: `${K8S}policy.linkerd.io/v1alpha1:AuthorizationPolicy`,
  callers: `${K8S}policy.linkerd.io/v1alpha1:MeshTLSAuthentication`,
  route: `${K8S}gateway.networking.k8s.io/v1:GRPCRoute`,
};
const selector = { matchLabels: { app: "web" } };
const ports = [
  { name: "http", containerPort: 8080 },
  { name: "grpc-api", containerPort: 9000 },
  { containerPort: 5432 },
  { name: "dns", containerPort: 53, protocol: "UDP" },
];

// biome-ignore lint/suspicious/noExplicitAny: specs of every shape
function specWith(podSpec: any = {}, container: any = {}, rest: any = {}) {
  const containers = [
    { name: "web", image: "web:1", ports, ...container },
    { name: "log", image: "log:1" },
  ];
  return {
    replicas: 3,
    selector,
    template: { metadata: { labels: { app: "web" } }, spec: { containers, ...podSpec } },
    ...rest,
  };
}

async function built(args: MeshedDeploymentArgs) {
  const { resources, find, result } = await register(() => new MeshedDeployment("web", args));
  return { resources, find, result, pod: find("web", TYPES.deployment).inputs.spec.template.spec };
}

const serversOf = (resources: readonly Registered[]) => resources.filter(({ type }) => type === TYPES.server);

describe("a Service", () => {
  test("has a port for each of the containers', named, with the protocol that the name tells", async () => {
    const { find } = await built({
      metadata: { name: "shop-web", namespace: "shop" },
      spec: specWith(),
      service: true,
    });
    expect(find("web", TYPES.service)).toMatchObject({ parent: "web", dependsOn: [] });
    expect(find("web", TYPES.service).inputs).toMatchObject({
      metadata: {
        name: "shop-web",
        namespace: "shop",
        annotations: { "pulumi.com/skipAwait": "true", "config.linkerd.io/opaque-ports": "5432" },
      },
      spec: {
        selector: { app: "web" },
        ports: [
          { name: "http", port: 8080, targetPort: "http", protocol: "TCP", appProtocol: "http" },
          {
            name: "grpc-api",
            port: 9000,
            targetPort: "grpc-api",
            protocol: "TCP",
            appProtocol: "kubernetes.io/h2c",
          },
          { name: "port-5432", port: 5432, targetPort: 5432, protocol: "TCP" },
          { name: "dns", port: 53, targetPort: "dns", protocol: "UDP" },
        ],
      },
    });
  });

  test("serves one number by two protocols, under two names", async () => {
    const ports = [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }];
    const { find } = await built({ spec: specWith({}, { ports }), service: true });
    expect(find("web", TYPES.service).inputs.spec.ports).toEqual([
      { name: "port-53", port: 53, targetPort: 53, protocol: "TCP" },
      { name: "port-53-udp", port: 53, targetPort: 53, protocol: "UDP" },
    ]);
  });

  test("is named as the component where the Deployment has no name of its own", async () => {
    const { find } = await built({ spec: specWith(), service: true });
    expect(find("web", TYPES.service).inputs.metadata.name).toBe("web");
  });

  test("listens where it is told to, and names as opaque the port that it listens on", async () => {
    const { find } = await built({
      spec: specWith(),
      service: { ports: { http: 80 } },
      mesh: { opaquePorts: ["http"] },
    });
    const { metadata, spec } = find("web", TYPES.service).inputs;
    expect(spec.ports[0]).toEqual({ name: "http", port: 80, targetPort: "http", protocol: "TCP" });
    expect(metadata.annotations["config.linkerd.io/opaque-ports"]).toBe("80,5432");
  });

  test("carries timeouts and retries for its callers' proxies", async () => {
    const { find } = await built({
      spec: specWith(),
      service: true,
      timeouts: { request: "5s", response: pulumi.output("4s"), idle: "1m" },
      retries: {
        limit: 2,
        timeout: "400ms",
        http: ["5xx", "429", "500-504", "501-501"],
        grpc: ["unavailable", "internal"],
      },
    });
    expect(find("web", TYPES.service).inputs.metadata.annotations).toMatchObject({
      "timeout.linkerd.io/request": "5s",
      "timeout.linkerd.io/response": "4s",
      "timeout.linkerd.io/idle": "1m",
      "retry.linkerd.io/limit": "2",
      "retry.linkerd.io/timeout": "400ms",
      "retry.linkerd.io/http": "5xx,429,500-504,501-501",
      "retry.linkerd.io/grpc": "unavailable,internal",
    });
  });

  test("takes for gRPC, and has retried by its answers, what comes to the ports of that name, wherever it listens", async () => {
    const ports = [
      { name: "grpc", containerPort: 9000 },
      { name: "grpc-admin", containerPort: 9001 },
      { name: "http", containerPort: 8080 },
    ];
    const { resources, find } = await built({
      metadata: { name: "shop-web", namespace: "shop" },
      spec: specWith({}, { ports }),
      service: { ports: { grpc: 80 } },
      retries: { grpc: ["unavailable"] },
    });
    const routes = resources.filter(({ type }) => type === TYPES.route);
    const routed = (suffix: string, port: number) => ({
      metadata: { name: `shop-web-${suffix}`, namespace: "shop" },
      spec: { parentRefs: [{ group: "core", kind: "Service", name: "shop-web", port }], rules: [{}] },
    });
    expect(routes.map(({ inputs }) => inputs)).toMatchObject([
      routed("grpc", 80),
      routed("grpc-admin", 9001),
    ]);
    expect(find("web-grpc", TYPES.route)).toMatchObject({ parent: "web", dependsOn: ["web"] });
  });

  test("has no route where nothing of gRPC is to be retried", async () => {
    const { resources } = await built({ spec: specWith(), service: true, retries: { http: ["5xx"] } });
    expect(resources.filter(({ type }) => type === TYPES.route)).toEqual([]);
  });

  test("serves what runs beside the application, not what runs before it", async () => {
    const at = (containerPort: number) => ({
      image: "i",
      ports: [{ name: `p${containerPort}`, containerPort }],
    });
    const initContainers = [
      { name: "migrate", ...at(8080) },
      { name: "proxy", restartPolicy: "Always", ...at(9999) },
      { name: "later", restartPolicy: pulumi.output("Always"), ...at(9998) },
    ];
    const { find } = await built({
      spec: specWith({ initContainers }, { ports: [{ name: "http", containerPort: 8080 }] }),
      service: true,
    });
    const served = find("web", TYPES.service).inputs.spec.ports;
    expect(served.map(({ name }: { name: string }) => name)).toEqual(["http", "p9999", "p9998"]);
  });

  test.each(["", "8080,", " 8080 , 25 "])(
    "reads an annotation of opaque ports as leniently as Linkerd does: %o",
    async (written) => {
      const spec = specWith();
      const annotations = { "config.linkerd.io/opaque-ports": written };
      const template = { ...spec.template, metadata: { labels: { app: "web" }, annotations } };
      const { find } = await built({ spec: { ...spec, template }, service: true });
      const { metadata } = find("web", TYPES.service).inputs;
      expect(metadata.annotations["config.linkerd.io/opaque-ports"]).toBe(
        written === "" ? undefined : "8080",
      );
    },
  );

  test("is made from a spec that is an Output, ports, selector and name alike", async () => {
    const { find } = await built({
      metadata: pulumi.output({ name: "late" }),
      spec: pulumi.output(specWith()),
      service: true,
    });
    const { metadata, spec } = find("web", TYPES.service).inputs;
    expect(metadata.name).toBe("late");
    expect(spec.selector).toEqual({ app: "web" });
    expect(spec.ports.map(({ port }: { port: number }) => port)).toEqual([8080, 9000, 5432, 53]);
  });
});

describe("identity and access", () => {
  test("a ServiceAccount of its own, which hands the application no token unless asked", async () => {
    const { find, pod } = await built({
      metadata: { name: "w", namespace: "shop" },
      spec: specWith(),
      serviceAccount: true,
    });
    expect(find("web", TYPES.account)).toMatchObject({
      parent: "web",
      inputs: { metadata: { name: "w", namespace: "shop" }, automountServiceAccountToken: false },
    });
    expect(pod.serviceAccountName).toBe("w");
    expect(find("web", TYPES.deployment).dependsOn).toEqual(["web"]);
    const asked = await built({ spec: specWith(), serviceAccount: { automountToken: true } });
    expect(asked.find("web", TYPES.account).inputs.automountServiceAccountToken).toBe(true);
  });

  test("a spec that may name another, later, is given the ServiceAccount where it does not", async () => {
    const serviceAccountName = pulumi.output<string | undefined>(undefined);
    const { pod } = await built({ spec: specWith({ serviceAccountName }), serviceAccount: true });
    expect(pod.serviceAccountName).toBe("web");
  });

  test.each<[string, k8s.apps.v1.DeploymentArgs["spec"], string[]]>([
    [
      "the name",
      specWith({ serviceAccountName: pulumi.output("till") }),
      ["template", "spec", "serviceAccountName"],
    ],
    ["the spec", pulumi.output(specWith({ serviceAccountName: "till" })), []],
  ])("a spec that names another is told when %s is known", async (_, spec, path) => {
    const mistakes = new Mistakes("it");
    mistakes.throw();
    const args = runAs({ ...(spec && { spec }) }, pulumi.output("web"), mistakes);
    await expect(failing(peekPath(args.spec, ...path))).rejects.toThrow(
      'serviceAccount: the spec runs the pods as "till" already. Expected one of the two.',
    );
  });

  test("a Service says of the mesh's opaque ports no more than it has, where they are known later", async () => {
    const annotationsOf = async (opaque: number[]) => {
      const ports = pulumi.output(meshPorts({ opaque }));
      const ref = { linkerdVersion: "1", trustBundleSha256: "2", ports };
      const { find } = await register(
        () =>
          new MeshedDeployment("web", {
            spec: specWith({}, { ports: [{ name: "http", containerPort: 8080 }] }),
            mesh: { ref },
            service: { ports: { http: 80 } },
          }),
      );
      const { metadata, spec } = find("web", TYPES.service).inputs;
      return [metadata.annotations, spec.ports[0].appProtocol];
    };
    const skipAwait = { "pulumi.com/skipAwait": "true" };
    expect(await annotationsOf([6000])).toEqual([skipAwait, "http"]);
    expect(await annotationsOf([8080])).toEqual([
      { ...skipAwait, "config.linkerd.io/opaque-ports": "80" },
      undefined,
    ]);
  });

  test("callers are let in by ServiceAccount, on every TCP port, opaque ones as opaque", async () => {
    const { find, resources } = await register(() => {
      const worker = new MeshedDeployment("worker", {
        metadata: { namespace: "jobs" },
        spec: specWith(),
        serviceAccount: true,
      });
      return new MeshedDeployment("web", {
        metadata: { namespace: "shop" },
        spec: specWith(),
        allowFrom: [worker.identity, { serviceAccount: "till" }],
      });
    });
    expect(find("web-callers", TYPES.callers)).toMatchObject({
      parent: "web",
      inputs: {
        metadata: { namespace: "shop" },
        spec: {
          identityRefs: [
            { kind: "ServiceAccount", name: "worker", namespace: "jobs" },
            { kind: "ServiceAccount", name: "till" },
          ],
        },
      },
    });
    expect(serversOf(resources).map(({ name, inputs }) => [name, inputs.spec])).toEqual([
      ["web-http", { podSelector: selector, port: "http", proxyProtocol: "unknown" }],
      ["web-grpc-api", { podSelector: selector, port: "grpc-api", proxyProtocol: "unknown" }],
      ["web-5432", { podSelector: selector, port: 5432, proxyProtocol: "opaque" }],
    ]);
    expect(
      resources.filter(({ type }) => type === TYPES.policy).map(({ inputs }) => inputs.spec.targetRef.kind),
    ).toEqual(["Server", "Server", "Server"]);
    expect(find("web-http", TYPES.policy).dependsOn).toEqual(["web-callers"]);
  });

  test("a port that passes the proxy by has no Server, which nothing would enforce", async () => {
    const { resources } = await register(
      () =>
        new MeshedDeployment("web", {
          spec: specWith(),
          mesh: { skipInboundPorts: ["http", "5000-6000"] },
          allowFrom: [{ serviceAccount: "till" }],
        }),
    );
    expect(serversOf(resources).map(({ inputs }) => inputs.spec.port)).toEqual(["grpc-api"]);
  });

  test("one Server holds for the ports of one name, in however many containers", async () => {
    const ports = [{ name: "metrics", containerPort: 9102 }];
    const udp = [{ name: "metrics", containerPort: 9102, protocol: "UDP" }];
    const containers = [
      { name: "statsd", image: "s", ports: udp },
      { name: "web", image: "w", ports },
      { name: "cache", image: "c", ports: [{ name: "metrics", containerPort: 9103 }] },
    ];
    const { resources } = await built({
      spec: specWith({ containers, initContainers: [{ name: "init", image: "i", ports }] }),
      allowFrom: [{ serviceAccount: "till" }],
    });
    expect(serversOf(resources).map(({ name }) => name)).toEqual(["web-metrics"]);
  });

  test("a port that the mesh skips and the workload says it knows of is left to everybody", async () => {
    const ports = pulumi.output(meshPorts({ skipInbound: [9000] }));
    const { resources } = await built({
      spec: specWith(),
      mesh: { ref: { linkerdVersion: "1", trustBundleSha256: "2", ports }, skipInboundPorts: [9000] },
      allowFrom: [{ serviceAccount: "till" }],
    });
    expect(serversOf(resources).map(({ inputs }) => inputs.spec.port)).toEqual(["http", 5432]);
  });

  test("labels and a policy of restarts that are known later leave plain what is plain", async () => {
    const spec = specWith({
      initContainers: [{ name: "init", image: "i", restartPolicy: pulumi.output("Always") }],
    });
    const metadata = {
      labels: pulumi.output({ app: "web" }),
      annotations: { "config.linkerd.io/skip-inbound-ports": "9000,5432" },
    };
    const { resources } = await built({
      spec: { ...spec, template: { ...spec.template, metadata } },
      allowFrom: [{ serviceAccount: "till" }],
    });
    expect(serversOf(resources).map(({ inputs }) => inputs.spec.port)).toEqual(["http"]);
  });

  test("an annotation that skips nothing, written by hand, has every port guarded", async () => {
    const spec = specWith();
    const annotations = { "config.linkerd.io/skip-inbound-ports": "" };
    const template = { ...spec.template, metadata: { labels: { app: "web" }, annotations } };
    const { resources } = await built({
      spec: { ...spec, template },
      allowFrom: [{ serviceAccount: "till" }],
    });
    expect(serversOf(resources)).toHaveLength(3);
  });

  test("a hook that calls somebody else is nobody's business here", async () => {
    const httpGet = { host: "drain.example", path: "/", port: 8080 };
    await built({
      spec: specWith({}, { lifecycle: { preStop: { httpGet } } }),
      allowFrom: [{ serviceAccount: "till" }],
    });
  });

  const guarded = { service: false, allowFrom: [{ serviceAccount: "till" }] };
  test.each<[string, MeshedDeploymentArgs, string]>([
    [
      "a port that a mesh of another stack skips inbound",
      {
        spec: specWith(),
        mesh: {
          ref: {
            linkerdVersion: "1",
            trustBundleSha256: "2",
            ports: pulumi.output(meshPorts({ skipInbound: [9000] })),
          },
        },
      },
      "allowFrom: port 9000 is skipped inbound and passes the proxy by, where nobody asks who calls.",
    ],
    [
      "pods of which it is known later that they stay out",
      { spec: specWith(), mesh: { inject: pulumi.output<"disabled">("disabled") } },
      "allowFrom: the pods stay out of the mesh",
    ],
    [
      "pods of which it is known later that they are on their node's network",
      { spec: specWith({ hostNetwork: pulumi.output(true) }) },
      "allowFrom: the pods are on their node's network",
    ],
    [
      "a port that is opaque and probed",
      {
        spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http" } } }),
        mesh: { opaquePorts: [pulumi.output(8080)] },
      },
      "allowFrom: the readinessProbe calls port 8080, which is opaque",
    ],
  ])("%s cannot be guarded, and that is told when it is known", async (_, args, message) => {
    const mistakes = new Mistakes("it");
    const plan = planDeployment("web", { ...args, ...guarded }, mistakes, () => {});
    mistakes.throw();
    const refused = plan.guarded.map(({ proxyProtocol }) => failing(proxyProtocol));
    const told = (await Promise.allSettled(refused)).flatMap((each) =>
      each.status === "rejected" ? String(each.reason) : [],
    );
    expect(told[0]).toContain(message);
  });

  test.each<[string, MeshedDeploymentArgs["metadata"], string]>([
    ["the Deployment", { name: "shop-web", namespace: "shop" }, "shop-web"],
    ["the Deployment, known later", pulumi.output({ name: "late" }), "late"],
    ["the component where the Deployment has no name of its own", undefined, "web"],
  ])(
    "a Server is named as %s, and its port, so that its policy can be there first",
    async (_, metadata, name) => {
      const { find } = await register(() => {
        const first = new k8s.core.v1.ConfigMap("first", {});
        const args = {
          ...(metadata && { metadata }),
          spec: specWith(),
          allowFrom: [{ serviceAccount: "till" }],
        };
        return new MeshedDeployment("web", args, { dependsOn: first });
      });
      for (const port of ["http", "grpc-api", "5432"]) {
        const server = find(`web-${port}`, TYPES.server);
        const policy = find(`web-${port}`, TYPES.policy);
        expect(server.inputs.metadata.name).toBe(`${name}-${port}`);
        expect(policy.inputs.spec.targetRef.name).toBe(`${name}-${port}`);
        expect(policy.dependsOn).toEqual(["first", "web-callers"]);
        expect(server.dependsOn).toEqual(["first", `web-${port}`]);
      }
    },
  );

  test("a Server that is renamed stays, and its policy with it, until the next is there", async () => {
    const options: Record<string, pulumi.CustomResourceOptions> = {};
    const see: pulumi.ResourceTransformation = ({ type, opts }) => {
      options[type] = opts;
      return undefined;
    };
    const args = { spec: specWith(), allowFrom: [{ serviceAccount: "till" }] };
    await register(() => new MeshedDeployment("web", args, { transformations: [see] }));
    expect(options[TYPES.policy]?.replaceOnChanges).toEqual(["spec.targetRef.name"]);
    for (const type of [TYPES.server, TYPES.policy]) {
      expect(options[type]).not.toHaveProperty("deleteBeforeReplace");
    }
  });
});

describe("staying up", () => {
  test("a disruption budget is one pod at a time, and broken pods never keep a node", async () => {
    const { find } = await built({ spec: specWith(), disruptionBudget: true });
    expect(find("web", TYPES.budget)).toMatchObject({ parent: "web" });
    expect(find("web", TYPES.budget).inputs.spec).toEqual({
      selector,
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
    const half = await built({ spec: specWith(), disruptionBudget: { minAvailable: "50%" } });
    expect(half.find("web", TYPES.budget).inputs.spec).toMatchObject({ minAvailable: "50%" });
    expect(half.find("web", TYPES.budget).inputs.spec.maxUnavailable).toBe(undefined);
  });

  test("autoscaling measures the application container alone and takes over the replicas", async () => {
    const { find } = await built({
      spec: specWith(),
      resources: true,
      autoscaling: { min: 2, max: 10, cpu: 70, memory: 75 },
    });
    expect(find("web", TYPES.deployment).inputs.spec).not.toHaveProperty("replicas");
    const metric = (name: string, averageUtilization: number) => ({
      type: "ContainerResource",
      containerResource: { name, container: "web", target: { type: "Utilization", averageUtilization } },
    });
    expect(find("web", TYPES.autoscaler).inputs.spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [metric("cpu", 70), metric("memory", 75)],
    });
    expect(find("web", TYPES.autoscaler).dependsOn).toEqual(["web"]);
  });

  test("spreading prefers other nodes and other zones, and keeps no pod from starting", async () => {
    const { pod } = await built({ spec: specWith(), topologySpread: true });
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

  test("probes ask the first port, and a slow start is not taken for a death", async () => {
    const { pod } = await built({ spec: specWith(), probes: { readiness: "/ready", liveness: "/live" } });
    const [web, log] = pod.containers;
    expect(web.readinessProbe).toMatchObject({
      httpGet: { path: "/ready", port: 8080 },
      failureThreshold: 3,
    });
    expect(web.livenessProbe).toMatchObject({ httpGet: { path: "/live", port: 8080 }, failureThreshold: 6 });
    expect(web.startupProbe).toMatchObject({ httpGet: { path: "/live", port: 8080 }, failureThreshold: 60 });
    expect(log).toEqual({ name: "log", image: "log:1" });
  });

  test("restricted secures the pod and each container, init containers too", async () => {
    const { pod } = await built({
      spec: specWith({ initContainers: [{ name: "init", image: "i" }] }),
      podSecurity: "restricted",
    });
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of [...pod.containers, ...pod.initContainers]) {
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
  });

  test("what the spec says stands against every option", async () => {
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
    const { pod } = await built({
      spec: specWith(own.pod, own.container),
      topologySpread: true,
      podSecurity: "restricted" as const,
      resources: true,
      probes: { readiness: "/ready", liveness: "/live" },
    });
    expect(pod).toMatchObject(own.pod);
    expect(pod.containers[0]).toEqual({ name: "web", image: "web:1", ports, ...own.container });
  });

  test("a limit of the spec that is lower than the request stands for the request, as it does in Kubernetes", async () => {
    const limited = async (limits: object) => {
      const container = { resources: { limits } };
      const { pod } = await built({ spec: specWith({}, container), resources: true });
      return pod.containers[0].resources.requests;
    };
    expect(await limited({ cpu: "50m", memory: "1Gi" })).toEqual({ memory: "128Mi" });
    expect(await limited({ cpu: "0.1", memory: pulumi.output("64Mi") })).toEqual({ cpu: "100m" });
    expect(await limited({ cpu: 1 })).toEqual({ cpu: "100m", memory: "128Mi" });
  });

  test("one part of a container that is not known in a preview leaves the others known", async () => {
    const { find } = await register(
      () => {
        const later = new k8s.core.v1.ConfigMap("made", {}).metadata.uid;
        const container = {
          resources: { limits: later, claims: [{ name: "gpu" }] },
          startupProbe: { tcpSocket: { port: 1 } },
          livenessProbe: later.apply(() => ({})),
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

  test("restricted drops what a container's own capabilities do not, and never contradicts one that is privileged", async () => {
    const secured = async (securityContext: object) => {
      const { pod } = await built({ spec: specWith({}, { securityContext }), podSecurity: "restricted" });
      return pod.containers[0].securityContext;
    };
    expect(await secured({ capabilities: { add: ["NET_BIND_SERVICE"] } })).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    });
    for (const privileged of [true, pulumi.output(true)]) {
      expect(await secured({ privileged })).toEqual({
        privileged: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  test("what turns out to be nothing is as if it had not been said, in every field that is read", async () => {
    const asked = {
      service: { ports: {} },
      serviceAccount: true,
      podSecurity: "restricted" as const,
      resources: true,
      probes: { readiness: "/ready", liveness: "/live", port: 8080 },
    };
    const later = pulumi.output(undefined);
    const nothing = {
      pod: { initContainers: later, securityContext: later, serviceAccountName: later },
      container: {
        readinessProbe: later,
        livenessProbe: later,
        startupProbe: later,
        resources: later,
        securityContext: later,
      },
    };
    const { containers } = specWith().template.spec;
    const [app, log] = containers;
    const given = [
      { ...app, ...nothing.container },
      { ...log, ports: later },
    ];
    const { pod } = await built({ spec: specWith({ ...nothing.pod, containers: given }), ...asked });
    const plain = (await built({ spec: specWith(), ...asked })).pod;
    expect({ ...pod, initContainers: undefined }).toEqual({ ...plain, initContainers: undefined });
  });

  test("a first container whose ports turn out to be none is not asked on any", async () => {
    const { pod } = await built({
      spec: specWith({}, { ports: pulumi.output(undefined) }),
      probes: { readiness: "/ready" },
    });
    expect(pod.containers[0].readinessProbe.httpGet).toEqual({ path: "/ready" });
  });

  test("what the spec leaves undefined is not said, and takes nothing away", async () => {
    const asked = {
      serviceAccount: true,
      topologySpread: true,
      podSecurity: "restricted" as const,
      resources: true,
      probes: { readiness: "/ready", liveness: "/live" },
    };
    const nothing = {
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
    const { pod } = await built({ spec: specWith(nothing.pod, nothing.container), ...asked });
    expect(pod).toEqual((await built({ spec: specWith(), ...asked })).pod);
  });
});

describe("options of the resource", () => {
  test("those of a Deployment reach the Deployment, and every child waits for what was to be waited for", async () => {
    const { find } = await register(() => {
      const first = new k8s.core.v1.ConfigMap("first", {});
      return new MeshedDeployment("web", { spec: specWith(), service: true }, { dependsOn: [first] });
    });
    expect(find("web", TYPES.deployment).dependsOn).toEqual(["first"]);
    expect(find("web", TYPES.service).dependsOn).toEqual(["first"]);
  });

  test("its name, namespace, labels and identity are the Deployment's", async () => {
    const { result } = await built({
      metadata: { name: "w", namespace: "shop" },
      spec: specWith({ serviceAccountName: "till" }),
    });
    const { name, namespace, labels, identity } = result;
    const values = await new Promise((resolve) => {
      pulumi.output({ name, namespace, labels, identity }).apply(resolve);
    });
    expect(values).toEqual({
      name: "w",
      namespace: "shop",
      labels: { app: "web" },
      identity: { serviceAccount: "till", namespace: "shop" },
    });
  });

  test.each([
    [{ serviceAccount: "till" }, "till"],
    [{ serviceAccountName: "" }, "default"],
  ])("its identity is read as Kubernetes reads %o", async (account, expected) => {
    const { result } = await built({ spec: specWith(account) });
    expect(await outputValue(result.identity.serviceAccount)).toBe(expected);
  });
});

describe("mistakes", () => {
  const spec = specWith();
  const requests = { resources: { requests: { cpu: "1" } } };
  test.each<[string, object, string]>([
    [
      "a selector that is not the template's",
      { spec: { ...spec, selector: { matchLabels: { app: "wbe" } } } },
      "spec.selector: selects app=wbe, but the pod template's label is app=web.",
    ],
    [
      "autoscaling from more to less",
      { spec: specWith({}, requests), autoscaling: { min: 5, max: 2 } },
      "autoscaling: min 5 is more than max 2.",
    ],
    [
      "autoscaling from none",
      { autoscaling: { min: 0, max: 2 } },
      "autoscaling.min: expected a whole number from 1",
    ],
    [
      "autoscaling with nothing to measure by",
      { autoscaling: { min: 1, max: 2 } },
      "autoscaling: the application container requests no cpu",
    ],
    [
      "no max",
      { spec: specWith({}, requests), autoscaling: { min: 1 } },
      "autoscaling.max: expected a whole number",
    ],
    [
      "a budget that keeps every pod",
      { disruptionBudget: { minAvailable: 3 } },
      "disruptionBudget.minAvailable: 3 of 3 lets no node be drained, ever. Expected fewer than 3",
    ],
    [
      "a budget whose percentage rounds up to every pod",
      { spec: { ...spec, replicas: 2 }, disruptionBudget: { minAvailable: "60%" } },
      'disruptionBudget.minAvailable: "60%" of 2 lets no node be drained',
    ],
    [
      "a budget that keeps every pod of the smallest scale",
      {
        spec: specWith({}, requests),
        autoscaling: { min: 2, max: 9 },
        disruptionBudget: { minAvailable: 2 },
      },
      "disruptionBudget.minAvailable: 2 of 2",
    ],
    [
      "a budget of none",
      { disruptionBudget: { maxUnavailable: 0 } },
      "disruptionBudget.maxUnavailable: 0 lets no node",
    ],
    [
      "a budget both ways",
      { disruptionBudget: { maxUnavailable: 1, minAvailable: 1 } },
      "disruptionBudget: has both minAvailable and maxUnavailable",
    ],
    [
      "a budget in words",
      { disruptionBudget: { minAvailable: "half" } },
      "expected a number of pods or a percentage",
    ],
    [
      "a Service without ports",
      { spec: specWith({}, { ports: [] }), service: true },
      "service: the containers have no ports",
    ],
    [
      "a Service's port of no container",
      { service: { ports: { htpp: 80 } } },
      'service: "htpp" is the name of no container\'s port; the named ones are http, grpc-api, dns.',
    ],
    [
      "a Service's port that is none",
      { service: { ports: { http: 70_000 } } },
      "service: 70000 is no port. Expected a number from 1 to 65535.",
    ],
    [
      "a container's port that is none",
      { spec: specWith({}, { ports: [{ containerPort: 0 }] }), service: true },
      "service: 0 is no port.",
    ],
    [
      "two ports of a Service in one place",
      { service: { ports: { http: 80, "grpc-api": 80 } } },
      "service: two of its ports would be 80/TCP. Expected each once",
    ],
    [
      "two ports of a Service by one name",
      {
        spec: specWith({}, { ports: [{ name: "port-53", containerPort: 5353 }, { containerPort: 53 }] }),
        service: true,
      },
      'service: two of its ports would be named "port-53".',
    ],
    [
      "a Service by expressions",
      {
        spec: { ...spec, selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
        service: true,
      },
      "service: spec.selector has no matchLabels, and a Service selects by labels only.",
    ],
    [
      "two ServiceAccounts",
      { spec: specWith({ serviceAccountName: "till" }), serviceAccount: true },
      'serviceAccount: the spec runs the pods as "till" already',
    ],
    ["timeouts of no Service", { timeouts: { request: "5s" } }, "timeouts: they are kept by the Service"],
    [
      "a timeout",
      { service: true, timeouts: { request: "1.5s" } },
      "timeouts.request: expected a whole number of ms",
    ],
    ["a retry", { service: true, retries: { http: ["500..504"] } }, 'retries.http: expected "5xx"'],
    [
      "a range of answers to retry",
      { service: true, retries: { http: ["gateway-error", "500-504", "504-500"] } },
      'retries.http: "504-500" runs backwards. Expected "500-504".',
    ],
    [
      "callers of unknown ports",
      { spec: pulumi.output(spec), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: the containers' ports are known only later",
    ],
    ["no callers", { allowFrom: [] }, "allowFrom: expected a caller at least"],
    [
      "a Service's port of no container, whatever the mesh's lists will be",
      {
        mesh: { ref: { linkerdVersion: "1", trustBundleSha256: "2", ports: pulumi.output(meshPorts()) } },
        service: { ports: { htpp: 80 } },
      },
      'service: "htpp" is the name of no container\'s port',
    ],
    [
      "callers of pods that stay out of the mesh",
      { mesh: { inject: "disabled" }, allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: the pods stay out of the mesh",
    ],
    [
      "callers of ports that all pass the proxy by",
      { mesh: { skipInboundPorts: [5432, "1-9000", "9000-9999"] }, allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: the containers have no TCP ports to guard that reach the proxy",
    ],
    [
      "two ServiceAccounts, one by the field's old name",
      { spec: specWith({ serviceAccount: "till" }), serviceAccount: true },
      'serviceAccount: the spec runs the pods as "till" already',
    ],
    [
      "retries of gRPC where no port speaks it",
      {
        spec: specWith({}, { ports: [{ name: "h2c", containerPort: 80 }] }),
        service: true,
        retries: { grpc: ["internal"] },
      },
      "retries.grpc: no port speaks gRPC: the containers name none grpc or grpc-….",
    ],
    [
      "retries of gRPC on ports that are known later",
      { spec: pulumi.output(spec), service: true, retries: { grpc: ["internal"] } },
      "retries.grpc: the containers' ports are known only later",
    ],
    [
      "callers of pods on their node's network",
      { spec: specWith({ hostNetwork: true }), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: the pods are on their node's network",
    ],
    [
      "callers of a port that every mesh skips",
      { spec: specWith({}, { ports: [{ containerPort: 4567 }] }), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: port 4567 is skipped inbound and passes the proxy by, where nobody asks who calls. " +
        "Expected one that is not, or mesh.skipInboundPorts: [4567]",
    ],
    [
      "callers of the proxy's own port",
      { spec: specWith({}, { ports: [{ containerPort: 4191 }] }), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: port 4191 is skipped inbound and passes the proxy by",
    ],
    [
      "callers of ports of one name, of which a Server cannot say how they are carried",
      {
        spec: specWith({
          containers: [
            { name: "web", image: "w", ports: [{ name: "data", containerPort: 8080 }] },
            { name: "db", image: "d", ports: [{ name: "data", containerPort: 5432 }] },
          ],
        }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: ports 8080, 5432 have one name and so one Server, and of them only 5432 is opaque.",
    ],
    [
      "callers of a name of which one port passes the proxy by",
      {
        spec: specWith({
          containers: [
            { name: "web", image: "w", ports: [{ name: "metrics", containerPort: 8080 }] },
            { name: "side", image: "s", ports: [{ name: "metrics", containerPort: 4191 }] },
          ],
        }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: port 4191 is skipped inbound",
    ],
    [
      "retries of gRPC on a port that is opaque",
      { service: true, mesh: { opaquePorts: ["grpc-api"] }, retries: { grpc: ["internal"] } },
      "retries.grpc: port 9000 is opaque: Linkerd sees no answers in it.",
    ],
    [
      "retries of gRPC on a port that is not TCP's",
      {
        spec: specWith({}, { ports: [{ name: "grpc", containerPort: 9000, protocol: "UDP" }] }),
        service: true,
        retries: { grpc: ["internal"] },
      },
      "retries.grpc: no port speaks gRPC",
    ],
    [
      "callers of ports that are skipped by hand",
      {
        spec: {
          ...spec,
          template: {
            ...spec.template,
            metadata: {
              labels: { app: "web" },
              annotations: { "config.linkerd.io/skip-inbound-ports": "8080, 9000 ,5432," },
            },
          },
        },
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: the containers have no TCP ports to guard that reach the proxy",
    ],
    [
      "an HTTPS probe",
      {
        spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http", scheme: "HTTPS" } } }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: the readinessProbe calls port 8080 by HTTPS, in which Linkerd sees no probe to let in.",
    ],
    [
      "a probe of a native sidecar",
      {
        spec: specWith({
          initContainers: [
            {
              name: "side",
              image: "s",
              restartPolicy: "Always",
              ports: [{ name: "side", containerPort: 7000 }],
              startupProbe: { grpc: { port: 7000 } },
            },
          ],
        }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: the startupProbe calls port 7000 by gRPC",
    ],
    [
      "a hook that is called",
      {
        spec: specWith({}, { lifecycle: { preStop: { httpGet: { path: "/drain", port: 8080 } } } }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: the preStop calls port 8080 and is no probe, and Linkerd lets in nothing else of the kubelet.",
    ],
    [
      "a kubelet that is let in by nobody",
      {
        spec: specWith({}, { readinessProbe: { grpc: { port: 9000 } } }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: the readinessProbe calls port 9000 by gRPC, and the kubelet has no identity",
    ],
    [
      "an HTTP probe of an opaque port",
      { mesh: { opaquePorts: ["http"] }, probes: { liveness: "/" }, allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: the livenessProbe calls port 8080, which is opaque",
    ],
    [
      "a probe without a port",
      { spec: specWith({}, { ports: [] }), probes: { readiness: "/" } },
      "probes: the application container has no port",
    ],
    ["a quantity", { resources: { cpu: "lots" } }, "resources.cpu: expected a quantity"],
    ["an unknown option", { autoscale: { min: 1 } }, "autoscale: no such field. Known are"],
  ])("%s is told before anything is registered", async (_, args, message) => {
    const { resources, result } = await register(() => {
      try {
        new MeshedDeployment("web", { spec, ...args });
      } catch (error) {
        return (error as Error).message;
      }
      return "no mistake";
    });
    expect(result).toContain(message);
    expect(resources).toEqual([]);
  });

  test("a ServiceAccount that is named by nothing is none", async () => {
    const { pod } = await built({ spec: specWith({ serviceAccountName: "" }), serviceAccount: true });
    expect(pod.serviceAccountName).toBe("web");
  });

  test("a budget that keeps the one pod there is without replicas is reported: something else may scale it", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const { replicas: _, ...unsaid } = spec;
    await built({ spec: unsaid, disruptionBudget: { minAvailable: "50%" } });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining(
        "disruptionBudget.minAvailable lets no node be drained while there is one replica",
      ),
    ]);
    await built({ spec: unsaid, disruptionBudget: true });
    await built({ spec: pulumi.output(unsaid), disruptionBudget: { minAvailable: 1 } });
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test("a budget for a workload that is scaled to nothing is no mistake", async () => {
    await built({ spec: { ...spec, replicas: 0 }, disruptionBudget: { minAvailable: 1 } });
  });
});
