import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  checkCertManagerTrust,
  checkGeneratedTrust,
  checkProvidedTrust,
  type DeployedTrust,
} from "../../../components/certificates/rotation.ts";
import { formatIssue, formatPath, type ValidationIssue } from "../../../components/inputs/validation.ts";
import { makeIdentity } from "../../support/pem.ts";

type Identity = Awaited<ReturnType<typeof makeIdentity>>;
const SPEC = { identity: "root.linkerd.cluster.local", validityYears: 100, algorithm: "ECDSA-P256" };
const NAMES: Record<number, string> = { 1: "m-trust-anchor", 2: "m-trust-anchor-2", 3: "m-trust-anchor-3" };
const identities: Record<number, Identity> = {};

beforeAll(async () => {
  // All anchors have the same name, as generations do: they differ in their keys alone.
  for (const generation of [1, 2, 3]) identities[generation] = await makeIdentity();
});

interface Trust {
  trusted: number[];
  issuingAnchor: number;
}
const identity = (generation: number) => identities[generation] as Identity;
const bundle = (trusted: number[]) => trusted.map((g) => identity(g).anchor.certPem).join("");

/** The trust after a deployment with these options. */
const deploy = ({ trusted, issuingAnchor }: Trust): DeployedTrust => ({
  trustBundlePem: bundle(trusted),
  certManager: false,
  issuerPem: identity(issuingAnchor).issuer.certPem,
  anchors: Object.fromEntries(
    trusted.map((g) => [NAMES[g], { certPem: identity(g).anchor.certPem, spec: SPEC }]),
  ),
});
const plan = (trusted: number[]) =>
  trusted.map((generation) => ({ generation, name: NAMES[generation] as string, spec: SPEC }));
/** Paths of issues. */
const pathsOf = (issues: readonly ValidationIssue[]) => issues.map(({ path }) => formatPath(path));
const generated = (was: Trust, next: Trust) =>
  pathsOf(checkGeneratedTrust(deploy(was), plan(next.trusted), next.issuingAnchor));
const provided = (was: Trust, next: Trust) =>
  pathsOf(
    checkProvidedTrust(deploy(was), {
      trustBundlePem: bundle(next.trusted),
      issuerPem: identity(next.issuingAnchor).issuer.certPem,
    }),
  );

const trust = fc
  .uniqueArray(fc.constantFrom(1, 2, 3), { minLength: 1 })
  .chain((trusted) =>
    fc.constantFrom(...trusted).map((issuingAnchor): Trust => ({ trusted, issuingAnchor })),
  );

describe("a change from one deployment to the next", () => {
  const [before, both, signing, retired]: Trust[] = [
    { trusted: [1], issuingAnchor: 1 },
    { trusted: [1, 2], issuingAnchor: 1 },
    { trusted: [1, 2], issuingAnchor: 2 },
    { trusted: [2], issuingAnchor: 2 },
  ];

  test.each<[string, Trust | undefined, Trust | undefined, string[], string[]]>([
    ["step 1", before, both, [], []],
    ["step 2", both, signing, [], []],
    ["step 3", signing, retired, [], []],
    ["reverting step 3", retired, signing, [], []],
    ["reverting step 2", signing, both, [], []],
    ["reverting step 1", both, before, [], []],
    ["no step", both, both, [], []],
    [
      "steps 1 and 2 at once",
      before,
      signing,
      ["certificates.issuingAnchor"],
      ["certificates.issuer.certificate"],
    ],
    ["steps 2 and 3 at once", both, retired, ["certificates.trustAnchors"], ["certificates.trustAnchors"]],
    [
      "steps 1, 2 and 3 at once",
      before,
      retired,
      ["certificates.issuingAnchor", "certificates.trustAnchors"],
      ["certificates.issuer.certificate", "certificates.trustAnchors"],
    ],
    [
      "reverting two steps at once",
      signing,
      before,
      ["certificates.trustAnchors"],
      ["certificates.trustAnchors"],
    ],
  ])(
    "%s has the expected issues in the modes generated and provided",
    (_, was, next, inGenerated, inProvided) => {
      if (!was || !next) throw new Error("no such step");
      expect(generated(was, next)).toEqual(inGenerated);
      expect(provided(was, next)).toEqual(inProvided);
    },
  );

  test("a change is allowed if and only if every proxy, restarted or not, accepts the certificates of all others", () => {
    fc.assert(
      fc.property(trust, trust, (was, next) => {
        const safe = was.trusted.includes(next.issuingAnchor) && next.trusted.includes(was.issuingAnchor);
        expect(generated(was, next).length === 0).toBe(safe);
        expect(provided(was, next).length === 0).toBe(safe);
      }),
    );
  });

  test("every change that is allowed can be reverted", () => {
    fc.assert(
      fc.property(trust, trust, (was, next) => {
        expect(generated(was, next).length === 0).toBe(generated(next, was).length === 0);
      }),
    );
  });

  test("three allowed steps lead from any trust to any other", () => {
    fc.assert(
      fc.property(trust, trust, (was, next) => {
        const trusted = [...new Set([...was.trusted, ...next.trusted])];
        const steps = [
          was,
          { trusted, issuingAnchor: was.issuingAnchor },
          { trusted, issuingAnchor: next.issuingAnchor },
          next,
        ];
        for (const [i, step] of steps.entries()) {
          const following = steps[i + 1];
          if (following) expect(generated(step, following)).toEqual([]);
        }
      }),
    );
  });
});

