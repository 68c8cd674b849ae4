import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { cniValues } from "../../../components/linkerd/cni.ts";
import { controlPlaneValues } from "../../../components/linkerd/values/control-plane-values.ts";
import type { MeshSettings } from "../../../components/linkerd/values/mesh-settings.ts";
import { vizValues } from "../../../components/linkerd/values/viz-values.ts";
import { outputValue } from "../../support/mocks.ts";

const SMTP = "25,465,587,2525,4567,4568";
/** The value that viz's chart always gets: headers that tap does not show. */
const TAP = {
  tap: {
    ignoreHeaders: ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"],
  },
};
const OPAQUE = "25,465,587,2525,3306,4444,5432,6379,9300,11211";

describe("settings that are not given", () => {
  test.each<[string, object, object]>([
    [
      "linkerd-control-plane",
      controlPlaneValues({}, {}),
      { proxy: { opaquePorts: OPAQUE }, proxyInit: { ignoreOutboundPorts: SMTP } },
    ],
    ["linkerd-viz", vizValues({}), TAP],
    // The chart's own lists are empty by default, and they replace the control plane's.
    ["linkerd2-cni", cniValues({}), { ignoreOutboundPorts: SMTP, ignoreInboundPorts: "4567,4568" }],
  ])(
    "%s gets no value for a setting that is not given, except the SMTP ports and the headers of tap",
    (_, values, expected) => {
      expect(values).toEqual(expected);
    },
  );
});

describe("settings of the control plane", () => {
  test.each<[string, MeshSettings, object]>([
    [
      "proxy resources",
      { proxy: { cpuRequest: "100m", cpuLimit: "1", memoryRequest: "20Mi", memoryLimit: "250Mi" } },
      {
        proxy: {
          resources: { cpu: { request: "100m", limit: "1" }, memory: { request: "20Mi", limit: "250Mi" } },
        },
      },
    ],
    [
      "log level",
      { proxy: { logLevel: "warn,linkerd=debug" } },
      { proxy: { logLevel: "warn,linkerd=debug" } },
    ],
    ["native sidecar off", { proxy: { nativeSidecar: false } }, { proxy: { nativeSidecar: false } }],
    ["inbound policy", { defaultInboundPolicy: "deny" }, { proxy: { defaultInboundPolicy: "deny" } }],
    [
      "skipped ports with SMTP and Linkerd's defaults",
      { ports: { skipOutbound: [9000, "9100-9110"], skipInbound: [7000] } },
      {
        proxyInit: {
          ignoreOutboundPorts: `${SMTP},9000,9100-9110`,
          ignoreInboundPorts: "4567,4568,7000",
        },
      },
    ],
    [
      "skipped ports without SMTP",
      { ports: { skipSmtp: false, skipOutbound: [587] } },
      { proxyInit: { ignoreOutboundPorts: "587,4567,4568" } },
    ],
    [
      "opaque ports with Linkerd's defaults",
      { ports: { opaque: [6000] } },
      { proxy: { opaquePorts: "25,465,587,2525,3306,4444,5432,6000,6379,9300,11211" } },
    ],
    ["CNI", { cni: true }, { cniEnabled: true }],
    ["no heartbeat", { heartbeat: false }, { disableHeartBeat: true }],
    [
      "network validator",
      { cni: true, networkValidatorAddress: "10.0.0.1:20001" },
      { networkValidator: { connectAddr: "10.0.0.1:20001" } },
    ],
    ["pull secrets", { imagePullSecrets: ["login"] }, { imagePullSecrets: [{ name: "login" }] }],
  ])("the control plane's chart gets a value for the setting: %s", (_, settings, expected) => {
    expect(controlPlaneValues(settings, {})).toMatchObject(expected);
  });

  test("the network validator's default address is left to the chart, which has another one for IPv6", () => {
    expect(controlPlaneValues({ networkValidatorAddress: "1.1.1.1:20001" }, {})).not.toHaveProperty(
      "networkValidator",
    );
  });
});

describe("a custom image registry", () => {
  const imageRegistry = "registry.corp.example/linkerd";

  test.each<[string, string[]]>([
    ["2026.8.3", ["controller", "proxy", "debug"]],
    ["2025.11.3", ["controller", "proxy", "debug"]],
    ["2025.10.7", ["controller", "proxy", "debug", "proxy-init"]],
    ["2025.4.4", ["controller", "proxy", "debug", "policy-controller", "proxy-init"]],
  ])("a custom registry is set for every image of control plane %s", (version, images) => {
    const values = controlPlaneValues({ imageRegistry }, { version });
    const text = JSON.stringify(values);
    expect(
      [...text.matchAll(/registry\.corp\.example\/linkerd\/([-a-z]+)/g)].map((m) => m[1]).sort(),
    ).toEqual(images.sort());
  });

  test("the chart version of the control plane decides which images a custom registry is set for", () => {
    const charts = { version: "2026.8.3", controlPlane: { version: "2025.10.7" } };
    expect(controlPlaneValues({ imageRegistry }, charts)).toHaveProperty("proxyInit.image");
    expect(
      controlPlaneValues({ imageRegistry }, { version: "2025.10.7", controlPlane: { version: "2026.8.3" } }),
    ).not.toHaveProperty("proxyInit.image");
  });

  test("a custom registry is set for the images of viz and its Prometheus", () => {
    expect(vizValues({ imageRegistry, imagePullSecrets: ["login"] })).toEqual({
      ...TAP,
      defaultRegistry: imageRegistry,
      prometheus: { image: { registry: imageRegistry } },
      imagePullSecrets: [{ name: "login" }],
    });
  });

  test("a custom registry is set for the image of the CNI plugin", () => {
    expect(cniValues({ imageRegistry, imagePullSecrets: ["login"] })).toMatchObject({
      image: { name: `${imageRegistry}/cni-plugin` },
      imagePullSecrets: [{ name: "login" }],
    });
  });

  test("upstream's registry adds no value", () => {
    expect(vizValues({ imageRegistry: "cr.l5d.io/linkerd" })).toEqual(TAP);
  });
});

