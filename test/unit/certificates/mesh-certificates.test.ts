import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type {
  MeshCertificates,
  ProvidedCertificates,
  ProvidedPair,
} from "../../../components/certificates/certificate-options.ts";
import type { CertificateSet } from "../../../components/certificates/certificate-set.ts";
import { bundleSha256, planCertificates } from "../../../components/certificates/modes/mesh-certificates.ts";
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import { formatPath, ValidationError } from "../../../components/inputs/validation.ts";
import { ServiceMesh } from "../../../components/service-mesh.ts";
import type { ServiceMeshArgs } from "../../../components/service-mesh-args.ts";
import { failing, outputValue, register } from "../../support/mocks.ts";
import { makeIdentity, makeWebhooks } from "../../support/pem.ts";

const NAMES = {
  name: "m",
  namespace: "linkerd",
  vizNamespace: "linkerd-viz",
  trustDomain: "cluster.local",
  viz: true,
};

type Identity = Awaited<ReturnType<typeof makeIdentity>>;
let identity: Identity;
let other: Identity;
let webhooks: Awaited<ReturnType<typeof makeWebhooks>>;

beforeAll(async () => {
  identity = await makeIdentity();
  other = await makeIdentity();
  webhooks = await makeWebhooks();
});

afterEach(() => vi.restoreAllMocks());

/** A parent of the certificates, as the mesh is. */
class Parent extends pulumi.ComponentResource {
  constructor() {
    super("test:index:Parent", NAMES.name);
  }
}

const provided = (changes: Partial<ProvidedCertificates> = {}): ProvidedCertificates => ({
  mode: "provided",
  trustAnchors: identity.anchor.certPem,
  issuer: { certificate: identity.issuer.certPem, key: identity.issuer.keyPem },
  webhooks,
  ...changes,
});

/** The trust after a deployment of this identity. */
const deploy = ({ anchor, issuer }: Identity): DeployedTrust => ({
  trustBundlePem: anchor.certPem,
  certManager: false,
  issuerPem: issuer.certPem,
  anchors: {},
});

const pathsOf = (options: MeshCertificates, deployed?: DeployedTrust) =>
  planCertificates(options, NAMES, deployed).issues.map(({ path }) => formatPath(path));

/** Plans and creates certificates under mocks. */
const create = (options: MeshCertificates, deployed?: DeployedTrust) =>
  register(() => planCertificates(options, NAMES, deployed).create(new Parent()));

/** The Outputs of a set, by name; of the webhooks those of `tap`. */
function listOutputs({ trustBundlePem, trustAnchorPem, issuer, webhooks: { tap }, checked }: CertificateSet) {
  const outputs = {
    trustBundlePem,
    trustAnchorPem,
    ...("certPem" in issuer ? { issuerPem: issuer.certPem, issuerKeyPem: issuer.privateKeyPem } : {}),
    ...("certPem" in tap ? { caPem: tap.caPem, tapPem: tap.certPem, tapKeyPem: tap.privateKeyPem } : {}),
    ...(checked ? { checked } : {}),
  };
  return Object.entries(outputs) as [string, pulumi.Output<string>][];
}

/** The value of every Output of a set, and the names of those that are secret. */
async function resolve(set: CertificateSet) {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, output] of listOutputs(set)) {
    values[name] = await outputValue(output);
    if (await pulumi.isSecret(output)) secrets.push(name);
  }
  return { values, secrets };
}

/**
 * Creates certificates whose Outputs are invalid. Returns the error of every Output of the set, and the errors of all
 * promises that nothing handles, which Pulumi would print.
 */
async function createInvalid(options: MeshCertificates, deployed?: DeployedTrust) {
  const listeners = process.listeners("unhandledRejection");
  const rejections: unknown[] = [];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => rejections.push(error));
  try {
    const { result } = await create(options, deployed);
    const outputs = listOutputs(result).map(([, output]) => failing(output));
    const errors = (await Promise.allSettled(outputs)).flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason as unknown] : [],
    );
    await new Promise((done) => setTimeout(done, 50));
    return { errors, rejections };
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

/** Counts the calls of node:crypto with which the checks verify certificates. */
function countChecks() {
  const methods = ["checkHost", "checkPrivateKey", "verify"] as const;
  const spies = methods.map((method) => vi.spyOn(X509Certificate.prototype, method));
  return () => Object.fromEntries(spies.map((spy, index) => [methods[index], spy.mock.calls.length]));
}

