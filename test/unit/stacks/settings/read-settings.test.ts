import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_CHART_SOURCE, DEFAULT_CHART_VERSION } from "../../../../components/linkerd/charts/charts.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { settingsSchema } from "../../../../stacks/settings/settings-schema.ts";
import { config, findMessages, parseSettings } from "../../../support/settings.ts";

test("an empty configuration yields the defaults", () => {
  expect(parseSettings({})).toMatchObject({
    chartVersion: DEFAULT_CHART_VERSION,
    chartSource: DEFAULT_CHART_SOURCE,
    certificates: { mode: "generated" },
    highAvailability: false,
  });
});

test("settings are parsed from the text that the engine passes", () => {
  const settings = {
    clusterNetworks: ["10.0.0.0/8", "fd00::/8"],
    certificates: { mode: "generated", validityYears: { trustAnchor: 10 } },
    viz: false,
    namespace: "123",
  };
  expect(parseSettings(config(settings))).toMatchObject(settings);
});

test("settings of other namespaces are ignored", () => {
  expect(parseSettings({ "kubernetes:context": "prod" })).toEqual(parseSettings({}));
});

test("the error for an invalid configuration names the stack and the number of invalid settings", () => {
  expect(() => parseSettings(config({ viz: "maybe" }))).toThrow(
    /^The configuration of stack ".+" has 1 invalid setting:\n- linkerd-mesh:viz: must be true or false, got "maybe"\. Fix: pulumi config set viz <value>$/,
  );
  expect(() => parseSettings(config({ viz: "maybe", cni: "maybe" }))).toThrow(/ has 2 invalid settings:\n- /);
});

test.each([
  [
    "an unknown setting",
    { linkerdVersoin: "2026.8.3" },
    /^linkerd-mesh:linkerdVersoin: unknown field\. Known fields: chartVersion, .*Fix: pulumi config rm linkerdVersoin$/,
  ],
  [
    "text in the place of a boolean",
    { viz: "maybe" },
    /^linkerd-mesh:viz: must be true or false, got "maybe"\./,
  ],
  [
    "a stable version",
    { chartVersion: "stable-2.14.10" },
    /^linkerd-mesh:chartVersion: must be an exact chart version YYYY\.M\.N, .*, got "stable-2\.14\.10"\./,
  ],
  [
    "a floating version",
    { chartVersion: "2026.8" },
    /^linkerd-mesh:chartVersion: must be an exact chart version/,
  ],
  [
    "a month that does not exist",
    { chartVersion: "2026.13.1" },
    /^linkerd-mesh:chartVersion: must be an exact chart version/,
  ],
  [
    "an unsupported kind of chart source",
    { chartSource: "ftp://charts.example" },
    /^linkerd-mesh:chartSource: must be a Helm repository \(https:\/\/…\), an OCI registry path \(oci:\/\/…\) or a directory, got /,
  ],
  ["an empty chart source", { chartSource: "" }, /^linkerd-mesh:chartSource: must be a Helm repository/],
  [
    "a namespace that is not a DNS label",
    { namespace: "Linker_D" },
    /^linkerd-mesh:namespace: must be a DNS label: .*, got "Linker_D"\./,
  ],
  [
    "a namespace of 64 characters",
    { vizNamespace: "a".repeat(64) },
    /^linkerd-mesh:vizNamespace: must be a DNS label/,
  ],
  [
    "one namespace for the control plane and viz",
    { vizNamespace: "linkerd" },
    /^linkerd-mesh:vizNamespace: must not be the namespace of the control plane, got "linkerd"\./,
  ],
  [
    "generated certificates for an adopted mesh",
    { adopt: true },
    /^linkerd-mesh:certificates\.mode: must be "provided" or "certManager" with adopt, got .*Fix: pulumi config set --path certificates\.mode provided, then store the running certificates with the commands of docs\/adoption\.md$/,
  ],
  [
    "an invalid domain",
    { trustDomain: "corp..example" },
    /^linkerd-mesh:trustDomain: must be a DNS domain of at most 253 characters/,
  ],
  [
    "a domain of 254 characters",
    { trustDomain: `${"a.".repeat(126)}aa` },
    /^linkerd-mesh:trustDomain: must be a DNS domain of at most 253 characters/,
  ],
  [
    "a network that is not a CIDR",
    { clusterNetworks: ["10.0.0.0/8", "10.0.0.0/40"] },
    /^linkerd-mesh:clusterNetworks\[1\]: must be a CIDR, .*, got "10\.0\.0\.0\/40"\./,
  ],
  [
    "one network in the place of a list",
    { clusterNetworks: "10.0.0.0/8" },
    /^linkerd-mesh:clusterNetworks: must be a list of CIDRs, .*, got "10\.0\.0\.0\/8"\. Fix: pulumi config rm clusterNetworks && pulumi config set --path 'clusterNetworks\[0\]' <value>$/,
  ],
  [
    "an empty list of networks",
    { clusterNetworks: [] },
    /^linkerd-mesh:clusterNetworks: must be a list with at least one CIDR, got \[\]\. Fix: pulumi config set --path 'clusterNetworks\[0\]' <value>$/,
  ],
])(
  "a configuration with %s is rejected with the requirement, the given value and a fix",
  (_, settings, pattern) => {
    expect(findMessages(settings)).toEqual([expect.stringMatching(pattern)]);
  },
);