describe("the CNI plugin", () => {
  test("the CNI plugin has the complete port lists of the mesh", () => {
    expect(cniValues({ ports: { skipOutbound: [9000], skipInbound: [7000], skipSmtp: false } })).toEqual({
      ignoreOutboundPorts: "4567,4568,9000",
      ignoreInboundPorts: "4567,4568,7000",
    });
  });
});

describe("injection mode namespace", () => {
  test("injection mode namespace calls the injector only for labelled pods that upstream does not exempt", () => {
    expect(controlPlaneValues({ injection: "namespace" }, {})).toMatchObject({
      proxyInjector: {
        objectSelector: {
          matchExpressions: [
            { key: "linkerd.io/control-plane-component", operator: "DoesNotExist" },
            { key: "linkerd.io/cni-resource", operator: "DoesNotExist" },
            { key: "linkerd.io/inject", operator: "In", values: ["enabled", "ingress"] },
          ],
        },
      },
    });
  });

  test("injection mode namespace labels the pods of viz, which upstream only annotates", () => {
    expect(vizValues({ injection: "namespace" })).toEqual({
      ...TAP,
      podLabels: { "linkerd.io/inject": "enabled" },
    });
  });

  test.each(["policy", "off"] as const)(
    "injection mode %s does not change upstream's injector",
    (injection) => {
      expect(controlPlaneValues({ injection }, {})).not.toHaveProperty("proxyInjector");
    },
  );
});

describe("settings that are Outputs", () => {
  const resolved = (values: object) => outputValue(pulumi.output(values));

  test("settings as Outputs resolve to the values of the same plain settings", async () => {
    const plain = {
      replicas: 3,
      imageRegistry: "registry.corp.example/linkerd",
      imagePullSecrets: ["login"],
      proxy: {
        cpuRequest: "100m",
        cpuLimit: "1",
        memoryRequest: "20Mi",
        memoryLimit: "250Mi",
        logLevel: "warn",
      },
      defaultInboundPolicy: "deny",
      ports: { skipOutbound: [9000], skipInbound: ["7000-7010"], opaque: [6000], skipSmtp: false },
      networkValidatorAddress: "10.0.0.1:20001",
    } satisfies MeshSettings;
    const outputs: MeshSettings = {
      ...plain,
      replicas: pulumi.output(plain.replicas),
      imageRegistry: pulumi.output(plain.imageRegistry),
      imagePullSecrets: [pulumi.output("login")],
      proxy: Object.fromEntries(
        Object.entries(plain.proxy).map(([key, value]) => [key, pulumi.output(value)]),
      ),
      defaultInboundPolicy: pulumi.output("deny" as const),
      ports: {
        skipOutbound: [pulumi.output(9000)],
        skipInbound: pulumi.output(["7000-7010"]),
        opaque: pulumi.output([6000]),
        skipSmtp: pulumi.output(false),
      },
      networkValidatorAddress: pulumi.output(plain.networkValidatorAddress),
    };
    expect(await resolved(controlPlaneValues(outputs, {}))).toEqual(controlPlaneValues(plain, {}));
    expect(await resolved(vizValues(outputs))).toEqual(vizValues(plain));
    expect(await resolved(cniValues(outputs))).toEqual(cniValues(plain));
  });

  test("Outputs that resolve to upstream's defaults add no value", async () => {
    const defaults: MeshSettings = {
      replicas: pulumi.output(0),
      imageRegistry: pulumi.output("cr.l5d.io/linkerd"),
      imagePullSecrets: pulumi.output([]),
      ports: { skipInbound: pulumi.output([]), opaque: pulumi.output([]) },
      networkValidatorAddress: pulumi.output("1.1.1.1:20001"),
    };
    expect(JSON.parse(JSON.stringify(await resolved(controlPlaneValues(defaults, {}))))).toEqual({
      controllerImage: undefined,
      proxy: { image: {}, opaquePorts: OPAQUE },
      debugContainer: { image: {} },
      proxyInit: { ignoreOutboundPorts: SMTP },
      networkValidator: {},
    });
  });

  test("replicas as an Output of 0 keep the replicas of high availability", async () => {
    const settings = { highAvailability: true, replicas: pulumi.output(0) };
    expect(await resolved(controlPlaneValues(settings, {}))).toMatchObject({ controllerReplicas: 3 });
    expect(await resolved(vizValues(settings))).toMatchObject({ tap: { replicas: 3 } });
  });

  test("one setting as an Output leaves the values of the other settings plain", () => {
    const values = controlPlaneValues({ replicas: pulumi.output(2), imageRegistry: "r.example/l5d" }, {});
    expect(pulumi.Output.isInstance(values.controllerReplicas)).toBe(true);
    expect({ ...values, controllerReplicas: undefined }).toEqual(
      controlPlaneValues({ imageRegistry: "r.example/l5d" }, {}),
    );
  });
});
