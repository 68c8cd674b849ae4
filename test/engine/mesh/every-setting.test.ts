/**
 * Settings that no other engine test covers. Each has another value than its default, and is read from the objects that
 * it decides. settings-reach.test.ts lists the test of every setting.
 */
import { X509Certificate } from "node:crypto";
import type {
  KubernetesObject,
  V1ConfigMap,
  V1Container,
  V1CronJob,
  V1Deployment,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { parseCertificates } from "../../../components/certificates/x509/pem.ts";
import { linkerdVersion } from "../../../components/linkerd/charts/charts.ts";
import { deleteDefinitions, list, read, run, secretText } from "../../support/cluster.ts";
import { verifies } from "../../support/openssl.ts";
import { makeIdentity } from "../../support/pem.ts";
import { changes, openMesh } from "../../support/stack.ts";

const NAMES = {
  namespace: "mesh",
  vizNamespace: "mesh-viz",
  clusterDomain: "corp.example",
  trustDomain: "trust.corp.example",
};
const IDENTITY = "identity.mesh.trust.corp.example";
const SERVERS: readonly [service: string, namespace: string][] = [
  ["linkerd-proxy-injector", "mesh"],
  ["linkerd-sp-validator", "mesh"],
  ["linkerd-policy-validator", "mesh"],
  ["tap", "mesh-viz"],
  ["tap-injector", "mesh-viz"],
];

const deployments = (namespace: string) => list<V1Deployment>("apps/v1", "Deployment", namespace);
const container = async (name: string, deployment: string, namespace = "mesh"): Promise<V1Container> => {
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", deployment, namespace);
  const { initContainers = [], containers = [] } = spec?.template.spec ?? {};
  const found = [...initContainers, ...containers].find((c) => c.name === name);
  if (!found) throw new Error(`${deployment} has no container ${name}`);
  return found;
};
const injectorConfig = async () => {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-config", "mesh");
  return parse(data?.values ?? "");
};
const gatewayKinds = async () => {
  const all = await list<KubernetesObject>("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  return all.map((d) => d.metadata?.name ?? "").filter((name) => name.endsWith(".gateway.networking.k8s.io"));
};
const yearsOf = ({ validFromDate, validToDate }: X509Certificate) =>
  Math.round((validToDate.getTime() - validFromDate.getTime()) / (365 * 86_400_000));
const bundle = async () =>
  (await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "mesh")).data?.[
    "ca-bundle.crt"
  ] ?? "";
const installed = async () => {
  const releases: { name: string; namespace: string; chart: string }[] = JSON.parse(
    await run("helm", "list", "--all-namespaces", "--output", "json"),
  );
  return releases.map(({ chart, namespace }) => `${namespace}/${chart}`).sort();
};

let stack: Stack;
afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
  await deleteDefinitions("gateway.networking.k8s.io");
});

