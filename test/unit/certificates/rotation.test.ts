import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleSha256 } from "../../../components/certificates/modes/mesh-certificates.ts";
import {
  certManagerTrustIssues,
  type DeployedTrust,
  generatedTrustIssues,
  providedTrustIssues,
} from "../../../components/certificates/rotation.ts";
import { deployedTrust } from "../../../components/deployed/deployed-trust.ts";
import { MeshSettingsError, ServiceMesh, type ServiceMeshArgs } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { makeIdentity } from "../../support/pem.ts";

type Identity = Awaited<ReturnType<typeof makeIdentity>>;
const SPEC = { identity: "root.linkerd.cluster.local", validityYears: 100, algorithm: "ECDSA-P256" };
const NAMES: Record<number, string> = { 1: "m-trust-anchor", 2: "m-trust-anchor-2", 3: "m-trust-anchor-3" };
const identities: Record<number, Identity> = {};

beforeAll(async () => {
  // All of one name, as generations are: only their keys tell them apart.
  for (const generation of [1, 2, 3]) identities[generation] = await makeIdentity();
});

interface Trust {
  trusted: number[];
  issuingAnchor: number;
}
const identity = (generation: number) => identities[generation] as Identity;
const bundle = (trusted: number[]) => trusted.map((g) => identity(g).anchor.certPem).join("");

/** The state after a deployment that trusted and signed like this. */
const once = ({ trusted, issuingAnchor }: Trust): DeployedTrust => ({
  trustBundlePem: bundle(trusted),
  certManager: false,
  issuerPem: identity(issuingAnchor).issuer.certPem,
  anchors: Object.fromEntries(
    trusted.map((g) => [NAMES[g], { certPem: identity(g).anchor.certPem, spec: SPEC }]),
  ),
});
const wanted = (trusted: number[]) =>
  trusted.map((generation) => ({ generation, name: NAMES[generation] as string, spec: SPEC }));
const generated = (was: Trust, next: Trust) =>
  generatedTrustIssues(once(was), wanted(next.trusted), next.issuingAnchor).map(({ path }) => path);
const provided = (was: Trust, next: Trust) =>
  providedTrustIssues(once(was), {
    trustBundlePem: bundle(next.trusted),
    issuerPem: identity(next.issuingAnchor).issuer.certPem,
  }).map(({ path }) => path);

const trust = fc
  .uniqueArray(fc.constantFrom(1, 2, 3), { minLength: 1 })
  .chain((trusted) =>
    fc.constantFrom(...trusted).map((issuingAnchor): Trust => ({ trusted, issuingAnchor })),
  );

describe("one deployment after another", () => {
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
    ["back from step 3", retired, signing, [], []],
    ["back from step 2", signing, both, [], []],
    ["back from step 1", both, before, [], []],
    ["no step", both, both, [], []],
    ["steps 1 and 2 at once", before, signing, ["issuingAnchor"], ["issuer.certificate"]],
    ["steps 2 and 3 at once", both, retired, ["trustAnchors"], ["trustAnchors"]],
    [
      "all three at once",
      before,
      retired,
      ["issuingAnchor", "trustAnchors"],
      ["issuer.certificate", "trustAnchors"],
    ],
    ["back two steps at once", signing, before, ["trustAnchors"], ["trustAnchors"]],
  ])("%s", (_, was, next, mistakes, mistakesOfProvided) => {
    if (!was || !next) throw new Error("no such step");
    expect(generated(was, next)).toEqual(mistakes);
    expect(provided(was, next)).toEqual(mistakesOfProvided);
  });

  test("is allowed exactly where each proxy, restarted or not, takes what the others hold", () => {
    fc.assert(
      fc.property(trust, trust, (was, next) => {
        const safe = was.trusted.includes(next.issuingAnchor) && next.trusted.includes(was.issuingAnchor);
        expect(generated(was, next).length === 0).toBe(safe);
        expect(provided(was, next).length === 0).toBe(safe);
      }),
    );
  });

  test("every way that is allowed can be gone back", () => {
    fc.assert(
      fc.property(trust, trust, (was, next) => {
        expect(generated(was, next).length === 0).toBe(generated(next, was).length === 0);
      }),
    );
  });

  test("from any trust to any other there is a way of three steps", () => {
    fc.assert(
      fc.property(trust, trust, (was, next) => {
        const trusted = [...new Set([...was.trusted, ...next.trusted])];
        const way = [
          was,
          { trusted, issuingAnchor: was.issuingAnchor },
          { trusted, issuingAnchor: next.issuingAnchor },
          next,
        ];
        for (const [i, step] of way.entries()) {
          const following = way[i + 1];
          if (following) expect(generated(step, following)).toEqual([]);
        }
      }),
    );
  });
});

