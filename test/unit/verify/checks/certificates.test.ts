import { beforeAll, describe, expect, test } from "vitest";
import { report } from "../../../../components/certificates/report.ts";
import {
  judgeAnchors,
  judgeProxies,
  type ServedProxy,
} from "../../../../verify/checks/certificates/proxies.ts";
import type { StackFacts } from "../../../../verify/cluster/mesh-facts.ts";
import { makeCertificate, makeIdentity, type TestCertificate } from "../../../support/pem.ts";
import { onlyProblem } from "../problems.ts";

const IDENTITY = "client.verify.serviceaccount.identity.linkerd.cluster.local";
const YEAR = 8_760;

let anchor: TestCertificate;
let issuer: TestCertificate;
let leaf: TestCertificate;
let other: { anchor: TestCertificate; issuer: TestCertificate };
let stack: StackFacts;

beforeAll(async () => {
  ({ anchor, issuer } = await makeIdentity());
  other = await makeIdentity();
  leaf = await makeLeaf(issuer);
  stack = stackWith({ "trust-anchor": anchor.certPem, "identity-issuer": issuer.certPem });
});

const makeLeaf = (signer: TestCertificate, hours = 24, name = IDENTITY) =>
  makeCertificate(name, hours, { isCa: false, signer });

const stackWith = (pems: Record<string, string>, trustBundlePem = anchor.certPem): StackFacts => ({
  stack: "prod",
  ref: { linkerdVersion: "edge-26.8.3", trustBundleSha256: "" },
  injection: "policy",
  trustBundlePem,
  certificates: report(pems),
});

const proxy = (changes: Partial<ServedProxy> = {}): ServedProxy => ({
  server: "the proxy of verify/client-1",
  name: IDENTITY,
  chain: [leaf.certPem, issuer.certPem],
  isNew: true,
  ...changes,
});

const mesh = (changes: { trustRootsPem?: string; stack?: StackFacts | undefined } = {}) => ({
  trustRootsPem: anchor.certPem,
  stack,
  ...changes,
});

describe("certificates of proxies", () => {
  test("proxies pass if their chain leads to a trust anchor and has the issuer of the stack", () => {
    const { observed, problems, skipped } = judgeProxies([proxy(), proxy({ server: "b" })], mesh());
    expect(problems).toEqual([]);
    expect(skipped).toEqual([]);
    expect(observed).toEqual([
      expect.stringMatching(
        /^2 proxies have certificates of CN=identity\.linkerd\.cluster\.local, valid until 2\d{3}-.*, which CN=root\.linkerd\.cluster\.local signed$/,
      ),
    ]);
  });

  test("a proxy that sends no certificate is a problem with the error of the handshake", () => {
    const { observed } = onlyProblem(judgeProxies([proxy({ chain: [], error: "ECONNREFUSED" })], mesh()));
    expect(observed).toBe("the proxy of verify/client-1 sends no certificate: ECONNREFUSED");
  });

  test("a proxy whose issuer no trust anchor signed is a problem", async () => {
    const chain = [(await makeLeaf(other.issuer)).certPem, other.issuer.certPem];
    const { observed, cause } = onlyProblem(judgeProxies([proxy({ chain })], mesh({ stack: undefined })));
    expect(observed).toMatch(
      /sends a chain that ends with CN=identity.*, signed by none of the trust anchors/,
    );
    expect(cause).toContain("before the trust anchors changed");
  });

  test("the same problem of several proxies is reported once", async () => {
    const chain = [(await makeLeaf(other.issuer)).certPem, other.issuer.certPem];
    const served = ["a", "b", "c"].map((server) => proxy({ server, chain }));
    expect(onlyProblem(judgeProxies(served, mesh())).observed).toMatch(
      /^a sends .* \(and 2 other proxies\)$/,
    );
  });

  test("a proxy whose certificate another key of the issuer's name signed is a problem", async () => {
    const chain = [(await makeLeaf(other.issuer)).certPem, issuer.certPem];
    const { observed } = onlyProblem(judgeProxies([proxy({ chain })], mesh()));
    expect(observed).toContain("which the next certificate of its chain did not sign");
  });

  test("a proxy with the certificate of another identity is a problem", async () => {
    const chain = [
      (await makeLeaf(issuer, 24, "other.verify.serviceaccount.identity.linkerd.cluster.local")).certPem,
    ];
    const { observed } = onlyProblem(judgeProxies([proxy({ chain: [...chain, issuer.certPem] })], mesh()));
    expect(observed).toContain(`not for ${IDENTITY}`);
  });

  test("a proxy with an expired certificate is a problem", () => {
    const tomorrow = new Date(Date.now() + 25 * 3_600_000);
    const { observed, cause } = onlyProblem(judgeProxies([proxy()], mesh(), tomorrow));
    expect(observed).toMatch(/^the proxy of verify\/client-1 uses .*, which is valid from/);
    expect(cause).toBe("The certificate was not renewed.");
  });

  test("an issuer with another expiry than that of the stack is a problem", async () => {
    const renewed = await makeCertificate("identity.linkerd.cluster.local", YEAR, { signer: anchor });
    const chain = [(await makeLeaf(renewed)).certPem, renewed.certPem];
    const { observed, cause } = onlyProblem(judgeProxies([proxy({ chain })], mesh()));
    expect(observed).toMatch(
      /^CN=identity.* expires .*, but the output certificates of prod has identity-issuer/,
    );
    expect(cause).toContain("prod");
  });

  test("an older proxy may have a certificate of the previous issuer", async () => {
    const previous = await makeCertificate("identity.linkerd.cluster.local", YEAR, { signer: anchor });
    const chain = [(await makeLeaf(previous)).certPem, previous.certPem];
    const { observed, problems } = judgeProxies([proxy(), proxy({ chain, isNew: false })], mesh());
    expect(problems).toEqual([]);
    expect(observed).toHaveLength(2);
  });

  test("without a stack, proxies are compared with the trust anchors only", () => {
    expect(judgeProxies([proxy()], mesh({ stack: undefined }))).toMatchObject({ problems: [], skipped: [] });
  });

  test("an issuer that the stack does not manage is reported as not compared", () => {
    const { problems, skipped } = judgeProxies([proxy()], mesh({ stack: stackWith({}) }));
    expect(problems).toEqual([]);
    expect(skipped).toEqual(["the expiry of the identity issuer: the stack does not manage it"]);
  });
});

