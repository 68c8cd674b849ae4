import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { runRule } from "../../../policy/rules/check.ts";
import { fromRecorded } from "../../../policy/rules/checked-resource.ts";
import {
  checkObjects,
  checkResources,
  type Finding,
  type RecordedInputs,
} from "../../../policy/rules/index.ts";
import { containsPrivateKey } from "../../../policy/rules/keys-in-secrets.ts";
import { RULES } from "../../../policy/rules/rules.ts";
import { UNKNOWN, type Value } from "../../../policy/rules/values.ts";
import { makeCertificate } from "../../support/pem.ts";
import { makeViolations } from "./violations/index.ts";
import { deployment, namespace, release, resource, type Violation } from "./violations/violation.ts";

let violations: readonly Violation[];

beforeAll(async () => {
  violations = await makeViolations();
});

test("each violation is found by its rule with its message, and by no other rule", () => {
  for (const { rule, title, resources, messages } of violations) {
    const enforcement = RULES.find(({ name }) => name === rule)?.enforcement;
    expect(
      checkResources(resources).map(({ resource: _, ...finding }) => finding),
      title,
    ).toEqual(messages.map((message) => ({ rule, enforcement, message })));
  }
});

test("each rule has a violation", () => {
  expect(new Set(violations.map(({ rule }) => rule))).toEqual(new Set(RULES.map(({ name }) => name)));
});

test("a finding names its resource", () => {
  const [finding] = checkResources([release({ version: "^1.0.0" })]);
  expect(finding?.resource).toBe("kubernetes:helm.sh/v3:Release web");
});

test("values that are not known add no finding and change none", () => {
  const key = ({ rule, resource, message }: Finding) => `${rule} ${resource} ${message}`;
  fc.assert(
    fc.property(fc.nat(), fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (index, dice) => {
      const { resources } = violations[index % violations.length] as Violation;
      const partly = resources.map((each) => ({
        ...each,
        inputs: hideSome(each.inputs, () => dice.next().value === 0) as RecordedInputs["inputs"],
      }));
      const known = checkResources(resources).map(key);
      for (const finding of checkResources(partly)) expect(known).toContain(key(finding));
    }),
    { numRuns: 200 },
  );
});

/** A copy with some values replaced by {@link UNKNOWN}. */
function hideSome(value: Value, hides: () => boolean): Value {
  if (Array.isArray(value)) return value.map((item) => (hides() ? UNKNOWN : hideSome(item, hides)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, hides() ? UNKNOWN : hideSome(item, hides)]),
  );
}

/** The first lines of a key. */
const KEY = `-----BEGIN PRIVATE KEY-----\n${"MIGH".repeat(16)}\n`;

describe("the rules accept", () => {
  const INJECT = "linkerd.io/inject";
  const accepted: [string, RecordedInputs[]][] = [
    [
      "a chart of an OCI registry with a version",
      [release({ chart: "oci://registry.example/web", repositoryOpts: {} })],
    ],
    [
      "a chart of an OCI registry by its digest",
      [
        release({
          chart: `oci://registry.example/web@sha256:${"0".repeat(64)}`,
          version: null,
          repositoryOpts: {},
        }),
      ],
    ],
    [
      "a chart in a directory without a version",
      [release({ chart: "./charts/web", version: null, repositoryOpts: {} })],
    ],
    ["a pre-release of a chart", [release({ version: "1.2.3-rc.1+build.5" })]],
    [
      "a key in a Secret",
      [
        resource("kubernetes:core/v1:Secret", "web", {
          stringData: { "tls.key": KEY },
        }),
      ],
    ],
    [
      "a key in an input of another provider",
      [
        resource("aws:iam/serverCertificate:ServerCertificate", "web", {
          privateKey: KEY,
        }),
      ],
    ],
    [
      "text about keys",
      [
        resource("kubernetes:core/v1:ConfigMap", "web", {
          data: {
            text: "It begins with BEGIN PRIVATE KEY.",
            "check.sh": "grep -- '-----BEGIN PRIVATE KEY-----' /etc/tls/tls.key",
          },
        }),
      ],
    ],
    [
      "a group of manifests with a key in a Secret, which is a resource of its own",
      [
        resource("kubernetes:yaml:ConfigGroup", "web", {
          objs: [{ apiVersion: "v1", kind: "Secret", stringData: { "tls.key": KEY } }],
        }),
      ],
    ],
    [
      "a CA that limits the uses of what it signs",
      [
        resource("tls:index/selfSignedCert:SelfSignedCert", "ca", {
          isCaCertificate: true,
          allowedUses: ["cert_signing", "crl_signing", "server_auth", "client_auth"],
        }),
      ],
    ],
    [
      "a workload that opts out on the host network",
      [deployment({ [INJECT]: "disabled" }, { hostNetwork: true })],
    ],
    [
      "a workload that opts out beside a meshed one",
      [deployment({ [INJECT]: "disabled" }), deployment({ [INJECT]: "enabled" }, {}, "StatefulSet")],
    ],
    [
      "an undecided workload in a namespace that injects all pods",
      [namespace({ [INJECT]: "enabled" }), deployment({})],
    ],
    [
      "an undecided workload in a namespace that opts out",
      [
        namespace({ [INJECT]: "disabled" }),
        deployment({}),
        deployment({ [INJECT]: "enabled" }, {}, "StatefulSet"),
      ],
    ],
    [
      "a workload that has a proxy already",
      [deployment({}, { containers: [{ name: "linkerd-proxy" }], hostNetwork: true })],
    ],
  ];

  test.each(accepted)("%s", (_, resources) => {
    expect(checkResources(resources)).toEqual([]);
  });
});

