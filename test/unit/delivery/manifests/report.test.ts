import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { formatJson } from "../../../../delivery/manifests/formats/format-json.ts";
import { formatMarkdown } from "../../../../delivery/manifests/formats/format-markdown.ts";
import { formatText } from "../../../../delivery/manifests/formats/format-text.ts";
import { type Comparison, createReport, type Report } from "../../../../delivery/manifests/report.ts";
import type { KubernetesObject } from "../../../../delivery/objects/kubernetes-object.ts";
import { makeCertificate, type TestCertificate } from "../../../support/pem.ts";
import { makeConfigMap, makeCrd, makeObject, makeSecret, makeWorkload } from "../objects/sample-objects.ts";

function report(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  fields: Partial<Comparison> = {},
): Report {
  return createReport({
    stack: "prod",
    against: "origin/main",
    commit: "1a2b3c4d5e6f7a8b9c0d",
    before: { objects: before, resources: [] },
    after: { objects: after, resources: [] },
    violations: [],
    ...fields,
  });
}

/** A small mesh. `size` is the number of replicas. */
function mesh(size: number, memory: string, ...others: KubernetesObject[]): KubernetesObject[] {
  const labels = (version: string) => ({ metadata: { labels: { "helm.sh/chart": version } } });
  return [
    makeWorkload("Deployment", "linkerd/linkerd-destination", {
      replicas: size,
      template: {
        metadata: { labels: { app: "dst" }, annotations: { "checksum/config": memory } },
        spec: { containers: [{ name: "linkerd-proxy", resources: { limits: { memory } } }] },
      },
    }),
    makeObject("policy/v1", "PodDisruptionBudget", "linkerd/linkerd-dst", {
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: "dst" } } },
    }),
    makeConfigMap("linkerd/linkerd-config", {
      values: `first: 1\nproxy:\n  resources:\n    memory:\n      limit: ${memory}\nlast: 2\n`,
    }),
    ...["a", "b", "c"].map((name) => makeObject("v1", "ServiceAccount", name, labels(memory))),
    ...others,
  ];
}

const CHANGED: [KubernetesObject[], KubernetesObject[]] = [
  mesh(3, "250Mi", makeCrd([]), makeSecret("linkerd/old", {})),
  mesh(3, "300Mi", makeSecret("linkerd/new", {})),
];

describe("text", () => {
  test("a stack without changes is one line", () => {
    expect(formatText([report(mesh(1, "250Mi"), mesh(1, "250Mi"))])).toBe(
      "prod at 1a2b3c4d5e6f, compared with origin/main: no changes.\n",
    );
  });

  test("losses are first, then restarts, then the differences", () => {
    const violations = [
      {
        object: "Pod linkerd/x",
        rule: "meshed",
        message: "The pod is not meshed.",
        level: "advisory" as const,
      },
    ];
    expect(`\n${formatText([report(...CHANGED, { violations })])}`).toMatchInlineSnapshot(`
      "
      prod at 1a2b3c4d5e6f, compared with origin/main:

      Violations (1)
        Pod linkerd/x (advisory)
          The pod is not meshed.

      Cannot be undone (2)
        CustomResourceDefinition servers.policy.linkerd.io is deleted.
          Kubernetes deletes every Server in the cluster with it. Save them first: kubectl get servers.policy.linkerd.io --all-namespaces --output yaml.
        Secret linkerd/old is deleted.
          Pods that mount it do not start. Save it first if a person or another program uses it.

      Restarts (1)
        linkerd/linkerd-destination (Deployment, 3 pods, budget linkerd-dst (maxUnavailable 1))
          containers[linkerd-proxy].resources.limits.memory

      Takes effect at a later restart (1)
        ConfigMap linkerd/linkerd-config
          Meshed pods of applications take these values of the injected proxy at their next restart.
          proxy.resources.memory.limit

      Removed (2)
        CustomResourceDefinition servers.policy.linkerd.io
        Secret linkerd/old

      Added (1)
        Secret linkerd/new

      Changed (5)
        3 objects: ServiceAccount linkerd/a, ServiceAccount linkerd/b and ServiceAccount linkerd/c
          ~ metadata.labels[helm.sh/chart]: 250Mi → 300Mi
        ConfigMap linkerd/linkerd-config
          ~ data.values:
                resources:
                  memory:
          -         limit: 250Mi
          +         limit: 300Mi
              last: 2
        Deployment linkerd/linkerd-destination
          ~ spec.template.spec.containers[linkerd-proxy].resources.limits.memory: 250Mi → 300Mi
      "
    `);
  });
});

