import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { describeGoldenDifference } from "../../../delivery/golden/compare-golden.ts";
import { goldenPath, listGoldenFiles, readGolden } from "../../../delivery/golden/files.ts";
import { formatGolden, parseGolden } from "../../../delivery/golden/golden-file.ts";
import { writeGoldenFiles } from "../../../delivery/golden/write-golden.ts";
import { recordStack } from "../../../delivery/program/record-program.ts";
import type { Json, RecordedStack } from "../../../delivery/program/recorded-stack.ts";
import { sortResources } from "../../../delivery/program/sort-resources.ts";
import { listStacks, ROOT } from "../../../delivery/program/stack-files.ts";
import { makeIdentity } from "../../support/pem.ts";
import { recordedStack } from "../../support/recorded-stacks.ts";

const STACKS = listStacks();

/** A further environment, with encrypted settings and resources that the others do not have. */
const STAGING = {
  "linkerd-mesh:certificates": { mode: "generated", protect: true },
  "linkerd-mesh:chartSource": "https://charts.test/linkerd",
  "linkerd-mesh:chartCredentials": { username: "robot", password: { secure: "v1:abc:def" } },
  "linkerd-mesh:cni": true,
  "linkerd-mesh:highAvailability": true,
  "linkerd-mesh:extraValues": { viz: { dashboard: { logLevel: { secure: "v1:ghi:jkl" } } } },
  "linkerd-mesh:monitoring": {
    alerts: { successRate: 0.999, disabled: ["MeshTcpConnectionsFail"] },
    dashboards: { as: "grafanaDashboard", folder: "Mesh" },
    external: { url: "http://prometheus.monitoring:9090", operator: true },
  },
};

/** A project with that environment alone. */
const root = mkdtempSync(join(tmpdir(), "golden-"));
let staging: RecordedStack;
beforeAll(async () => {
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(root, "Pulumi.yaml"));
  writeFileSync(join(root, "Pulumi.staging.yaml"), stringify({ config: STAGING }));
  mkdirSync(join(root, "test/golden"), { recursive: true });
  staging = await recordStack("staging", { directory: root });
});

const texts = new Map<string, Promise<string>>();

/** The text of the golden file that a stack should have. */
function textOf(stack: string): Promise<string> {
  const text = texts.get(stack) ?? recordedStack(stack).then(formatGolden);
  texts.set(stack, text);
  return text;
}

const find = (name: string, { resources } = staging) => resources.find((resource) => resource.name === name);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test.each([...new Set([...STACKS, ...listGoldenFiles()])])(
  "the golden file of the stack %s is what the program registers",
  async (stack) => {
    const current = STACKS.includes(stack) ? await textOf(stack) : undefined;
    const difference = describeGoldenDifference(goldenPath(stack), readGolden(stack), current);
    if (difference !== undefined) expect.fail(difference);
  },
);

test.each(STACKS)("the golden file of %s has at most 800 lines", async (stack) => {
  const text = await textOf(stack);
  expect(text.split("\n").length - 1).toBeLessThanOrEqual(800);
});

