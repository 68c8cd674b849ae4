import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { describe, expect, test } from "vitest";
import { ServiceMesh, type ServiceMeshArgs, ValidationError } from "../../components/index.ts";
import { outputValue, type Registered, register } from "../support/mocks.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";
const NAMESPACE = "kubernetes:core/v1:Namespace";

const createMesh = (args?: ServiceMeshArgs) => register(() => new ServiceMesh("m", args));
let defaultMesh: ReturnType<typeof createMesh> | undefined;
/** A mesh with these arguments. That without arguments is registered once, because tests only read it. */
function mesh(args?: ServiceMeshArgs): ReturnType<typeof createMesh> {
  if (args !== undefined) return createMesh(args);
  defaultMesh ??= createMesh();
  return defaultMesh;
}

/** Every value in an object, at any depth. */
function leaves(value: unknown): unknown[] {
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(leaves) : [value];
}

/** Runs a program, and returns the outputs that its components registered, by name. */
async function registeredOutputs<T>(program: () => T) {
  let monitor: { getRegisteredResources(): Map<string, { state: { toJavaScript?(): object } }> } | undefined;
  const { result } = await register(() => {
    monitor = getMonitor() as unknown as typeof monitor;
    return program();
  });
  const states = [...(monitor?.getRegisteredResources() ?? [])].flatMap(([urn, { state }]) =>
    state.toJavaScript ? [[urn.split("::").at(-1), state.toJavaScript()]] : [],
  );
  return { result, registered: Object.fromEntries(states) as Record<string, Record<string, unknown>> };
}