describe("Markdown", () => {
  test("changes that stacks share appear once, with their names", () => {
    const dev = report(mesh(1, "250Mi", makeCrd([])), mesh(1, "300Mi"), { stack: "dev" });
    expect(`\n${formatMarkdown([dev, report(...CHANGED)])}`).toMatchInlineSnapshot(`
      "
      **dev** and **prod** at \`1a2b3c4d5e6f\`, compared with \`origin/main\`:

      - **dev**: 1 change cannot be undone, 1 workload restarts, 1 object removed, 5 objects changed
      - **prod**: 2 changes cannot be undone, 1 workload restarts, 2 objects removed, 1 object added, 5 objects changed

      ### Cannot be undone (2)

      - **CustomResourceDefinition servers.policy.linkerd.io** is deleted (dev and prod). Kubernetes deletes every Server in the cluster with it. Save them first: kubectl get servers.policy.linkerd.io --all-namespaces --output yaml.
      - **Secret linkerd/old** is deleted (prod). Pods that mount it do not start. Save it first if a person or another program uses it.

      ### Restarts (1)

      - \`linkerd/linkerd-destination\` (Deployment, dev and prod): 1 pod, budget linkerd-dst (maxUnavailable 1) in dev; 3 pods, budget linkerd-dst (maxUnavailable 1) in prod. Because of \`containers[linkerd-proxy].resources.limits.memory\`.

      ### Takes effect at a later restart (1)

      - \`ConfigMap linkerd/linkerd-config\` (dev and prod): Meshed pods of applications take these values of the injected proxy at their next restart. Because of \`proxy.resources.memory.limit\`.

      ### Removed (2)

      - \`CustomResourceDefinition servers.policy.linkerd.io\` (dev and prod)
      - \`Secret linkerd/old\` (prod)

      <details><summary>Added (1)</summary>

      - \`Secret linkerd/new\` (prod)

      </details>

      <details><summary>Changed (5)</summary>

      3 objects: ServiceAccount linkerd/a, ServiceAccount linkerd/b and ServiceAccount linkerd/c (dev and prod)

      \`\`\`diff
      ! metadata.labels[helm.sh/chart]: 250Mi → 300Mi
      \`\`\`

      \`ConfigMap linkerd/linkerd-config\` (dev and prod)

      \`\`\`diff
      ! data.values:
            resources:
              memory:
      -         limit: 250Mi
      +         limit: 300Mi
          last: 2
      \`\`\`

      \`Deployment linkerd/linkerd-destination\` (dev and prod)

      \`\`\`diff
      ! spec.template.spec.containers[linkerd-proxy].resources.limits.memory: 250Mi → 300Mi
      \`\`\`

      </details>
      "
    `);
  });

  test("stacks without changes are one line", () => {
    const unchanged = report([], []);
    expect(formatMarkdown([{ ...unchanged, stack: "dev" }, unchanged])).toBe(
      "**dev** and **prod** at `1a2b3c4d5e6f`, compared with `origin/main`: no changes.\n",
    );
  });

  test("the document does not exceed its budget, and refers to the rest", () => {
    const maps = (value: string) =>
      Array.from({ length: 300 }, (_, i) => makeConfigMap(`m${i}`, { [`k${i}`]: value }));
    const text = formatMarkdown([report(maps("a"), maps("b"))], { budget: 5_000, pointer: "See the log." });
    expect(text.length).toBeLessThanOrEqual(5_000);
    expect(text).toContain("more not shown");
    expect(text).toContain("See the log.");
  });

  test("a value cannot end its block, mention a user or link to an issue", () => {
    const value = "```\n</details> @user #1 <img src=x>";
    const text = formatMarkdown([
      report([makeConfigMap("m", { a: "x\ny" })], [makeConfigMap("m", { a: value })]),
    ]);
    expect(text).toContain("````diff\n");
    expect(text.split("````")).toHaveLength(3);
  });
});

describe("JSON", () => {
  test("the fields are those of the documentation", () => {
    const parsed = JSON.parse(formatJson(report(...CHANGED)));
    expect(Object.keys(parsed)).toEqual([
      "stack",
      "against",
      "commit",
      "irreversible",
      "rolls",
      "restarts",
      "deferred",
      "added",
      "removed",
      "kept",
      "changed",
      "violations",
    ]);
    expect(parsed).toMatchObject({
      rolls: ["linkerd/linkerd-destination"],
      added: ["Secret linkerd/new"],
      removed: ["CustomResourceDefinition servers.policy.linkerd.io", "Secret linkerd/old"],
    });
    expect(parsed.changed[1]).toEqual({
      object: "Deployment linkerd/linkerd-destination",
      fields: [
        {
          path: "spec.template.spec.containers[linkerd-proxy].resources.limits.memory",
          before: "250Mi",
          after: "300Mi",
        },
      ],
    });
  });

  test("one object is one document of several lines", () => {
    expect(formatJson(report([], []))).toMatch(/^\{\n {2}"stack": "prod",\n[\s\S]*\}\n$/);
  });
});

