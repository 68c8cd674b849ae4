import { describe, expect, test } from "vitest";
import { config, findMessages, parseSettings } from "../../../support/settings.ts";

const invalid: readonly [what: string, settings: Record<string, unknown>, ...messages: RegExp[]][] = [
  // Single settings
  [
    "replicas in words",
    { replicas: "three" },
    /^linkerd-mesh:replicas: must be an integer from 0 to 99, got "three"\. Fix: pulumi config set replicas <value>$/,
  ],
  [
    "half a replica",
    { replicas: 1.5 },
    /^linkerd-mesh:replicas: must be an integer from 0 to 99, got 1\.5\. Fix: /,
  ],
  [
    "a negative number of replicas",
    { replicas: -1 },
    /replicas: must be an integer from 0 to 99, got -1\. 0 stands for 3 with highAvailability, else 1\. Fix: /,
  ],
  ["a thousand replicas", { replicas: 1000 }, /replicas: must be an integer from 0 to 99, got 1000\./],
  [
    "high availability in words",
    { highAvailability: "very" },
    /highAvailability: must be true or false, got "very"\./,
  ],
  [
    "a registry with a scheme",
    { imageRegistry: "https://registry.example" },
    /imageRegistry: must be a registry and a path without a scheme, a tag or .*, got "https:\/\/registry\.example"\./,
  ],
  [
    "a registry with a slash at its end",
    { imageRegistry: "registry.example/l5d/" },
    /imageRegistry: must be a registry and a path without .* got "registry\.example\/l5d\/"\./,
  ],
  [
    "a registry with a tag",
    { imageRegistry: "registry.example/l5d:latest" },
    /imageRegistry: must be a registry and a path without .* got "registry\.example\/l5d:latest"\./,
  ],
  [
    "a registry in capitals",
    { imageRegistry: "Registry.example" },
    /imageRegistry: must be a registry and a path without .* got "Registry\.example"\./,
  ],
  ["an empty registry", { imageRegistry: "" }, /imageRegistry: must be a registry and a path.*, got ""\./],
  [
    "pull secrets as text",
    { imagePullSecrets: "login" },
    /imagePullSecrets: must be a list of names of Secrets, e\.g\. \["registry-login"\], got "login"\. Fix: pulumi config rm imagePullSecrets && pulumi config set --path 'imagePullSecrets\[0\]' <value>$/,
  ],
  [
    "pull secrets in the form of the chart",
    { imagePullSecrets: [{ name: "login" }] },
    /imagePullSecrets\[0\]: must be the name of a Secret, got \{"name":"login"\}\. Fix: pulumi config set --path 'imagePullSecrets\[0\]' <value>$/,
  ],
  [
    "a pull secret in capitals",
    { imagePullSecrets: ["login", "Login"] },
    /imagePullSecrets\[1\]: must be the name of a Secret, got "Login"\./,
  ],
  [
    "a duplicate pull secret",
    { imagePullSecrets: ["login", "login"] },
    /imagePullSecrets: must list each Secret once, got \["login","login"\]\. Fix: pulumi config set --path 'imagePullSecrets\[0\]' <value>, where 0 is the first item$/,
  ],
  [
    "a proxy that is not an object",
    { proxy: "small" },
    /proxy: must be an object, got "small"\. Fix: pulumi config rm proxy && pulumi config set --path proxy\.<field> <value>$/,
  ],
  [
    "a field of the proxy in the form of the chart",
    { proxy: { resources: {} } },
    /proxy\.resources: unknown field\. Known fields: cpuRequest, .* Fix: pulumi config rm --path proxy\.resources$/,
  ],
  [
    "CPUs without a number",
    { proxy: { cpuRequest: "much" } },
    /proxy\.cpuRequest: must be a Kubernetes quantity of CPUs, e\.g\. "100m" or 1, got "much"\./,
  ],
  ["zero CPUs", { proxy: { cpuLimit: "0" } }, /proxy\.cpuLimit: must be a Kubernetes quantity of CPUs/],
  ["CPUs in bytes", { proxy: { cpuLimit: "1Gi" } }, /proxy\.cpuLimit: must be a Kubernetes quantity of CPUs/],
  [
    "CPUs as a boolean",
    { proxy: { cpuRequest: true } },
    /proxy\.cpuRequest: must be a Kubernetes quantity of CPUs.*, got true\./,
  ],
  [
    "memory in thousandths of bytes",
    { proxy: { memoryLimit: "250m" } },
    /proxy\.memoryLimit: must be a Kubernetes quantity of bytes, e\.g\. "250Mi", got "250m"\./,
  ],
  [
    "memory with an unknown unit",
    { proxy: { memoryRequest: "20MB" } },
    /proxy\.memoryRequest: must be a Kubernetes quantity of bytes/,
  ],
  [
    "negative memory",
    { proxy: { memoryRequest: -5 } },
    /proxy\.memoryRequest: must be a Kubernetes quantity of bytes.*, got -5\./,
  ],
  [
    "an unknown log level",
    { proxy: { logLevel: "verbose" } },
    /proxy\.logLevel: must be log directives, .*levels are off, error, .*, got "verbose"\./,
  ],
  [
    "log directives with spaces",
    { proxy: { logLevel: "warn, linkerd=info" } },
    /proxy\.logLevel: must be log directives, .*, got "warn, linkerd=info"\./,
  ],
  ["an empty log directive", { proxy: { logLevel: "" } }, /proxy\.logLevel: must be log directives/],
  [
    "a log level by number",
    { proxy: { logLevel: 3 } },
    /proxy\.logLevel: must be log directives, .*e\.g\. "warn,linkerd=info"; .*, got 3\./,
  ],
  [
    "a native sidecar in words",
    { proxy: { nativeSidecar: "native" } },
    /proxy\.nativeSidecar: must be true or false, got "native"\./,
  ],
  [
    "an unknown inbound policy",
    { defaultInboundPolicy: "allow" },
    /defaultInboundPolicy: must be one of "all-unauthenticated", "all-authenticated", .*, got "allow"\./,
  ],
  ["ports as a list", { ports: [25] }, /ports: must be an object, got \[25\]\./],
  [
    "a misspelt list of ports",
    { ports: { skipOutBound: [25] } },
    /ports\.skipOutBound: unknown field\. Known fields: skipOutbound, skipInbound, opaque, skipSmtp\. Fix: pulumi config rm --path ports\.skipOutBound$/,
  ],
  [
    "ports in the form of the chart",
    { ports: { skipOutbound: "25,587" } },
    /ports\.skipOutbound: must be a list of ports and ranges, e\.g\. \[6000, "4000-4010"\], got "25,587"\. Fix: pulumi config rm --path ports\.skipOutbound && pulumi config set --path 'ports\.skipOutbound\[0\]' <value>$/,
  ],
  [
    "a port that is an object",
    { ports: { opaque: [{ port: 25 }] } },
    /ports\.opaque\[0\]: must be a port or a range, .*, got \{"port":25\}\./,
  ],
  ["SMTP in words", { ports: { skipSmtp: "no" } }, /ports\.skipSmtp: must be true or false, got "no"\./],
  ["a CNI plugin by name", { cni: "cilium" }, /cni: must be true or false, got "cilium"\./],
  [
    "injection as a boolean",
    { injection: true },
    /injection: must be one of "policy", "namespace", "off", got "true"\./,
  ],
  [
    "the boolean of an earlier release",
    { injectionByLabel: true },
    /injectionByLabel: unknown field\. Known fields: .*injection, .*Fix: pulumi config rm injectionByLabel$/,
  ],
  [
    "a heartbeat as a schedule",
    { heartbeat: "0 0 * * *" },
    /heartbeat: must be true or false, got "0 0 \* \* \*"\./,
  ],
  [
    "a validator address without a port",
    { cni: true, networkValidatorAddress: "10.0.0.1" },
    /networkValidatorAddress: must be an address and a port, e\.g\. .*, got "10\.0\.0\.1"\./,
  ],
  [
    "a validator port out of range",
    { cni: true, networkValidatorAddress: "10.0.0.1:70000" },
    /networkValidatorAddress: must be an address and a port/,
  ],
  [
    "an IPv6 address without brackets",
    { cni: true, networkValidatorAddress: "fd00::1:20001" },
    /networkValidatorAddress: must be an address and a port/,
  ],
  [
    "a field set without --path",
    { "proxy.cpuRequest": "100m" },
    /^linkerd-mesh:proxy\.cpuRequest: unknown field\. It was set without --path\. Fix: pulumi config rm proxy\.cpuRequest && pulumi config set --path proxy\.cpuRequest <value>$/,
  ],
  [
    "an item set without --path",
    { "ports.opaque[0]": "6000" },
    /Fix: pulumi config rm 'ports\.opaque\[0\]' && pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "a list set without --path",
    { "ports.opaque": "6000" },
    /Fix: pulumi config rm ports\.opaque && pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "a chart value set without --path",
    { "extraValues.controlPlane.priorityClassName": "x" },
    /Fix: pulumi config rm extraValues\.controlPlane\.priorityClassName && pulumi config set --path extraValues\.controlPlane\.priorityClassName <value>$/,
  ],
  [
    "a misspelt field set without --path",
    { "proxy.cpu": "100m" },
    /proxy\.cpu: unknown field\. Known fields: cpuRequest, .*Fix: pulumi config rm proxy\.cpu$/,
  ],
  [
    "a field of a string",
    { "namespace.name": "x" },
    /namespace\.name: unknown field\. Known fields: chartVersion, .*Fix: pulumi config rm namespace\.name$/,
  ],
  [
    "a port in the place of a list",
    { ports: { opaque: 6000 } },
    /ports\.opaque: must be a list of ports and ranges, .*, got 6000\. Fix: pulumi config rm --path ports\.opaque && pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "extra values without a chart",
    { extraValues: { proxy: {} } },
    /extraValues\.proxy: unknown field\. Known fields: crds, controlPlane, viz, cni\. Fix: pulumi config rm --path extraValues\.proxy$/,
  ],
  [
    "extra values of a chart that are not an object",
    { extraValues: { viz: "x" } },
    /extraValues\.viz: must be an object: values of the chart linkerd-viz, got "x"\. Fix: pulumi config rm --path extraValues\.viz && pulumi config set --path extraValues\.viz\.<field> <value>$/,
  ],
  ["extra values as a list", { extraValues: [] }, /extraValues: must be an object, got \[\]\./],
  [
    "a chart by its name in the repository",
    { charts: { "linkerd-viz": { version: "2026.8.3" } } },
    /charts\.linkerd-viz: unknown field\. Known fields: crds, controlPlane, viz, cni\. Fix: pulumi config rm --path charts\.linkerd-viz$/,
  ],
  [
    "a version in the place of a chart",
    { charts: { viz: "2026.8.3" } },
    /charts\.viz: must be an object, got "2026\.8\.3"\. Fix: pulumi config rm --path charts\.viz && pulumi config set --path charts\.viz\.<field> <value>$/,
  ],
  [
    "a chart with a floating version",
    { charts: { crds: { version: "2026.8" } } },
    /charts\.crds\.version: must be an exact chart version YYYY\.M\.N, .*, got "2026\.8"\. Fix: pulumi config set --path charts\.crds\.version <value>$/,
  ],
  [
    "a chart with an unsupported kind of source",
    { charts: { viz: { source: "ftp://charts.example" } } },
    /charts\.viz\.source: must be a Helm repository \(https:\/\/…\), an OCI registry path \(oci:\/\/…\) or a directory, got /,
  ],
  // Ports
  [
    "port 0",
    { ports: { skipOutbound: [0] } },
    /ports\.skipOutbound\[0\]: must be a port from 1 to 65535 or a range such as "4000-4010", got 0\. Fix: pulumi config set --path 'ports\.skipOutbound\[0\]' <value>$/,
  ],
  [
    "port 65536",
    { ports: { skipInbound: [80, 65536] } },
    /ports\.skipInbound\[1\]: must be a port .*, got 65536\./,
  ],
  ["a port by name", { ports: { opaque: ["smtp"] } }, /ports\.opaque\[0\]: must be a port .*, got "smtp"\./],
  ["half a port", { ports: { opaque: [25.5] } }, /ports\.opaque\[0\]: must be a port .*, got 25\.5\./],
  [
    "a reversed range",
    { ports: { opaque: ["4010-4000"] } },
    /ports\.opaque\[0\]: must be a port from 1 to 65535 or a range .*, got "4010-4000"\. Fix: put the lower port first$/,
  ],
  [
    "a list within a list",
    { ports: { opaque: ["25,26"] } },
    /ports\.opaque\[0\]: must be a port from 1 to 65535 or a range .*, got "25,26"\./,
  ],
  ["an empty port", { ports: { opaque: [" "] } }, /ports\.opaque\[0\]: must be a port .*, got " "\./],
  [
    "overlapping ranges",
    { ports: { skipInbound: ["4000-4010", "4005-4020"] } },
    /ports\.skipInbound\[1\]: must list each port once, got 4005-4010 again\. Fix: pulumi config rm --path 'ports\.skipInbound\[1\]'$/,
  ],
  [
    "a duplicate port",
    { ports: { skipOutbound: [9000, 9000] } },
    /ports\.skipOutbound\[1\]: must list each port once, got 9000 again\./,
  ],
  [
    "an opaque port that is skipped outbound",
    { ports: { opaque: [6000], skipOutbound: ["5990-6010"] } },
    /ports\.opaque\[0\]: must not overlap ports\.skipOutbound, got 6000 in both\. .* Fix: pulumi config rm --path 'ports\.opaque\[0\]'$/,
  ],
  [
    "an opaque port that is skipped inbound",
    { ports: { opaque: ["6000-6010"], skipInbound: [6005] } },
    /ports\.opaque\[0\]: must not overlap ports\.skipInbound, got 6005 in both\. .* Fix: pulumi config set --path 'ports\.opaque\[0\]' <value>$/,
  ],
  [
    "a chart value that another one requires",
    { extraValues: { controlPlane: { controller: { tracing: { enabled: true } } } } },
    /collector\.endpoint: must be set with controller\.tracing\.enabled, .* Fix: pulumi config set --path extraValues\.controlPlane\.proxy\.tracing\.collector\.endpoint <value>$/,
  ],
  // Conflicts
  [
    "high availability with one replica",
    { highAvailability: true, replicas: 1 },
    /replicas: must be 2 or more with highAvailability, got 1\. .* Fix: pulumi config set replicas <value>, or pulumi config set highAvailability false$/,
  ],
  [
    "a CPU request over its limit",
    { proxy: { cpuRequest: "2", cpuLimit: "500m" } },
    /proxy\.cpuRequest: must be at most the cpu limit, got 2 with a limit of 500m\. .* Fix: pulumi config set --path proxy\.cpuRequest <value>$/,
  ],
  [
    "a memory limit under its request",
    { proxy: { memoryRequest: "1Gi", memoryLimit: "900M" } },
    /proxy\.memoryRequest: must be at most the memory limit, got 1Gi with a limit of 900M\./,
  ],
  [
    "a memory request over the limit of high availability",
    { highAvailability: true, proxy: { memoryRequest: "300Mi" } },
    /proxy\.memoryRequest: must be at most the memory limit, got 300Mi with a limit of 250Mi\. .*highAvailability sets the one that is not given\./,
  ],
  [
    "a memory limit under the request of high availability",
    { highAvailability: true, proxy: { memoryLimit: "10Mi" } },
    /proxy\.memoryLimit: must be at least the memory request, got 10Mi with a request of 20Mi\./,
  ],
  [
    "a validator address without CNI",
    { networkValidatorAddress: "10.0.0.1:20001" },
    /networkValidatorAddress: must not be set without cni, got "10\.0\.0\.1:20001"\. .* Fix: pulumi config rm networkValidatorAddress, or pulumi config set cni true$/,
  ],
  [
    "values of a CNI plugin that is not installed",
    { extraValues: { cni: { logLevel: "debug" } } },
    /extraValues\.cni: must not be set without cni\. The chart linkerd2-cni is not installed\. Fix: pulumi config rm --path extraValues\.cni, or /,
  ],
  [
    "values of a viz extension that is not installed",
    { viz: false, extraValues: { viz: { defaultLogLevel: "debug" } } },
    /extraValues\.viz: must not be set without viz\. The chart linkerd-viz is not installed\. Fix: pulumi config rm /,
  ],
  [
    "values of the init container with CNI",
    { cni: true, extraValues: { controlPlane: { proxyInit: { runAsRoot: true } } } },
    /extraValues\.controlPlane\.proxyInit: must not be set with cni\. .* Fix: use extraValues\.cni, or pulumi config set cni false$/,
  ],
  [
    "the namespace of the CNI plugin for the control plane",
    { cni: true, namespace: "linkerd-cni" },
    /linkerd-mesh:namespace: must not be the namespace of the CNI plugin, got "linkerd-cni"\./,
  ],
  [
    "the namespace of the CNI plugin for viz",
    { cni: true, vizNamespace: "linkerd-cni" },
    /linkerd-mesh:vizNamespace: must not be the namespace of the CNI plugin/,
  ],
  [
    "CRDs older than the control plane",
    { charts: { crds: { version: "2026.6.3" } } },
    /charts\.crds\.version: must not be older than .*, got 2026\.6\.3 with a control plane of 2026\.8\.3\./,
  ],
  [
    "a control plane newer than the CRDs",
    { chartVersion: "2026.6.3", charts: { controlPlane: { version: "2026.8.3" } } },
    /charts\.crds\.version: must not be older than .*, got 2026\.6\.3 with .* Fix: pulumi config set --path charts\.crds\.version <value>$/,
  ],
  [
    "the version of a CNI plugin that is not installed",
    { charts: { cni: { version: "2026.8.3" } } },
    /charts\.cni: must not be set without cni\. The chart linkerd2-cni is not installed\. Fix: pulumi config rm --path charts\.cni, or pulumi config set cni true$/,
  ],
  [
    "the source of a viz extension that is not installed",
    { viz: false, charts: { viz: { source: "/charts" } } },
    /charts\.viz: must not be set without viz\. The chart linkerd-viz is not installed\./,
  ],
  // Chart values that settings own
  [
    "the chart value of the Gateway API",
    { extraValues: { crds: { installGatewayAPI: false } } },
    /extraValues\.crds\.installGatewayAPI: must be set with installGatewayApi instead, got false\. Fix: pulumi config rm --path extraValues\.crds\.installGatewayAPI$/,
  ],
  [
    "the chart value of opaque ports",
    { extraValues: { controlPlane: { proxy: { opaquePorts: "25" } } } },
    /extraValues\.controlPlane\.proxy\.opaquePorts: must be set with ports\.opaque instead, got "25"\./,
  ],
  [
    "the chart value of the version, under the name of its setting",
    { extraValues: { controlPlane: { linkerdVersion: "edge-26.8.3" } } },
    /extraValues\.controlPlane\.linkerdVersion: must be set with chartVersion instead, got "edge-26\.8\.3"\./,
  ],
  [
    "the chart value of a certificate",
    { extraValues: { controlPlane: { proxyInjector: { crtPEM: "x" } } } },
    /extraValues\.controlPlane\.proxyInjector\.crtPEM: must be set with certificates instead/,
  ],
  [
    "text in the place of the proxy's chart values",
    { extraValues: { controlPlane: { proxy: "small" } } },
    /extraValues\.controlPlane\.proxy: must be an object, got "small"\. It contains values that are set elsewhere\./,
  ],
  [
    "the chart value of viz's registry",
    { extraValues: { viz: { defaultRegistry: "r" } } },
    /extraValues\.viz\.defaultRegistry: must be set with imageRegistry instead/,
  ],
  [
    "the chart value of viz's label",
    { extraValues: { viz: { podLabels: { "linkerd.io/inject": "disabled" } } } },
    /extraValues\.viz\.podLabels\["linkerd\.io\/inject"\]: must be set with injection instead, got "disabled"\. Fix: pulumi config rm --path 'extraValues\.viz\.podLabels\["linkerd\.io\/inject"\]'$/,
  ],
  [
    "the chart value of the CNI plugin's ports",
    { cni: true, extraValues: { cni: { ignoreInboundPorts: "80" } } },
    /extraValues\.cni\.ignoreInboundPorts: must be set with ports\.skipInbound instead/,
  ],
  // Several issues
  [
    "invalid types and conflicts",
    { viz: "maybe", replicas: 1, highAvailability: true, ports: { opaque: [0] } },
    /viz: must be/,
    /replicas: must be 2 or more/,
    /ports\.opaque\[0\]: must be/,
  ],
  [
    "a conflict that depends on an invalid setting",
    { cni: "yes", networkValidatorAddress: "10.0.0.1:20001" },
    /cni: must be true or false/,
  ],
];