describe("trust anchors", () => {
  test("trust anchors pass if they are those of the stack", () => {
    expect(judgeAnchors(mesh()).problems).toEqual([]);
  });

  test("each of several trust anchors is compared with its own entry", () => {
    const bundle = anchor.certPem + other.anchor.certPem;
    const both = stackWith(
      { "trust-anchor": anchor.certPem, "trust-anchor-2": other.anchor.certPem },
      bundle,
    );
    expect(judgeAnchors(mesh({ trustRootsPem: bundle, stack: both })).problems).toEqual([]);
    const numbered = stackWith({ "trust-anchor": bundle }, bundle);
    expect(judgeAnchors(mesh({ trustRootsPem: bundle, stack: numbered })).problems).toEqual([]);
  });

  test.each<[string, () => string, RegExp]>([
    [
      "another anchor",
      () => other.anchor.certPem,
      /^the cluster trusts CN=root.*, but the stack prod has CN=root/,
    ],
    [
      "one more anchor",
      () => anchor.certPem + other.anchor.certPem,
      /^the cluster trusts CN=root.* and CN=root/,
    ],
  ])("%s than the stack has is a problem", (_, trustRootsPem, observed) => {
    expect(onlyProblem(judgeAnchors(mesh({ trustRootsPem: trustRootsPem() }))).observed).toMatch(observed);
  });

  test("a cluster without trust anchors is a problem", () => {
    expect(onlyProblem(judgeAnchors(mesh({ trustRootsPem: "", stack: undefined }))).observed).toContain(
      "has no trust anchor",
    );
  });

  test("an expired trust anchor is a problem", () => {
    const later = new Date(Date.now() + 101 * YEAR * 3_600_000);
    expect(onlyProblem(judgeAnchors(mesh({ stack: undefined }), later)).observed).toMatch(
      /^the trust anchor CN=root.* is valid from/,
    );
  });

  test("trust anchors of trust-manager are not compared", () => {
    const { problems, skipped } = judgeAnchors(mesh({ stack: stackWith({}, "") }));
    expect(problems).toEqual([]);
    expect(skipped).toEqual(["the trust anchors of the stack: trust-manager distributes them"]);
  });
});
