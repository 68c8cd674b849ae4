import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeValues } from "../../../components/inputs/merge.ts";
import { cniValues } from "../../../components/linkerd/cni.ts";
import { controlPlaneValues } from "../../../components/linkerd/values/control-plane-values.ts";
import type { MeshSettings } from "../../../components/linkerd/values/mesh-settings.ts";
import { quantity } from "../../../components/linkerd/values/proxy.ts";
import { vizValues } from "../../../components/linkerd/values/viz-values.ts";

const MAIL = "25,465,587,2525,4567,4568";

describe("what is not set is the chart's", () => {
  test.each<[string, object, object]>([
    ["linkerd-control-plane", controlPlaneValues({}, {}), { proxyInit: { ignoreOutboundPorts: MAIL } }],
    ["linkerd-viz", vizValues({}), {}],
    // Its lists are empty by default, and no others count for pods that it sets up.
    ["linkerd2-cni", cniValues({}), { ignoreOutboundPorts: MAIL, ignoreInboundPorts: "4567,4568" }],
  ])("of %s, but for mail", (_, values, expected) => {
    expect(values).toEqual(expected);
  });
});

describe("a setting of the control plane becomes the chart's value", () => {
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
      "skipped ports, beside mail and Linkerd's own",
      { ports: { skipOutbound: [9000, "9100-9110"], skipInbound: [7000] } },
      {
        proxyInit: {
          ignoreOutboundPorts: `${MAIL},9000,9100-9110`,
          ignoreInboundPorts: "4567,4568,7000",
        },
      },
    ],
    [
      "skipped ports without mail",
      { ports: { skipSmtp: false, skipOutbound: [587] } },
      { proxyInit: { ignoreOutboundPorts: "587,4567,4568" } },
    ],
    [
      "opaque ports, beside Linkerd's own",
      { ports: { opaque: [6000] } },
      { proxy: { opaquePorts: "25,587,3306,4444,5432,6000,6379,9300,11211" } },
    ],
    ["CNI", { cni: true }, { cniEnabled: true }],
    ["no heartbeat", { heartbeat: false }, { disableHeartBeat: true }],
    [
      "network validator",
      { cni: true, networkValidatorAddress: "10.0.0.1:20001" },
      { networkValidator: { connectAddr: "10.0.0.1:20001" } },
    ],
    ["pull secrets", { imagePullSecrets: ["login"] }, { imagePullSecrets: [{ name: "login" }] }],
  ])("%s", (_, settings, expected) => {
    expect(controlPlaneValues(settings, {})).toMatchObject(expected);
  });

  test("the validator's default address is left to the chart, which has another for IPv6", () => {
    expect(controlPlaneValues({ networkValidatorAddress: "1.1.1.1:20001" }, {})).not.toHaveProperty(
      "networkValidator",
    );
  });
});

describe("a registry of one's own", () => {
  const imageRegistry = "registry.corp.example/linkerd";

  test.each<[string, string[]]>([
    ["2026.8.3", ["controller", "proxy", "debug"]],
    ["2025.11.3", ["controller", "proxy", "debug"]],
    ["2025.10.7", ["controller", "proxy", "debug", "proxy-init"]],
    ["2025.4.4", ["controller", "proxy", "debug", "policy-controller", "proxy-init"]],
  ])("holds the images that the control plane of %s has", (version, images) => {
    const values = controlPlaneValues({ imageRegistry }, { version });
    const text = JSON.stringify(values);
    expect(
      [...text.matchAll(/registry\.corp\.example\/linkerd\/([-a-z]+)/g)].map((m) => m[1]).sort(),
    ).toEqual(images.sort());
  });

  test("goes by the version of the control plane's own chart", () => {
    const charts = { version: "2026.8.3", controlPlane: { version: "2025.10.7" } };
    expect(controlPlaneValues({ imageRegistry }, charts)).toHaveProperty("proxyInit.image");
    expect(
      controlPlaneValues({ imageRegistry }, { version: "2025.10.7", controlPlane: { version: "2026.8.3" } }),
    ).not.toHaveProperty("proxyInit.image");
  });

  test("holds viz' images, its Prometheus with them", () => {
    expect(vizValues({ imageRegistry, imagePullSecrets: ["login"] })).toEqual({
      defaultRegistry: imageRegistry,
      prometheus: { image: { registry: imageRegistry } },
      imagePullSecrets: [{ name: "login" }],
    });
  });

  test("holds the CNI plugin's", () => {
    expect(cniValues({ imageRegistry, imagePullSecrets: ["login"] })).toMatchObject({
      image: { name: `${imageRegistry}/cni-plugin` },
      imagePullSecrets: [{ name: "login" }],
    });
  });

  test("is not said where it is upstream's", () => {
    expect(vizValues({ imageRegistry: "cr.l5d.io/linkerd" })).toEqual({});
  });
});

describe("the CNI plugin", () => {
  test("has the mesh's port lists as its own", () => {
    expect(cniValues({ ports: { skipOutbound: [9000], skipInbound: [7000], skipSmtp: false } })).toEqual({
      ignoreOutboundPorts: "4567,4568,9000",
      ignoreInboundPorts: "4567,4568,7000",
    });
  });
});

describe("injection in annotated namespaces", () => {
  test("asks the injector for labelled pods only, and for none that upstream leaves out", () => {
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

  test("labels viz' pods, which upstream only annotates", () => {
    expect(vizValues({ injection: "namespace" })).toEqual({ podLabels: { "linkerd.io/inject": "enabled" } });
  });

  test.each(["policy", "off"] as const)("%s leaves the injector as upstream has it", (injection) => {
    expect(controlPlaneValues({ injection }, {})).not.toHaveProperty("proxyInjector");
  });
});

describe("quantities", () => {
  test.each<[string, number | undefined]>([
    ["100m", 0.1],
    ["1", 1],
    ["0.5", 0.5],
    ["1k", 1000],
    ["1Ki", 1024],
    ["250Mi", 250 * 1024 ** 2],
    ["2G", 2e9],
    ["1Ei", 1024 ** 6],
    ["", undefined],
    ["1 Gi", undefined],
    ["1mi", undefined],
    ["1K", undefined],
    ["-1", undefined],
  ])("%j is %s", (text, amount) => {
    expect(quantity(text)).toBe(amount);
  });
});

describe("layers of values", () => {
  test("merge tables, replace lists and keep Outputs whole", () => {
    const output = pulumi.output("later");
    const merged = mergeValues({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3], e: output }, d: undefined });
    expect(merged).toEqual({ a: { b: 1, c: [3], e: output }, d: 1 });
    expect((merged.a as { e: unknown }).e).toBe(output);
  });

  test("keep a key of any name beside the others", () => {
    const below = JSON.parse('{ "a": { "__proto__": [], "b": 1 } }');
    expect(JSON.stringify(mergeValues(below, { a: { c: 2 } }))).toBe('{"a":{"__proto__":[],"b":1,"c":2}}');
  });

  test("change none of the layers, and the last one stands in the result", () => {
    const values = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue());
    fc.assert(
      fc.property(values, values, (below, above) => {
        const before = JSON.stringify([below, above]);
        const merged = mergeValues(below, above);
        expect(JSON.stringify([below, above])).toBe(before);
        expect(mergeValues(merged, above)).toEqual(merged);
      }),
    );
  });
});
