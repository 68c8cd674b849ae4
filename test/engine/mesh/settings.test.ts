import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { standInArchives } from "../../support/charts.ts";
import { failureOf, openMesh, stateOf } from "../../support/stack.ts";

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an unknown setting", { replica: 3 }, /linkerd-mesh:replica: no such setting\. Known are: chartVersion/],
  ["a wrong type", { viz: "sometimes" }, /configuration key 'viz' must be of type 'boolean'/],
  [
    "a validity of no years",
    { certificates: { validityYears: { trustAnchor: 0 } } },
    /linkerd-mesh:certificates.validityYears.trustAnchor: expected 1 to 292 years; given 0/,
  ],
  [
    "a validity of 300 years",
    { certificates: { validityYears: { issuer: 300 } } },
    /linkerd-mesh:certificates.validityYears.issuer: expected 1 to 292 years: .*; given 300/,
  ],
  [
    "a malformed version",
    { chartVersion: "stable-2.14" },
    /linkerd-mesh:chartVersion: expected an exact chart version/,
  ],
  [
    "charts that are not there",
    { chartSource: mkdtempSync(join(tmpdir(), "no-charts-")) },
    /linkerd-mesh:chartSource: no charts to be had/,
  ],
  [
    "a repository out of reach",
    { chartSource: "http://127.0.0.1:1/charts" },
    /chartSource: .* cannot be reached/,
  ],
  [
    "a namespace that is no DNS label",
    { namespace: "Linkerd!" },
    /linkerd-mesh:namespace: expected a DNS label/,
  ],
  [
    "a key that is encrypted",
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
    /have 3 mistakes:[\s\S]*certificates\.issuer\.key: the key is encrypted.*openssl pkey -in encrypted\.key.*pulumi config set --secret --path certificates\.issuer\.key < /,
  ],
  [
    "a contradiction",
    { highAvailability: true, replicas: 1 },
    /linkerd-mesh:replicas: one replica is not highly available; .* pulumi config set replicas/,
  ],
  [
    "a value of a chart that is a setting",
    { extraValues: { controlPlane: { proxy: { opaquePorts: "25" } } } },
    /linkerd-mesh:extraValues.controlPlane.proxy.opaquePorts: this value is set by the setting ports.opaque/,
  ],
  [
    "one of each kind",
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
    /have 6 mistakes:\n- linkerd-mesh:replicas: .*\n- linkerd-mesh:ports\.opaque\.0: .*\n(- linkerd-mesh:certificates\..*\n){3}- linkerd-mesh:chartSource: /,
  ],
])("%s fails up and preview with its message and creates nothing", async (name, config, message) => {
  const stack = await openMesh(`bad-${name.replaceAll(" ", "-")}`, config);
  expect(await failureOf((options) => stack.preview(options))).toMatch(message);
  const failure = await failureOf((options) => stack.up(options));
  expect(failure).toMatch(message);
  expect(failure).not.toMatch(/\n\s+at .*\.ts:/);
  const state = JSON.parse(stateOf("linkerd-mesh", stack.name));
  const resources: { type: string }[] = state.checkpoint.latest?.resources ?? [];
  expect(resources.filter((r) => r.type !== "pulumi:pulumi:Stack")).toEqual([]);
});

test("charts that nobody tested are warned of at preview, and previewed", async () => {
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
      expect.stringMatching(/^linkerd-mesh:chartVersion: 2099\.1\.1 is not in .*Known are: 2026\.8\.3 /),
      expect.stringMatching(
        /^linkerd-mesh:charts\.viz\.version: linkerd-viz is 2099\.2\.1, and the control /,
      ),
    ]),
  );
  expect(changeSummary.create).toBeGreaterThan(30);
});
