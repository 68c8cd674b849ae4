import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
  createControlPlaneNamespace,
  IdentityIssuer,
  LinkerdCni,
  LinkerdControlPlane,
  LinkerdCrds,
  LinkerdViz,
  ServiceMesh,
  type ServiceMeshArgs,
  TrustAnchor,
  WebhookCertificates,
} from "../../components/index.ts";
import { IssueCollector } from "../../components/inputs/validation.ts";
import { checkOutputs } from "../../components/linkerd/output-validation.ts";
import type { MeshSettings } from "../../components/linkerd/values/mesh-settings.ts";
import { failing, outputValue, type Registered, register } from "../support/mocks.ts";

/** A resource of the caller with an output that is unknown in a preview. */
function vpc(): { cidrBlock: pulumi.Output<string> } {
  const created = new k8s.core.v1.ConfigMap("vpc", { data: { cidrBlock: "10.64.0.0/12" } });
  return { cidrBlock: pulumi.all([created.id, created.data]).apply(([, data]) => String(data.cidrBlock)) };
}

const objects = (resources: Registered[]) =>
  resources.filter(({ name }) => name !== "vpc").map(({ name, type, inputs }) => [type, name, inputs]);
const byName = (a: unknown[], b: unknown[]) => String(a).localeCompare(String(b));
/** Inputs without certificates, which mocks create for every program. */
const comparable = (resources: Registered[]) =>
  JSON.parse(
    JSON.stringify(objects(resources).sort(byName)).replace(/-----BEGIN.*?END CERTIFICATE-----/gs, ""),
  );

describe("a ServiceMesh with an Output that is known only during `up`", () => {
  const program = () => new ServiceMesh("m", { clusterNetworks: [vpc().cidrBlock, "127.0.0.0/8"] });

  test("an up passes the resolved networks to the chart", async () => {
    const { find } = await register(program);
    expect(find("m-control-plane-release").inputs.values.clusterNetworks).toBe("10.64.0.0/12,127.0.0.0/8");
    expect(find("m-control-plane-release").dependsOn).toContain("vpc");
  });

  test("in a preview, clusterNetworks is unknown and every other input is as without it", async () => {
    const { resources, find } = await register(program, { preview: true });
    const { values } = find("m-control-plane-release").inputs;
    expect(values.clusterNetworks).toEqual({ __pulumiUnknown: true });
    delete values.clusterNetworks;
    const { resources: plain } = await register(() => new ServiceMesh("m"), { preview: true });
    expect(comparable(resources)).toEqual(comparable(plain));
  });

  test("an Output that no rule applies to does not delay the namespaces", async () => {
    const { find } = await register(program);
    expect(find("m-namespace").dependsOn).not.toContain("vpc");
    expect(find("m-viz-namespace").dependsOn).not.toContain("vpc");
  });
});