describe("a deployed anchor", () => {
  test.each([
    [
      "identity",
      { ...SPEC, identity: "root.linkerd.corp.example" },
      /must keep the identity of every deployed generation, got root\.linkerd\.corp\.example for generation 1, which was created with root\.linkerd\.cluster\.local\./,
    ],
    [
      "validity",
      { ...SPEC, validityYears: 10 },
      /must keep the validityYears of every deployed generation, got 10 for generation 1, which was created with 100\./,
    ],
    [
      "algorithm",
      { ...SPEC, algorithm: "RSA-4096" },
      /must keep the algorithm of every deployed generation, got RSA-4096 for generation 1, which was created with ECDSA-P256\./,
    ],
  ])(
    "a deployed anchor keeps its %s, and the issue has the documentation and the override as fixes",
    (_, spec, message) => {
      const [issue, ...rest] = checkGeneratedTrust(
        deploy({ trusted: [1], issuingAnchor: 1 }),
        [{ generation: 1, name: "m-trust-anchor", spec }],
        1,
      );
      expect(rest).toEqual([]);
      expect(issue?.path).toEqual(["certificates", "trustAnchors"]);
      expect(issue?.fixes).toEqual([
        { kind: "instruction", text: "follow docs/rotation.md" },
        { kind: "set", path: ["certificates", "acceptTrustAnchorOutage"], value: true },
      ]);
      const text = formatIssue(issue as ValidationIssue);
      expect(text).toMatch(message);
      expect(text).toMatch(
        /acceptTrustAnchorOutage skips this check and breaks every connection until all workloads restart\. Fix: follow docs\/rotation\.md, or set certificates\.acceptTrustAnchorOutage to true$/,
      );
    },
  );

  test("a new generation may have other properties than a deployed one", () => {
    const anchors = [
      ...plan([1]),
      { generation: 2, name: "m-trust-anchor-2", spec: { ...SPEC, validityYears: 10 } },
    ];
    expect(checkGeneratedTrust(deploy({ trusted: [1], issuingAnchor: 1 }), anchors, 1)).toEqual([]);
  });
});

describe("a change of mode", () => {
  const deployed = () => deploy({ trusted: [1], issuingAnchor: 1 });

  test("a running mesh of this stack does not change to certManager, whose bundle Pulumi cannot check", () => {
    expect(pathsOf(checkCertManagerTrust(deployed()))).toEqual(["certificates.mode"]);
    expect(checkCertManagerTrust({ certManager: false, anchors: {} })).toEqual([]);
    expect(checkCertManagerTrust({ certManager: true, anchors: {} })).toEqual([]);
  });

  test("a running mesh does not change from certManager to another mode", () => {
    const certManager = { certManager: true, anchors: {} };
    expect(pathsOf(checkGeneratedTrust(certManager, plan([1]), 1))).toEqual(["certificates.mode"]);
    expect(
      checkProvidedTrust(certManager, {
        trustBundlePem: bundle([1]),
        issuerPem: identity(1).issuer.certPem,
      }),
    ).toHaveLength(1);
  });

  test("after an up that was interrupted before the control plane, only the created anchors must keep their properties", () => {
    const { anchors } = deployed();
    expect(checkGeneratedTrust({ certManager: false, anchors }, plan([1, 2]), 2)).toEqual([]);
  });
});