test.each(STACKS)(
  "the golden file of %s has no key, body of a certificate, date, digest or path",
  async (stack) => {
    const text = await textOf(stack);
    expect(text).not.toMatch(/BEGIN [A-Z ]+|LS0tLS|(key|password|hash) of linkerd/);
    expect(text).not.toMatch(/\b20\d\d-\d\d-\d\dT|\b[0-9a-f]{32}|\b[0-9A-F]{32}|vector\(\d{9}/);
    expect(text).not.toMatch(/\/root\/|\/home\/|\/tmp\//);
    expect(text).not.toContain(ROOT);
  },
);

test("a certificate is described by subject, issuer, usages and validity, and a secret as [secret]", () => {
  const ca = "[certificate CN=root.linkerd.cluster.local, self-signed, CA, keyCertSign, cRLSign, 100 years]";
  expect(find("linkerd-identity-issuer-cert")?.inputs).toMatchObject({
    caCertPem: ca,
    caPrivateKeyPem: "[secret]",
  });
  expect(find("linkerd-control-plane-release")?.inputs.values).toMatchObject({ identityTrustAnchorsPEM: ca });
  expect(find("linkerd-control-plane-identity-issuer")?.inputs.stringData).toBe("[secret]");
  expect(find("linkerd-cni-release")?.inputs.repositoryOpts).toBe("[secret]");
  expect(find("linkerd-viz-release")?.inputs.values).toMatchObject({ dashboard: { logLevel: "[secret]" } });
});

test("parents, dependencies and options are recorded", () => {
  const pick = (name: string) => {
    const { parent, dependsOn, options } = find(name) ?? {};
    return { parent, dependsOn, options };
  };
  expect(pick("linkerd-trust-anchor-key")).toEqual({
    parent: "linkerd-trust-anchor",
    dependsOn: [],
    options: { protect: true },
  });
  expect(pick("linkerd-crds-release")).toEqual({
    parent: "linkerd-crds",
    dependsOn: ["linkerd-namespace"],
    options: { retainOnDelete: true },
  });
  expect(pick("linkerd-removal-guard")).toEqual({
    parent: "",
    dependsOn: ["linkerd"],
    options: { hooks: { beforeDelete: ["refuse-to-remove-a-protected-mesh"] } },
  });
  expect(pick("linkerd-viz-tap-tls").options).toEqual({ ignoreChanges: ["type"] });
  expect(pick("linkerd-observability-dashboard-mesh-health").options).toEqual({
    deleteBeforeReplace: true,
    replaceOnChanges: ["spec.instanceSelector"],
  });
});

test("dashboards and rules are references to files, with the differences that settings cause", () => {
  expect(find("linkerd-observability-dashboard-applications")?.inputs.spec).toMatchObject({
    json: "[file dashboards/linkerd-applications.json]",
  });
  const rules = String(find("linkerd-observability-rule")?.inputs.spec).split("\n");
  expect(rules.slice(0, 2)).toEqual([
    "[file alerts/linkerd.rules.yaml]",
    expect.stringMatching(
      /^~ linkerd-applications\/MeshSuccessRateLow critical expr: …rate5m \* 5 > 0\) > 0\.144 and .+… → …rate5m \* 5 > 0\) > 0\.0144 and .+…$/,
    ),
  ]);
  expect(rules).toContain('- linkerd-applications/MeshTcpConnectionsFail warning for: "10m"');
});

test("a recording is the same in another time zone and 400 days later", async () => {
  vi.stubEnv("TZ", "Pacific/Kiritimati");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 400 * 24 * 3_600_000 });
  expect(await recordStack("dev")).toEqual(await recordedStack("dev"));
});

test("the order in which the program registers resources does not matter", async () => {
  const { resources } = await recordedStack("dev");
  fc.assert(
    fc.property(fc.shuffledSubarray([...resources], { minLength: resources.length }), (shuffled) => {
      expect(sortResources(shuffled)).toEqual(resources);
    }),
    { numRuns: 20 },
  );
});

test("a changed setting changes one line, and the comparison fails with it and the command that accepts it", async () => {
  const changed = await recordStack("staging", {
    directory: root,
    config: { proxy: { memoryLimit: "300Mi" } },
  });
  const difference = describeGoldenDifference(
    goldenPath("staging"),
    formatGolden(staging),
    formatGolden(changed),
  );
  const lines = difference?.split("\n") ?? [];
  expect(lines[0]).toMatch(
    /^test\/golden\/staging\.yaml: must be equal to what the program registers\. Fix: .*npm run golden/,
  );
  expect(lines.filter((line) => /^[-+] /.test(line))).toEqual([
    "-          resources: {cpu: {request: 100m}, memory: {limit: 250Mi, request: 20Mi}}",
    "+          resources: {cpu: {request: 100m}, memory: {limit: 300Mi, request: 20Mi}}",
  ]);
  expect(readGolden("staging", root)).toBeUndefined();
});

test("invalid settings of a stack reject the recording with the error of the program", async () => {
  await expect(
    recordStack("staging", { directory: root, config: { replicas: 1, proxy: { memoryLimit: "much" } } }),
  ).rejects.toThrow(
    /The configuration of stack "staging" has 2 invalid settings:\n- linkerd-mesh:proxy\.memoryLimit: .*\n- linkerd-mesh:replicas: /,
  );
});