describe("a mesh with custom names, networks, charts and certificates", () => {
  const { chartVersion: version, chartSource: source } = inject("charts");

  beforeAll(async () => {
    // CRDs stay when a mesh is deleted. Those of an earlier mesh would hide whether this one installs them.
    await deleteDefinitions("gateway.networking.k8s.io");
    const own = { version, source };
    stack = await openMesh("every-setting", {
      ...NAMES,
      clusterNetworks: ["127.0.0.0/8", "10.64.0.0/12"],
      // This source has no charts, so each chart must be found by its own version and source.
      chartVersion: "2099.1.1",
      chartSource: "/nowhere",
      charts: { crds: own, controlPlane: own, viz: own, cni: own },
      certificates: {
        validityYears: { trustAnchor: 50, issuer: 20, webhooks: 10 },
        trustAnchors: [1, { generation: 2, validityYears: 40, algorithm: "RSA-4096" }],
        issuingAnchor: 2,
      },
      installGatewayApi: false,
      imagePullSecrets: ["registry-login"],
      proxy: {
        cpuRequest: "15m",
        cpuLimit: "2",
        memoryRequest: "30Mi",
        memoryLimit: "200Mi",
        nativeSidecar: true,
      },
      ports: { skipSmtp: false, skipOutbound: [9999] },
      cni: true,
      extraValues: {
        crds: { enableTlsRoutes: true },
        viz: { tap: { logLevel: "debug" } },
        cni: { logLevel: "debug" },
      },
    });
    await stack.up();
  });

  test("each chart is installed with its own version and source", async () => {
    expect(await installed()).toEqual([
      `linkerd-cni/linkerd2-cni-${version}`,
      `mesh-viz/linkerd-viz-${version}`,
      `mesh/linkerd-control-plane-${version}`,
      `mesh/linkerd-crds-${version}`,
    ]);
    expect((await stack.outputs()).linkerdVersion?.value).toBe(linkerdVersion(version));
  });

  test("the mesh runs in the configured namespaces, and its components know them", async () => {
    expect((await deployments("mesh")).map((d) => d.status?.readyReplicas)).toEqual([1, 1, 1]);
    expect((await deployments("mesh-viz")).map((d) => d.status?.readyReplicas)).toEqual([1, 1, 1, 1, 1]);
    expect((await container("identity", "linkerd-identity")).args).toContain("-controller-namespace=mesh");
    expect((await container("tap", "tap", "mesh-viz")).args).toContain("-api-namespace=mesh");
  });

  test("components use the cluster domain and issue identities in the trust domain", async () => {
    const destination = await container("destination", "linkerd-destination");
    expect(destination.args).toEqual(
      expect.arrayContaining(["-cluster-domain=corp.example", "-identity-trust-domain=trust.corp.example"]),
    );
    const web = await container("web", "web", "mesh-viz");
    expect(web.args).toContain("-cluster-domain=corp.example");
    const tap = await container("tap", "tap", "mesh-viz");
    expect(tap.args).toContain("-identity-trust-domain=trust.corp.example");
    expect(await injectorConfig()).toMatchObject({
      clusterDomain: "corp.example",
      identityTrustDomain: "trust.corp.example",
    });
  });

  test("the control plane uses the configured cluster networks", async () => {
    const networks = "127.0.0.0/8,10.64.0.0/12";
    expect((await container("policy", "linkerd-destination")).args).toContain(
      `--cluster-networks=${networks}`,
    );
    expect((await injectorConfig()).clusterNetworks).toBe(networks);
  });

  test("each of two trust anchors has its own validity and algorithm", async () => {
    const anchors = parseCertificates(await bundle());
    expect(anchors.map((anchor) => [yearsOf(anchor), anchor.publicKey.asymmetricKeyType])).toEqual([
      [50, "ec"],
      [40, "rsa"],
    ]);
    expect(anchors[1]?.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
  });

  test("the second trust anchor signs the issuer, and issuer and webhook certificates are valid for the configured years", async () => {
    const issuer = await secretText("linkerd-identity-issuer", "mesh", "tls.crt");
    const [first, second] = parseCertificates(await bundle());
    expect(yearsOf(new X509Certificate(issuer))).toBe(20);
    expect(new X509Certificate(issuer).subjectAltName).toBe(`DNS:${IDENTITY}`);
    expect([verifies(issuer, String(first)), verifies(issuer, String(second))]).toEqual([false, true]);
    for (const [service, namespace] of SERVERS) {
      const leaf = await secretText(`${service}-k8s-tls`, namespace, "tls.crt");
      expect(yearsOf(new X509Certificate(leaf))).toBe(10);
      expect(new X509Certificate(leaf).subjectAltName).toBe(`DNS:${service}.${namespace}.svc`);
    }
  });

  test("without installGatewayApi, only the Gateway API CRD of an extra value is installed", async () => {
    expect(await gatewayKinds()).toEqual(["tlsroutes.gateway.networking.k8s.io"]);
  });

  test("extra values reach viz and the CNI plugin", async () => {
    expect((await container("tap", "tap", "mesh-viz")).args).toContain("-log-level=debug");
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-cni-config", "linkerd-cni");
    expect(JSON.parse(data?.cni_network_config ?? "").log_level).toBe("debug");
  });

  test("the ServiceAccounts of viz have the pull secret", async () => {
    const accounts = (await list<V1ServiceAccount>("v1", "ServiceAccount", "mesh-viz")).filter(
      (account) => account.metadata?.name !== "default",
    );
    expect(accounts.length).toBeGreaterThanOrEqual(5);
    for (const account of accounts) expect(account.imagePullSecrets).toEqual([{ name: "registry-login" }]);
  });

  test("proxies have the configured requests and limits and run as native sidecars", async () => {
    const { initContainers } =
      (await read<V1Deployment>("apps/v1", "Deployment", "linkerd-destination", "mesh")).spec?.template
        .spec ?? {};
    const proxy = initContainers?.find((c) => c.name === "linkerd-proxy");
    expect(proxy).toMatchObject({
      restartPolicy: "Always",
      resources: { requests: { cpu: "15m", memory: "30Mi" }, limits: { cpu: "2", memory: "200Mi" } },
    });
    expect((await injectorConfig()).proxy).toMatchObject({
      nativeSidecar: true,
      resources: { cpu: { request: "15m", limit: "2" }, memory: { request: "30Mi", limit: "200Mi" } },
    });
  });

  test("without skipSmtp, SMTP ports are not skipped", async () => {
    expect((await injectorConfig()).proxyInit.ignoreOutboundPorts).toBe("4567,4568,9999");
  });

  test("the heartbeat runs once a day at a time that does not change", async () => {
    const { spec } = await read<V1CronJob>("batch/v1", "CronJob", "linkerd-heartbeat", "mesh");
    expect(spec?.schedule).toMatch(/^\d+ \d+ \* \* \*$/);
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
  });
});

describe("the same mesh with common charts, a provided identity and without viz", () => {
  let identity: Awaited<ReturnType<typeof makeIdentity>>;
  const warnings: string[] = [];

  beforeAll(async () => {
    identity = await makeIdentity({ namespace: "mesh", domain: NAMES.trustDomain });
    stack = await openMesh("every-setting", {
      ...NAMES,
      clusterNetworks: ["127.0.0.0/8"],
      certificates: {
        mode: "provided",
        trustAnchors: identity.anchor.certPem,
        issuer: { certificate: identity.issuer.certPem, key: identity.issuer.keyPem },
        validityYears: { webhooks: 5 },
        warnWithinDays: 365 * 6,
        // The steps of a rotation can be skipped, because no workload is meshed yet.
        acceptTrustAnchorOutage: true,
      },
      viz: false,
      cni: true,
    });
    await stack.up({
      onEvent: ({ diagnosticEvent }) => {
        if (diagnosticEvent?.severity === "warning") warnings.push(diagnosticEvent.message);
      },
    });
  });

  test("all charts use the common version and source, and viz is removed", async () => {
    const { chartVersion: version, chartSource } = inject("charts");
    expect(await installed()).toEqual([
      `linkerd-cni/linkerd2-cni-${version}`,
      `mesh/linkerd-control-plane-${version}`,
      `mesh/linkerd-crds-${version}`,
    ]);
    expect(await deployments("mesh-viz")).toEqual([]);
    const [identityController] = await deployments("mesh");
    const { labels, annotations } = identityController?.metadata ?? {};
    expect(labels?.["app.kubernetes.io/version"]).toBe(linkerdVersion(version));
    // The stand-in charts of the sandbox have an annotation that the real charts do not have.
    const standIns = chartSource.endsWith("/sandbox/charts");
    expect(annotations?.["linkerd.io/created-by"]?.includes("stand-in")).toBe(standIns);
  });

  test("the mesh uses the provided identity, and generated webhook certificates are valid for the configured years", async () => {
    expect(await bundle()).toBe(identity.anchor.certPem.trim());
    expect(await secretText("linkerd-identity-issuer", "mesh", "tls.crt")).toBe(identity.issuer.certPem);
    for (const [service, namespace] of SERVERS.filter(([, where]) => where === "mesh")) {
      const leaf = await secretText(`${service}-k8s-tls`, namespace, "tls.crt");
      expect(yearsOf(new X509Certificate(leaf))).toBe(5);
    }
  });

  test("only certificates that expire within warnWithinDays cause a warning", () => {
    const named = warnings.flatMap((text) => /^The certificate ([-a-z]+) /.exec(text)?.[1] ?? []);
    // The provided identity is valid for 100 years.
    expect([...new Set(named)].sort()).toEqual([
      "policy-validator",
      "profile-validator",
      "proxy-injector",
      "tap",
      "tap-injector",
      "webhook-authority",
    ]);
  });

  test("the CRDs of the Gateway API are installed by default", async () => {
    expect((await gatewayKinds()).sort()).toEqual(
      ["grpcroutes", "httproutes", "tcproutes", "tlsroutes"].map(
        (kind) => `${kind}.gateway.networking.k8s.io`,
      ),
    );
  });
});