describe("values", () => {
  const change = (before: string, after: string) =>
    formatText([report([makeConfigMap("m", { text: before })], [makeConfigMap("m", { text: after })])]);
  const json = (value: number) =>
    JSON.stringify({ list: Array.from({ length: 40 }, (_, i) => ({ i, value: i === 20 ? value : 0 })) });

  test("long lines of JSON are compared line by line", () => {
    expect(change(json(1), json(2))).toContain('    -         "value": 1\n    +         "value": 2\n');
  });

  test("other long lines begin shortly before their first difference", () => {
    const text = change(`${"x".repeat(500)}1${"y".repeat(500)}`, `${"x".repeat(500)}2`);
    expect(text).toContain(
      `~ data.text: …${"x".repeat(20)}1${"y".repeat(79)}… (521 characters) → …${"x".repeat(20)}2\n`,
    );
  });

  test("values whose texts are equal are shown with their types", () => {
    const port = (value: unknown) => makeObject("v1", "Service", "s", { spec: { value } });
    expect(formatText([report([port(80)], [port("80")])])).toContain('~ spec.value: 80 → "80"');
    expect(change("a\nb\n", "a\nb")).toContain('~ data.text: "a\\nb\\n" → "a\\nb"');
  });

  test("texts that differ everywhere are not compared line by line", () => {
    const lines = (prefix: string) => Array.from({ length: 2_000 }, (_, i) => `${prefix}${i}`).join("\n");
    expect(change(lines("a"), lines("b"))).toContain(
      "(2000 lines → 2000 lines, which differ in too many places to show)",
    );
  });

  test("an added text and an empty text are shown", () => {
    expect(change("", "x")).toContain('~ data.text: "" → x');
    expect(
      formatText([report([makeConfigMap("m", {})], [makeConfigMap("m", { text: "a\nb\n" })])]),
    ).toContain("    + data.text:\n    +   a\n    +   b\n");
  });
});

describe("secrecy", () => {
  let certificate: TestCertificate;

  beforeAll(async () => {
    certificate = await makeCertificate("root", 24, { isCa: true });
  });

  const formats = (reports: Report[]) => [
    formatText(reports),
    formatMarkdown(reports),
    ...reports.map((one) => formatJson(one)),
  ];

  test("no format contains the data of a Secret", () => {
    const secret = fc
      .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 12, maxLength: 40 })
      .map((text) => `secret-${text}`);
    const data = fc.dictionary(fc.constantFrom("a", "b"), secret);
    const side = fc.record({ data, stringData: data, annotation: secret });
    fc.assert(
      fc.property(side, side, (...sides) => {
        const [before, after] = sides.map(({ data, stringData, annotation }) =>
          makeSecret("s", data, {
            stringData,
            metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": annotation } },
          }),
        ) as [KubernetesObject, KubernetesObject];
        const text = formats([report([before], [after]), report([], [after]), report([before], [])]).join();
        const secrets = sides.flatMap((side) => [
          ...Object.values(side.data),
          ...Object.values(side.stringData),
          side.annotation,
        ]);
        for (const value of secrets) {
          expect(text).not.toContain(value);
          expect(text).not.toContain(Buffer.from(value).toString("base64"));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("a private key in another object is hidden in each encoding", () => {
    const { keyPem } = certificate;
    const encoded = Buffer.from(keyPem).toString("base64");
    const body = keyPem.split("\n")[1] as string;
    for (const value of [
      keyPem,
      encoded,
      Buffer.from(encoded).toString("base64"),
      JSON.stringify({ keyPem }),
    ]) {
      const text = formats([
        report([makeConfigMap("m", { a: "" })], [makeConfigMap("m", { a: value })]),
      ]).join();
      expect(text).toContain("[a private key]");
      expect(text).not.toContain(body);
      expect(text).not.toContain(encoded.slice(60, 120));
    }
  });

  test("the encoded placeholder of a certificate is readable", () => {
    const webhook = (text: string) => makeConfigMap("m", { caBundle: Buffer.from(text).toString("base64") });
    const text = formatText([
      report([webhook("[certificate CN=a, 100 years]\n")], [webhook("[certificate CN=b, 100 years]\n")]),
    ]);
    expect(text).toContain("~ data.caBundle: [certificate CN=a, 100 years] → [certificate CN=b, 100 years]");
  });

  test("another private key in an object is a change without values", async () => {
    const { keyPem } = await makeCertificate("other", 24);
    const text = formatText([
      report([makeConfigMap("m", { a: keyPem })], [makeConfigMap("m", { a: certificate.keyPem })]),
    ]);
    expect(text).toContain("~ data.a: (differs in private keys only)\n");
  });

  test("a certificate is its subject, digest and expiry", () => {
    const config = (bundle: string) => makeObject("v1", "ConfigMap", "m", { data: { a: "x", bundle } });
    const encoded = Buffer.from(certificate.certPem).toString("base64");
    const text = formats([report([config("none")], [config(encoded)])]).join();
    expect(text).toMatch(
      /~ data\.bundle: none → \[certificate CN=root, SHA-256 [0-9a-f]{12}, expires \d{4}-\d\d-\d\d\]/,
    );
    expect(text).not.toContain(encoded.slice(0, 40));
  });
});
