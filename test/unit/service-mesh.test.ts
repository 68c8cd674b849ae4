import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { ServiceMesh, type ServiceMeshArgs } from "../../components/index.ts";
import { outputValue, type Registered, register } from "../support/mocks.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";
const NAMESPACE = "kubernetes:core/v1:Namespace";

const mesh = (args?: ServiceMeshArgs) => register(() => new ServiceMesh("m", args));

/** Every value in an object, however deep. */
function leaves(value: unknown): unknown[] {
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(leaves) : [value];
}

describe("ServiceMesh", () => {
  test("makes the namespace, then CRDs, then control plane, then viz", async () => {
    const { find } = await mesh();
    expect(find("m-crds-release").dependsOn).toContain("m-namespace");
    expect(find("m-control-plane-release").dependsOn).toContain("m-crds-release");
    expect(find("m-viz-release").dependsOn).toContain("m-control-plane-release");
  });

  test("has the Secrets ready before a chart is waited for: only charts, and the policy, wait for charts", async () => {
    const { resources } = await mesh();
    const releases = resources.filter((r) => r.type === RELEASE).map((r) => r.name);
    const waiting = resources.filter((r) => r.dependsOn.some((name) => releases.includes(name)));
    expect(waiting.map((r) => r.name).sort()).toEqual([
      "m-control-plane-release",
      "m-injection-by-label",
      "m-viz-release",
    ]);
  });

  test.each([
    ["m-crds", "linkerd-crds", "linkerd"],
    ["m-control-plane", "linkerd-control-plane", "linkerd"],
    ["m-viz", "linkerd-viz", "linkerd-viz"],
  ])(
    "%s is one release, %s in %s, with a pinned version, a bounded history and a bounded wait",
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

  test("installs a chart of its own version and source beside the others, and is called by the control plane's", async () => {
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

  test("labels the control plane's namespace as upstream's template does", async () => {
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

  test("takes over what another wrote into its namespaces and its policy, and into no Secret", async () => {
    const { resources } = await mesh({ cni: true });
    const forced = resources.filter((r) => r.inputs?.metadata?.annotations?.["pulumi.com/patchForce"]);
    expect(forced.map(({ name }) => name).sort()).toEqual([
      "m-cni-namespace",
      "m-injection-by-label-binding",
      "m-injection-by-label-policy",
      "m-namespace",
      "m-viz-namespace",
    ]);
  });

  test("with CNI only the plugin's own namespace may have privileges", async () => {
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

  test("with CNI the plugin is on the nodes before the control plane needs it", async () => {
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

  test("labels the viz namespace as an extension and has no Job do it again", async () => {
    const { find } = await mesh();
    expect(find("m-viz-namespace").inputs.metadata.labels).toMatchObject({ "linkerd.io/extension": "viz" });
    expect(find("m-viz-release").inputs.values.createNamespaceMetadataJob).toBe(false);
  });

  test("viz restarts with the trust bundle, as the control plane does, and says whose Prometheus it reads", async () => {
    const prometheusUrl = "http://prometheus.monitoring:9090";
    const extraValues = { viz: { prometheusUrl, prometheus: { enabled: false } } };
    const { find, result } = await mesh({ extraValues });
    const sha256 = await outputValue(result.trustBundleSha256 as pulumi.Output<string>);
    expect(find("m-viz-release").inputs.values.podAnnotations).toEqual({
      "linkerd-mesh/trust-bundle-sha256": sha256,
    });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(find("m-viz-namespace").inputs.metadata.annotations).toMatchObject({
      "viz.linkerd.io/external-prometheus": prometheusUrl,
    });
    const plain = await mesh();
    expect(plain.find("m-viz-namespace").inputs.metadata.annotations).not.toHaveProperty([
      "viz.linkerd.io/external-prometheus",
    ]);
  });

  test("tells its port lists, which those of workloads are added to", async () => {
    const { result } = await mesh({ ports: { skipOutbound: [9092], opaque: [6000], skipSmtp: false } });
    expect(await outputValue(result.ports)).toEqual({
      skipOutbound: "4567,4568,9092",
      skipInbound: "4567,4568",
      opaque: "25,587,3306,4444,5432,6000,6379,9300,11211",
    });
  });

  test("certificates that a preview does not know leave every name known, so that nothing is replaced", async () => {
    const { resources } = await register(
      () => {
        const made = new k8s.core.v1.Secret("made", {});
        const later = made.metadata.uid;
        const certificates = {
          mode: "provided" as const,
          trustAnchors: later,
          issuer: { certificate: later, key: later },
        };
        return new ServiceMesh("m", { certificates });
      },
      { preview: true },
    );
    const objects = resources.filter(({ name, type }) => type.startsWith("kubernetes:") && name !== "made");
    const namespaces = objects.map(({ type, inputs }) =>
      type === NAMESPACE ? inputs.metadata.name : (inputs.namespace ?? inputs.metadata.namespace),
    );
    expect(new Set(namespaces.filter(Boolean))).toEqual(new Set(["linkerd", "linkerd-viz"]));
    expect(objects.filter(({ type }) => type === NAMESPACE)).toHaveLength(2);
    expect(
      objects.filter(({ type }) => type === SECRET).every(({ inputs }) => inputs.metadata.namespace),
    ).toBe(true);
  });

  test("skips mail and upstream's defaults outbound, mesh-wide", async () => {
    const { find } = await mesh();
    expect(find("m-control-plane-release").inputs.values.proxyInit).toEqual({
      ignoreOutboundPorts: "25,465,587,2525,4567,4568",
    });
  });

  test("takes the issuer from a Secret of its own", async () => {
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
    "%s: %s is served from our Secret and checked against our authority",
    async (component, key, suffix, secretName) => {
      const { find } = await mesh();
      const release = find(`${component}-release`);
      expect(release.inputs.values[key]).toEqual({
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

  test("hands no private key to Helm, nor to a component's own inputs", async () => {
    const { resources } = await mesh();
    const exposed = resources.filter((r) => r.type === RELEASE || r.type.startsWith("linkerd-mesh:"));
    expect(exposed.length).toBeGreaterThan(8);
    for (const r of exposed) expect(leaves(r.inputs).filter((v) => String(v).includes("key of"))).toEqual([]);
  });

  test("draws the heartbeat's minute once, not from the clock", async () => {
    const { find } = await mesh();
    expect(find("m-control-plane-release").inputs.values.heartbeatSchedule).toBe("34 12 * * *");
  });

  test("gives anchor, issuer and webhooks validities of their own", async () => {
    const { find } = await mesh({
      certificates: { mode: "generated", validityYears: { trustAnchor: 30, issuer: 20, webhooks: 10 } },
    });
    expect(find("m-trust-anchor-cert").inputs.validityPeriodHours).toBe(30 * 8760);
    expect(find("m-identity-issuer-cert").inputs.validityPeriodHours).toBe(20 * 8760);
    expect(find("m-webhooks-ca-cert").inputs.validityPeriodHours).toBe(10 * 8760);
    expect(find("m-webhooks-tap-cert").inputs.validityPeriodHours).toBe(10 * 8760 - 24);
  });

  test("gives 100 years to all eight certificates", async () => {
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

  test("names issuer and anchor after namespace and trust domain", async () => {
    const { find } = await mesh({ namespace: "mesh", trustDomain: "corp.example" });
    expect(find("m-trust-anchor-cert").inputs.dnsNames).toEqual(["root.mesh.corp.example"]);
    expect(find("m-identity-issuer-request").inputs.dnsNames).toEqual(["identity.mesh.corp.example"]);
    expect(find("m-control-plane-release").inputs.values).toMatchObject({
      identityTrustDomain: "corp.example",
      clusterDomain: "cluster.local",
    });
  });

  test("without viz there is no viz", async () => {
    const { resources } = await mesh({ viz: false });
    expect(resources.filter((r) => r.name.startsWith("m-viz"))).toEqual([]);
  });

  test.each(["namespace", "off"] as const)("with injection %s there is no policy", async (injection) => {
    const { resources } = await mesh({ injection });
    expect(resources.filter((r) => r.type.includes("MutatingAdmissionPolicy"))).toEqual([]);
  });

  test("injection in annotated namespaces adds the injector's selector and keeps its certificate", async () => {
    const { find } = await mesh({ injection: "namespace" });
    expect(find("m-control-plane-release").inputs.values.proxyInjector).toEqual({
      externalSecret: true,
      caBundle: expect.stringContaining("BEGIN CERTIFICATE"),
      objectSelector: { matchExpressions: expect.any(Array) },
    });
  });

  test("without a heartbeat there is none, and no minute drawn for it", async () => {
    const { resources, find } = await mesh({ heartbeat: false });
    const { values } = find("m-control-plane-release").inputs;
    expect(values).toMatchObject({ disableHeartBeat: true });
    expect(values).not.toHaveProperty("heartbeatSchedule");
    expect(resources.filter((r) => r.type.startsWith("random:"))).toEqual([]);
  });

  test("extra values come last, in the chart that they are for", async () => {
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

  test("settings that do not go together are refused before anything is registered", async () => {
    const settings: ServiceMeshArgs = { highAvailability: true, replicas: 1, ports: { opaque: [0] } };
    const { resources } = await register(() => {
      expect(() => new ServiceMesh("m", settings)).toThrow(
        /^The mesh m cannot be made as asked for:\n- replicas: one replica .*\n- ports\.opaque\.0: "0" /,
      );
    });
    expect(resources.filter((r) => r.type !== "pulumi:pulumi:Stack")).toEqual([]);
  });

  test("tells what it installed: version, anchor, fingerprint and the end of each certificate", async () => {
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

  test("a preview before the first up knows no certificate and fails at none", async () => {
    const { resources } = await register(() => new ServiceMesh("m"), { preview: true });
    expect(resources.filter((r: Registered) => r.type === RELEASE)).toHaveLength(3);
  });
});

describe("LinkerdCrds", () => {
  test.each([
    [undefined, true],
    [true, true],
    [false, false],
  ])("installGatewayApi %s becomes the chart's %s", async (given, value) => {
    const { find } = await mesh({ installGatewayApi: given });
    expect(find("m-crds-release").inputs.values).toEqual({ installGatewayAPI: value });
  });
});
