import type { V1ConfigMap, V1Deployment, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { list, read, secretText } from "../../support/cluster.ts";
import { fingerprints, signWorkload, verifies } from "../../support/openssl.ts";
import { changes, failureOf, openMesh, openMeshedWorkload, stateOf } from "../../support/stack.ts";

const STACK = "rotation";
/** The mesh with these certificates, in the sandbox. */
const mesh = (certificates: object, settings: object = {}) =>
  openMesh(STACK, {
    clusterNetworks: ["127.0.0.0/8"],
    viz: false,
    certificates: { mode: "generated", ...certificates },
    ...settings,
  });

/** Another team's workload, which belongs to that mesh. */
const workload = () => openMeshedWorkload("rotation-workload", "rotating", STACK);

interface Seen {
  bundle: string;
  anchors: string[];
  issuer: string;
  /** What the control plane's pods carry: another value restarts them. */
  trustRootHashes: string[];
  /** What the meshed workload carries, in the cluster, and its pod. */
  bundleHash: string;
  workloadPods: string[];
  pods: string[];
  /** Certificates that the issuer of each step so far signed for a workload. */
  workloads: { step: string; certificate: string; issuer: string }[];
}

const workloads: Seen["workloads"] = [];

/** What the API server holds. */
async function look(): Promise<Omit<Seen, "bundleHash" | "workloadPods" | "workloads">> {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");
  const bundle = data?.["ca-bundle.crt"] ?? "";
  const deployments = await list<V1Deployment>("apps/v1", "Deployment", "linkerd");
  const pods = await list<V1Pod>("v1", "Pod", "linkerd");
  return {
    bundle,
    anchors: fingerprints(bundle),
    issuer: await secretText("linkerd-identity-issuer", "linkerd", "tls.crt"),
    trustRootHashes: deployments.map(
      (d) => d.spec?.template.metadata?.annotations?.["linkerd.io/trust-root-sha256"] ?? "none",
    ),
    pods: running(pods),
  };
}

const running = (pods: V1Pod[]) =>
  pods
    .filter((pod) => !pod.metadata?.deletionTimestamp && pod.status?.phase === "Running")
    .map((pod) => pod.metadata?.uid ?? "")
    .sort();

/** What the meshed workload is after an `up` of its own stack. */
async function lookAtWorkload(): Promise<Pick<Seen, "bundleHash" | "workloadPods">> {
  await (await workload()).up();
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "rotating", "default");
  const pods = await list<V1Pod>("v1", "Pod", "default");
  return {
    bundleHash: spec?.template.metadata?.annotations?.["linkerd-mesh/trust-bundle-sha256"] ?? "none",
    workloadPods: running(pods.filter((pod) => pod.metadata?.labels?.app === "rotating")),
  };
}

/** One `pulumi up`, and what it leaves; a workload gets its certificate from the issuer of the day. */
async function step(name: string, certificates: object): Promise<Seen> {
  const stack = await mesh(certificates);
  const { outputs } = await stack.up();
  const seen = { ...(await look()), ...(await lookAtWorkload()) };
  expect(seen.bundleHash).toBe(outputs.trustBundleSha256?.value);
  const keyPem = await secretText("linkerd-identity-issuer", "linkerd", "tls.key");
  const certificate = signWorkload({ certPem: seen.issuer, keyPem });
  workloads.push({ step: name, certificate, issuer: seen.issuer });
  // Nothing is left to do.
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  return { ...seen, workloads: [...workloads] };
}

const accepted = ({ bundle, workloads }: Seen) =>
  workloads.filter((w) => verifies(w.certificate, bundle, { through: w.issuer })).map((w) => w.step);

/** What the state holds: every resource by its id, certificates by what they are. */
function madeSoFar(): string[] {
  const resources: { urn: string; id?: string; outputs?: { certPem?: string } }[] = JSON.parse(
    stateOf("linkerd-mesh", STACK),
  ).checkpoint.latest.resources;
  return resources.map(({ urn, id = "", outputs }) => `${urn} ${id} ${outputs?.certPem ?? ""}`).sort();
}

/** Tries what must be refused, in preview and in up, and sees that nothing came of it. */
async function refused(certificates: object, settings: object = {}): Promise<string> {
  const before = await look();
  const stack = await mesh(certificates, settings);
  const was = madeSoFar();
  const message = await failureOf((options) => stack.preview(options));
  expect(await failureOf((options) => stack.up(options))).toContain(message.split("\n")[0]);
  expect(madeSoFar()).toEqual(was);
  expect(await look()).toEqual(before);
  return message;
}

let none: Seen;
let trusted: Seen;
let signing: Seen;
let retired: Seen;

