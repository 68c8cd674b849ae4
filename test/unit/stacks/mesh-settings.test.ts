import { describe, expect, test } from "vitest";
import { config, mistakes, parseSettings } from "../../support/settings.ts";

const bad: readonly [what: string, settings: Record<string, unknown>, ...messages: RegExp[]][] = [
  // Shapes
  [
    "replicas in words",
    { replicas: "three" },
    /^linkerd-mesh:replicas: expected a whole number of replicas; given "three"\. Mend it with: pulumi config set replicas <value>$/,
  ],
  ["half a replica", { replicas: 1.5 }, /replicas: expected a whole number of replicas; given 1\.5/],
  [
    "fewer replicas than none",
    { replicas: -1 },
    /replicas: expected 0 \(3 with highAvailability, else 1\) or more; given -1/,
  ],
  ["a thousand replicas", { replicas: 1000 }, /replicas: expected at most 99 replicas; given 1000/],
  [
    "high availability in words",
    { highAvailability: "very" },
    /highAvailability: expected true or false; given "very"/,
  ],
  [
    "a registry with a scheme",
    { imageRegistry: "https://registry.example" },
    /imageRegistry: expected a registry and a path, without "https:\/\/" before .*; given "https:\/\/registry\.example"/,
  ],
  [
    "a registry with a slash at its end",
    { imageRegistry: "registry.example/l5d/" },
    /imageRegistry: expected a registry and a path/,
  ],
  [
    "a registry with a tag",
    { imageRegistry: "registry.example/l5d:latest" },
    /imageRegistry: expected a registry and a path/,
  ],
  [
    "a registry of capitals",
    { imageRegistry: "Registry.example" },
    /imageRegistry: expected a registry and a path/,
  ],
  ["no registry", { imageRegistry: "" }, /imageRegistry: expected a registry and a path.*; given ""/],
  [
    "pull secrets as text",
    { imagePullSecrets: "login" },
    /imagePullSecrets: expected a list of names of Secrets, e\.g\. \["registry-login"\]; given "login"/,
  ],
  [
    "pull secrets as the chart has them",
    { imagePullSecrets: [{ name: "login" }] },
    /imagePullSecrets\.0: expected the name of a Secret; given \{"name":"login"\}\. Mend it with: pulumi config set --path 'imagePullSecrets\[0\]' <value>$/,
  ],
  [
    "a pull secret of capitals",
    { imagePullSecrets: ["login", "Login"] },
    /imagePullSecrets\.1: expected the name of a Secret; given "Login"/,
  ],
  [
    "a pull secret twice",
    { imagePullSecrets: ["login", "login"] },
    /imagePullSecrets: expected each Secret once; .* pulumi config set --path 'imagePullSecrets\[0\]' <value>, where 0 is the first item$/,
  ],
  [
    "a proxy that is no object",
    { proxy: "small" },
    /proxy: expected an object; given "small"\. Mend it with: pulumi config rm proxy && pulumi config set --path proxy\.<key> <value>$/,
  ],
  [
    "a proxy setting as the chart has it",
    { proxy: { resources: {} } },
    /proxy\.resources: no such setting\. Known are: cpuRequest, .* Remove it with: pulumi config rm --path proxy\.resources$/,
  ],
  [
    "CPUs without a number",
    { proxy: { cpuRequest: "much" } },
    /proxy\.cpuRequest: expected CPUs as Kubernetes counts them, e\.g\. "100m" or 1; given "much"/,
  ],
  ["no CPU", { proxy: { cpuLimit: "0" } }, /proxy\.cpuLimit: expected CPUs/],
  ["CPUs in bytes", { proxy: { cpuLimit: "1Gi" } }, /proxy\.cpuLimit: expected CPUs/],
  ["CPUs as a flag", { proxy: { cpuRequest: true } }, /proxy\.cpuRequest: expected CPUs.*; given true/],
  [
    "memory in thousandths of bytes",
    { proxy: { memoryLimit: "250m" } },
    /proxy\.memoryLimit: expected bytes as Kubernetes counts them, e\.g\. "250Mi"; given "250m"/,
  ],
  [
    "memory in megabytes by another name",
    { proxy: { memoryRequest: "20MB" } },
    /proxy\.memoryRequest: expected bytes/,
  ],
  ["negative memory", { proxy: { memoryRequest: -5 } }, /proxy\.memoryRequest: expected bytes.*; given -5/],
  [
    "a log level that is none",
    { proxy: { logLevel: "verbose" } },
    /proxy\.logLevel: expected log directives, .*levels are off, error, .*; given "verbose"/,
  ],
  [
    "log directives with spaces",
    { proxy: { logLevel: "warn, linkerd=info" } },
    /proxy\.logLevel: expected log directives/,
  ],
  ["no log directive", { proxy: { logLevel: "" } }, /proxy\.logLevel: expected log directives/],
  [
    "a log level by number",
    { proxy: { logLevel: 3 } },
    /proxy\.logLevel: expected log directives, e\.g\. "warn,linkerd=info"; given 3/,
  ],
  [
    "a sidecar in words",
    { proxy: { nativeSidecar: "native" } },
    /proxy\.nativeSidecar: expected true or false; given "native"/,
  ],
  [
    "an inbound policy that is none",
    { defaultInboundPolicy: "allow" },
    /defaultInboundPolicy: expected "all-unauthenticated", "all-authenticated", .*; given "allow"/,
  ],
  ["ports as a list", { ports: [25] }, /ports: expected an object; given \[25\]/],
  [
    "a misspelt list of ports",
    { ports: { skipOutBound: [25] } },
    /ports\.skipOutBound: no such setting\. Known are: skipOutbound, skipInbound, opaque, skipSmtp\. Remove it with: pulumi config rm --path ports\.skipOutBound$/,
  ],
  [
    "ports as the chart has them",
    { ports: { skipOutbound: "25,587" } },
    /ports\.skipOutbound: expected a list of ports and ranges, e\.g\. \[6000, "4000-4010"\]; given "25,587"\. Mend it with: pulumi config rm --path ports\.skipOutbound && pulumi config set --path 'ports\.skipOutbound\[0\]' <value>$/,
  ],
  [
    "a port that is an object",
    { ports: { opaque: [{ port: 25 }] } },
    /ports\.opaque\.0: expected a port or a range, .*; given \{"port":25\}/,
  ],
  ["mail in words", { ports: { skipSmtp: "no" } }, /ports\.skipSmtp: expected true or false; given "no"/],
  ["a CNI by name", { cni: "cilium" }, /cni: expected true or false; given "cilium"/],
  [
    "injection as a flag",
    { injection: true },
    /injection: expected "policy", "namespace", "off"; given "true"/,
  ],
  [
    "the flag of an earlier release",
    { injectionByLabel: true },
    /injectionByLabel: no such setting\. Known are: .*injection, .*pulumi config rm injectionByLabel$/,
  ],
  [
    "a heartbeat by cron",
    { heartbeat: "0 0 * * *" },
    /heartbeat: expected true or false; given "0 0 \* \* \*"/,
  ],
  [
    "a validator's address without a port",
    { cni: true, networkValidatorAddress: "10.0.0.1" },
    /networkValidatorAddress: expected an address and a port, e\.g\. .*; given "10\.0\.0\.1"/,
  ],
  [
    "a validator's port out of range",
    { cni: true, networkValidatorAddress: "10.0.0.1:70000" },
    /networkValidatorAddress: expected an address and a port/,
  ],
  [
    "an IPv6 address without brackets",
    { cni: true, networkValidatorAddress: "fd00::1:20001" },
    /networkValidatorAddress: expected an address and a port/,
  ],
  [
    "a key set without --path",
    { "proxy.cpuRequest": "100m" },
    /^linkerd-mesh:proxy\.cpuRequest: no such setting\. It was set without --path\. Mend it with: pulumi config rm proxy\.cpuRequest && pulumi config set --path proxy\.cpuRequest <value>$/,
  ],
  [
    "an item set without --path",
    { "ports.opaque[0]": "6000" },
    /rm 'ports\.opaque\[0\]' && pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "a list set without --path",
    { "ports.opaque": "6000" },
    /rm ports\.opaque && pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "a chart's value set without --path",
    { "extraValues.controlPlane.priorityClassName": "x" },
    /rm extraValues\.controlPlane\.priorityClassName && pulumi config set --path extraValues\.controlPlane\.priorityClassName <value>$/,
  ],
  [
    "a misspelt key set without --path",
    { "proxy.cpu": "100m" },
    /proxy\.cpu: no such setting\. Known are: cpuRequest, .*Remove it with: pulumi config rm proxy\.cpu$/,
  ],
  [
    "a key below a text",
    { "namespace.name": "x" },
    /namespace\.name: no such setting\. Known are: chartVersion, .*pulumi config rm namespace\.name$/,
  ],
  [
    "a port for a list of ports",
    { ports: { opaque: 6000 } },
    /ports\.opaque: expected a list .*; given 6000\. Mend it with: pulumi config rm --path ports\.opaque && pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "extra values without a chart",
    { extraValues: { proxy: {} } },
    /extraValues\.proxy: no such setting\. Known are: crds, controlPlane, viz, cni\. Remove it with: pulumi config rm --path extraValues\.proxy$/,
  ],
  [
    "extra values that are no object",
    { extraValues: { viz: "x" } },
    /extraValues\.viz: expected an object: values of the chart linkerd-viz; given "x"/,
  ],
  ["extra values as a list", { extraValues: [] }, /extraValues: expected an object; given \[\]/],
  [
    "a chart by the name of its repository",
    { charts: { "linkerd-viz": {} } },
    /charts\.linkerd-viz: no such setting\. Known are: crds, controlPlane, viz, cni\. Remove it with: pulumi config rm --path charts\.linkerd-viz$/,
  ],
  [
    "a chart that is a version",
    { charts: { viz: "2026.8.3" } },
    /charts\.viz: expected an object; given "2026\.8\.3"\. Mend it with: pulumi config rm --path charts\.viz && pulumi config set --path charts\.viz\.<key> <value>$/,
  ],
  [
    "a chart's version that floats",
    { charts: { crds: { version: "2026.8" } } },
    /charts\.crds\.version: expected an exact chart version, .*given "2026\.8"\. Mend it with: pulumi config set --path charts\.crds\.version <value>$/,
  ],
  [
    "a chart's source of another kind",
    { charts: { viz: { source: "ftp://charts.example" } } },
    /charts\.viz\.source: expected "https:\/\/…", "oci:\/\/…" or a directory/,
  ],
  // Ports
  [
    "port 0",
    { ports: { skipOutbound: [0] } },
    /ports\.skipOutbound\.0: "0" in the port list "0" is no port\. Expected ports from 1 to 65535 .*; given 0\. Mend it with: pulumi config set --path 'ports\.skipOutbound\[0\]' <value>$/,
  ],
  ["port 65536", { ports: { skipInbound: [80, 65536] } }, /ports\.skipInbound\.1: "65536" .* is no port/],
  ["a port by name", { ports: { opaque: ["smtp"] } }, /ports\.opaque\.0: "smtp" .* is no port/],
  ["half a port", { ports: { opaque: [25.5] } }, /ports\.opaque\.0: "25\.5" .* is no port/],
  [
    "a range that runs backwards",
    { ports: { opaque: ["4010-4000"] } },
    /ports\.opaque\.0: "4010-4000" .* is no range\. Expected "<low>-<high>"/,
  ],
  [
    "a list within a list",
    { ports: { opaque: ["25,26"] } },
    /ports\.opaque\.0: "25,26" is no port and no range/,
  ],
  ["an empty port", { ports: { opaque: [" "] } }, /ports\.opaque\.0: " " is no port and no range/],
  [
    "ranges that overlap",
    { ports: { skipInbound: ["4000-4010", "4005-4020"] } },
    /ports\.skipInbound: 4000-4010 and 4005-4020 overlap; expected each port once; given \["4000-4010","4005-4020"\]\. Mend it with: pulumi config set --path 'ports\.skipInbound\[0\]' <value>, where/,
  ],
  ["a port twice", { ports: { skipOutbound: [9000, 9000] } }, /ports\.skipOutbound: 9000 and 9000 overlap/],
  [
    "an opaque port that is skipped outbound",
    { ports: { opaque: [6000], skipOutbound: ["5990-6010"] } },
    /ports\.opaque: 6000 is opaque and ports\.skipOutbound skips 5990-6010; expected a port in one of them: .* pulumi config set --path 'ports\.opaque\[0\]' <value>, where/,
  ],
  [
    "an opaque port that is skipped inbound",
    { ports: { opaque: ["6000-6010"], skipInbound: [6005] } },
    /ports\.opaque: 6000-6010 is opaque and ports\.skipInbound skips 6005/,
  ],
  // Contradictions
  [
    "high availability of one",
    { highAvailability: true, replicas: 1 },
    /replicas: one replica is not highly available; expected 2 or more, or highAvailability false; given 1/,
  ],
  [
    "a CPU request over its limit",
    { proxy: { cpuRequest: "2", cpuLimit: "500m" } },
    /proxy\.cpuRequest: the proxy's cpu request of 2 is over its limit of 500m; expected a request of at most the limit; given "2"/,
  ],
  [
    "a memory limit under the request",
    { proxy: { memoryRequest: "1Gi", memoryLimit: "900M" } },
    /proxy\.memoryRequest: the proxy's memory request of 1Gi is over its limit of 900M/,
  ],
  [
    "a memory request over high availability's limit",
    { highAvailability: true, proxy: { memoryRequest: "300Mi" } },
    /proxy\.memoryRequest: .* request of 300Mi is over its limit of 250Mi \(a side that is not set is high availability's\)/,
  ],
  [
    "a memory limit under high availability's request",
    { highAvailability: true, proxy: { memoryLimit: "10Mi" } },
    /proxy\.memoryLimit: .* request of 20Mi is over its limit of 10Mi/,
  ],
  [
    "a validator without CNI",
    { networkValidatorAddress: "10.0.0.1:20001" },
    /networkValidatorAddress: the network validator runs with the CNI plugin only; expected cni true beside it; given "10\.0\.0\.1:20001"\. Remove it with: pulumi config rm networkValidatorAddress$/,
  ],
  [
    "values of a CNI that is not installed",
    { extraValues: { cni: { logLevel: "debug" } } },
    /extraValues\.cni: this is for linkerd2-cni, which is not installed; expected cni true .*Remove it with: pulumi config rm --path extraValues\.cni$/,
  ],
  [
    "values of a viz that is not installed",
    { viz: false, extraValues: { viz: { defaultLogLevel: "debug" } } },
    /extraValues\.viz: this is for linkerd-viz, which is not installed; expected viz true/,
  ],
  [
    "CNI with settings of the init container",
    { cni: true, extraValues: { controlPlane: { proxyInit: { runAsRoot: true } } } },
    /extraValues\.controlPlane\.proxyInit: with the CNI plugin there is no init container to set; expected cni false, or extraValues\.cni/,
  ],
  [
    "the CNI plugin's namespace for the control plane",
    { cni: true, namespace: "linkerd-cni" },
    /linkerd-mesh:namespace: the CNI plugin has linkerd-cni to itself, .*; given "linkerd-cni"/,
  ],
  [
    "the CNI plugin's namespace for viz",
    { cni: true, vizNamespace: "linkerd-cni" },
    /linkerd-mesh:vizNamespace: the CNI plugin has linkerd-cni to itself/,
  ],
  [
    "definitions older than the control plane",
    { charts: { crds: { version: "2026.6.3" } } },
    /charts\.crds\.version: the custom resource definitions are 2026\.6\.3, and the control plane is 2026\.8\.3, .*; expected 2026\.8\.3 or newer; given "2026\.6\.3"/,
  ],
  [
    "a control plane newer than the definitions",
    { chartVersion: "2026.6.3", charts: { controlPlane: { version: "2026.8.3" } } },
    /charts\.crds\.version: the custom resource definitions are 2026\.6\.3, .*; given nothing\. Mend it with: pulumi config set --path charts\.crds\.version <value>$/,
  ],
  [
    "the version of a CNI that is not installed",
    { charts: { cni: { version: "2026.8.3" } } },
    /charts\.cni: this is for linkerd2-cni, which is not installed; expected cni true .*Remove it with: pulumi config rm --path charts\.cni$/,
  ],
  [
    "the source of a viz that is not installed",
    { viz: false, charts: { viz: { source: "/charts" } } },
    /charts\.viz: this is for linkerd-viz, which is not installed; expected viz true/,
  ],
  // Values that are this program's
  [
    "the Gateway API by value",
    { extraValues: { crds: { installGatewayAPI: false } } },
    /extraValues\.crds\.installGatewayAPI: this value is set by the setting installGatewayApi; expected to be set there; given false\. Remove it with: pulumi config rm --path extraValues\.crds\.installGatewayAPI$/,
  ],
  [
    "the opaque ports by value",
    { extraValues: { controlPlane: { proxy: { opaquePorts: "25" } } } },
    /extraValues\.controlPlane\.proxy\.opaquePorts: this value is set by the setting ports\.opaque/,
  ],
  [
    "a certificate by value",
    { extraValues: { controlPlane: { proxyInjector: { crtPEM: "x" } } } },
    /extraValues\.controlPlane\.proxyInjector\.crtPEM: this value is set by the setting certificates;/,
  ],
  [
    "half the proxy's values by a text",
    { extraValues: { controlPlane: { proxy: "small" } } },
    /extraValues\.controlPlane\.proxy: expected an object: values below it are set by other settings; given "small"/,
  ],
  [
    "viz' registry by value",
    { extraValues: { viz: { defaultRegistry: "r" } } },
    /extraValues\.viz\.defaultRegistry: this value is set by the setting imageRegistry/,
  ],
  [
    "viz' label by value",
    { extraValues: { viz: { podLabels: { "linkerd.io/inject": "disabled" } } } },
    /extraValues\.viz\.podLabels\["linkerd\.io\/inject"\]: this value is set by the setting injection; .*; given "disabled"\. Remove it with: pulumi config rm --path 'extraValues\.viz\.podLabels\["linkerd\.io\/inject"\]'$/,
  ],
  [
    "the CNI plugin's ports by value",
    { cni: true, extraValues: { cni: { ignoreInboundPorts: "80" } } },
    /extraValues\.cni\.ignoreInboundPorts: this value is set by the setting ports\.skipInbound/,
  ],
  // All at once
  [
    "shapes and contradictions",
    { viz: "maybe", replicas: 1, highAvailability: true, ports: { opaque: [0] } },
    /viz: expected/,
    /replicas: one replica/,
    /ports\.opaque\.0: "0"/,
  ],
  [
    "nothing that follows from another mistake",
    { cni: "yes", networkValidatorAddress: "10.0.0.1:20001" },
    /cni: expected true or false/,
  ],
];

describe("bad settings", () => {
  test.each(bad)(
    "%s: told with what was given, what is expected and how to mend it",
    (_, settings, ...messages) => {
      const told = mistakes(settings);
      expect(told).toEqual(messages.map((message) => expect.stringMatching(message)));
      for (const mistake of told) {
        expect(mistake).toMatch(
          /^linkerd-mesh:.*(; given .+|no such setting)\. .*(Mend|Set|Remove) it with: pulumi config /,
        );
      }
    },
  );

  test("are sixty and more, each with a message of its own", () => {
    expect(bad.length).toBeGreaterThanOrEqual(60);
    expect(new Set(bad.flatMap(([, settings]) => mistakes(settings))).size).toBeGreaterThanOrEqual(60);
  });
});

describe("good settings", () => {
  test.each<[string, Record<string, unknown>]>([
    [
      "charts of their own versions and sources",
      { charts: { crds: { version: "2026.9.1", source: "/charts" }, viz: { version: "2026.6.3" } } },
    ],
    ["a registry with a port and a path", { imageRegistry: "registry.corp.example:5000/mirror/linkerd" }],
    ["ports and ranges", { ports: { skipOutbound: [9000, "9100-9110"], opaque: ["6000"], skipSmtp: false } }],
    ["log directives", { proxy: { logLevel: "warn,linkerd=info,hickory=error,[{headers}]=off" } }],
    ["an IPv6 validator", { cni: true, networkValidatorAddress: "[fd00::1]:20001" }],
    ["a validator by name", { cni: true, networkValidatorAddress: "gateway.corp.example:80" }],
    ["high availability of two", { highAvailability: true, replicas: 2 }],
    [
      "values that no setting covers",
      {
        extraValues: {
          controlPlane: {
            proxy: { await: false },
            priorityClassName: "system-cluster-critical",
            tolerations: [{ operator: "Exists" }],
          },
          viz: { tap: { logLevel: "debug" }, nodeSelector: { pool: "infra" } },
        },
      },
    ],
  ])("%s", (_, settings) => {
    expect(parseSettings(config(settings))).toMatchObject(settings);
  });

  test("amounts without a unit may be numbers, as YAML writes them", () => {
    const { proxy } = parseSettings(config({ proxy: { cpuLimit: 1, memoryLimit: 262144000 } }));
    expect(proxy).toEqual({ cpuLimit: "1", memoryLimit: "262144000" });
  });
});
