import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { formatIssue, IssueCollector } from "../../../components/inputs/validation.ts";
import { settingIssues } from "../../../components/linkerd/mesh-validation.ts";
import { checkOutputs } from "../../../components/linkerd/output-validation.ts";
import { changedValueIssues } from "../../../components/linkerd/values/number-rules.ts";
import { vizValues } from "../../../components/linkerd/values/viz-values.ts";

type Settings = Parameters<typeof settingIssues>[0];
const messages = (settings: Settings) => settingIssues(settings).map(formatIssue);
const controlPlane = (values: object, others: Settings = {}): Settings => ({
  ...others,
  extraValues: { controlPlane: { ...values } },
});
const viz = (values: object): Settings => ({ extraValues: { viz: { ...values } } });

/**
 * Every `fail` and `required` in the templates of linkerd-crds, linkerd-control-plane, linkerd-viz, linkerd2-cni and their
 * partials (linkerd2: 2.19, 2.20, edge-26.8.3). linkerd-crds and linkerd2-cni have none.
 */
const REJECTED_BY_CHARTS: readonly [condition: string, settings: Settings, issues: RegExp[]][] = [
  [
    "the log of HTTP headers is neither insecure nor off",
    controlPlane({ proxy: { logHTTPHeaders: "on" } }),
    [/^extraValues\.controlPlane\.proxy\.logHTTPHeaders: must be "insecure" or "off", got "on"\.$/],
  ],
  [
    "proxies trace without a collector and its identity",
    controlPlane({ proxy: { tracing: { enabled: true } } }),
    [
      /^extraValues\.controlPlane\.proxy\.tracing\.collector\.endpoint: must be set with proxy\.tracing\.enabled, got nothing\.$/,
      /collector\.meshIdentity\.serviceAccountName: must be set with proxy\.tracing\.enabled/,
      /collector\.meshIdentity\.namespace: must be set with proxy\.tracing\.enabled/,
    ],
  ],
  [
    "the control plane traces without a collector",
    controlPlane({ controller: { tracing: { enabled: true } } }),
    [/collector\.endpoint: must be set with controller\.tracing\.enabled/],
  ],
  [
    "the mode of iptables is neither nft nor legacy",
    controlPlane({ proxyInit: { iptablesMode: "plain" } }),
    [/^extraValues\.controlPlane\.proxyInit\.iptablesMode: must be "nft" or "legacy", got "plain"\.$/],
  ],
  [
    "the init container sets a timeout of the kernel without privileges",
    controlPlane({ proxyInit: { closeWaitTimeoutSecs: 60 } }),
    [
      /closeWaitTimeoutSecs: must not be set without proxyInit\.runAsRoot\. .* set extraValues\.controlPlane\.proxyInit\.runAsRoot to true$/,
    ],
  ],
  [
    "native sidecars wait before they exit (2.19)",
    controlPlane(
      { proxy: { waitBeforeExitSeconds: 5 } },
      { proxy: { nativeSidecar: true }, charts: { version: "2025.10.7" } },
    ),
    [/waitBeforeExitSeconds: must not be set with proxy\.nativeSidecar before chart version 2026\.5\.2\./],
  ],
  [
    "the issuer of scheme linkerd.io/tls has no certificate or no key: the scheme is always kubernetes.io/tls",
    controlPlane({ identity: { issuer: { scheme: "linkerd.io/tls" } } }),
    [/identity\.issuer\.scheme: must be set with certificates instead/],
  ],
  [
    "there are no trust anchors: certificates provide them, or identity.externalCA is set",
    controlPlane({ identityTrustAnchorsPEM: "" }),
    [/identityTrustAnchorsPEM: must be set with certificates instead/],
  ],
  [
    "a webhook has a CA twice, or a CA without a Secret: certificates set all of these values",
    controlPlane({
      proxyInjector: { injectCaFrom: "a/b", injectCaFromSecret: "a/c", externalSecret: false },
    }),
    [
      /injectCaFrom: must be set with/,
      /injectCaFromSecret: must be set with/,
      /externalSecret: must be set with/,
    ],
  ],
  [
    "viz has no Prometheus",
    { monitoring: { external: {} } },
    [
      /^monitoring\.external\.url: must be set with viz, got nothing\. viz reads its metrics from Prometheus\.$/,
    ],
  ],
  [
    "viz has no Prometheus: monitoring sets both values",
    viz({ prometheus: { enabled: false } }),
    [
      /^extraValues\.viz\.prometheus\.enabled: must be set with monitoring\.external\.url instead, got false\./,
    ],
  ],
  [
    "viz has Grafana inside and outside of the cluster",
    { monitoring: { grafana: { url: "grafana:3000", externalUrl: "https://grafana.corp.example" } } },
    [/^monitoring\.grafana\.externalUrl: must not be set with monitoring\.grafana\.url\./],
  ],
];

test.each(REJECTED_BY_CHARTS)(
  "a value that a chart rejects is reported before: %s",
  (_, settings, issues) => {
    expect(messages(settings)).toEqual(issues.map((issue) => expect.stringMatching(issue)));
  },
);

const collector = { endpoint: "c:4317", meshIdentity: { serviceAccountName: "c", namespace: "tracing" } };