beforeAll(async () => {
  none = await step("before", {});
});

afterAll(async () => {
  await (await workload()).destroy();
  const stack = await mesh({ acceptTrustAnchorOutage: true });
  await stack.up();
  await stack.destroy();
  await stack.workspace.removeStack(STACK);
});

describe("before a rotation", () => {
  test("the bundle is one anchor, the issuer chains to it now and 99 years ahead", () => {
    expect(none.anchors).toHaveLength(1);
    expect(verifies(none.issuer, none.bundle)).toBe(true);
    expect(verifies(none.issuer, none.bundle, { yearsAhead: 99 })).toBe(true);
    expect(verifies(none.issuer, none.bundle, { yearsAhead: 101 })).toBe(false);
  });

  test.each<[string, object, object, RegExp]>([
    [
      "another validity",
      { validityYears: { trustAnchor: 50 } },
      {},
      /certificates\.trustAnchors: generation 1 runs with validityYears 100, and 50 would replace it/,
    ],
    [
      "another algorithm",
      { trustAnchors: [{ generation: 1, algorithm: "RSA-4096" }] },
      {},
      /generation 1 runs with algorithm ECDSA-P256, and RSA-4096 would replace it/,
    ],
    [
      "another trust domain",
      {},
      { trustDomain: "corp.example" },
      /generation 1 runs with identity root\.linkerd\.cluster\.local, and root\.linkerd\.corp\.example would replace it/,
    ],
    [
      "another namespace",
      {},
      { namespace: "mesh" },
      /generation 1 runs with identity root\.linkerd\.cluster\.local, and root\.mesh\.cluster\.local would replace it/,
    ],
  ])("%s is refused before anything is replaced", async (_, certificates, settings, message) => {
    const told = await refused(certificates, settings);
    expect(told).toMatch(message);
    expect(told).toContain("docs/rotation.md");
    expect(told).toContain("certificates.acceptTrustAnchorOutage true");
  });

  test("signing with an anchor that nobody trusts is refused", async () => {
    expect(await refused({ trustAnchors: [1, 2], issuingAnchor: 2 })).toMatch(
      /certificates\.issuingAnchor: generation 2 would sign before proxies trust it/,
    );
  });

  test("cert-manager takes over only where the override says so", async () => {
    const certManager = { mode: "certManager" };
    expect(await refused(certManager)).toMatch(/certificates\.mode: the mesh runs on trust anchors of this/);
    // Its kinds are not installed here, so a preview is as far as this goes.
    const stack = await mesh({ ...certManager, acceptTrustAnchorOutage: true });
    const { changeSummary } = await stack.preview();
    expect(changes(changeSummary)).toMatchObject({ create: expect.any(Number), delete: expect.any(Number) });
  });

  test("one anchor for another, at once, is refused for both reasons", async () => {
    const told = await refused({ trustAnchors: [2] });
    expect(told).toMatch(/certificates\.issuingAnchor: generation 2 would sign before proxies trust it/);
    expect(told).toMatch(
      /certificates\.trustAnchors: the anchor of the issuer that signs now .* would be retired/,
    );
  });
});

describe("a certificate that ends within the window", () => {
  test("is warned of at preview, and changes nothing in the report", async () => {
    const warned: string[] = [];
    const stack = await mesh({ warnWithinDays: 365 * 101 });
    const { changeSummary } = await stack.preview({
      onEvent: ({ diagnosticEvent }) => {
        if (diagnosticEvent?.severity === "warning") warned.push(diagnosticEvent.message);
      },
    });
    expect(warned.filter((m) => m.includes("The certificate ")).length).toBe(8);
    expect(warned.join()).toMatch(
      /The certificate identity-issuer \(CN=identity\.linkerd\.cluster\.local\) ends 2\d{3}-/,
    );
    expect(changes(changeSummary)).toEqual({});
  });
});

