import { describe, expect, test } from "vitest";
import type { ValidationIssue } from "../../../../components/inputs/validation.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";
import { config, findMessages, parseSettings } from "../../../support/settings.ts";

const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----";
const pair = { certificate: "pem", key };
const provided = { mode: "provided", trustAnchors: "pem", issuer: pair };

test.each<[string, unknown]>([
  ["no mode", { validityYears: { trustAnchor: 10, issuer: 5, webhooks: 2 } }],
  [
    "generations by number and as objects",
    {
      mode: "generated",
      trustAnchors: [1, { generation: 2, algorithm: "RSA-4096" }],
      issuingAnchor: 2,
    },
  ],
  ["provided certificates", { ...provided, webhooks: { ca: "pem", tap: pair }, warnWithinDays: 30 }],
  ["cert-manager", { mode: "certManager", create: false, namespace: "certs" }],
  ["an external issuer", { mode: "provided", trustAnchors: "pem", issuer: { external: true } }],
  ["external webhooks", { ...provided, webhooks: { external: true } }],
  ["external webhooks and their CA", { ...provided, webhooks: { external: true, ca: "pem" } }],
  ["an issuer that is not external", { ...provided, issuer: { ...pair, external: false } }],
  [
    "cert-manager for identities alone",
    { mode: "certManager", create: false, webhooks: { external: false } },
  ],
])("the setting certificates with %s is accepted as given", (_, certificates) => {
  expect(parseSettings(config({ certificates })).certificates).toEqual({
    mode: "generated",
    ...(certificates as object),
  });
});

