import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { formatIssue } from "../../../components/inputs/validation.ts";
import { settingIssues } from "../../../components/linkerd/mesh-validation.ts";
import { proxyIssues } from "../../../components/linkerd/values/proxy.ts";

type Settings = Parameters<typeof settingIssues>[0];

/** A pull-through cache has one path for each upstream registry. */
const PROMETHEUS_REGISTRY = {
  viz: { prometheus: { image: { registry: "harbor.corp.example/dockerhub-proxy/prom" } } },
};

describe("settingIssues", () => {
  test.each<[string, Settings]>([
    ["no settings", {}],
    ["two replicas with high availability", { highAvailability: true, replicas: 2 }],
    ["one replica without high availability", { replicas: 1 }],
    ["the default address without cni", { networkValidatorAddress: "1.1.1.1:20001" }],
    ["another address with cni", { cni: true, networkValidatorAddress: "10.0.0.1:20001" }],
    ["values of installed charts", { cni: true, extraValues: { cni: { a: 1 }, viz: { a: 1 } } }],
    ["newer CRDs", { charts: { version: "2026.6.3", crds: { version: "2026.8.3" } } }],
    ["the namespace linkerd-cni without cni", { namespace: "linkerd-cni" }],
    ["another Prometheus instead of viz's", { monitoring: { external: { url: "http://prometheus:9090" } } }],
    ["Prometheus in the registry of another upstream", { extraValues: PROMETHEUS_REGISTRY }],
    [
      "Prometheus in the registry of another upstream beside imageRegistry",
      { imageRegistry: "harbor.corp.example/ghcr-proxy/linkerd", extraValues: PROMETHEUS_REGISTRY },
    ],
  ])("valid settings have no issues: %s", (_, settings) => {
    expect(settingIssues(settings)).toEqual([]);
  });

  test.each<[string, Settings, string[]]>([
    [
      "viz without a Prometheus",
      { monitoring: { external: {} } },
      ["monitoring.external.url: must be set with viz, got nothing. viz reads its metrics from Prometheus."],
    ],
    [
      "one replica with high availability",
      { highAvailability: true, replicas: 1 },
      [
        "replicas: must be 2 or more with highAvailability, got 1. One replica is not highly available. " +
          "Fix: set highAvailability to false",
      ],
    ],
    [
      "a network validator address without cni",
      { networkValidatorAddress: "10.0.0.1:20001" },
      [
        'networkValidatorAddress: must not be set without cni, got "10.0.0.1:20001". ' +
          "The network validator runs only with the CNI plugin. " +
          "Fix: remove networkValidatorAddress, or set cni to true",
      ],
    ],
    [
      "values and a version of charts that are not installed",
      { viz: false, extraValues: { cni: {}, viz: {} }, charts: { viz: {} } },
      [
        "extraValues.cni: must not be set without cni. The chart linkerd2-cni is not installed. " +
          "Fix: remove extraValues.cni, or set cni to true",
        "extraValues.viz: must not be set without viz. The chart linkerd-viz is not installed. " +
          "Fix: remove extraValues.viz, or set viz to true",
        "charts.viz: must not be set without viz. The chart linkerd-viz is not installed. " +
          "Fix: remove charts.viz, or set viz to true",
      ],
    ],
    [
      "CRDs that are older than the control plane",
      { charts: { crds: { version: "2026.6.3" } } },
      [
        "charts.crds.version: must not be older than the version of the control plane's chart, " +
          "got 2026.6.3 with a control plane of 2026.8.3. " +
          "The control plane may need fields that older CRDs do not have.",
      ],
    ],
    [
      "namespaces and init container values with cni",
      {
        cni: true,
        namespace: "linkerd-cni",
        vizNamespace: "linkerd-cni",
        extraValues: { controlPlane: { proxyInit: { privileged: true } } },
      },
      [
        'namespace: must not be the namespace of the CNI plugin, got "linkerd-cni". ' +
          "The plugin needs privileges, so it has a namespace to itself.",
        'vizNamespace: must not be the namespace of the CNI plugin, got "linkerd-cni". ' +
          "The plugin needs privileges, so it has a namespace to itself.",
        "extraValues.controlPlane.proxyInit: must not be set with cni. With the CNI plugin, pods have no init " +
          "container. Fix: use extraValues.cni, or set cni to false",
      ],
    ],
  ])("settings that conflict are reported with a fix: %s", (_, settings, expected) => {
    expect(settingIssues(settings).map(formatIssue)).toEqual(expected);
  });

  test.each<[string, Settings, string[]]>([
    [
      "the version for all charts",
      { charts: { version: "2026.8.3", crds: { version: "2026.6.3" } } },
      ["charts", "version"],
    ],
    [
      "the control plane's own version",
      { charts: { version: "2026.6.3", controlPlane: { version: "2026.8.3" } } },
      ["charts", "controlPlane", "version"],
    ],
  ])("an older CRD version conflicts with %s", (_, settings, conflictsWith) => {
    expect(settingIssues(settings).map((issue) => issue.conflictsWith)).toEqual([conflictsWith]);
  });

  test("all issues with settings are found at once", () => {
    const paths = settingIssues({
      highAvailability: true,
      replicas: 1,
      networkValidatorAddress: "10.0.0.1:20001",
      proxy: { cpuRequest: "2", cpuLimit: "1" },
      ports: { opaque: [0] },
      charts: { crds: { version: "2020.1.1" } },
      extraValues: { controlPlane: { controllerReplicas: 5 } },
    }).map(({ path }) => path.join("."));
    expect(paths.sort()).toEqual([
      "charts.crds.version",
      "extraValues.controlPlane.controllerReplicas",
      "networkValidatorAddress",
      "ports.opaque.0",
      "proxy.cpuRequest",
      "replicas",
    ]);
  });

  test("settings that are Outputs have no issues before they resolve", () => {
    expect(
      settingIssues({
        highAvailability: true,
        replicas: pulumi.output(1),
        networkValidatorAddress: pulumi.output("10.0.0.1:20001"),
        proxy: { cpuRequest: pulumi.output("2"), cpuLimit: "1", memoryLimit: pulumi.output("1Mi") },
        ports: { opaque: [pulumi.output(0)] },
      }),
    ).toEqual([]);
  });
});