// One issuer and five webhook certificates, each with one name, one key and one signature.
const EVERY_CHECK_ONCE = { checkHost: 6, checkPrivateKey: 6, verify: 6 };

describe("a plan for provided certificates", () => {
  test("planning registers nothing, and creating registers no certificate that is provided", async () => {
    const { resources } = await register(() => planCertificates(provided(), NAMES));
    expect(resources).toEqual([]);
    const created = await create(provided());
    expect(created.resources.map(({ name }) => name)).toEqual(["m"]);
  });

  test("without webhook certificates, creating registers generated ones as children of the mesh", async () => {
    const { find } = await create(provided({ webhooks: undefined, validityYears: { webhooks: 10 } }));
    expect(find("m-webhooks").parent).toBe("m");
    expect(find("m-webhooks-ca-cert").inputs.validityPeriodHours).toBe(87_600);
  });

  test("every check of plain values runs once for a plan and its creation", async () => {
    const count = countChecks();
    const plan = planCertificates(provided(), NAMES);
    expect(plan.issues).toEqual([]);
    expect(count()).toEqual(EVERY_CHECK_ONCE);
    const { result } = await register(() => plan.create(new Parent()));
    await resolve(result);
    expect(count()).toEqual(EVERY_CHECK_ONCE);
  });

  test("every check runs once for a plan and its creation if some values are Outputs", async () => {
    const count = countChecks();
    const { result } = await create(
      provided({
        issuer: { certificate: identity.issuer.certPem, key: pulumi.secret(identity.issuer.keyPem) },
        webhooks: {
          ...webhooks,
          ca: pulumi.output(webhooks.ca),
          tap: pulumi.output(webhooks.tap),
        },
      }),
    );
    await resolve(result);
    expect(count()).toEqual(EVERY_CHECK_ONCE);
  });

  test("every rotation rule runs once for a plan and its creation, beside the other checks", async () => {
    const plain = countChecks();
    await resolve((await create(provided(), deploy(identity))).result);
    // The deployed bundle verifies the new issuer, and the new bundle the deployed issuer.
    expect(plain()).toEqual({ ...EVERY_CHECK_ONCE, verify: EVERY_CHECK_ONCE.verify + 2 });
    vi.restoreAllMocks();
    const deferred = countChecks();
    const trustAnchors = pulumi.output(identity.anchor.certPem);
    await resolve((await create(provided({ trustAnchors }), deploy(identity))).result);
    expect(deferred()).toEqual({ ...EVERY_CHECK_ONCE, verify: EVERY_CHECK_ONCE.verify + 2 });
  });

  test.each<[string, (options: ProvidedCertificates) => ProvidedCertificates, object]>([
    ["plain", (options) => options, {}],
    [
      "secret Outputs",
      ({ trustAnchors, issuer, webhooks: pairs, ...rest }) => ({
        ...rest,
        trustAnchors: pulumi.secret(trustAnchors),
        issuer: pulumi.secret(issuer as ProvidedPair),
        webhooks: { ...webhooks, ca: pulumi.secret(pairs?.ca ?? ""), tap: pulumi.secret(webhooks.tap) },
      }),
      { checked: "" },
    ],
  ])(
    "certificates that are given as %s are public, and their keys are secret",
    async (_, change, checked) => {
      const { result } = await create(change(provided()));
      expect(await resolve(result)).toEqual({
        values: {
          trustBundlePem: identity.anchor.certPem,
          trustAnchorPem: identity.anchor.certPem,
          issuerPem: identity.issuer.certPem,
          issuerKeyPem: identity.issuer.keyPem,
          caPem: webhooks.ca,
          tapPem: webhooks.tap.certificate,
          tapKeyPem: webhooks.tap.key,
          ...checked,
        },
        secrets: ["issuerKeyPem", "tapKeyPem"],
      });
    },
  );

  test("issues with plain values are found although other values are Outputs", () => {
    const key = pulumi.secret("no key");
    expect(
      pathsOf(
        provided({
          trustAnchors: "no anchors",
          issuer: { certificate: identity.issuer.certPem, key },
          webhooks: { ...webhooks, tap: pulumi.output(webhooks.tap), tapInjector: webhooks.tap },
        }),
      ),
    ).toEqual(["certificates.trustAnchors", "certificates.webhooks.tapInjector.certificate"]);
  });

  test("issues with Outputs are thrown together when they resolve, name the mesh, and fail every Output of the set", async () => {
    const { errors, rejections } = await createInvalid(
      provided({
        trustAnchors: pulumi.output(other.anchor.certPem),
        issuer: { certificate: identity.issuer.certPem, key: pulumi.secret(other.issuer.keyPem) },
      }),
    );
    expect(errors).toHaveLength(8);
    const [error] = errors;
    expect(error).toBeInstanceOf(pulumi.ResourceError);
    expect((error as Error).message).toMatch(
      /^ServiceMesh "m" has 2 invalid arguments:\n- certificates\.issuer\.certificate: must be signed by a certificate in trustAnchors, .*\n- certificates\.issuer\.key: must belong to issuer\.certificate, /,
    );
    // Pulumi prints an error object once, however many Outputs fail with it.
    expect(new Set([...errors, ...rejections]).size).toBe(1);
  });

  test("a skipped step of a rotation with an Output is an issue when the Output resolves", async () => {
    const { errors } = await createInvalid(
      provided({
        trustAnchors: pulumi.output(other.anchor.certPem),
        issuer: { certificate: other.issuer.certPem, key: other.issuer.keyPem },
      }),
      deploy(identity),
    );
    expect((errors[0] as Error).message).toMatch(
      /\n- certificates\.issuer\.certificate: must be signed by an anchor that an earlier deployment added.*\n- certificates\.trustAnchors: must keep the anchor of the deployed issuer/,
    );
  });

  test("a skipped step of a rotation with plain values is an issue of the plan, unless the outage is accepted", () => {
    const next = provided({
      trustAnchors: other.anchor.certPem,
      issuer: { certificate: other.issuer.certPem, key: other.issuer.keyPem },
    });
    expect(pathsOf(next, deploy(identity))).toEqual([
      "certificates.issuer.certificate",
      "certificates.trustAnchors",
    ]);
    expect(pathsOf({ ...next, acceptTrustAnchorOutage: true }, deploy(identity))).toEqual([]);
    expect(pathsOf(next)).toEqual([]);
  });

  test("Outputs that are unknown in a preview have no issues, and no Output of the set is known", async () => {
    const { result } = await register(
      async () => {
        const later = new (class extends pulumi.CustomResource {
          declare readonly text: pulumi.Output<string>;
          constructor() {
            super("test:index:Later", "later", { text: undefined });
          }
        })();
        const { checked, trustBundlePem } = planCertificates(
          provided({ issuer: { certificate: identity.issuer.certPem, key: later.text } }),
          NAMES,
        ).create(new Parent());
        const isKnown = (output: unknown) => (output as { isKnown: Promise<boolean> }).isKnown;
        return Promise.all([isKnown(checked), isKnown(trustBundlePem)]);
      },
      { preview: true },
    );
    expect(result).toEqual([false, false]);
  });
});