test.each(invalid)(
  "settings with %s are rejected with the requirement, the given value and a fix",
  (_, settings, ...patterns) => {
    const messages = findMessages(settings);
    expect(messages).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
    for (const message of messages) {
      expect(message).toMatch(
        /^linkerd-mesh:\S+: (must (not )?(be|list|overlap) .+, got .+|must not be set with(out)? .+|unknown field)\. .*Fix: ./,
      );
      expect(message).not.toMatch(/undefined|\[object|\.\./);
    }
  },
);

test("the table of invalid settings has at least sixty different messages", () => {
  expect(invalid.length).toBeGreaterThanOrEqual(60);
  const messages = invalid.flatMap(([, settings]) => findMessages(settings));
  expect(new Set(messages).size).toBeGreaterThanOrEqual(60);
});

test("a private key among the extra values is not shown", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----";
  for (const value of [key, Buffer.from(key).toString("base64")]) {
    const messages = findMessages({ extraValues: { controlPlane: { proxyInjector: { keyPEM: value } } } });
    expect(messages).toEqual([expect.stringMatching(/keyPEM: must be set with certificates instead/)]);
    expect(messages.join()).not.toMatch(/MIGHAgEA|LS0tLS1/);
  }
});

describe("valid settings", () => {
  test.each<[string, Record<string, unknown>]>([
    [
      "charts with versions and sources of their own",
      { charts: { crds: { version: "2026.9.1", source: "/charts" }, viz: { version: "2026.6.3" } } },
    ],
    ["a registry with a port and a path", { imageRegistry: "registry.corp.example:5000/mirror/linkerd" }],
    ["ports and ranges", { ports: { skipOutbound: [9000, "9100-9110"], opaque: ["6000"], skipSmtp: false } }],
    ["log directives", { proxy: { logLevel: "warn,linkerd=info,hickory=error,[{headers}]=off" } }],
    ["an IPv6 validator address", { cni: true, networkValidatorAddress: "[fd00::1]:20001" }],
    ["a validator host name", { cni: true, networkValidatorAddress: "gateway.corp.example:80" }],
    ["high availability with two replicas", { highAvailability: true, replicas: 2 }],
    [
      "chart values that no setting owns",
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
  ])("settings with %s are accepted as given", (_, settings) => {
    expect(parseSettings(config(settings))).toMatchObject(settings);
    expect(findMessages(settings)).toEqual([]);
  });

  test("quantities without a unit may be numbers, as YAML parses them", () => {
    const { proxy } = parseSettings(config({ proxy: { cpuLimit: 1, memoryLimit: 262144000 } }));
    expect(proxy).toEqual({ cpuLimit: "1", memoryLimit: "262144000" });
  });
});
