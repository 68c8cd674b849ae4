import type { V1ConfigMap, V1Deployment, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { list, read, secretText } from "../../support/cluster.ts";
import { fingerprints, signWorkload, verifies } from "../../support/openssl.ts";
import { changes, failureOf, openMesh, openMeshedWorkload, stateOf } from "../../support/stack.ts";

const STACK = "rotation";
/** Opens the stack of the mesh with these options for certificates. */
const openWith = (certificates: object, settings: object = {}) =>
  openMesh(STACK, {
    clusterNetworks: ["127.0.0.0/8"],
    viz: false,
    certificates: { mode: "generated", ...certificates },
    ...settings,
  });

/** Opens the stack of another team's workload in that mesh. */
const openWorkload = () => openMeshedWorkload("rotation-workload", "rotating", STACK);

/** What a step of the rotation leaves in the cluster. */
interface Observation {
  bundle: string;
  anchors: string[];
  issuer: string;
  /** The annotation of the control plane's pods; another value restarts them. */
  trustRootHashes: string[];
  /** The annotation of the meshed workload in the cluster. */
  bundleHash: string;
  workloadPods: string[];
  pods: string[];
  /** A workload certificate that the issuer of each step so far signed. */
  workloads: { step: string; certificate: string; issuer: string }[];
}

const workloads: Observation["workloads"] = [];

/** Reads the trust and the pods of the control plane from the API server. */
async function observe(): Promise<Omit<Observation, "bundleHash" | "workloadPods" | "workloads">> {
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
    pods: runningPods(pods),
  };
}

const runningPods = (pods: V1Pod[]) =>
  pods
    .filter((pod) => !pod.metadata?.deletionTimestamp && pod.status?.phase === "Running")
    .map((pod) => pod.metadata?.uid ?? "")
    .sort();

/** Runs an `up` of the workload's stack, and reads the workload from the API server. */
async function observeWorkload(): Promise<Pick<Observation, "bundleHash" | "workloadPods">> {
  await (await openWorkload()).up();
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "rotating", "default");
  const pods = await list<V1Pod>("v1", "Pod", "default");
  return {
    bundleHash: spec?.template.metadata?.annotations?.["linkerd-mesh/trust-bundle-sha256"] ?? "none",
    workloadPods: runningPods(pods.filter((pod) => pod.metadata?.labels?.app === "rotating")),
  };
}

/** Runs an `up`, signs a workload certificate with the issuer in the cluster, and reads the cluster. */
async function runStep(name: string, certificates: object): Promise<Observation> {
  const stack = await openWith(certificates);
  const { outputs } = await stack.up();
  const observed = { ...(await observe()), ...(await observeWorkload()) };
  expect(observed.bundleHash).toBe(outputs.trustBundleSha256?.value);
  const keyPem = await secretText("linkerd-identity-issuer", "linkerd", "tls.key");
  const certificate = signWorkload({ certPem: observed.issuer, keyPem });
  workloads.push({ step: name, certificate, issuer: observed.issuer });
  // A following preview has no changes.
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  return { ...observed, workloads: [...workloads] };
}

/** The steps whose workload certificates the bundle verifies. */
const verifiedSteps = ({ bundle, workloads }: Observation) =>
  workloads.filter((w) => verifies(w.certificate, bundle, { through: w.issuer })).map((w) => w.step);

/** The URN and id of every resource in the state, with the certificate if it is one. */
function listState(): string[] {
  const resources: { urn: string; id?: string; outputs?: { certPem?: string } }[] = JSON.parse(
    stateOf("linkerd-mesh", STACK),
  ).checkpoint.latest.resources;
  return resources.map(({ urn, id = "", outputs }) => `${urn} ${id} ${outputs?.certPem ?? ""}`).sort();
}

/** Runs a preview and an `up` that must fail, and verifies that neither changes anything. Returns the message. */
async function expectRejection(certificates: object, settings: object = {}): Promise<string> {
  const before = await observe();
  const stack = await openWith(certificates, settings);
  const stateBefore = listState();
  const message = await failureOf((options) => stack.preview(options));
  expect(await failureOf((options) => stack.up(options))).toContain(message.split("\n")[0]);
  expect(listState()).toEqual(stateBefore);
  expect(await observe()).toEqual(before);
  return message;
}

let initial: Observation;
let trusted: Observation;
let signing: Observation;
let retired: Observation;

beforeAll(async () => {
  initial = await runStep("before", {});
});

afterAll(async () => {
  await (await openWorkload()).destroy();
  const stack = await openWith({ acceptTrustAnchorOutage: true });
  await stack.up();
  await stack.destroy();
  await stack.workspace.removeStack(STACK);
});