test("the rule about namespaces includes the namespaces of the configuration", () => {
  const rule = RULES.find(({ name }) => name === "meshed-namespaces");
  if (rule === undefined) throw new Error("the rule is missing");
  const resources = fromRecorded([deployment({})]);
  expect(runRule(rule, resources, { namespaces: ["other"] })).toEqual([]);
  expect(runRule(rule, resources, { namespaces: ["shop"] })).toHaveLength(1);
});

test("the rule about the remaining validity counts from the given time and for the given days", () => {
  const soon = violations.find(({ rule }) => rule === "remaining-validity")?.resources ?? [];
  expect(checkResources(soon, { days: 9 })).toHaveLength(1);
  expect(checkResources(soon, { now: new Date(0) })).toEqual([]);
});

describe("rendered objects", () => {
  const pods = { metadata: { annotations: { "linkerd.io/inject": "yes" } }, spec: { containers: [] } };
  const metadata = { name: "web", namespace: "shop" };

  test.each([
    ["apps/v1", "Deployment", { template: pods }, "spec.template."],
    ["apps/v1", "StatefulSet", { template: pods }, "spec.template."],
    ["apps/v1", "DaemonSet", { template: pods }, "spec.template."],
    ["apps/v1", "ReplicaSet", { template: pods }, "spec.template."],
    ["v1", "ReplicationController", { template: pods }, "spec.template."],
    ["batch/v1", "Job", { template: pods }, "spec.template."],
    ["batch/v1", "CronJob", { jobTemplate: { spec: { template: pods } } }, "spec.jobTemplate.spec.template."],
  ])("the pods of a workload are checked: %s %s", (apiVersion, kind, spec, path) => {
    const [finding, ...others] = checkObjects([{ apiVersion, kind, metadata, spec }]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: "injectable-workloads", resource: `${kind} shop/web` });
    expect(finding?.message).toMatch(`${path}metadata.annotations["linkerd.io/inject"]: must be`);
  });

  test("a pod and an object without a namespace are checked", () => {
    const annotations = { "linkerd.io/inject": "yes" };
    expect(
      checkObjects([
        { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, annotations }, spec: { containers: [] } },
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "key" },
          data: { a: KEY.replace("BEGIN", "BEGIN RSA") },
        },
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "key" },
          stringData: { a: KEY },
        },
      ]).map(({ rule, resource }) => [rule, resource]),
    ).toEqual([
      ["keys-in-secrets", "ConfigMap key"],
      ["injectable-workloads", "Pod shop/web"],
    ]);
  });
});

test("a private key is found in base64 wherever it begins, and other text is not a key", () => {
  const key = violations.find(({ rule }) => rule === "keys-in-secrets")?.resources[0]?.inputs.data as {
    "tls.key": string;
  };
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.boolean(), (before, after, wraps) => {
      const base64 = Buffer.from(before + key["tls.key"] + after).toString("base64");
      const text = wraps ? base64.replaceAll(/.{64}/g, "$&\n") : base64;
      expect(containsPrivateKey(text)).toBe(true);
      expect(containsPrivateKey(Buffer.from(before + after).toString("base64"))).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("a private key is found however its line breaks changed", () => {
  const key = violations.find(({ title }) => title === "a key in a ConfigMap")?.resources[0]?.inputs.data as {
    "tls.key": string;
  };
  for (const lineBreak of ["\r\n", "\\n", "\\\\n", " ", "", '",\n  "']) {
    expect(containsPrivateKey(key["tls.key"].replaceAll("\n", lineBreak))).toBe(true);
  }
  const body = "A".repeat(64);
  expect(
    containsPrivateKey(`-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n${body}`),
  ).toBe(true);
});

test("certificates after the issuer may have keys that an issuer must not have", async () => {
  const root = await makeCertificate("root.example", 50_000, { algorithm: "P-384" });
  const issuer = await makeCertificate("identity.example", 50_000);
  const secret = (text: string) =>
    resource("kubernetes:core/v1:Secret", "issuer", {
      metadata: { name: "linkerd-identity-issuer" },
      stringData: { "tls.crt": text },
    });
  expect(checkResources([secret(`${issuer.certPem}${root.certPem}`)])).toEqual([]);
  expect(checkResources([secret(`${root.certPem}${issuer.certPem}`)]).map(({ rule }) => rule)).toContain(
    "certificate-keys",
  );
});

test("only one version without a range is exact", () => {
  const part = fc.nat({ max: 9_999 });
  fc.assert(
    fc.property(
      part,
      part,
      part,
      fc.constantFrom("^", "~", ">", ">=", "<", "=", "*"),
      (a, b, c, operator) => {
        const exact = `${a}.${b}.${c}`;
        expect(checkResources([release({ version: exact })])).toEqual([]);
        for (const range of [operator + exact, `${a}.${b}`, `${a}.${b}.x`, `${exact} - ${exact}`]) {
          expect(checkResources([release({ version: range })])).toHaveLength(1);
        }
      },
    ),
    { numRuns: 30 },
  );
});