describe("step 1: the new anchor is trusted beside the old", () => {
  beforeAll(async () => {
    trusted = await step("trusted", {
      trustAnchors: [1, { generation: 2, validityYears: 50 }],
      protect: true,
    });
  });

  test("the bundle holds both, the old one first, and the old issuer signs", () => {
    expect(trusted.anchors).toHaveLength(2);
    expect(trusted.anchors[0]).toBe(none.anchors[0]);
    expect(trusted.issuer).toBe(none.issuer);
  });

  test("the control plane and meshed workloads get it", () => {
    expect(new Set(trusted.trustRootHashes).size).toBe(1);
    expect(trusted.trustRootHashes[0]).not.toBe(none.trustRootHashes[0]);
    expect(trusted.bundleHash).not.toBe(none.bundleHash);
    expect(trusted.pods.filter((pod) => none.pods.includes(pod))).toEqual([]);
    expect(trusted.workloadPods).toHaveLength(1);
    expect(trusted.workloadPods).not.toEqual(none.workloadPods);
  });

  test("old and new workload identities verify against it", () => {
    expect(accepted(trusted)).toEqual(["before", "trusted"]);
  });

  test("the anchor that signs is protected, the other is not", () => {
    const resources: { urn: string; protect?: boolean }[] = JSON.parse(stateOf("linkerd-mesh", STACK))
      .checkpoint.latest.resources;
    const guarded = resources.filter((r) => r.protect).map((r) => r.urn.split("::").at(-1));
    expect(guarded.sort()).toEqual([
      "linkerd-trust-anchor",
      "linkerd-trust-anchor-cert",
      "linkerd-trust-anchor-key",
    ]);
  });

  test("retiring the old one now is refused: its issuer signs", async () => {
    expect(await refused({ trustAnchors: [{ generation: 2, validityYears: 50 }], issuingAnchor: 2 })).toMatch(
      /certificates\.trustAnchors: the anchor of the issuer that signs now \(CN=root\.linkerd/,
    );
  });
});

describe("step 2: the new issuer signs", () => {
  beforeAll(async () => {
    signing = await step("signing", {
      trustAnchors: [1, { generation: 2, validityYears: 50 }],
      issuingAnchor: 2,
      protect: true,
    });
  });

  test("the issuer is another, of the new anchor", () => {
    expect(signing.issuer).not.toBe(trusted.issuer);
    expect(verifies(signing.issuer, trusted.bundle, { yearsAhead: 49 })).toBe(true);
    expect(verifies(signing.issuer, none.bundle)).toBe(false);
  });

  test("nothing restarts: the bundle stays as it was", () => {
    expect(signing.bundle).toBe(trusted.bundle);
    expect(signing.trustRootHashes).toEqual(trusted.trustRootHashes);
    expect(signing.bundleHash).toBe(trusted.bundleHash);
    expect(signing.pods).toEqual(trusted.pods);
    expect(signing.workloadPods).toEqual(trusted.workloadPods);
  });

  test("old and new workload identities verify against it", () => {
    expect(accepted(signing)).toEqual(["before", "trusted", "signing"]);
  });

  test("going back two steps at once is refused", async () => {
    expect(await refused({ trustAnchors: [1] })).toMatch(
      /trustAnchors: the anchor of the issuer that signs now/,
    );
  });
});

describe("step 3: the old anchor is retired", () => {
  beforeAll(async () => {
    retired = await step("retired", { trustAnchors: [{ generation: 2, validityYears: 50 }], protect: true });
  });

  test("the bundle holds the new one alone; the issuer stays", () => {
    expect(retired.anchors).toEqual([trusted.anchors[1]]);
    expect(retired.issuer).toBe(signing.issuer);
    expect(retired.trustRootHashes[0]).not.toBe(signing.trustRootHashes[0]);
    expect(retired.bundleHash).not.toBe(signing.bundleHash);
    expect(retired.workloadPods).not.toEqual(signing.workloadPods);
  });

  test("identities of the new issuer verify, those of the old do not", () => {
    expect(accepted(retired)).toEqual(["signing", "retired"]);
  });
});

describe("back again", () => {
  test("each step can be taken back, and the workloads of both its ends verify", async () => {
    const two = { generation: 2, validityYears: 50 };
    const back = await step("back in the bundle", { trustAnchors: [1, two], issuingAnchor: 2 });
    expect(accepted(back)).toEqual(["signing", "retired", "back in the bundle"]);
    const signs = await step("back at signing", { trustAnchors: [1, two], issuingAnchor: 1 });
    expect(signs.bundle).toBe(back.bundle);
    expect(signs.trustRootHashes).toEqual(back.trustRootHashes);
    expect(accepted(signs)).toEqual(["signing", "retired", "back in the bundle", "back at signing"]);
    const alone = await step("back alone", { trustAnchors: [1] });
    expect(alone.anchors).toHaveLength(1);
    expect(accepted(alone)).toEqual(["back at signing", "back alone"]);
  });

  test("the override replaces an anchor, and says so nowhere but in the setting", async () => {
    const before = await look();
    const stack = await mesh({ validityYears: { trustAnchor: 60 }, acceptTrustAnchorOutage: true });
    await stack.up();
    const after = await look();
    expect(after.anchors).not.toEqual(before.anchors);
    expect(verifies(after.issuer, after.bundle, { yearsAhead: 59 })).toBe(true);
  });
});
