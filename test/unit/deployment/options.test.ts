import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import { runAs } from "../../../components/deployment/service-account.ts";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
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
    const issues = new IssueCollector('MeshedDeployment "web"');
    issues.assertValid();
    const args = runAs({ ...(spec && { spec }) }, pulumi.output("web"), issues);
    await expect(failing(peekPath(args.spec, ...path))).rejects.toThrow(
      'serviceAccount: must not be set together with spec.template.spec.serviceAccountName, got serviceAccountName "till". Fix: remove serviceAccount, or remove serviceAccountName from the spec',
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
      "allowFrom: must not restrict a port that skips the proxy, got port 9000, which the mesh skips inbound. Authorization is enforced in the proxy. Fix: use another port, or set mesh.skipInboundPorts to [9000] as a plain value, which leaves the port open to all callers",
    ],
    [
      "pods of which it is known later that they stay out",
      { spec: specWith(), mesh: { inject: pulumi.output<"disabled">("disabled") } },
      "allowFrom: must be used with meshed pods, got linkerd.io/inject: disabled. Authorization is enforced in the proxy. Fix: remove allowFrom, or enable injection",
    ],
    [
      "pods of which it is known later that they are on their node's network",
      { spec: specWith({ hostNetwork: pulumi.output(true) }) },
      "allowFrom: must be used with meshed pods, got hostNetwork: true. Linkerd does not inject a proxy into pods in the network of their node. Fix: remove allowFrom, or remove hostNetwork from the spec",
    ],
    [
      "a port that is opaque and probed",
      {
        spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http" } } }),
        mesh: { opaquePorts: [pulumi.output(8080)] },
      },
      "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got a readinessProbe on port 8080, which is opaque. Linkerd recognizes a probe by its HTTP path, which it does not read on an opaque port. Fix: call a port that is not opaque, or call a port that the containers do not declare",
    ],
  ])("%s cannot be guarded, and that is told when it is known", async (_, args, message) => {
    const issues = new IssueCollector('MeshedDeployment "web"');
    const plan = planDeployment("web", { ...args, ...guarded }, issues, () => {});
    issues.assertValid();
    const refused = (plan.authorization?.ports ?? []).map(({ proxyProtocol }) => failing(proxyProtocol));
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

describe("issues", () => {
  const spec = specWith();
  const requests = { resources: { requests: { cpu: "1" } } };
  test.each<[string, object, string]>([
    [
      "a selector that is not the template's",
      { spec: { ...spec, selector: { matchLabels: { app: "wbe" } } } },
      "spec.selector: must match the labels of the pod template, got app=wbe, but the template has app=web.",
    ],
    [
      "autoscaling from more to less",
      { spec: specWith({}, requests), autoscaling: { min: 5, max: 2 } },
      "autoscaling.min: must be at most autoscaling.max, got 5 (autoscaling.max is 2).",
    ],
    [
      "autoscaling from none",
      { autoscaling: { min: 0, max: 2 } },
      "autoscaling.min: must be an integer from 1 to 2147483647, got 0.\n- autoscaling.cpu: must be used with an application container that requests cpu, got no request. Usage is measured as a percentage of the request. Fix: set resources to true, or set resources.requests.cpu of the container in the spec",
    ],
    [
      "autoscaling with nothing to measure by",
      { autoscaling: { min: 1, max: 2 } },
      "autoscaling.cpu: must be used with an application container that requests cpu, got no request. Usage is measured as a percentage of the request. Fix: set resources to true, or set resources.requests.cpu of the container in the spec",
    ],
    [
      "no max",
      { spec: specWith({}, requests), autoscaling: { min: 1 } },
      "autoscaling.max: must be an integer from 1 to 2147483647, got nothing.",
    ],
    [
      "a budget that keeps every pod",
      { disruptionBudget: { minAvailable: 3 } },
      "disruptionBudget.minAvailable: must be less than the number of replicas, got 3 of 3. Otherwise no node with one of the pods can be drained. Fix: set disruptionBudget.maxUnavailable to 1 instead, or increase the number of replicas",
    ],
    [
      "a budget whose percentage rounds up to every pod",
      { spec: { ...spec, replicas: 2 }, disruptionBudget: { minAvailable: "60%" } },
      'disruptionBudget.minAvailable: must be less than the number of replicas, got "60%" of 2. Otherwise no node with one of the pods can be drained. Fix: set disruptionBudget.maxUnavailable to 1 instead, or increase the number of replicas',
    ],
    [
      "a budget that keeps every pod of the smallest scale",
      {
        spec: specWith({}, requests),
        autoscaling: { min: 2, max: 9 },
        disruptionBudget: { minAvailable: 2 },
      },
      "disruptionBudget.minAvailable: must be less than the number of replicas, got 2 of 2. Otherwise no node with one of the pods can be drained. Fix: set disruptionBudget.maxUnavailable to 1 instead, or increase the number of replicas",
    ],
    [
      "a budget of none",
      { disruptionBudget: { maxUnavailable: 0 } },
      "disruptionBudget.maxUnavailable: must allow at least one pod to be unavailable, got 0. Otherwise no node with one of the pods can be drained.",
    ],
    [
      "a budget both ways",
      { disruptionBudget: { maxUnavailable: 1, minAvailable: 1 } },
      "disruptionBudget.minAvailable: must not be set together with disruptionBudget.maxUnavailable. Fix: remove disruptionBudget.minAvailable, or remove disruptionBudget.maxUnavailable",
    ],
    [
      "a budget in words",
      { disruptionBudget: { minAvailable: "half" } },
      'disruptionBudget.minAvailable: must be a number of pods or a percentage, e.g. 1 or "50%", got "half".',
    ],
    [
      "a Service without ports",
      { spec: specWith({}, { ports: [] }), service: true },
      "service: must be used with containers that declare ports, got no ports. Fix: declare the ports of the containers in the spec, or remove service",
    ],
    [
      "a Service's port of no container",
      { service: { ports: { htpp: 80 } } },
      'service.ports.htpp: must have the name of a container port, got "htpp" (container ports: http, grpc-api, dns).',
    ],
    [
      "a Service's port that is none",
      { service: { ports: { http: 70_000 } } },
      "service.ports.http: must be a port from 1 to 65535, got 70000.",
    ],
    [
      "a container's port that is none",
      { spec: specWith({}, { ports: [{ containerPort: 0 }] }), service: true },
      "service: must be used with container ports from 1 to 65535, got 0.",
    ],
    [
      "two ports of a Service in one place",
      { service: { ports: { http: 80, "grpc-api": 80 } } },
      "service: must have each port once, got 80/TCP twice. Fix: move one of the container ports with service.ports",
    ],
    [
      "two ports of a Service by one name",
      {
        spec: specWith({}, { ports: [{ name: "port-53", containerPort: 5353 }, { containerPort: 53 }] }),
        service: true,
      },
      "service: must have a different name for each port, got port-53 twice. Fix: rename one of the container ports",
    ],
    [
      "a Service by expressions",
      {
        spec: { ...spec, selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
        service: true,
      },
      "service: must be used with spec.selector.matchLabels, got a selector without labels. A Service selects pods by labels only. Fix: add labels of the pods to spec.selector.matchLabels",
    ],
    [
      "two ServiceAccounts",
      { spec: specWith({ serviceAccountName: "till" }), serviceAccount: true },
      'serviceAccount: must not be set together with spec.template.spec.serviceAccountName, got serviceAccountName "till". Fix: remove serviceAccount, or remove serviceAccountName from the spec',
    ],
    [
      "timeouts of no Service",
      { timeouts: { request: "5s" } },
      "timeouts: must be set together with service. The proxies of callers read it from annotations of the Service. Fix: set service to true",
    ],
    [
      "a timeout",
      { service: true, timeouts: { request: "1.5s" } },
      'timeouts.request: must be an integer with a unit ms, s, m, h or d, e.g. "500ms", got "1.5s".',
    ],
    [
      "a retry",
      { service: true, retries: { http: ["500..504"] } },
      'retries.http[0]: must be one of "5xx", "gateway-error", a status such as "503", or a range such as "500-504", got "500..504".',
    ],
    [
      "a range of answers to retry",
      { service: true, retries: { http: ["gateway-error", "500-504", "504-500"] } },
      'retries.http[2]: must be a range from a lower to a higher status, got "504-500". Fix: use "500-504"',
    ],
    [
      "callers of unknown ports",
      { spec: pulumi.output(spec), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must be used with container ports that are plain values, got an Output. A Server is created for each of them. Fix: declare the ports of the containers as plain values",
    ],
    [
      "no callers",
      { allowFrom: [] },
      'allowFrom: must have at least one caller, e.g. { serviceAccount: "web" }, got an empty list. Fix: list the callers, or remove allowFrom',
    ],
    [
      "a Service's port of no container, whatever the mesh's lists will be",
      {
        mesh: { ref: { linkerdVersion: "1", trustBundleSha256: "2", ports: pulumi.output(meshPorts()) } },
        service: { ports: { htpp: 80 } },
      },
      'service.ports.htpp: must have the name of a container port, got "htpp" (container ports: http, grpc-api, dns).',
    ],
    [
      "callers of pods that stay out of the mesh",
      { mesh: { inject: "disabled" }, allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must be used with meshed pods, got linkerd.io/inject: disabled. Authorization is enforced in the proxy. Fix: remove allowFrom, or enable injection",
    ],
    [
      "callers of ports that all pass the proxy by",
      { mesh: { skipInboundPorts: [5432, "1-9000", "9000-9999"] }, allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must be used with containers that declare TCP ports which reach the proxy, got only ports that skip the proxy. Fix: declare the ports of the containers in the spec, or remove allowFrom",
    ],
    [
      "two ServiceAccounts, one by the field's old name",
      { spec: specWith({ serviceAccount: "till" }), serviceAccount: true },
      'serviceAccount: must not be set together with spec.template.spec.serviceAccountName, got serviceAccountName "till". Fix: remove serviceAccount, or remove serviceAccountName from the spec',
    ],
    [
      "retries of gRPC where no port speaks it",
      {
        spec: specWith({}, { ports: [{ name: "h2c", containerPort: 80 }] }),
        service: true,
        retries: { grpc: ["internal"] },
      },
      "retries.grpc: must be used with a TCP port whose name is grpc or begins with grpc-, got no gRPC port. Fix: name the gRPC port of the container grpc, or remove retries.grpc",
    ],
    [
      "retries of gRPC on ports that are known later",
      { spec: pulumi.output(spec), service: true, retries: { grpc: ["internal"] } },
      "retries.grpc: must be used with container ports that are plain values, got an Output. A GRPCRoute is created for each gRPC port. Fix: declare the ports of the containers as plain values",
    ],
    [
      "callers of pods on their node's network",
      { spec: specWith({ hostNetwork: true }), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must be used with meshed pods, got hostNetwork: true. Linkerd does not inject a proxy into pods in the network of their node. Fix: remove allowFrom, or remove hostNetwork from the spec",
    ],
    [
      "callers of a port that every mesh skips",
      { spec: specWith({}, { ports: [{ containerPort: 4567 }] }), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must not restrict a port that skips the proxy, got port 4567, which Linkerd skips inbound by default. Authorization is enforced in the proxy. Fix: use another port, or set mesh.skipInboundPorts to [4567] as a plain value, which leaves the port open to all callers",
    ],
    [
      "callers of the proxy's own port",
      { spec: specWith({}, { ports: [{ containerPort: 4191 }] }), allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must not restrict a port that skips the proxy, got port 4191, which is a port of the proxy. Authorization is enforced in the proxy. Fix: use another port, or set mesh.skipInboundPorts to [4191] as a plain value, which leaves the port open to all callers",
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
      "allowFrom: must not restrict ports of one name of which only some are opaque, got ports 8080, 5432, of which 5432 is opaque. One Server with one protocol selects all ports of a name. Fix: give the ports different names",
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
      "allowFrom: must not restrict a port that skips the proxy, got port 4191, which is a port of the proxy. Authorization is enforced in the proxy. Fix: use another port, or set mesh.skipInboundPorts to [4191] as a plain value, which leaves the port open to all callers",
    ],
    [
      "retries of gRPC on a port that is opaque",
      { service: true, mesh: { opaquePorts: ["grpc-api"] }, retries: { grpc: ["internal"] } },
      "retries.grpc: must not be used with an opaque port, got port 9000. The proxy does not read gRPC status codes on an opaque port. Fix: remove retries.grpc, or remove the port from mesh.opaquePorts",
    ],
    [
      "retries of gRPC on a port that is not TCP's",
      {
        spec: specWith({}, { ports: [{ name: "grpc", containerPort: 9000, protocol: "UDP" }] }),
        service: true,
        retries: { grpc: ["internal"] },
      },
      "retries.grpc: must be used with a TCP port whose name is grpc or begins with grpc-, got no gRPC port. Fix: name the gRPC port of the container grpc, or remove retries.grpc",
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
      "allowFrom: must be used with containers that declare TCP ports which reach the proxy, got only ports that skip the proxy. Fix: declare the ports of the containers in the spec, or remove allowFrom",
    ],
    [
      "an HTTPS probe",
      {
        spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http", scheme: "HTTPS" } } }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got an HTTPS readinessProbe on port 8080. Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied. Fix: use a plain HTTP probe, or call a port that the containers do not declare",
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
      "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got a gRPC startupProbe on port 7000. Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied. Fix: use a plain HTTP probe, or call a port that the containers do not declare",
    ],
    [
      "a hook that is called",
      {
        spec: specWith({}, { lifecycle: { preStop: { httpGet: { path: "/drain", port: 8080 } } } }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got a preStop hook on port 8080. Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied. Fix: use a plain HTTP probe, or call a port that the containers do not declare",
    ],
    [
      "a kubelet that is let in by nobody",
      {
        spec: specWith({}, { readinessProbe: { grpc: { port: 9000 } } }),
        allowFrom: [{ serviceAccount: "a" }],
      },
      "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got a gRPC readinessProbe on port 9000. Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied. Fix: use a plain HTTP probe, or call a port that the containers do not declare",
    ],
    [
      "an HTTP probe of an opaque port",
      { mesh: { opaquePorts: ["http"] }, probes: { liveness: "/" }, allowFrom: [{ serviceAccount: "a" }] },
      "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got a livenessProbe on port 8080, which is opaque. Linkerd recognizes a probe by its HTTP path, which it does not read on an opaque port. Fix: call a port that is not opaque, or call a port that the containers do not declare",
    ],
    [
      "a probe without a port",
      { spec: specWith({}, { ports: [] }), probes: { readiness: "/" } },
      "probes.port: must be set for an application container that declares no ports. Fix: set probes.port, or declare the port of the container in the spec",
    ],
    [
      "a quantity",
      { resources: { cpu: "lots" } },
      'resources.cpu: must be a Kubernetes quantity, e.g. "100m" or "64Mi", got "lots".',
    ],
    [
      "an unknown option",
      { autoscale: { min: 1 } },
      "autoscale: unknown field. Known fields: apiVersion, kind, metadata, spec, mesh, service, serviceAccount, disruptionBudget, autoscaling, topologySpread, probes, resources, podSecurity, allowFrom, timeouts, retries, transform. Fix: remove autoscale",
    ],
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
        "disruptionBudget.minAvailable blocks the drain of a node while there is one replica, the default of Kubernetes. ",
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