describe("ServiceMesh", () => {
  test("a mesh creates the namespace, then the CRDs, then the control plane, then viz", async () => {
    const { find } = await mesh();
    expect(find("m-crds-release").dependsOn).toContain("m-namespace");
    expect(find("m-control-plane-release").dependsOn).toContain("m-crds-release");
    expect(find("m-viz-release").dependsOn).toContain("m-control-plane-release");
  });

  test("only Helm releases and policies of a mesh wait for Helm releases, so the Secrets exist first", async () => {
    const { resources } = await mesh();
    const releases = resources.filter((r) => r.type === RELEASE).map((r) => r.name);
    const waiting = resources.filter((r) => r.dependsOn.some((name) => releases.includes(name)));
    expect(waiting.map((r) => r.name).sort()).toEqual([
      "m-control-plane-release",
      "m-injection-by-label",
      "m-viz-access",
      "m-viz-release",
    ]);
  });

  test.each([
    ["m-crds", "linkerd-crds", "linkerd"],
    ["m-control-plane", "linkerd-control-plane", "linkerd"],
    ["m-viz", "linkerd-viz", "linkerd-viz"],
  ])(
    "%s creates one release, %s in %s, with a pinned version, a limited history and a timeout",
    async (component, chart, namespace) => {
      const { resources } = await mesh();
      const releases = resources.filter((r) => r.type === RELEASE && r.parent === component);
      expect(releases.map((r) => r.inputs)).toEqual([
        expect.objectContaining({
          name: chart,
          chart,
          namespace,
          version: "2026.8.3",
          maxHistory: 5,
          timeout: 600,
          repositoryOpts: { repo: "https://helm.linkerd.io/edge" },
        }),
      ]);
    },
  );

  test("a mesh installs a chart with its own version and source, and linkerdVersion is the control plane's", async () => {
    const { find, result } = await mesh({
      cni: true,
      charts: {
        version: "2026.8.3",
        controlPlane: { version: "2026.6.3" },
        viz: { source: "oci://r.example/l5d" },
      },
    });
    const charts = ["crds", "cni", "control-plane", "viz"].map((c) => find(`m-${c}-release`).inputs);
    expect(charts.map(({ chart, version }) => [chart, version])).toEqual([
      ["linkerd-crds", "2026.8.3"],
      ["linkerd2-cni", "2026.8.3"],
      ["linkerd-control-plane", "2026.6.3"],
      ["oci://r.example/l5d/linkerd-viz", "2026.8.3"],
    ]);
    expect(await outputValue(result.linkerdVersion)).toBe("edge-26.6.3");
  });

  test("the namespace of the control plane has the labels of upstream's template", async () => {
    const { find } = await mesh({ namespace: "mesh" });
    expect(find("m-namespace")).toMatchObject({
      type: NAMESPACE,
      parent: "m",
      inputs: {
        metadata: {
          name: "mesh",
          labels: {
            "linkerd.io/is-control-plane": "true",
            "linkerd.io/control-plane-ns": "mesh",
            "config.linkerd.io/admission-webhooks": "disabled",
            "pod-security.kubernetes.io/enforce": "privileged",
          },
          annotations: { "linkerd.io/inject": "disabled" },
        },
      },
    });
  });

  test("a mesh takes over foreign fields of everything that it creates outside of Helm, but not of Secrets", async () => {
    const { resources } = await mesh({ cni: true });
    const forced = resources.filter((r) => r.inputs?.metadata?.annotations?.["pulumi.com/patchForce"]);
    expect(forced.map(({ name }) => name).sort()).toEqual([
      "m-cni-namespace",
      "m-injection-by-label-binding",
      "m-injection-by-label-policy",
      "m-namespace",
      "m-observability-api-server-discovery",
      "m-observability-api-server-discovery-binding",
      "m-observability-api-server-metrics",
      "m-observability-api-server-metrics-binding",
      "m-observability-dashboard-applications",
      "m-observability-dashboard-mesh-health",
      "m-viz-access-server",
      "m-viz-namespace",
      "m-viz-rules",
    ]);
  });

  test("with cni, only the namespace of the CNI plugin allows privileges", async () => {
    const enforced = async (cni: boolean) => {
      const { resources } = await mesh({ cni });
      const namespaces = resources.filter((r) => r.type === NAMESPACE).map((r) => r.inputs.metadata);
      return Object.fromEntries(
        namespaces.map((m) => [m.name, m.labels["pod-security.kubernetes.io/enforce"]]),
      );
    };
    expect(await enforced(false)).toEqual({ linkerd: "privileged", "linkerd-viz": "privileged" });
    expect(await enforced(true)).toEqual({
      linkerd: "restricted",
      "linkerd-viz": "restricted",
      "linkerd-cni": "privileged",
    });
  });

  test("with cni, the plugin is installed before the control plane, with the port lists of the mesh", async () => {
    const { find } = await mesh({ cni: true, ports: { skipInbound: [7000] } });
    expect(find("m-control-plane-release").dependsOn).toContain("m-cni-release");
    expect(find("m-cni-release").inputs).toMatchObject({
      name: "linkerd2-cni",
      chart: "linkerd2-cni",
      namespace: "linkerd-cni",
      version: "2026.8.3",
      values: { ignoreInboundPorts: "4567,4568,7000", ignoreOutboundPorts: "25,465,587,2525,4567,4568" },
    });
    expect(find("m-cni-namespace").inputs.metadata.labels).toEqual({
      "linkerd.io/cni-resource": "true",
      "config.linkerd.io/admission-webhooks": "disabled",
      "pod-security.kubernetes.io/enforce": "privileged",
    });
    expect(find("m-control-plane-release").inputs.values.cniEnabled).toBe(true);
  });

  test("the viz namespace is labelled as an extension, and the chart's Job does not repeat it", async () => {
    const { find } = await mesh();
    expect(find("m-viz-namespace").inputs.metadata.labels).toMatchObject({ "linkerd.io/extension": "viz" });
    expect(find("m-viz-release").inputs.values.createNamespaceMetadataJob).toBe(false);
  });

  test("the pods of viz restart when the trust bundle changes, and its namespace names an external Prometheus", async () => {
    const url = "http://prometheus.monitoring:9090";
    const { find, result } = await mesh({ monitoring: { external: { url } } });
    const sha256 = await outputValue(result.trustBundleSha256 as pulumi.Output<string>);
    expect(find("m-viz-release").inputs.values.podAnnotations).toEqual({
      "linkerd-mesh/trust-bundle-sha256": sha256,
    });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(find("m-viz-namespace").inputs.metadata.annotations).toMatchObject({
      "viz.linkerd.io/external-prometheus": url,
    });
    const plain = await mesh();
    expect(plain.find("m-viz-namespace").inputs.metadata.annotations).not.toHaveProperty([
      "viz.linkerd.io/external-prometheus",
    ]);
  });

  test("a mesh has its port lists as an output, for workloads to add to", async () => {
    const { result } = await mesh({ ports: { skipOutbound: [9092], opaque: [6000], skipSmtp: false } });
    expect(await outputValue(result.ports)).toEqual({
      skipOutbound: "4567,4568,9092",
      skipInbound: "4567,4568",
      opaque: "25,465,587,2525,3306,4444,5432,6000,6379,9300,11211",
    });
  });

  test("certificates that are unknown in a preview leave every namespace name known, so that nothing is replaced", async () => {
    const { resources } = await register(
      () => {
        const created = new k8s.core.v1.Secret("created", {});
        const unknown = created.metadata.uid;
        const certificates = {
          mode: "provided" as const,
          trustAnchors: unknown,
          issuer: { certificate: unknown, key: unknown },
        };
        return new ServiceMesh("m", { certificates });
      },
      { preview: true },
    );
    const objects = resources.filter(
      ({ name, type }) => type.startsWith("kubernetes:") && name !== "created",
    );
    const namespaces = objects.map(({ type, inputs }) =>
      type === NAMESPACE ? inputs.metadata.name : (inputs.namespace ?? inputs.metadata.namespace),
    );
    expect(new Set(namespaces.filter(Boolean))).toEqual(new Set(["linkerd", "linkerd-viz", "default"]));
    expect(objects.filter(({ type }) => type === NAMESPACE)).toHaveLength(2);
    expect(
      objects.filter(({ type }) => type === SECRET).every(({ inputs }) => inputs.metadata.namespace),
    ).toBe(true);
  });

  test("a mesh skips SMTP and upstream's default ports outbound", async () => {
    const { find } = await mesh();
    expect(find("m-control-plane-release").inputs.values.proxyInit).toEqual({
      ignoreOutboundPorts: "25,465,587,2525,4567,4568",
    });
  });

  test("the control plane reads the issuer from a Secret of the mesh", async () => {
    const { find } = await mesh();
    expect(find("m-control-plane-release").inputs.values.identity).toEqual({
      issuer: { scheme: "kubernetes.io/tls" },
    });
    expect(find("m-control-plane-identity-issuer")).toMatchObject({
      type: SECRET,
      inputs: {
        type: "kubernetes.io/tls",
        metadata: { name: "linkerd-identity-issuer", namespace: "linkerd" },
      },
    });
  });

  test.each([
    ["m-control-plane", "proxyInjector", "proxy-injector-tls", "linkerd-proxy-injector-k8s-tls"],
    ["m-control-plane", "profileValidator", "profile-validator-tls", "linkerd-sp-validator-k8s-tls"],
    ["m-control-plane", "policyValidator", "policy-validator-tls", "linkerd-policy-validator-k8s-tls"],
    ["m-viz", "tap", "tap-tls", "tap-k8s-tls"],
    ["m-viz", "tapInjector", "tap-injector-tls", "tap-injector-k8s-tls"],
  ])(
    "%s: %s uses a Secret of the mesh, and the API server verifies it with the CA of the mesh",
    async (component, key, suffix, secretName) => {
      const { find } = await mesh();
      const release = find(`${component}-release`);
      const { ignoreHeaders: _, ...values } = release.inputs.values[key];
      expect(values).toEqual({
        externalSecret: true,
        caBundle: expect.stringContaining("BEGIN CERTIFICATE"),
      });
      const secret = find(`${component}-${suffix}`);
      expect(secret).toMatchObject({
        type: SECRET,
        parent: component,
        inputs: { type: "kubernetes.io/tls" },
      });
      expect(secret.inputs.metadata.name).toBe(secretName);
      expect(release.dependsOn).toContain(secret.name);
    },
  );

  test("no private key is in Helm values or in the inputs of a component", async () => {
    const { resources } = await mesh();
    const exposed = resources.filter((r) => r.type === RELEASE || r.type.startsWith("linkerd-mesh:"));
    expect(exposed.length).toBeGreaterThan(8);
    for (const r of exposed) expect(leaves(r.inputs).filter((v) => String(v).includes("key of"))).toEqual([]);
  });

  test("the heartbeat runs at a random minute that stays the same", async () => {
    const { find } = await mesh();
    expect(find("m-control-plane-release").inputs.values.heartbeatSchedule).toBe("34 12 * * *");
  });

  test("trust anchor, issuer and webhook certificates are valid for the years that are set for each", async () => {
    const { find } = await mesh({
      certificates: { mode: "generated", validityYears: { trustAnchor: 30, issuer: 20, webhooks: 10 } },
    });
    expect(find("m-trust-anchor-cert").inputs.validityPeriodHours).toBe(30 * 8760);
    expect(find("m-identity-issuer-cert").inputs.validityPeriodHours).toBe(20 * 8760);
    expect(find("m-webhooks-ca-cert").inputs.validityPeriodHours).toBe(10 * 8760);
    expect(find("m-webhooks-tap-cert").inputs.validityPeriodHours).toBe(10 * 8760 - 24);
  });

  test("all eight certificates are valid for 100 years by default", async () => {
    const { resources } = await mesh();
    const hours = resources.map((r) => r.inputs?.validityPeriodHours).filter((h) => h !== undefined);
    expect(hours.sort()).toEqual([
      876_000 - 24,
      876_000 - 24,
      876_000 - 24,
      876_000 - 24,
      876_000 - 24,
      876_000 - 24,
      876_000,
      876_000,
    ]);
  });

  test("the names of issuer and trust anchor contain the namespace and the trust domain", async () => {
    const { find } = await mesh({ namespace: "mesh", trustDomain: "corp.example" });
    expect(find("m-trust-anchor-cert").inputs.dnsNames).toEqual(["root.mesh.corp.example"]);
    expect(find("m-identity-issuer-request").inputs.dnsNames).toEqual(["identity.mesh.corp.example"]);
    expect(find("m-control-plane-release").inputs.values).toMatchObject({
      identityTrustDomain: "corp.example",
      clusterDomain: "cluster.local",
    });
  });

  test("without viz, no resource of viz is registered", async () => {
    const { resources } = await mesh({ viz: false });
    expect(resources.filter((r) => r.name.startsWith("m-viz"))).toEqual([]);
  });

  test.each(["namespace", "off"] as const)(
    "with injection %s, no admission policy is registered",
    async (injection) => {
      const { resources } = await mesh({ injection });
      expect(resources.filter((r) => r.type.includes("MutatingAdmissionPolicy"))).toEqual([]);
    },
  );

  test("injection mode namespace adds an object selector to the injector and keeps its certificate", async () => {
    const { find } = await mesh({ injection: "namespace" });
    expect(find("m-control-plane-release").inputs.values.proxyInjector).toEqual({
      externalSecret: true,
      caBundle: expect.stringContaining("BEGIN CERTIFICATE"),
      objectSelector: { matchExpressions: expect.any(Array) },
    });
  });

  test("without heartbeat, the chart has none and no random minute is registered", async () => {
    const { resources, find } = await mesh({ heartbeat: false });
    const { values } = find("m-control-plane-release").inputs;
    expect(values).toMatchObject({ disableHeartBeat: true });
    expect(values).not.toHaveProperty("heartbeatSchedule");
    expect(resources.filter((r) => r.type.startsWith("random:"))).toEqual([]);
  });

  test("extra values are merged last, into the chart that they are for", async () => {
    const { find } = await mesh({
      cni: true,
      highAvailability: true,
      extraValues: {
        crds: { extra: 1 },
        controlPlane: { webhookFailurePolicy: "Ignore", proxyInjector: { timeoutSeconds: 5 } },
        viz: { tap: { logLevel: "debug" } },
        cni: { logLevel: "debug" },
      },
    });
    expect(find("m-crds-release").inputs.values).toEqual({ installGatewayAPI: true, extra: 1 });
    expect(find("m-control-plane-release").inputs.values).toMatchObject({
      webhookFailurePolicy: "Ignore",
      proxyInjector: { timeoutSeconds: 5, externalSecret: true },
    });
    expect(find("m-viz-release").inputs.values.tap).toMatchObject({ logLevel: "debug", replicas: 3 });
    expect(find("m-cni-release").inputs.values).toMatchObject({ logLevel: "debug" });
  });

  test("all issues with arguments are reported at once, before anything is registered", async () => {
    const args: ServiceMeshArgs = {
      highAvailability: true,
      replicas: 1,
      ports: { opaque: [0] },
      certificates: { mode: "generated", validityYears: { issuer: 0 } },
    };
    const { resources } = await register(() => {
      const create = () => new ServiceMesh("m", args);
      expect(create).toThrow(ValidationError);
      expect(create).toThrow(
        /^ServiceMesh "m" has 3 invalid arguments:\n- replicas: must be 2 or more with highAvailability, got 1\. .*\n- ports\.opaque\[0\]: must be a port .*, got 0\.\n- certificates\.validityYears\.issuer: must be .*, got 0\./,
      );
    });
    expect(resources.filter((r) => r.type !== "pulumi:pulumi:Stack")).toEqual([]);
  });

  test("a mesh has its version, the fingerprint of its trust anchor and all certificates as outputs", async () => {
    const { result } = await mesh({ charts: { version: "2026.6.3" } });
    expect(await outputValue(result.linkerdVersion)).toBe("edge-26.6.3");
    expect(await outputValue(result.trustAnchorSha256 as pulumi.Output<string>)).toMatch(/^[0-9a-f]{64}$/);
    expect((await outputValue(result.certificates)).map((c) => c.name)).toEqual([
      "identity-issuer",
      "policy-validator",
      "profile-validator",
      "proxy-injector",
      "tap",
      "tap-injector",
      "trust-anchor",
      "webhook-authority",
    ]);
  });

  test("a mesh exposes its children, and the names of its namespaces and domains", async () => {
    const { result: mesh, find } = await register(
      () => new ServiceMesh("m", { cni: true, vizNamespace: "metrics", trustDomain: "corp.example" }),
    );
    const urnOf = async (resource?: pulumi.Resource) =>
      (await outputValue(resource?.urn as pulumi.Output<string>)).split("::").at(-1);
    const children = [mesh.crds, mesh.cni, mesh.controlPlane, mesh.viz, mesh.injectionByLabel];
    expect(await Promise.all(children.map(urnOf))).toEqual([
      "m-crds",
      "m-cni",
      "m-control-plane",
      "m-viz",
      "m-injection-by-label",
    ]);
    const releases = [mesh.crds, mesh.cni, mesh.controlPlane, mesh.viz].map((child) => child?.release);
    expect(await Promise.all(releases.map(urnOf))).toEqual([
      "m-crds-release",
      "m-cni-release",
      "m-control-plane-release",
      "m-viz-release",
    ]);
    expect(await Promise.all([mesh.cni?.namespace, mesh.viz?.namespace].map(urnOf))).toEqual([
      "m-cni-namespace",
      "m-viz-namespace",
    ]);
    const secrets = [...Object.values(mesh.controlPlane.secrets), ...Object.values(mesh.viz?.secrets ?? {})];
    expect(await Promise.all(secrets.map(urnOf))).toEqual([
      "m-control-plane-identity-issuer",
      "m-control-plane-proxy-injector-tls",
      "m-control-plane-profile-validator-tls",
      "m-control-plane-policy-validator-tls",
      "m-viz-tap-tls",
      "m-viz-tap-injector-tls",
    ]);
    expect(await urnOf(mesh.controlPlane.heartbeatMinute)).toBe("m-control-plane-heartbeat-minute");
    const { namespace, vizNamespace, trustDomain, clusterDomain } = mesh;
    expect(await outputValue(pulumi.all([namespace, vizNamespace, trustDomain, clusterDomain]))).toEqual([
      "linkerd",
      "metrics",
      "corp.example",
      "cluster.local",
    ]);
    expect(await outputValue(mesh.trustBundlePem as pulumi.Output<string>)).toBe(
      find("m-control-plane-release").inputs.values.identityTrustAnchorsPEM,
    );
  });

  test("the children that are turned off are undefined", async () => {
    const { result: mesh } = await register(
      () => new ServiceMesh("m", { viz: false, injection: "off", heartbeat: false }),
    );
    expect([mesh.cni, mesh.viz, mesh.vizNamespace, mesh.injectionByLabel]).toEqual(Array(4).fill(undefined));
    expect(mesh.controlPlane.heartbeatMinute).toBeUndefined();
  });

  test.each<[string, ServiceMeshArgs, string]>([
    ["of the chart by default", {}, "all-unauthenticated"],
    ["of its arguments", { defaultInboundPolicy: "deny" }, "deny"],
    ["of an Output", { defaultInboundPolicy: pulumi.output<"audit">("audit") }, "audit"],
  ])("the default inbound policy of a mesh is that %s", async (_, args, policy) => {
    const { result } = await register(() => outputValue(new ServiceMesh("m", args).defaultInboundPolicy));
    expect(result).toBe(policy);
  });

  test("a mesh registers its names, its trust bundle and its report as outputs, and no key", async () => {
    const { result, registered } = await registeredOutputs(() => new ServiceMesh("m"));
    expect(Object.keys(registered.m ?? {}).sort()).toEqual([
      "alerts",
      "certificates",
      "clusterDomain",
      "dashboards",
      "defaultInboundPolicy",
      "linkerdVersion",
      "namespace",
      "ports",
      "prometheusUrl",
      "trustAnchorSha256",
      "trustBundlePem",
      "trustBundleSha256",
      "trustDomain",
      "vizNamespace",
    ]);
    expect(registered.m?.trustBundlePem).toBe(
      await outputValue(result.trustBundlePem as pulumi.Output<string>),
    );
    expect(JSON.stringify(registered)).not.toContain("key of");
  });

  test("a preview before the first up succeeds without known certificates", async () => {
    const { resources } = await register(() => new ServiceMesh("m"), { preview: true });
    expect(resources.filter((r: Registered) => r.type === RELEASE)).toHaveLength(3);
  });
});

describe("LinkerdCrds", () => {
  test.each([
    [undefined, true],
    [true, true],
    [false, false],
  ])("installGatewayApi %s becomes installGatewayAPI %s of the chart", async (given, value) => {
    const { find } = await mesh({ installGatewayApi: given });
    expect(find("m-crds-release").inputs.values).toEqual({ installGatewayAPI: value });
  });
});