describe("a ServiceMesh with every Input as an Output", () => {
  const plain = {
    cni: true,
    clusterNetworks: ["10.64.0.0/12"],
    imageRegistry: "registry.corp.example/linkerd",
    imagePullSecrets: ["login"],
    proxy: {
      cpuRequest: "100m",
      cpuLimit: "1",
      memoryRequest: "20Mi",
      memoryLimit: "250Mi",
      logLevel: "warn",
      nativeSidecar: false,
    },
    // With `deny` as a plain value, viz has more policies.
    defaultInboundPolicy: "cluster-authenticated",
    networkValidatorAddress: "10.0.0.1:20001",
    replicas: 2,
    installGatewayApi: false,
    ports: { skipOutbound: [9000], skipInbound: ["7000-7010"], opaque: [6000], skipSmtp: false },
    monitoring: {
      dashboards: { namespace: "monitoring" },
      prometheus: {
        alertmanagers: ["alertmanager.monitoring.svc:9093"],
        readers: [{ namespace: "monitoring", serviceAccount: "grafana" }],
      },
      grafana: { url: "grafana.monitoring:3000" },
    },
    vizAccess: {
      allowFrom: [{ namespace: "edge", serviceAccount: "haproxy" }],
      host: "viz.example.com",
      ingress: {
        controller: "haproxy",
        className: "public",
        tlsSecret: "viz-tls",
        annotations: { team: "mesh" },
      },
      restrictPrivileges: true,
    },
    tap: { ignoreHeaders: ["cookie"], viewers: [{ namespace: "shop", groups: ["oidc:shop"] }] },
    extraValues: {
      crds: { extra: 1 },
      controlPlane: { priorityClassName: "high" },
      viz: { jaegerUrl: "jaeger:16686" },
      cni: { logLevel: "debug" },
    },
  } satisfies ServiceMeshArgs;

  /** The same arguments, every Input and every leaf of the extra values as an Output of a resource. */
  function outputs(): ServiceMeshArgs {
    const { cidrBlock } = vpc();
    const later = <T>(value: T): pulumi.Output<T> => cidrBlock.apply(() => value) as pulumi.Output<T>;
    const { cni, proxy, ports, monitoring, vizAccess, tap, extraValues } = plain;
    const { controller, className, tlsSecret, annotations } = vizAccess.ingress;
    return {
      cni,
      clusterNetworks: later([...plain.clusterNetworks]),
      imageRegistry: later(plain.imageRegistry),
      imagePullSecrets: later([...plain.imagePullSecrets]),
      proxy: {
        cpuRequest: later(proxy.cpuRequest),
        cpuLimit: later(proxy.cpuLimit),
        memoryRequest: later(proxy.memoryRequest),
        memoryLimit: later(proxy.memoryLimit),
        logLevel: later(proxy.logLevel),
        nativeSidecar: later(proxy.nativeSidecar),
      },
      defaultInboundPolicy: later(plain.defaultInboundPolicy),
      networkValidatorAddress: later(plain.networkValidatorAddress),
      replicas: later(plain.replicas),
      installGatewayApi: later(plain.installGatewayApi),
      ports: {
        skipOutbound: later(ports.skipOutbound),
        skipInbound: [later("7000-7010")],
        opaque: later(ports.opaque),
        skipSmtp: later(ports.skipSmtp),
      },
      monitoring: {
        dashboards: { namespace: later(monitoring.dashboards.namespace) },
        prometheus: {
          alertmanagers: later([...monitoring.prometheus.alertmanagers]),
          readers: monitoring.prometheus.readers.map(({ namespace, serviceAccount }) => ({
            namespace: later(namespace),
            serviceAccount: later(serviceAccount),
          })),
        },
        grafana: { url: later(monitoring.grafana.url) },
      },
      vizAccess: {
        allowFrom: vizAccess.allowFrom.map(({ namespace, serviceAccount }) => ({
          namespace: later(namespace),
          serviceAccount: later(serviceAccount),
        })),
        host: later(vizAccess.host),
        ingress: {
          controller,
          className: later(className),
          tlsSecret: later(tlsSecret),
          annotations: { team: later(annotations.team) },
        },
        restrictPrivileges: later(vizAccess.restrictPrivileges),
      },
      tap: {
        ignoreHeaders: [later("cookie")],
        viewers: tap.viewers.map(({ namespace, groups }) => ({ namespace, groups: later([...groups]) })),
      },
      extraValues: {
        crds: { extra: later(1) },
        controlPlane: { priorityClassName: later(extraValues.controlPlane.priorityClassName) },
        viz: { jaegerUrl: later(extraValues.viz.jaegerUrl) },
        cni: { logLevel: later("debug") },
      },
    };
  }

  test("an up registers exactly what the same plain arguments register", async () => {
    const late = await register(() => new ServiceMesh("m", outputs()));
    const now = await register(() => new ServiceMesh("m", plain));
    expect(comparable(late.resources)).toEqual(comparable(now.resources));
    expect(await outputValue(late.result.ports)).toEqual(await outputValue(now.result.ports));
  });

  test("an up checks the Outputs before it creates the namespaces", async () => {
    const { find } = await register(() => new ServiceMesh("m", outputs()));
    expect(find("m-namespace").dependsOn).toContain("vpc");
    expect(find("m-viz-namespace").dependsOn).toContain("vpc");
  });

  test("a preview registers the same resources, with their names and namespaces", async () => {
    const late = await register(() => new ServiceMesh("m", outputs()), { preview: true });
    const now = await register(() => new ServiceMesh("m", plain), { preview: true });
    const names = ({ resources }: { resources: Registered[] }) =>
      objects(resources)
        .map(([type, name, inputs]) => [type, name, inputs.name, inputs.namespace, inputs.metadata?.name])
        .sort(byName);
    expect(names(late)).toEqual(names(now));
  });
});