describe("before a rotation", () => {
  test("before a rotation, the bundle has one anchor, and the issuer verifies now and in 99 years", () => {
    expect(initial.anchors).toHaveLength(1);
    expect(verifies(initial.issuer, initial.bundle)).toBe(true);
    expect(verifies(initial.issuer, initial.bundle, { yearsAhead: 99 })).toBe(true);
    expect(verifies(initial.issuer, initial.bundle, { yearsAhead: 101 })).toBe(false);
  });

  test.each<[string, object, object, RegExp]>([
    [
      "another validity",
      { validityYears: { trustAnchor: 50 } },
      {},
      /certificates\.trustAnchors: must keep the validityYears of every deployed generation, got 50 for generation 1, which was created with 100\./,
    ],
    [
      "another algorithm",
      { trustAnchors: [{ generation: 1, algorithm: "RSA-4096" }] },
      {},
      /must keep the algorithm of every deployed generation, got RSA-4096 for generation 1, which was created with ECDSA-P256\./,
    ],
    [
      "another trust domain",
      {},
      { trustDomain: "corp.example" },
      /must keep the identity of every deployed generation, got root\.linkerd\.corp\.example for generation 1, which was created with root\.linkerd\.cluster\.local\./,
    ],
    [
      "another namespace",
      {},
      { namespace: "mesh" },
      /must keep the identity of every deployed generation, got root\.mesh\.cluster\.local for generation 1, which was created with root\.linkerd\.cluster\.local\./,
    ],
  ])(
    "%s for a deployed anchor is rejected before anything is replaced",
    async (_, certificates, settings, message) => {
      const rejection = await expectRejection(certificates, settings);
      expect(rejection).toMatch(message);
      expect(rejection).toContain("docs/rotation.md");
      expect(rejection).toContain("certificates.acceptTrustAnchorOutage true");
    },
  );

  test("an issuing anchor that proxies do not trust yet is rejected", async () => {
    expect(await expectRejection({ trustAnchors: [1, 2], issuingAnchor: 2 })).toMatch(
      /certificates\.issuingAnchor: must be a generation that an earlier deployment added to trustAnchors, got generation 2\./,
    );
  });

  test("a change to certManager is rejected unless the outage is accepted", async () => {
    const certManager = { mode: "certManager" };
    expect(await expectRejection(certManager)).toMatch(
      /certificates\.mode: must not change to certManager in a running mesh, got "certManager"\. Proxies hold trust anchors of this stack/,
    );
    // The CRDs of cert-manager are not installed here, so this test runs a preview only.
    const stack = await openWith({ ...certManager, acceptTrustAnchorOutage: true });
    const { changeSummary } = await stack.preview();
    expect(changes(changeSummary)).toMatchObject({ create: expect.any(Number), delete: expect.any(Number) });
  });

  test("replacing the trust anchor in one step is rejected with an issue for each of the two rules", async () => {
    const rejection = await expectRejection({ trustAnchors: [2] });
    expect(rejection).toMatch(
      /certificates\.issuingAnchor: must be a generation that an earlier deployment added to trustAnchors, got generation 2\./,
    );
    expect(rejection).toMatch(
      /certificates\.trustAnchors: must keep the anchor of the deployed issuer until a deployment in which another issuer signs, got a bundle without the anchor CN=root\.linkerd/,
    );
  });
});

describe("a certificate that expires within warnWithinDays", () => {
  test("a preview warns about every certificate that expires within warnWithinDays, and has no changes", async () => {
    const warnings: string[] = [];
    const stack = await openWith({ warnWithinDays: 365 * 101 });
    const { changeSummary } = await stack.preview({
      onEvent: ({ diagnosticEvent }) => {
        if (diagnosticEvent?.severity === "warning") warnings.push(diagnosticEvent.message);
      },
    });
    expect(warnings.filter((m) => m.includes("The certificate ")).length).toBe(8);
    expect(warnings.join()).toMatch(
      /The certificate identity-issuer \(CN=identity\.linkerd\.cluster\.local\) expires 2\d{3}-/,
    );
    expect(changes(changeSummary)).toEqual({});
  });
});

describe("step 1: the new anchor is trusted beside the old", () => {
  beforeAll(async () => {
    trusted = await runStep("trusted", {
      trustAnchors: [1, { generation: 2, validityYears: 50 }],
      protect: true,
    });
  });

  test("after step 1 of a rotation, the bundle has both anchors, the old one first, and the old issuer signs", () => {
    expect(trusted.anchors).toHaveLength(2);
    expect(trusted.anchors[0]).toBe(initial.anchors[0]);
    expect(trusted.issuer).toBe(initial.issuer);
  });

  test("step 1 of a rotation restarts the control plane and meshed workloads with the new bundle", () => {
    expect(new Set(trusted.trustRootHashes).size).toBe(1);
    expect(trusted.trustRootHashes[0]).not.toBe(initial.trustRootHashes[0]);
    expect(trusted.bundleHash).not.toBe(initial.bundleHash);
    expect(trusted.pods.filter((pod) => initial.pods.includes(pod))).toEqual([]);
    expect(trusted.workloadPods).toHaveLength(1);
    expect(trusted.workloadPods).not.toEqual(initial.workloadPods);
  });

  test("after step 1 of a rotation, old and new workload certificates verify against the bundle", () => {
    expect(verifiedSteps(trusted)).toEqual(["before", "trusted"]);
  });

  test("after step 1 of a rotation, only the issuing anchor is protected", () => {
    const resources: { urn: string; protect?: boolean }[] = JSON.parse(stateOf("linkerd-mesh", STACK))
      .checkpoint.latest.resources;
    const protectedNames = resources.filter((r) => r.protect).map((r) => r.urn.split("::").at(-1));
    expect(protectedNames.sort()).toEqual([
      "linkerd-trust-anchor",
      "linkerd-trust-anchor-cert",
      "linkerd-trust-anchor-key",
    ]);
  });

  test("after step 1 of a rotation, retiring the old anchor is rejected, because its issuer signs", async () => {
    expect(
      await expectRejection({ trustAnchors: [{ generation: 2, validityYears: 50 }], issuingAnchor: 2 }),
    ).toMatch(
      /certificates\.trustAnchors: must keep the anchor of the deployed issuer until .*, got a bundle without the anchor CN=root\.linkerd/,
    );
  });
});

