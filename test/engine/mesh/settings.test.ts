import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { standInArchives } from "../../support/charts.ts";
import { failureOf, openMesh, stateOf } from "../../support/stack.ts";

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an unknown setting", { replica: 3 }, /linkerd-mesh:replica: unknown field\. Known fields: chartVersion/],
  ["a value of another type", { viz: "sometimes" }, /configuration key 'viz' must be of type 'boolean'/],
  [
    "a validity of 0 years",
    { certificates: { validityYears: { trustAnchor: 0 } } },
    /linkerd-mesh:certificates.validityYears.trustAnchor: must be an integer from 1 to 292, in years, got 0\./,
  ],
  [
    "a validity of 300 years",
    { certificates: { validityYears: { issuer: 300 } } },
    /linkerd-mesh:certificates.validityYears.issuer: must be an integer from 1 to 292, in years, got 300\. The clock/,
  ],
  [
    "a malformed version",
    { chartVersion: "stable-2.14" },
    /linkerd-mesh:chartVersion: must be an exact chart version/,
  ],
  [
    "a directory without charts",
    { chartSource: mkdtempSync(join(tmpdir(), "no-charts-")) },
    /linkerd-mesh:chartSource: must be a Helm repository .*\. Cannot read charts from it: it contains neither/,
  ],
  [
    "a namespace that is not a DNS label",
    { namespace: "Linkerd!" },
    /linkerd-mesh:namespace: must be a DNS label/,
  ],
  [
    "an encrypted key",
    {
      certificates: {
        mode: "provided",
        trustAnchors: "./ca.crt",
        issuer: {
          certificate: "",
          key: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIG0\n-----END ENCRYPTED PRIVATE KEY-----",
        },
      },
    },
    /has 3 invalid settings:[\s\S]*certificates\.issuer\.key: must not be encrypted, .*openssl pkey -in encrypted\.key.*pulumi config set --secret --path certificates\.issuer\.key < /,
  ],
  [
    "conflicting settings",
    { highAvailability: true, replicas: 1 },
    /linkerd-mesh:replicas: must be 2 or more with highAvailability, got 1\. .* Fix: pulumi config set replicas/,
  ],
  [
    "a chart value that a setting owns",
    { extraValues: { controlPlane: { proxy: { opaquePorts: "25" } } } },
    /linkerd-mesh:extraValues.controlPlane.proxy.opaquePorts: must be set with ports\.opaque instead/,
  ],
  [
    "alerts that nothing evaluates",
    { monitoring: { alerts: {}, external: { url: "http://prometheus:9090" } } },
    /linkerd-mesh:monitoring\.alerts: must be false with monitoring\.external, unless monitoring\.external\.operator is true\./,
  ],
  [
    "the Prometheus Operator without its CRDs",
    { monitoring: { external: { url: "http://prometheus:9090", operator: true } } },
    /has 2 invalid settings:\n- linkerd-mesh:monitoring\.external\.operator: .* does not serve PodMonitor .*\n- .* does not serve PrometheusRule /,
  ],
  [
    "dashboards in a namespace that does not exist",
    { monitoring: { dashboards: { namespace: "grafana" } } },
    /linkerd-mesh:monitoring\.dashboards\.namespace: must be a namespace of the cluster, got "grafana"\. .* or kubectl create namespace grafana$/m,
  ],
  [
    "one issue of each kind",
    {
      ports: { opaque: [0] },
      highAvailability: true,
      replicas: 1,
      certificates: {
        mode: "provided",
        trustAnchors: "./ca.crt",
        issuer: { certificate: "", key: "no key" },
      },
      chartSource: "/nowhere/at/all",
    },
    /has 6 invalid settings:\n- linkerd-mesh:replicas: .*\n- linkerd-mesh:ports\.opaque\[0\]: .*\n(- linkerd-mesh:certificates\..*\n){3}- linkerd-mesh:chartSource: /,
  ],
])("up and preview with %s fail with its message, and nothing is created", async (name, config, message) => {
  const stack = await openMesh(`bad-${name.replaceAll(" ", "-")}`, config);
  expect(await failureOf((options) => stack.preview(options))).toMatch(message);
  const failure = await failureOf((options) => stack.up(options));
  expect(failure).toMatch(message);
  expect(failure).not.toMatch(/\n\s+at .*\.ts:/);
  const state = JSON.parse(stateOf("linkerd-mesh", stack.name));
  const resources: { type: string }[] = state.checkpoint.latest?.resources ?? [];
  // The state and the cluster are read before the mesh validates its arguments, which records these two providers.
  const readers = ["pulumi:pulumi:Stack", "pulumi:providers:pulumi", "pulumi:providers:kubernetes"];
  expect(resources.filter((r) => !readers.includes(r.type))).toEqual([]);
});

test("a preview with untested chart versions warns about them and succeeds", async () => {
  const [linkerd, viz] = ["2099.1.1", "2099.2.1"];
  const stack = await openMesh("untested", {
    chartVersion: linkerd,
    chartSource: standInArchives([linkerd, viz]),
    charts: { viz: { version: viz } },
  });
  const warnings: string[] = [];
  const { changeSummary } = await stack.preview({
    onEvent: ({ diagnosticEvent }) => {
      if (diagnosticEvent?.severity === "warning") warnings.push(diagnosticEvent.message);
    },
  });
  expect(warnings).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^linkerd-mesh:chartVersion: should be a version in .*, got "2099\.1\.1"\. Known versions: 2026\.8\.3 /,
      ),
      expect.stringMatching(
        /^linkerd-mesh:charts\.viz\.version: should be the version of the control plane, got "2099\.2\.1"/,
      ),
    ]),
  );
  expect(changeSummary.create).toBeGreaterThan(30);
});