describe("checks of Outputs", () => {
  /** The message of the error with which one of the checked Outputs fails. */
  async function failure(settings: (component: pulumi.ComponentResource) => MeshSettings): Promise<unknown> {
    let error: unknown;
    await register(async () => {
      const component = new pulumi.ComponentResource("test:index:Component", "c");
      const issues = new IssueCollector('ServiceMesh "m"');
      issues.attachTo(component);
      const result = checkOutputs(settings(component), issues);
      const all = [...result.checked, ...outputsIn(result.settings)];
      const failures = await Promise.allSettled(all.map(failing));
      error = failures.find((each) => each.status === "rejected")?.reason;
      expect(pulumi.ResourceError.isInstance(error)).toBe(true);
      expect((error as pulumi.ResourceError).resource).toBe(component);
    });
    return (error as Error).message;
  }
  const outputsIn = (value: unknown): pulumi.Output<unknown>[] => {
    if (pulumi.Output.isInstance(value)) return [value];
    return value !== null && typeof value === "object" ? Object.values(value).flatMap(outputsIn) : [];
  };

  test.each<[string, MeshSettings, string]>([
    [
      "a port that is not one",
      { ports: { skipOutbound: [25, pulumi.output("http")] } },
      'ports.skipOutbound[1]: must be a port from 1 to 65535 or a range such as "4000-4010", got "http".',
    ],
    [
      "an opaque port that a plain list skips",
      { ports: { skipInbound: [6000], opaque: pulumi.output([6000]) } },
      "ports.opaque[0]: must not overlap ports.skipInbound, got 6000 in both. " +
        "A skipped port never reaches a proxy, so it cannot be opaque. Fix: remove ports.opaque[0]",
    ],
    [
      "a request that exceeds a plain limit",
      { proxy: { cpuRequest: pulumi.output("2"), cpuLimit: "1" } },
      "proxy.cpuRequest: must be at most the cpu limit, got 2 with a limit of 1. " +
        "Kubernetes rejects pods whose request exceeds their limit.",
    ],
    [
      "a memory limit below the request of high availability",
      { highAvailability: true, proxy: { memoryLimit: pulumi.output("10Mi") } },
      "proxy.memoryLimit: must be at least the memory request, got 10Mi with a request of 20Mi. Kubernetes rejects " +
        "pods whose request exceeds their limit, and highAvailability sets the one that is not given.",
    ],
    [
      "one replica with high availability",
      { highAvailability: true, replicas: pulumi.output(1) },
      "replicas: must be 2 or more with highAvailability, got 1. One replica is not highly available. " +
        "Fix: set highAvailability to false",
    ],
    [
      "a network validator address without cni",
      { networkValidatorAddress: pulumi.output("10.0.0.1:20001") },
      'networkValidatorAddress: must not be set without cni, got "10.0.0.1:20001". The network validator runs only ' +
        "with the CNI plugin. Fix: remove networkValidatorAddress, or set cni to true",
    ],
    [
      "a host with a scheme",
      {
        vizAccess: { allowFrom: "all", auth: "external", host: pulumi.output("https://viz.example.com") },
      },
      "vizAccess.host: must be a host name in lower case, without scheme, port, path and wildcard, got " +
        '"https://viz.example.com".',
    ],
    [
      "a header in capitals",
      { tap: { ignoreHeaders: pulumi.output(["Cookie"]) } },
      'tap.ignoreHeaders[0]: must be in lower case, got "Cookie". Tap compares names exactly, and names on the wire are in ' +
        'lower case. Fix: set tap.ignoreHeaders[0] to "cookie"',
    ],
    [
      "a secret number that would change, without the number",
      { extraValues: { controlPlane: { proxy: { uid: pulumi.secret(1000680000) } } } },
      "extraValues.controlPlane.proxy.uid: must be 0, or a number of at least 0.0001 and less than 1000000. Pulumi's " +
        "Kubernetes provider passes numbers to Helm as floats, and charts print others with an exponent, e.g. 1.5e+06. " +
        "Fix: use an ID below 1000000 and allow it in the mesh's namespaces, on OpenShift with: oc adm policy " +
        "add-scc-to-group nonroot-v2 system:serviceaccounts:linkerd",
    ],
  ])("an Output fails as a ResourceError of the mesh: %s", async (_, settings, issue) => {
    expect(await failure(() => settings)).toBe(`ServiceMesh "m" has 1 invalid argument:\n- ${issue}`);
  });

  test("plain settings are returned as they are and need no check", async () => {
    const settings: MeshSettings = {
      replicas: 2,
      proxy: { cpuRequest: "1", logLevel: "warn" },
      ports: { opaque: [6000] },
      extraValues: { viz: { a: 1 } },
    };
    const result = checkOutputs(settings, new IssueCollector("test"));
    expect(result.checked).toEqual([]);
    expect(result.settings).toEqual(settings);
    expect(result.settings.proxy?.cpuRequest).toBe("1");
  });

  test("an Output that passes leaves the plain settings that it is compared with plain", async () => {
    const proxy = { cpuRequest: "1", cpuLimit: pulumi.output("2"), logLevel: pulumi.output("warn") };
    const { settings, checked } = checkOutputs({ proxy }, new IssueCollector("test"));
    expect(settings.proxy?.cpuRequest).toBe("1");
    expect(settings.proxy?.logLevel).toBe(proxy.logLevel);
    expect(await outputValue(settings.proxy?.cpuLimit as pulumi.Output<string>)).toBe("2");
    expect(checked).toHaveLength(1);
  });

  test("a secret stays a secret after its check", async () => {
    const { settings } = checkOutputs({ replicas: pulumi.secret(2) }, new IssueCollector("test"));
    expect(await (settings.replicas as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
  });
});

describe("components that are used alone", () => {
  test("LinkerdCni and LinkerdCrds need no charts argument", async () => {
    const { find } = await register(() => {
      new LinkerdCni("nodes");
      new LinkerdCrds("crds", { namespace: "linkerd" });
    });
    expect(find("nodes-release").inputs).toMatchObject({ chart: "linkerd2-cni", version: "2026.8.3" });
    expect(find("crds-release").inputs).toMatchObject({ chart: "linkerd-crds", version: "2026.8.3" });
  });

  test("a control plane and viz can be composed from the exported components", async () => {
    const { find } = await register(() => {
      const namespace = createControlPlaneNamespace("namespace", { namespace: "mesh" }).metadata.name;
      const crds = new LinkerdCrds("crds", { namespace });
      const trustAnchor = new TrustAnchor("anchor", { identity: "root.mesh.cluster.local" });
      const issuer = new IdentityIssuer("issuer", { identity: "identity.mesh.cluster.local", trustAnchor });
      const webhooks = new WebhookCertificates("webhooks", { namespace, vizNamespace: "metrics" });
      const controlPlane = new LinkerdControlPlane("control-plane", {
        namespace,
        trustBundlePem: trustAnchor.certPem,
        issuer,
        webhooks,
        chartDependsOn: [crds],
      });
      new LinkerdViz("viz", {
        namespace: "metrics",
        controlPlaneNamespace: namespace,
        webhooks,
        chartDependsOn: [controlPlane],
      });
    });
    expect(find("namespace").inputs.metadata.labels["linkerd.io/is-control-plane"]).toBe("true");
    expect(find("control-plane-release").inputs).toMatchObject({
      namespace: "mesh",
      version: "2026.8.3",
      values: { clusterDomain: "cluster.local", identityTrustDomain: "cluster.local" },
    });
    expect(find("control-plane-release").dependsOn).toContain("crds-release");
    expect(find("viz-release").inputs).toMatchObject({
      namespace: "metrics",
      values: { linkerdNamespace: "mesh" },
    });
    expect(find("viz-release").dependsOn).toContain("control-plane-release");
  });

  test("a component reports issues with its arguments before it registers anything", async () => {
    const { resources } = await register(() => {
      expect(() => new LinkerdCni("nodes", { ports: { skipInbound: ["http"] } })).toThrow(
        /^LinkerdCni "nodes" has 1 invalid argument:\n- ports\.skipInbound\[0\]: must be a port/,
      );
    });
    expect(resources.filter((r) => r.type !== "pulumi:pulumi:Stack")).toEqual([]);
  });
});
