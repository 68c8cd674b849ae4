import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { DEFAULT_CHART_SOURCE, DEFAULT_CHART_VERSION } from "../../../components/linkerd/charts/charts.ts";
import { checkedSettings } from "../../../stacks/mesh.ts";
import { chartSourceIssues } from "../../../stacks/preflight/chart-source.ts";
import { compatibilityWarnings } from "../../../stacks/preflight/compatibility.ts";
import { chartsOf, installedCharts } from "../../../stacks/settings/chart-settings.ts";
import {
  certificateSettingMistake,
  type SettingsError,
  settingsSchema,
} from "../../../stacks/settings/settings.ts";
import { root } from "../../support/package.ts";
import { makeCertificate } from "../../support/pem.ts";
import { config, mistakes, parseSettings } from "../../support/settings.ts";

const yaml = (file: string) => parse(readFileSync(join(root, file), "utf8"));

describe("settings", () => {
  test("say nothing and get the defaults", () => {
    expect(parseSettings({})).toMatchObject({
      chartVersion: DEFAULT_CHART_VERSION,
      chartSource: DEFAULT_CHART_SOURCE,
      certificates: { mode: "generated" },
      highAvailability: false,
    });
  });

  test("are read from the text that the engine makes of them", () => {
    const settings = {
      clusterNetworks: ["10.0.0.0/8", "fd00::/8"],
      certificates: { mode: "generated", validityYears: { trustAnchor: 10 } },
      viz: false,
      namespace: "123",
    };
    expect(parseSettings(config(settings))).toMatchObject(settings);
  });

  test("of other namespaces are none of ours", () => {
    expect(parseSettings({ "kubernetes:context": "prod" })).toEqual(parseSettings({}));
  });

  test.each([
    [
      "an unknown setting",
      { linkerdVersoin: "2026.8.3" },
      /^linkerd-mesh:linkerdVersoin: no such setting\. Known are: chartVersion, .*pulumi config rm linkerdVersoin$/,
    ],
    ["a wrong type", { viz: "maybe" }, /^linkerd-mesh:viz: expected true or false; given "maybe"/],
    [
      "a stable version",
      { chartVersion: "stable-2.14.10" },
      /^linkerd-mesh:chartVersion: expected an exact chart version, YYYY.M.N, .*given "stable-2.14.10"/,
    ],
    [
      "a floating version",
      { chartVersion: "2026.8" },
      /^linkerd-mesh:chartVersion: expected an exact chart version/,
    ],
    [
      "a month that is none",
      { chartVersion: "2026.13.1" },
      /^linkerd-mesh:chartVersion: expected an exact chart version/,
    ],
    [
      "a chart source of another kind",
      { chartSource: "ftp://charts.example" },
      /^linkerd-mesh:chartSource: expected "https:\/\/…", "oci:\/\/…" or a directory/,
    ],
    ["an empty chart source", { chartSource: "" }, /^linkerd-mesh:chartSource: expected/],
    [
      "a namespace that is not a DNS label",
      { namespace: "Linker_D" },
      /^linkerd-mesh:namespace: expected a DNS label: .*; given "Linker_D"/,
    ],
    [
      "a namespace of 64 characters",
      { vizNamespace: "a".repeat(64) },
      /^linkerd-mesh:vizNamespace: expected a DNS label/,
    ],
    [
      "one namespace for both",
      { vizNamespace: "linkerd" },
      /^linkerd-mesh:vizNamespace: expected another namespace/,
    ],
    [
      "a running mesh's certificates made anew",
      { adopt: true },
      /^linkerd-mesh:certificates\.mode: expected "provided" or "certManager" beside adopt: .* pulumi config set --path certificates\.mode <value>$/,
    ],
    [
      "a domain that is none",
      { trustDomain: "corp..example" },
      /^linkerd-mesh:trustDomain: expected a DNS domain/,
    ],
    [
      "a network that is no CIDR",
      { clusterNetworks: ["10.0.0.0/8", "10.0.0.0/40"] },
      /^linkerd-mesh:clusterNetworks.1: expected a CIDR, .*given "10.0.0.0\/40"/,
    ],
    [
      "one network where a list is expected",
      { clusterNetworks: "10.0.0.0/8" },
      /^linkerd-mesh:clusterNetworks: expected a list of CIDRs, .*; given "10.0.0.0\/8"\. Mend it with: pulumi config rm clusterNetworks && pulumi config set --path 'clusterNetworks\[0\]' <value>$/,
    ],
    [
      "no networks",
      { clusterNetworks: [] },
      /^linkerd-mesh:clusterNetworks: expected at least one CIDR; given \[\]\. Mend it with: pulumi config set --path 'clusterNetworks\[0\]' <value>$/,
    ],
  ])("%s is refused, with what was given and what is expected", (_, settings, message) => {
    expect(mistakes(settings)).toEqual([expect.stringMatching(message)]);
  });

  test("every mistake is told at once", () => {
    expect(
      mistakes({ viz: "maybe", certificates: { mode: "bought" }, namespace: "_", nonsense: 1 }),
    ).toHaveLength(4);
  });

  describe("of every kind", () => {
    const brought = { mode: "provided", trustAnchors: "./ca.crt", issuer: { certificate: "", key: "" } };
    const told = (settings: Record<string, unknown>) =>
      checkedSettings(config(settings)).then(
        () => [],
        ({ mistakes }: SettingsError) =>
          mistakes.map((mistake) => /^linkerd-mesh:([^:]+)/.exec(mistake)?.[1] ?? mistake),
      );

    test("are told in one round: shapes, contradictions, certificates and charts", async () => {
      expect(
        await told({
          cni: "maybe",
          highAvailability: true,
          replicas: 1,
          ports: { opaque: [0] },
          certificates: brought,
          chartSource: "/nowhere/at/all",
        }),
      ).toEqual([
        "cni",
        "replicas",
        "ports.opaque.0",
        "certificates.trustAnchors",
        "certificates.issuer.certificate",
        "certificates.issuer.key",
        "chartSource",
      ]);
    });

    test("are told of what hangs on another mistake once that is mended", async () => {
      const names = { trustDomain: "corp..example", certificates: brought, chartSource: "/nowhere/at/all" };
      expect(await told(names)).toEqual(["trustDomain", "chartSource"]);
      expect(await told({ chartVersion: "2026.8", chartSource: "/nowhere/at/all" })).toEqual([
        "chartVersion",
      ]);
    });
  });

  test("any configuration either parses or is told what is wrong with it", () => {
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
        for (const mistake of mistakes(settings)) expect(mistake).toMatch(/^linkerd-mesh:/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the setting certificates", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----";
  const pair = { certificate: "pem", key };
  const ofWebhooks = { mode: "provided", trustAnchors: "pem", issuer: pair };

  test.each<[string, unknown]>([
    ["nothing of the mode", { validityYears: { trustAnchor: 10, issuer: 5, webhooks: 2 } }],
    [
      "generations by number and in full",
      {
        mode: "generated",
        trustAnchors: [1, { generation: 2, algorithm: "RSA-4096" }],
        issuingAnchor: 2,
      },
    ],
    ["what was brought", { ...ofWebhooks, webhooks: { ca: "pem", tap: pair }, warnWithinDays: 30 }],
    ["cert-manager", { mode: "certManager", create: false, namespace: "certs" }],
  ])("says %s", (_, certificates) => {
    expect(parseSettings(config({ certificates })).certificates).toEqual({
      mode: "generated",
      ...(certificates as object),
    });
  });

  test.each<[string, unknown, RegExp[]]>([
    [
      "no object",
      "generated",
      [
        /^linkerd-mesh:certificates: expected an object, .*; given text of 9 characters\. Mend it with: pulumi config rm certificates && pulumi config set --path certificates\.mode <value>$/,
      ],
    ],
    [
      "an unknown mode",
      { mode: "bought" },
      [
        /^linkerd-mesh:certificates\.mode: expected "generated", "provided" or "certManager"; given "bought"\. Mend it with: pulumi config set --path certificates\.mode <value>/,
      ],
    ],
    [
      "a misspelt key",
      { ...ofWebhooks, issuer: { certificate: "pem", kye: key } },
      [
        /certificates\.issuer\.key: expected PEM text; given nothing\. Set it with: pulumi config set --secret --path certificates\.issuer\.key < /,
        /certificates\.issuer\.kye: no such setting\. Known are: certificate, key\. Remove it with: pulumi config rm --path certificates\.issuer\.kye/,
      ],
    ],
    [
      "a number for a certificate",
      { ...ofWebhooks, issuer: { certificate: 5, key } },
      [
        /certificates\.issuer\.certificate: expected PEM text; given 5\. Set it with: pulumi config set --path certificates\.issuer\.certificate < /,
      ],
    ],
    [
      "a key for a pair",
      { ...ofWebhooks, issuer: key },
      [
        /certificates\.issuer: expected an object; given text of \d+ characters\. Set it with: pulumi config rm --path certificates\.issuer && pulumi config set --path certificates\.issuer\.certificate < <file>\.pem && pulumi config set --secret --path certificates\.issuer\.key < <file>\.key$/,
      ],
    ],
    [
      "no issuer and no anchors",
      { mode: "provided" },
      [
        /certificates\.trustAnchors: expected PEM text; given nothing\. Set it with: pulumi config set --path certificates\.trustAnchors < <file>\.pem$/,
        /certificates\.issuer: expected an object; given nothing\. Set it with: pulumi config set --path certificates\.issuer\.certificate < <file>\.pem && pulumi config set --secret --path certificates\.issuer\.key < <file>\.key$/,
      ],
    ],
    [
      "no generation",
      { trustAnchors: [] },
      [
        /certificates\.trustAnchors: expected at least one generation, .*Mend it with: pulumi config set --path 'certificates\.trustAnchors\[0\]' <value>$/,
      ],
    ],
    [
      "a generation twice",
      { trustAnchors: [1, { generation: 1 }] },
      [
        /certificates\.trustAnchors: expected each generation once; .* pulumi config set --path 'certificates\.trustAnchors\[0\]' <value>, where 0 is the first item$/,
      ],
    ],
    [
      "years for everything",
      { validityYears: 10 },
      [
        /validityYears: .*given 10\. Mend it with: pulumi config rm --path certificates\.validityYears && pulumi config set --path certificates\.validityYears\.<key> <value>$/,
      ],
    ],
    [
      "a key for a generation",
      { trustAnchors: [key] },
      [/certificates\.trustAnchors\.0: expected the number of a generation, .*; given text of/],
    ],
    [
      "a key for a number of days",
      { warnWithinDays: key },
      [/certificates\.warnWithinDays: expected a number of days; given text of/],
    ],
    ["a key for everything", key, [/certificates: expected an object.*; given text of/]],
    [
      "a setting of another mode",
      { mode: "certManager", trustAnchors: [1] },
      [
        /certificates\.trustAnchors: no such setting in mode "certManager", but in "generated" and "provided"\. Remove it with: pulumi config rm --path certificates\.trustAnchors$/,
      ],
    ],
    [
      "a setting of the mode before",
      { ...ofWebhooks, protect: true },
      [
        /certificates\.protect: no such setting in mode "provided", but in "generated"\. Remove it with: pulumi config rm --path certificates\.protect$/,
      ],
    ],
    [
      "a key of the mode before",
      { ...ofWebhooks, validityYears: { issuer: 1, webhooks: 1 } },
      [
        /validityYears\.issuer: no such setting in mode "provided", but in "generated" and "certManager"\. Remove/,
      ],
    ],
    [
      "a setting whose mode was forgotten",
      { trustAnchors: "pem", issuer: pair },
      [
        /certificates\.trustAnchors: expected a list of generations, .* or PEM with mode "provided"; .*Mend it with: pulumi config set --path certificates\.mode provided$/,
        /certificates\.issuer: no such setting in mode "generated", which is the default, but in "provided"\. Mend it with: pulumi config set --path certificates\.mode provided$/,
      ],
    ],
    [
      "a setting of no mode",
      { protekt: true },
      [
        /certificates\.protekt: no such setting\. Known are: mode, validityYears, trustAnchors, issuingAnchor, protect, .* pulumi config rm --path certificates\.protekt$/,
      ],
    ],
    [
      "an algorithm that anchors cannot have",
      { trustAnchors: [{ generation: 1, algorithm: "P-384" }] },
      [
        /certificates\.trustAnchors\.0\.algorithm: expected "ECDSA-P256" or "RSA-4096"; given "P-384"\. Mend it with: pulumi config set --path 'certificates\.trustAnchors\[0\]\.algorithm' <value>$/,
      ],
    ],
    [
      "a misspelt key of a generation",
      { trustAnchors: [1, { generation: 2, years: 5 }] },
      [
        /certificates\.trustAnchors\.1\.years: no such setting\. Known are: generation, validityYears, algorithm\. Remove it with: pulumi config rm --path 'certificates\.trustAnchors\[1\]\.years'$/,
      ],
    ],
    [
      "an object without a generation",
      { trustAnchors: [{ validityYears: 5 }] },
      [/trustAnchors\.0\.generation: expected the number of a generation, e\.g\. 1; given nothing/],
    ],
    [
      "cert-manager's namespace that is none",
      { mode: "certManager", namespace: "Foo_Bar" },
      [/certificates\.namespace: expected a DNS label: .*; given "Foo_Bar"\. Mend it with/],
    ],
    [
      "cert-manager's namespace by number",
      { mode: "certManager", namespace: 5 },
      [/certificates\.namespace: expected a DNS label: .*; given 5\./],
    ],
    ["a mode of nothing", { mode: null }, [/certificates\.mode: expected .*; given null\./]],
    ["a flag in words", { protect: "yes" }, [/certificates\.protect: expected true or false; given "yes"/]],
    [
      "years in words",
      { validityYears: { issuer: "ten" } },
      [/validityYears\.issuer: expected a whole number of years; given "ten"/],
    ],
    [
      "half a year",
      { validityYears: { issuer: 1.5 } },
      [/certificates\.validityYears\.issuer: expected a whole number of years; given 1\.5/],
    ],
    [
      "more years than a clock holds",
      { validityYears: { webhooks: 300 } },
      [/certificates\.validityYears\.webhooks: expected 1 to 292 years: .*; given 300/],
    ],
  ])("%s is refused, and no text of it told", (_, certificates, expected) => {
    const told = mistakes({ certificates });
    expect(told).toEqual(expected.map((message) => expect.stringMatching(message)));
    expect(told.join()).not.toMatch(/PRIVATE KEY|MIGHAgEA/);
  });

  test("a key in the place of any other setting is not told either", () => {
    expect(mistakes({ namespace: key, viz: key, chartVersion: key }).join()).not.toMatch(
      /PRIVATE KEY|MIGHAgEA/,
    );
  });

  test("mistakes in certificates name the setting and the command that mends it", () => {
    const told = (path: string, problem: string) => certificateSettingMistake({ path, problem });
    expect(told("issuer.key", "it is empty")).toBe(
      "linkerd-mesh:certificates.issuer.key: it is empty. Set it with: pulumi config set --secret --path certificates.issuer.key < <file>.key",
    );
    expect(told("webhooks.ca", "it is empty")).toContain(
      "pulumi config set --path certificates.webhooks.ca < <file>.pem",
    );
    expect(told("trustAnchors", "it is empty")).toMatch(
      /pulumi config set --path certificates\.trustAnchors < <file>\.pem$/,
    );
    expect(told("webhooks.tap", "nothing is given")).toMatch(
      /Set it with: pulumi config set --path certificates\.webhooks\.tap\.certificate < <file>\.pem && pulumi config set --secret --path certificates\.webhooks\.tap\.key < <file>\.key$/,
    );
    expect(told("issuingAnchor", "it is none of them")).toMatch(
      /pulumi config set --path certificates\.issuingAnchor <value>$/,
    );
    // A step that was skipped is not mended by a value, but by the runbook.
    expect(told("issuingAnchor", "too early. See docs/rotation.md")).toBe(
      "linkerd-mesh:certificates.issuingAnchor: too early. See docs/rotation.md.",
    );
  });
});

describe("docs/settings.md", () => {
  const rows = readFileSync(join(root, "docs", "settings.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  test.each(Object.entries(parseSettings({})))(
    "has %s, with the default that the program has",
    (setting, value) => {
      const row = rows.find((line) => line.startsWith(`| \`${setting}\``));
      // What is below an object has rows of its own, and a list of networks is too long for a table.
      if (row === undefined) expect(rows.some((line) => line.startsWith(`| \`${setting}.`))).toBe(true);
      else if (typeof value !== "object") expect(row).toContain(` | \`${value}\` | `);
    },
  );
});

describe("Pulumi.yaml", () => {
  test("describes every setting, with the default that the program has", () => {
    const { config: described } = yaml("Pulumi.yaml");
    const defaults = parseSettings({});
    expect(
      Object.fromEntries(Object.entries(described).map(([k, d]) => [k, (d as { default: unknown }).default])),
    ).toEqual(defaults);
    for (const entry of Object.values(described)) {
      expect(entry).toMatchObject({ type: expect.any(String), description: expect.any(String) });
    }
  });

  test.each(["dev", "prod"])("the settings of %s are good", (stack) => {
    const settings = yaml(`Pulumi.${stack}.yaml`).config as Record<string, unknown>;
    const asText = Object.fromEntries(
      Object.entries(settings).map(([k, v]) => [k, typeof v === "object" ? JSON.stringify(v) : String(v)]),
    );
    const parsed = parseSettings(asText);
    expect(parsed.highAvailability).toBe(stack === "prod");
    expect(compatibilityWarnings(chartsOf(parsed), installedCharts(parsed))).toEqual([]);
  });
});

describe("chart sources", () => {
  const version = "2026.8.3";
  const look = (source: string) => chartSourceIssues({ source, version }, ["linkerd-crds"]);

  async function listening<T>(server: Server, use: (address: string) => Promise<T>): Promise<T> {
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      return await use(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
  }

  const answering = <T>(answer: RequestListener, use: (address: string) => Promise<T>) =>
    listening(createServer(answer), use);

  const serving = <T>(status: number, use: (url: string) => Promise<T>) =>
    answering(
      (_, response) => response.writeHead(status).end(),
      (address) => use(`http://${address}`),
    );

  test("a repository that answers is good", async () => {
    expect(await serving(200, look)).toEqual([]);
  });

  test.each([404, 410])("a server that is no chart repository is refused with its answer: %i", async (no) => {
    expect(await serving(no, look)).toEqual([
      expect.stringMatching(new RegExp(`chartSource: no charts .*index.yaml answers with status ${no}`)),
    ]);
  });

  test.each([401, 403, 500])("what else a server answers is left to Helm: %i", async (status) => {
    expect(await serving(status, look)).toEqual([]);
  });

  test.each([
    [405, 200, []],
    [501, 404, [expect.stringContaining("index.yaml answers with status 404")]],
    [403, 410, [expect.stringContaining("index.yaml answers with status 410")]],
  ])("a server that answers a HEAD with %i is asked by GET, and %i counts", async (head, get, expected) => {
    const answer: RequestListener = ({ method }, response) => {
      response.writeHead(method === "HEAD" ? head : get).end("entries: {}");
    };
    expect(await answering(answer, (address) => look(`http://${address}/charts/`))).toEqual(expected);
  });

  test("a repository behind a login is asked with the credentials in its address", async () => {
    const seen: unknown[] = [];
    const answer: RequestListener = ({ url, headers: { authorization } }, response) => {
      seen.push([url, authorization]);
      response.end();
    };
    expect(await answering(answer, (address) => look(`http://robot:p%40ss@${address}/charts`))).toEqual([]);
    const login = Buffer.from("robot:p@ss").toString("base64");
    expect(seen).toEqual([["/charts/index.yaml", `Basic ${login}`]]);
  });

  test("no credentials are told of a source that is no repository, or out of reach", async () => {
    const login = (url: string, scheme = "http:") => url.replace("http://", `${scheme}//robot:hunter2@`);
    const gone = await serving(200, async (url) => url);
    const told = [
      ...(await serving(404, (url) => look(login(url)))),
      ...(await look(login(gone))),
      ...(await look(login(gone, "oci:"))),
    ];
    expect(told).toEqual([
      expect.stringMatching(
        /no charts to be had from http:\/\/127.*: its index\.yaml answers with status 404/,
      ),
      expect.stringMatching(/no charts to be had from http:\/\/127.*: it cannot be reached/),
      expect.stringMatching(/no charts to be had from oci:\/\/127.*: it cannot be reached/),
    ]);
    expect(told.join()).not.toMatch(/robot|hunter2/);
  });

  test("an address that is none is refused, and no credentials told of it", async () => {
    for (const source of [
      "https://robot:hunter/2@charts.example",
      "oci://robot:hunter/2@charts.example",
      "https:/robot:hunter2@charts.example",
    ]) {
      const told = await look(source);
      expect(told).toHaveLength(1);
      expect(told.join()).not.toMatch(/robot|hunter/);
    }
  });

  test("no credentials are told of a source that is refused by its spelling, or as a part of something", () => {
    const told = [
      ...mistakes({ chartSource: "ftp://robot:hunter2@charts.example" }),
      ...mistakes({ charts: { cni: { source: "https://robot:hunter2@charts.example" } } }),
      ...mistakes({ charts: "https://robot:hunter2@charts.example" }),
    ];
    expect(told).toEqual(Array(3).fill(expect.stringContaining("//charts.example")));
    expect(told.join()).not.toMatch(/robot|hunter2/);
  });

  test("a certificate that Node does not trust is left to Helm, which may", async () => {
    const { certPem: cert, keyPem: key } = await makeCertificate("charts.example", 1);
    const server = createTlsServer({ cert, key });
    expect(await listening(server, (address) => look(`https://${address}`))).toEqual([]);
    expect(await listening(createServer(), (address) => look(`https://${address}`))).toEqual([]);
  });

  test("a repository that cannot be reached is refused with the reason", async () => {
    const gone = await serving(200, async (url) => url);
    expect(await look(gone)).toEqual([expect.stringMatching(/cannot be reached \(connect ECONNREFUSED/)]);
  });

  test("a directory that is none is refused", async () => {
    expect(await look("/nowhere/at/all")).toEqual([
      expect.stringContaining("no charts to be had from /nowhere/at/all: it is no directory"),
    ]);
  });

  test("a directory without the chart is refused with what it holds", async () => {
    const directory = mkdtempSync(join(tmpdir(), "charts-"));
    writeFileSync(join(directory, "notes.txt"), "");
    expect(await look(directory)).toEqual([
      expect.stringContaining("holds neither linkerd-crds-2026.8.3.tgz nor linkerd-crds/, but notes.txt"),
    ]);
  });

  test("a chart's own source is looked into for that chart alone, and named by its own setting", async () => {
    const directory = mkdtempSync(join(tmpdir(), "charts-"));
    const charts = { source: directory, viz: { source: "/nowhere/at/all" } };
    expect(await chartSourceIssues(charts, ["linkerd-crds", "linkerd-viz"])).toEqual([
      expect.stringMatching(
        /^linkerd-mesh:chartSource: .*neither linkerd-crds-2026\.8\.3\.tgz nor linkerd-crds\//,
      ),
      expect.stringMatching(
        /^linkerd-mesh:charts\.viz\.source: .*\/nowhere\/at\/all: it is no directory.* pulumi config set --path charts\.viz\.source <source>$/,
      ),
    ]);
  });

  test("a directory with another version of the chart is refused with both versions", async () => {
    const directory = mkdtempSync(join(tmpdir(), "charts-"));
    mkdirSync(join(directory, "linkerd-crds"));
    writeFileSync(join(directory, "linkerd-crds", "Chart.yaml"), "name: linkerd-crds\nversion: 2025.10.7\n");
    expect(await look(directory)).toEqual([
      expect.stringContaining("its linkerd-crds is version 2025.10.7, and chartVersion is 2026.8.3"),
    ]);
    const own = { source: directory, crds: { version } };
    expect(await chartSourceIssues(own, ["linkerd-crds"])).toEqual([
      expect.stringContaining("is version 2025.10.7, and charts.crds.version is 2026.8.3"),
    ]);
  });
});