describe("an anchor that runs", () => {
  test.each([
    [
      "identity",
      { ...SPEC, identity: "root.linkerd.corp.example" },
      /identity root\.linkerd\.cluster\.local, and root\.linkerd\.corp\.example would replace it/,
    ],
    ["validity", { ...SPEC, validityYears: 10 }, /validityYears 100, and 10 would replace it/],
    ["algorithm", { ...SPEC, algorithm: "RSA-4096" }, /algorithm ECDSA-P256, and RSA-4096 would replace it/],
  ])("keeps its %s; the message names the way and the override", (_, spec, message) => {
    const [mistake, ...rest] = generatedTrustIssues(
      once({ trusted: [1], issuingAnchor: 1 }),
      [{ generation: 1, name: "m-trust-anchor", spec }],
      1,
    );
    expect(rest).toEqual([]);
    expect(mistake?.problem).toMatch(message);
    expect(mistake?.problem).toMatch(
      /See docs\/rotation\.md\. .*certificates\.acceptTrustAnchorOutage true$/,
    );
  });

  test("may have a younger one of other kind beside it", () => {
    const anchors = [
      ...wanted([1]),
      { generation: 2, name: "m-trust-anchor-2", spec: { ...SPEC, validityYears: 10 } },
    ];
    expect(generatedTrustIssues(once({ trusted: [1], issuingAnchor: 1 }), anchors, 1)).toEqual([]);
  });
});

describe("from one mode to another", () => {
  const generatedBefore = () => once({ trusted: [1], issuingAnchor: 1 });

  test("cert-manager takes no running mesh over", () => {
    expect(certManagerTrustIssues(generatedBefore())).toHaveLength(1);
    expect(certManagerTrustIssues({ certManager: false, anchors: {} })).toEqual([]);
    expect(certManagerTrustIssues({ certManager: true, anchors: {} })).toEqual([]);
  });

  test("nor is it left at once", () => {
    const deployed = { certManager: true, anchors: {} };
    expect(generatedTrustIssues(deployed, wanted([1]), 1)).toHaveLength(1);
    expect(
      providedTrustIssues(deployed, {
        trustBundlePem: bundle([1]),
        issuerPem: identity(1).issuer.certPem,
      }),
    ).toHaveLength(1);
  });

  test("an up that broke off before the control plane binds nobody but the anchors it made", () => {
    const { anchors } = generatedBefore();
    expect(generatedTrustIssues({ certManager: false, anchors }, wanted([1, 2]), 2)).toEqual([]);
  });
});

describe("ServiceMesh", () => {
  const refusedBy = async (args: ServiceMeshArgs) => {
    const { resources, result } = await register(() => {
      try {
        new ServiceMesh("m", args);
      } catch (error) {
        return error;
      }
      return undefined;
    });
    expect(resources).toEqual([]);
    expect(result).toBeInstanceOf(MeshSettingsError);
    return (result as MeshSettingsError).mistakes.map(({ path }) => path.join("."));
  };
  const deployed = () => once({ trusted: [1], issuingAnchor: 1 });

  test("refuses a skipped step before it registers anything", async () => {
    const certificates = { mode: "generated", trustAnchors: [2] } as const;
    expect(
      await refusedBy({ deployed: deployed(), certificates: { ...certificates, trustAnchors: [2] } }),
    ).toEqual(["certificates.issuingAnchor", "certificates.trustAnchors"]);
  });

  test("tells of it together with what else is wrong with the mesh", async () => {
    expect(
      await refusedBy({
        highAvailability: true,
        replicas: 1,
        certificates: { mode: "generated", trustAnchors: [] },
      }),
    ).toEqual(["replicas", "certificates.trustAnchors"]);
  });

  test("takes it where the outage is accepted", async () => {
    const { find } = await register(
      () =>
        new ServiceMesh("m", {
          deployed: deployed(),
          certificates: { mode: "generated", trustAnchors: [2], acceptTrustAnchorOutage: true },
        }),
    );
    expect(find("m-trust-anchor-2").type).toContain("TrustAnchor");
  });

  test.each<[string, ServiceMeshArgs["certificates"], string[]]>([
    [
      "a signer that is not trusted",
      { mode: "generated", trustAnchors: [1], issuingAnchor: 2 },
      ["certificates.issuingAnchor"],
    ],
    [
      "a generation twice",
      { mode: "generated", trustAnchors: [1, { generation: 1 }] },
      ["certificates.trustAnchors"],
    ],
    ["no generation", { mode: "generated", trustAnchors: [] }, ["certificates.trustAnchors"]],
    ["half a generation", { mode: "generated", trustAnchors: [1.5] }, ["certificates.trustAnchors"]],
    [
      "validities that no certificate can have",
      {
        mode: "generated",
        validityYears: { issuer: 0, webhooks: 1.5 },
        trustAnchors: [{ generation: 1, validityYears: 300 }],
      },
      [
        "certificates.validityYears.issuer",
        "certificates.validityYears.webhooks",
        "certificates.trustAnchors",
      ],
    ],
    [
      "a validity for cert-manager that is none",
      { mode: "certManager", validityYears: { issuer: -1 } },
      ["certificates.validityYears.issuer"],
    ],
  ])("refuses %s", async (_, certificates, paths) => {
    expect(await refusedBy({ certificates })).toEqual(paths);
  });

  test("gives each generation resources of its own; the first keeps the names it had alone", async () => {
    const { resources, find } = await register(
      () =>
        new ServiceMesh("m", {
          certificates: {
            mode: "generated",
            trustAnchors: [{ generation: 2, algorithm: "RSA-4096", validityYears: 10 }, 1],
            issuingAnchor: 1,
            protect: true,
          },
        }),
    );
    const anchors = resources.filter((r) => r.type === "linkerd-mesh:certificates:TrustAnchor");
    expect(anchors.map((r) => r.name).sort()).toEqual(["m-trust-anchor", "m-trust-anchor-2"]);
    expect(find("m-trust-anchor-cert").inputs.validityPeriodHours).toBe(876_000);
    expect(find("m-trust-anchor-2-cert").inputs.validityPeriodHours).toBe(87_600);
    expect(find("m-trust-anchor-2-key").inputs).toMatchObject({ algorithm: "RSA", rsaBits: 4096 });
    expect(find("m-identity-issuer-cert").dependsOn).toContain("m-trust-anchor-cert");
  });

  test("signs with the issuer of the generation that is named", async () => {
    const { find } = await register(
      () =>
        new ServiceMesh("m", { certificates: { mode: "generated", trustAnchors: [1, 2], issuingAnchor: 2 } }),
    );
    expect(find("m-identity-issuer-2-cert").dependsOn).toContain("m-trust-anchor-2-cert");
    expect(find("m-control-plane-identity-issuer").dependsOn).toContain("m-identity-issuer-2-cert");
  });
});