test.each<[string, unknown, RegExp[]]>([
  [
    "text in its place",
    "generated",
    [
      /^linkerd-mesh:certificates: must be an object, .*, got text of 9 characters\. Fix: pulumi config rm certificates && pulumi config set --path certificates\.mode <value>$/,
    ],
  ],
  [
    "an unknown mode",
    { mode: "bought" },
    [
      /^linkerd-mesh:certificates\.mode: must be "generated", "provided" or "certManager", got "bought"\. Fix: pulumi config set --path certificates\.mode <value>$/,
    ],
  ],
  [
    "a misspelt key",
    { ...provided, issuer: { certificate: "pem", kye: key } },
    [
      /certificates\.issuer\.key: must be PEM text, got nothing\. Fix: pulumi config set --secret --path certificates\.issuer\.key < issuer\.key$/,
      /certificates\.issuer\.kye: unknown field\. Known fields: certificate, key, external\. Fix: pulumi config rm --path certificates\.issuer\.kye$/,
    ],
  ],
  [
    "an external issuer with a key",
    { ...provided, issuer: { external: true, key } },
    [
      /certificates\.issuer\.key: must not be set with external: true, got text of \d+ characters\. With external: true, someone else manages the Secret linkerd-identity-issuer\. Fix: pulumi config rm --path certificates\.issuer\.key$/,
    ],
  ],
  [
    "an external issuer that is neither true nor false",
    { ...provided, issuer: { external: "yes" } },
    [
      /certificates\.issuer\.external: must be true or false, got text of 3 characters\. Fix: pulumi config set --path certificates\.issuer\.external <value>$/,
    ],
  ],
  [
    "external webhooks with a certificate",
    { ...provided, webhooks: { external: true, tap: pair } },
    [
      /certificates\.webhooks\.tap: must not be set with external: true, got an object\. With external: true, someone else manages the Secrets of the webhook servers\. Fix: pulumi config rm --path certificates\.webhooks\.tap$/,
    ],
  ],
  [
    "a CA of webhooks that Pulumi generates",
    { mode: "certManager", create: false, webhooks: { external: false, ca: "pem" } },
    [
      /certificates\.webhooks\.ca: must not be set with external: false, .* With external: false, Pulumi creates the webhook certificates\. Fix: pulumi config rm --path certificates\.webhooks\.ca$/,
    ],
  ],
  [
    "webhooks that are not external, and no certificates",
    { ...provided, webhooks: { external: false } },
    [
      /certificates\.webhooks\.ca: must be PEM text as long as certificates\.webhooks is set, got nothing\. Fix: pulumi config set --path certificates\.webhooks\.ca < ca\.pem$/,
    ],
  ],
  [
    "webhooks beside those that cert-manager creates",
    { mode: "certManager", webhooks: { external: true } },
    [
      /certificates\.webhooks: must not be set while create is true\. With create, cert-manager issues the webhook certificates\. Fix: pulumi config rm --path certificates\.webhooks, or pulumi config set --path certificates\.create false$/,
    ],
  ],
  [
    "an external issuer in mode certManager",
    { mode: "certManager", create: false, issuer: { external: true } },
    [
      /certificates\.issuer: unknown field in mode "certManager"\. It belongs to mode "provided"\. Fix: pulumi config rm --path certificates\.issuer$/,
    ],
  ],
  [
    "a number in the place of a certificate",
    { ...provided, issuer: { certificate: 5, key } },
    [
      /certificates\.issuer\.certificate: must be PEM text, got 5\. Fix: pulumi config set --path certificates\.issuer\.certificate < issuer\.pem$/,
    ],
  ],
  [
    "a key in the place of a pair",
    { ...provided, issuer: key },
    [
      /certificates\.issuer: must be an object, got text of \d+ characters\. Fix: pulumi config rm --path certificates\.issuer && pulumi config set --path certificates\.issuer\.certificate < issuer\.pem && pulumi config set --secret --path certificates\.issuer\.key < issuer\.key$/,
    ],
  ],
  [
    "neither issuer nor anchors",
    { mode: "provided" },
    [
      /certificates\.trustAnchors: must be PEM text, got nothing\. Fix: pulumi config set --path certificates\.trustAnchors < trust-anchors\.pem$/,
      /certificates\.issuer: must be an object, got nothing\. Fix: pulumi config set --path certificates\.issuer\.certificate < issuer\.pem && pulumi config set --secret --path certificates\.issuer\.key < issuer\.key$/,
    ],
  ],
  [
    "an incomplete pair of a webhook server",
    { ...provided, webhooks: { ca: "pem", policyValidator: {} } },
    [
      /webhooks\.policyValidator\.certificate: must be PEM text, got nothing\. Fix: pulumi config set --path certificates\.webhooks\.policyValidator\.certificate < policy-validator\.pem$/,
      /webhooks\.policyValidator\.key: .* --secret --path certificates\.webhooks\.policyValidator\.key < policy-validator\.key$/,
    ],
  ],
  [
    "no generation",
    { trustAnchors: [] },
    [
      /certificates\.trustAnchors: must be a list with at least one generation, .*Fix: pulumi config set --path 'certificates\.trustAnchors\[0\]' <value>$/,
    ],
  ],
  [
    "a duplicate generation",
    { trustAnchors: [1, { generation: 1 }] },
    [
      /certificates\.trustAnchors: must list each generation once, .*Fix: pulumi config set --path 'certificates\.trustAnchors\[0\]' <value>, where 0 is the first item$/,
    ],
  ],
  [
    "one validity for everything",
    { validityYears: 10 },
    [
      /validityYears: must be an object, got 10\. Fix: pulumi config rm --path certificates\.validityYears && pulumi config set --path certificates\.validityYears\.<field> <value>$/,
    ],
  ],
  [
    "a key in the place of a generation",
    { trustAnchors: [key] },
    [/certificates\.trustAnchors\[0\]: must be the number of a generation, .*, got text of \d+ characters\./],
  ],
  [
    "a key in the place of a number of days",
    { warnWithinDays: key },
    [/certificates\.warnWithinDays: must be an integer of at least 0, in days, got text of \d+ characters\./],
  ],
  ["a key in its place", key, [/certificates: must be an object.*, got text of \d+ characters\./]],
  [
    "a field of another mode",
    { mode: "certManager", trustAnchors: [1] },
    [
      /certificates\.trustAnchors: unknown field in mode "certManager"\. It belongs to modes "generated" and "provided"\. Fix: pulumi config rm --path certificates\.trustAnchors$/,
    ],
  ],
  [
    "a field of the default mode in another mode",
    { ...provided, protect: true },
    [
      /certificates\.protect: unknown field in mode "provided"\. It belongs to mode "generated"\. Fix: pulumi config rm --path certificates\.protect$/,
    ],
  ],
  [
    "a nested field of another mode",
    { ...provided, validityYears: { issuer: 1, webhooks: 1 } },
    [
      /validityYears\.issuer: unknown field in mode "provided"\. It belongs to modes "generated" and "certManager"\. Fix: pulumi config rm /,
    ],
  ],
  [
    "provided certificates but no mode",
    { trustAnchors: "pem", issuer: pair },
    [
      /certificates\.trustAnchors: must be a list of generations, .* or PEM text in mode "provided", got .*Fix: pulumi config set --path certificates\.mode provided$/,
      /certificates\.issuer: unknown field in mode "generated", which is the default\. It belongs to mode "provided"\. Fix: pulumi config set --path certificates\.mode provided$/,
    ],
  ],
  [
    "a field that no mode has",
    { protekt: true },
    [
      /certificates\.protekt: unknown field\. Known fields: mode, validityYears, trustAnchors, issuingAnchor, protect, .*Fix: pulumi config rm --path certificates\.protekt$/,
    ],
  ],
  [
    "an unsupported algorithm of an anchor",
    { trustAnchors: [{ generation: 1, algorithm: "P-384" }] },
    [
      /certificates\.trustAnchors\[0\]\.algorithm: must be "ECDSA-P256" or "RSA-4096", got "P-384"\. Fix: pulumi config set --path 'certificates\.trustAnchors\[0\]\.algorithm' <value>$/,
    ],
  ],
  [
    "a misspelt field of a generation",
    { trustAnchors: [1, { generation: 2, years: 5 }] },
    [
      /certificates\.trustAnchors\[1\]\.years: unknown field\. Known fields: generation, validityYears, algorithm\. Fix: pulumi config rm --path 'certificates\.trustAnchors\[1\]\.years'$/,
    ],
  ],
  [
    "a generation without a number",
    { trustAnchors: [{ validityYears: 5 }] },
    [/trustAnchors\[0\]\.generation: must be the number of a generation, e\.g\. 1, got nothing\./],
  ],
  [
    "an invalid namespace of cert-manager",
    { mode: "certManager", namespace: "Foo_Bar" },
    [/certificates\.namespace: must be a DNS label: .*, got "Foo_Bar"\. Fix: pulumi config set --path /],
  ],
  [
    "a number as the namespace of cert-manager",
    { mode: "certManager", namespace: 5 },
    [/certificates\.namespace: must be a DNS label: .*, got 5\./],
  ],
  ["a null mode", { mode: null }, [/certificates\.mode: must be .*, got null\./]],
  ["a boolean in words", { protect: "yes" }, [/certificates\.protect: must be true or false, got "yes"\./]],
  [
    "years in words",
    { validityYears: { issuer: "ten" } },
    [/validityYears\.issuer: must be an integer from 1 to 292, in years, got "ten"\./],
  ],
  [
    "half a year",
    { validityYears: { issuer: 1.5 } },
    [/certificates\.validityYears\.issuer: must be an integer from 1 to 292, in years, got 1\.5\./],
  ],
  [
    "no year",
    { validityYears: { trustAnchor: 0 } },
    [/certificates\.validityYears\.trustAnchor: must be an integer from 1 to 292, in years, got 0\./],
  ],
  [
    "more years than the TLS provider can count",
    { validityYears: { webhooks: 300 } },
    [
      /certificates\.validityYears\.webhooks: must be an integer from 1 to 292, in years, got 300\. The clock of the TLS provider overflows after 292 years\./,
    ],
  ],
])(
  "the setting certificates with %s is rejected, and the message shows no PEM text",
  (_, certificates, patterns) => {
    const messages = findMessages({ certificates });
    expect(messages).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
    expect(messages.join()).not.toMatch(/PRIVATE KEY|MIGHAgEA/);
  },
);