describe("a plan for certificates of cert-manager", () => {
  test("creating registers the ClusterIssuers, Certificates and Bundle as children of one component", async () => {
    const { resources, result } = await create({ mode: "certManager", namespace: "certs" });
    expect(
      resources
        .filter(({ parent }) => parent === "m-cert-manager")
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "m-cert-manager-bundle",
      "m-cert-manager-self-signed",
      "m-cert-manager-trust-anchor",
      "m-cert-manager-trust-anchor-issuer",
      "m-cert-manager-webhooks",
      "m-cert-manager-webhooks-issuer",
    ]);
    const anchor = resources.find(({ name }) => name === "m-cert-manager-trust-anchor");
    expect(anchor?.inputs).toMatchObject({
      metadata: { name: "linkerd-trust-anchor", namespace: "certs" },
      spec: { commonName: "root.linkerd.cluster.local", isCA: true, duration: "876000h" },
    });
    expect(result.issuer).toMatchObject({ request: { hours: 875_976 } });
  });

  test("with create false, creating registers nothing and requests no certificate", async () => {
    const { resources, result } = await create({ mode: "certManager", create: false });
    expect(resources.map(({ name }) => name)).toEqual(["m"]);
    expect(result).toMatchObject({ issuer: {}, webhooks: { tap: {} }, anchorPems: {} });
    expect(result.trustBundlePem).toBeUndefined();
  });

  test("a running mesh of this stack does not change to certManager", () => {
    expect(pathsOf({ mode: "certManager" }, deploy(identity))).toEqual(["certificates.mode"]);
  });
});