describe("the hash of a bundle", () => {
  test("moves with the set of anchors, and not with their order, repetition or dress", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 5 }),
        fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 5 }),
        (a, b) => {
          const same = new Set(a).size === new Set([...a, ...b]).size && new Set(a).size === new Set(b).size;
          const dressed = `# anchors\r\n${bundle(b).replaceAll("\n", "\r\n")}\r\n`;
          expect(bundleSha256(bundle(a)) === bundleSha256(dressed)).toBe(same);
        },
      ),
    );
  });
});

describe("the state of the last deployment", () => {
  const parent =
    "urn:pulumi:p::linkerd-mesh::linkerd-mesh:index:ServiceMesh$linkerd-mesh:certificates:TrustAnchor";
  const state = (issuerData: object) => ({
    [`${parent}$tls:index/selfSignedCert:SelfSignedCert::linkerd-trust-anchor-2-cert`]: {
      type: "tls:index/selfSignedCert:SelfSignedCert",
      outputs: { certPem: "anchor", dnsNames: ["root.linkerd.test"], validityPeriodHours: 876_000 },
    },
    [`${parent}$tls:index/privateKey:PrivateKey::linkerd-trust-anchor-2-key`]: {
      type: "tls:index/privateKey:PrivateKey",
      outputs: { algorithm: "RSA", rsaBits: 4096, ecdsaCurve: "P224", privateKeyPem: "key" },
    },
    "urn:webhooks-ca$tls:index/selfSignedCert:SelfSignedCert::linkerd-webhooks-ca-cert": {
      type: "tls:index/selfSignedCert:SelfSignedCert",
      outputs: { certPem: "webhooks" },
    },
    "urn:release": {
      type: "kubernetes:helm.sh/v3:Release",
      outputs: { name: "linkerd-control-plane", values: { identityTrustAnchorsPEM: "bundle" } },
    },
    "urn:secret": {
      type: "kubernetes:core/v1:Secret",
      outputs: { metadata: { name: "linkerd-identity-issuer" }, ...issuerData },
    },
  });

  test.each([
    ["stringData", { stringData: { "tls.crt": "issuer", "tls.key": "key" } }],
    ["data", { data: { "tls.crt": Buffer.from("issuer").toString("base64"), "tls.key": "a2V5" } }],
  ])("tells bundle, issuer (as %s) and anchors, and no key", (_, issuer) => {
    expect(deployedTrust(state(issuer))).toEqual({
      trustBundlePem: "bundle",
      certManager: false,
      issuerPem: "issuer",
      anchors: {
        "linkerd-trust-anchor-2": {
          certPem: "anchor",
          spec: { identity: "root.linkerd.test", validityYears: 100, algorithm: "RSA-4096" },
        },
      },
    });
  });

  test("of a stack that was never deployed is empty", () => {
    expect(deployedTrust({})).toEqual({ certManager: false, anchors: {} });
  });
});