test("a private key in the place of any other setting is not shown", () => {
  const messages = findMessages({ namespace: key, viz: key, chartVersion: key });
  expect(messages).toHaveLength(3);
  expect(messages.join()).not.toMatch(/PRIVATE KEY|MIGHAgEA/);
});

describe("issues of the certificate rules", () => {
  const { given } = readSettings(config({ certificates: { mode: "provided" } }));
  const format = (path: string, rest: Partial<ValidationIssue> = {}) =>
    formatStackIssue(
      { path: ["certificates", ...path.split(".")], reason: "must not be empty", ...rest },
      given,
    );

  test("the fix of an issue with a certificate or key is the command that sets it from a file", () => {
    expect(format("issuer.key")).toBe(
      "linkerd-mesh:certificates.issuer.key: must not be empty. Fix: pulumi config set --secret --path certificates.issuer.key < issuer.key",
    );
    expect(format("webhooks.ca")).toMatch(/pulumi config set --path certificates\.webhooks\.ca < ca\.pem$/);
    expect(format("trustAnchors")).toMatch(
      /pulumi config set --path certificates\.trustAnchors < trust-anchors\.pem$/,
    );
    expect(format("webhooks.tap")).toMatch(
      /Fix: pulumi config set --path certificates\.webhooks\.tap\.certificate < tap\.pem && pulumi config set --secret --path certificates\.webhooks\.tap\.key < tap\.key$/,
    );
    expect(format("issuingAnchor")).toMatch(/pulumi config set --path certificates\.issuingAnchor <value>$/);
  });

  test("the fixes that a rule prescribes take the place of a command for its setting", () => {
    const fixes = [
      { kind: "instruction", text: "follow docs/rotation.md" },
      { kind: "set", path: ["certificates", "acceptTrustAnchorOutage"], value: true },
    ] as const;
    expect(format("issuingAnchor", { reason: "must be trusted already", got: "generation 2", fixes })).toBe(
      "linkerd-mesh:certificates.issuingAnchor: must be trusted already, got generation 2. " +
        "Fix: follow docs/rotation.md, or pulumi config set --path certificates.acceptTrustAnchorOutage true",
    );
  });

  test("an instruction that prepares the file of a key is followed by the command that stores it", () => {
    const fixes = [{ kind: "instruction", text: "decrypt the key with: openssl pkey" }] as const;
    expect(format("issuer.key", { fixes })).toMatch(
      /Fix: decrypt the key with: openssl pkey, then pulumi config set --secret --path certificates\.issuer\.key < issuer\.key$/,
    );
    expect(format("issuingAnchor", { fixes })).toMatch(/Fix: decrypt the key with: openssl pkey$/);
  });

  test("a private key in the description of a value is not shown", () => {
    expect(format("issuer.certificate", { got: key })).toContain(", got a private key.");
  });
});