test("npm run golden writes a file for a further environment, and deletes the file of one that is gone", async () => {
  const sandbox = await recordedStack("sandbox");
  for (const stack of ["sandbox", "gone"]) {
    writeFileSync(join(root, goldenPath(stack)), formatGolden(sandbox));
  }
  const compare = (stack: string) =>
    describeGoldenDifference(goldenPath(stack), readGolden(stack, root), formatGolden(staging));
  expect(compare("staging")).toBe("test/golden/staging.yaml: must exist. Fix: npm run golden");
  expect(await writeGoldenFiles(root, async (stack) => (stack === "sandbox" ? sandbox : staging))).toEqual([
    "test/golden/sandbox.yaml: no change",
    "test/golden/staging.yaml: written",
    "test/golden/gone.yaml: deleted, because there is no such stack",
  ]);
  expect(compare("staging")).toBeUndefined();
});

test("provided certificates with encrypted keys are recorded by their identity, and adopted objects with their IDs", async () => {
  const { anchor, issuer } = await makeIdentity();
  const certificates = (trustAnchors: string) => ({
    mode: "provided",
    trustAnchors,
    issuer: { certificate: issuer.certPem, key: { secure: "v1:abc:def" } },
  });
  const recorded = await recordStack("dev", {
    config: { adopt: true, certificates: certificates(anchor.certPem) },
  });
  const release = find("linkerd-control-plane-release", recorded);
  expect(release?.inputs.values).toMatchObject({
    identityTrustAnchorsPEM: "[certificate CN=root.linkerd.cluster.local, self-signed, CA, 100 years]",
  });
  expect(release?.options).toEqual({ import: "linkerd/linkerd-control-plane" });
  expect(find("linkerd-namespace", recorded)?.options).toEqual({ import: "linkerd" });
  expect(JSON.stringify(recorded)).not.toMatch(/PRIVATE|BEGIN|LS0t/);
  const { anchor: other } = await makeIdentity();
  await expect(recordStack("dev", { config: { certificates: certificates(other.certPem) } })).rejects.toThrow(
    /linkerd-mesh:certificates\.issuer\.certificate: must be signed by a certificate in trustAnchors/,
  );
});

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(
      null,
      true,
      "",
      "[secret]",
      "yes",
      "0 0 * * *",
      "1.10",
      "a\nb\n",
      " x",
      "# y",
      "- z",
    ),
    fc.string(),
    fc.integer(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
  ),
})).value;

/** The types of resources, and the inputs that each resource of the type has. */
const TYPES: Record<string, Record<string, Json>> = {
  "a:b:C": {},
  "kubernetes:core/v1:Secret": { apiVersion: "v1", kind: "Secret" },
  "kubernetes:apps/v1:Deployment": { apiVersion: "apps/v1", kind: "Deployment" },
};

const resource = fc.record({
  type: fc.constantFrom(...Object.keys(TYPES)),
  name: fc.string(),
  parent: fc.string(),
  dependsOn: fc.array(fc.string(), { maxLength: 3 }),
  options: fc.record({ protect: fc.constant(true) }, { requiredKeys: [] }),
  inputs: fc.dictionary(fc.string(), json, { maxKeys: 3 }),
});

const recording: fc.Arbitrary<RecordedStack> = fc.record({
  stack: fc.constantFrom("dev", "1"),
  resources: fc.array(
    resource.map((given) => ({ ...given, inputs: { ...TYPES[given.type], ...given.inputs } })),
    { maxLength: 3 },
  ),
  outputs: fc.dictionary(fc.string(), json, { maxKeys: 2 }),
});

test("the text of a golden file contains all of a recording", async () => {
  for (const recorded of [staging, await recordedStack("sandbox")]) {
    expect(parseGolden(formatGolden(recorded))).toEqual(recorded);
  }
  fc.assert(
    fc.property(recording, (recorded) => {
      expect(parseGolden(formatGolden(recorded))).toEqual(recorded);
    }),
    { numRuns: 30 },
  );
});