test("all invalid settings are reported at once", () => {
  expect(
    findMessages({ viz: "maybe", certificates: { mode: "bought" }, namespace: "_", nonsense: 1 }),
  ).toHaveLength(4);
});

test("conflicts between valid settings are reported beside other invalid settings", () => {
  expect(findMessages({ viz: "maybe", vizNamespace: "linkerd", adopt: true })).toHaveLength(3);
});

test("any configuration is either valid or rejected with messages of one form", () => {
  const key = fc.oneof(fc.constantFrom(...Object.keys(settingsSchema.shape)), fc.string());
  const ports = fc.array(fc.oneof(fc.integer(), fc.double(), fc.string()));
  const value = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ skipOutbound: ports, skipInbound: ports, opaque: ports }).map((p) => JSON.stringify(p)),
    fc.constantFrom("true", "100", "2026.8.3", '{"mode": "provided"}'),
  );
  fc.assert(
    fc.property(fc.dictionary(key, value), (settings) => {
      for (const message of findMessages(settings)) {
        expect(message).toMatch(/^linkerd-mesh:[\s\S]*: (must |unknown field|renamed to )[\s\S]* Fix: ./);
      }
    }),
    { numRuns: 500 },
  );
});

test("a configuration without unknown settings and with one invalid setting yields all the others", () => {
  const { settings, issues } = readSettings(config({ viz: "maybe" }));
  expect(issues).toHaveLength(1);
  const { viz: _, ...others } = parseSettings({});
  expect(settings).toEqual(others);
});

test("a secret setting is reported as such, and others with their values", () => {
  expect(findMessages({ viz: "maybe", cni: "hunter2" }, ["cni"])).toEqual([
    expect.stringContaining('got "maybe".'),
    expect.stringContaining("got a secret."),
  ]);
});

test("credentials in an address are not shown, whatever is wrong with the setting", () => {
  const messages = [
    ...findMessages({ chartSource: "ftp://robot:hunter2@charts.example" }),
    ...findMessages({ charts: { cni: { source: "https://robot:hunter2@charts.example" } }, cni: "no" }),
    ...findMessages({ charts: { cni: { source: "ftp://robot:hunter2@charts.example" } }, cni: true }),
    ...findMessages({ charts: "https://robot:hunter2@charts.example" }),
  ];
  expect(messages.join("\n").match(/\/\/charts\.example/g)).toHaveLength(3);
  expect(messages.join()).not.toMatch(/robot|hunter2/);
});