describe("step 2: the new issuer signs", () => {
  beforeAll(async () => {
    signing = await runStep("signing", {
      trustAnchors: [1, { generation: 2, validityYears: 50 }],
      issuingAnchor: 2,
      protect: true,
    });
  });

  test("after step 2 of a rotation, another issuer signs, and it verifies only with the new anchor", () => {
    expect(signing.issuer).not.toBe(trusted.issuer);
    expect(verifies(signing.issuer, trusted.bundle, { yearsAhead: 49 })).toBe(true);
    expect(verifies(signing.issuer, initial.bundle)).toBe(false);
  });

  test("step 2 of a rotation restarts nothing, because the bundle does not change", () => {
    expect(signing.bundle).toBe(trusted.bundle);
    expect(signing.trustRootHashes).toEqual(trusted.trustRootHashes);
    expect(signing.bundleHash).toBe(trusted.bundleHash);
    expect(signing.pods).toEqual(trusted.pods);
    expect(signing.workloadPods).toEqual(trusted.workloadPods);
  });

  test("after step 2 of a rotation, old and new workload certificates verify against the bundle", () => {
    expect(verifiedSteps(signing)).toEqual(["before", "trusted", "signing"]);
  });

  test("after step 2 of a rotation, reverting two steps at once is rejected", async () => {
    expect(await expectRejection({ trustAnchors: [1] })).toMatch(
      /certificates\.trustAnchors: must keep the anchor of the deployed issuer until .*, got a bundle without the anchor CN=root\.linkerd/,
    );
  });
});

describe("step 3: the old anchor is retired", () => {
  beforeAll(async () => {
    retired = await runStep("retired", {
      trustAnchors: [{ generation: 2, validityYears: 50 }],
      protect: true,
    });
  });

  test("after step 3 of a rotation, the bundle has only the new anchor, and the issuer is the same", () => {
    expect(retired.anchors).toEqual([trusted.anchors[1]]);
    expect(retired.issuer).toBe(signing.issuer);
    expect(retired.trustRootHashes[0]).not.toBe(signing.trustRootHashes[0]);
    expect(retired.bundleHash).not.toBe(signing.bundleHash);
    expect(retired.workloadPods).not.toEqual(signing.workloadPods);
  });

  test("after step 3 of a rotation, workload certificates of the new issuer verify, and those of the old one do not", () => {
    expect(verifiedSteps(retired)).toEqual(["signing", "retired"]);
  });
});

describe("reverting a rotation", () => {
  test("each step of a rotation can be reverted, and workload certificates from before and after it verify", async () => {
    const two = { generation: 2, validityYears: 50 };
    const back = await runStep("back in the bundle", { trustAnchors: [1, two], issuingAnchor: 2 });
    expect(verifiedSteps(back)).toEqual(["signing", "retired", "back in the bundle"]);
    const signs = await runStep("back at signing", { trustAnchors: [1, two], issuingAnchor: 1 });
    expect(signs.bundle).toBe(back.bundle);
    expect(signs.trustRootHashes).toEqual(back.trustRootHashes);
    expect(verifiedSteps(signs)).toEqual(["signing", "retired", "back in the bundle", "back at signing"]);
    const alone = await runStep("back alone", { trustAnchors: [1] });
    expect(alone.anchors).toHaveLength(1);
    expect(verifiedSteps(alone)).toEqual(["back at signing", "back alone"]);
  });

  test("acceptTrustAnchorOutage replaces an anchor without a further confirmation", async () => {
    const before = await observe();
    const stack = await openWith({ validityYears: { trustAnchor: 60 }, acceptTrustAnchorOutage: true });
    await stack.up();
    const after = await observe();
    expect(after.anchors).not.toEqual(before.anchors);
    expect(verifies(after.issuer, after.bundle, { yearsAhead: 59 })).toBe(true);
  });
});