describe("proxyIssues", () => {
  const WHY = "Kubernetes rejects pods whose request exceeds their limit";

  test.each<[Parameters<typeof proxyIssues>[0], boolean]>([
    [{}, true],
    [{ cpuRequest: "100m", cpuLimit: "0.1" }, false],
    [{ memoryRequest: "1Gi" }, false],
    [{ memoryLimit: "1Mi" }, false],
    [{ memoryRequest: "250Mi" }, true],
    [{ cpuRequest: "many", cpuLimit: "1m" }, false],
  ])("proxy resources %j have no issues (high availability %s)", (proxy, highAvailability) => {
    expect(proxyIssues(proxy, highAvailability)).toEqual([]);
  });

  test("a request that exceeds its limit is reported at the request", () => {
    const issues = proxyIssues({
      cpuRequest: "2",
      cpuLimit: "1500m",
      memoryRequest: "1Gi",
      memoryLimit: "1G",
    });
    expect(issues.map(formatIssue)).toEqual([
      `proxy.cpuRequest: must be at most the cpu limit, got 2 with a limit of 1500m. ${WHY}.`,
      `proxy.memoryRequest: must be at most the memory limit, got 1Gi with a limit of 1G. ${WHY}.`,
    ]);
    expect(issues.map((issue) => issue.conflictsWith)).toEqual([
      ["proxy", "cpuLimit"],
      ["proxy", "memoryLimit"],
    ]);
  });

  test("a field that conflicts with a preset of high availability is reported at the field that is given", () => {
    const issues = [
      ...proxyIssues({ memoryRequest: "1Gi" }, true),
      ...proxyIssues({ memoryLimit: "10Mi", cpuLimit: "50m" }, true),
    ];
    const preset = `${WHY}, and highAvailability sets the one that is not given`;
    expect(issues.map(formatIssue)).toEqual([
      `proxy.memoryRequest: must be at most the memory limit, got 1Gi with a limit of 250Mi. ${preset}.`,
      `proxy.cpuLimit: must be at least the cpu request, got 50m with a request of 100m. ${preset}.`,
      `proxy.memoryLimit: must be at least the memory request, got 10Mi with a request of 20Mi. ${preset}.`,
    ]);
    expect(issues.map((issue) => issue.conflictsWith)).toEqual(issues.map(() => ["highAvailability"]));
  });
});