describe("the certificates of a ServiceMesh", () => {
  /** Creates a mesh that must be rejected before anything is registered. Returns the paths of its issues. */
  const rejectedPaths = async (args: ServiceMeshArgs) => {
    const { resources, result } = await register(() => {
      try {
        new ServiceMesh("m", args);
      } catch (error) {
        return error;
      }
      return undefined;
    });
    expect(resources).toEqual([]);
    expect(result).toBeInstanceOf(ValidationError);
    return (result as ValidationError).issues.map(({ path }) => formatPath(path));
  };
  /** The trust after a deployment of the first generation. */
  const deployed = () => ({
    ...deploy(identity),
    anchors: {
      "m-trust-anchor": {
        certPem: identity.anchor.certPem,
        spec: { identity: "root.linkerd.cluster.local", validityYears: 100, algorithm: "ECDSA-P256" },
      },
    },
  });

  test("a mesh that skips a step of a rotation registers nothing", async () => {
    const certificates = { mode: "generated", trustAnchors: [2] } as const;
    expect(
      await rejectedPaths({ deployed: deployed(), certificates: { ...certificates, trustAnchors: [2] } }),
    ).toEqual(["certificates.issuingAnchor", "certificates.trustAnchors"]);
  });

  test("issues with certificates are reported together with other issues of the mesh", async () => {
    expect(
      await rejectedPaths({
        highAvailability: true,
        replicas: 1,
        certificates: { mode: "generated", trustAnchors: [] },
      }),
    ).toEqual(["replicas", "certificates.trustAnchors"]);
  });

  test("a mesh that skips a step of a rotation is created if the outage is accepted", async () => {
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
      "an issuing anchor that is not trusted",
      { mode: "generated", trustAnchors: [1], issuingAnchor: 2 },
      ["certificates.issuingAnchor"],
    ],
    [
      "a duplicate generation",
      { mode: "generated", trustAnchors: [1, { generation: 1 }] },
      ["certificates.trustAnchors[1].generation"],
    ],
    ["no generation", { mode: "generated", trustAnchors: [] }, ["certificates.trustAnchors"]],
    [
      "a generation that is not an integer",
      { mode: "generated", trustAnchors: [1.5] },
      ["certificates.trustAnchors[0]"],
    ],
    [
      "invalid validities",
      {
        mode: "generated",
        validityYears: { issuer: 0, webhooks: 1.5 },
        trustAnchors: [{ generation: 1, validityYears: 300 }],
      },
      [
        "certificates.validityYears.issuer",
        "certificates.validityYears.webhooks",
        "certificates.trustAnchors[0].validityYears",
      ],
    ],
    [
      "an invalid validity for cert-manager",
      { mode: "certManager", validityYears: { issuer: -1 } },
      ["certificates.validityYears.issuer"],
    ],
  ])("a mesh with %s registers nothing", async (_, certificates, paths) => {
    expect(await rejectedPaths({ certificates })).toEqual(paths);
  });

  test("every generation has its own resources, and the first has the same names as without a second", async () => {
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

  test("the issuer of the issuing anchor signs", async () => {
    const { find } = await register(
      () =>
        new ServiceMesh("m", { certificates: { mode: "generated", trustAnchors: [1, 2], issuingAnchor: 2 } }),
    );
    expect(find("m-identity-issuer-2-cert").dependsOn).toContain("m-trust-anchor-2-cert");
    expect(find("m-control-plane-identity-issuer").dependsOn).toContain("m-identity-issuer-2-cert");
  });
});

describe("bundleSha256", () => {
  test("the hash of a bundle changes with its set of anchors, and not with their order, repetition or formatting", async () => {
    const { anchor: third } = await makeIdentity();
    const anchors = [identity.anchor, other.anchor, third].map(({ certPem }) => certPem);
    const bundle = (indices: number[]) => indices.map((index) => anchors[index]).join("");
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 2), { minLength: 1, maxLength: 5 }),
        fc.array(fc.constantFrom(0, 1, 2), { minLength: 1, maxLength: 5 }),
        (a, b) => {
          const same = new Set(a).size === new Set([...a, ...b]).size && new Set(a).size === new Set(b).size;
          const formatted = `# anchors\r\n${bundle(b).replaceAll("\n", "\r\n")}\r\n`;
          expect(bundleSha256(bundle(a)) === bundleSha256(formatted)).toBe(same);
        },
      ),
    );
  });
});