test.each<[string, Settings]>([
  ["tracing with a collector", controlPlane({ proxy: { tracing: { enabled: true, collector } } })],
  [
    "tracing of the control plane with the collector of the proxies",
    controlPlane({ controller: { tracing: { enabled: true } }, proxy: { tracing: { collector } } }),
  ],
  [
    "a timeout of the kernel with privileges",
    controlPlane({ proxyInit: { closeWaitTimeoutSecs: 9, runAsRoot: true } }),
  ],
  [
    "native sidecars that wait, in newer charts",
    controlPlane({ proxy: { waitBeforeExitSeconds: 5 } }, { proxy: { nativeSidecar: true } }),
  ],
  ["another Prometheus", { monitoring: { external: { url: "http://prometheus:9090" } } }],
  ["a Prometheus whose URL is an Output", { monitoring: { external: { url: pulumi.output("x") } } }],
  ["disabled tracing", viz({ tracing: { enabled: false } })],
])("a value that the charts accept has no issue: %s", (_, settings) => {
  expect(messages(settings)).toEqual([]);
});

describe("numbers and nulls", () => {
  test.each([
    [1e6, "1000000"],
    [1000680000, "1000680000"],
    [-2_000_000, "-2000000"],
    [1234567.5, "1234567.5"],
    [0.00001, "0.00001"],
  ])("the number %s is rejected at any depth, and in lists of arguments", (number, _) => {
    const values = { a: number, b: { c: { d: number } }, additionalArgs: [number] };
    expect(changedValueIssues(values, ["extraValues", "viz"]).map(({ path }) => path.slice(2))).toEqual([
      ["a"],
      ["b", "c", "d"],
      ["additionalArgs", 0],
    ]);
  });

  test("a user ID that is too large is rejected with the alternative", () => {
    expect(messages(controlPlane({ proxy: { uid: 1000680000 } }))).toEqual([
      "extraValues.controlPlane.proxy.uid: must be 0, or a number of at least 0.0001 and less than 1000000, got " +
        "1000680000. Pulumi's Kubernetes provider passes numbers to Helm as floats, and charts print others with an " +
        "exponent, e.g. 1.5e+06. Fix: use an ID below 1000000 and allow it in the mesh's namespaces, on OpenShift with: " +
        "oc adm policy add-scc-to-group nonroot-v2 system:serviceaccounts:linkerd",
    ]);
  });

  test("numbers that arrive as written have no issue, and neither do strings", () => {
    const written = fc.oneof(
      fc.integer({ min: -999_999, max: 999_999 }),
      fc.double({ min: 0.0001, max: 999_999, noNaN: true }),
      fc.constantFrom(0, "1000680000", true),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(written, fc.array(written))), (values) => {
        expect(changedValueIssues(values, ["extraValues", "viz"])).toEqual([]);
      }),
    );
  });

  test("large integers in lists and security contexts are printed in full, and have no issue", () => {
    const values = {
      tolerations: [{ tolerationSeconds: 1000680000 }],
      prometheus: { securityContext: { runAsUser: 1000680000, fsGroup: Number.MAX_SAFE_INTEGER } },
    };
    expect(messages(viz(values))).toEqual([]);
    expect(messages(viz({ tolerations: [{ tolerationSeconds: 2 ** 53 }] }))).toEqual([
      expect.stringMatching(
        /tolerations\[0\]\.tolerationSeconds: must be a number from -9007199254740991 to /,
      ),
    ]);
  });

  test("null is rejected, because it does not reach Helm", () => {
    expect(messages(viz({ prometheus: { args: { "log.level": null } } }))).toEqual([
      'extraValues.viz.prometheus.args["log.level"]: must not be null. Pulumi\'s Kubernetes provider drops null, so the ' +
        'chart\'s default would stay in effect. Fix: set a value that the chart treats as empty, e.g. "" or false, ' +
        'or remove extraValues.viz.prometheus.args["log.level"]',
    ]);
  });

  test("null in the place of values that are set elsewhere has one issue", () => {
    expect(messages(controlPlane({ debugContainer: null }))).toEqual([
      "extraValues.controlPlane.debugContainer: must be an object, got null. It contains values that are set elsewhere. " +
        "Fix: remove extraValues.controlPlane.debugContainer",
    ]);
  });

  test("a valid value in an Output keeps its value and its secrecy, and plain values stay plain", async () => {
    const extraValues = { controlPlane: { a: 1, b: pulumi.secret(2), c: pulumi.output(3) } };
    const { settings } = checkOutputs({ extraValues }, new IssueCollector("ServiceMesh"));
    const { a, b, c } = settings.extraValues.controlPlane;
    expect(a).toBe(1);
    expect([await pulumi.isSecret(b), await pulumi.isSecret(c)]).toEqual([true, false]);
    expect(await new Promise((done) => pulumi.all([b, c]).apply(done))).toEqual([2, 3]);
  });
});

test.each([
  ["without imageRegistry", undefined],
  ["with imageRegistry", "harbor.corp.example/ghcr-proxy/linkerd"],
])("Prometheus can come from another path of a pull-through cache %s", (_, imageRegistry) => {
  const extraValues = {
    viz: { prometheus: { image: { registry: "harbor.corp.example/dockerhub-proxy/prom" } } },
  };
  expect(messages({ imageRegistry, extraValues })).toEqual([]);
  expect(peekPath(vizValues({ imageRegistry }), "prometheus", "image")).toEqual(
    imageRegistry && { registry: imageRegistry },
  );
});
