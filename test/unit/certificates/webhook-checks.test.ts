import { beforeAll, describe, expect, test } from "vitest";
import { DeferrableChecks } from "../../../components/certificates/provided/deferrable-checks.ts";
import { checkWebhooks } from "../../../components/certificates/provided/webhook-checks.ts";
import { formatIssue } from "../../../components/inputs/validation.ts";
import { makeCertificate, makeWebhooks, type TestCertificate } from "../../support/pem.ts";

const HOSTS = {
  proxyInjector: "linkerd-proxy-injector.linkerd.svc",
  profileValidator: "linkerd-sp-validator.linkerd.svc",
  policyValidator: "linkerd-policy-validator.linkerd.svc",
  tap: "tap.linkerd-viz.svc",
  tapInjector: "tap-injector.linkerd-viz.svc",
};

let good: Awaited<ReturnType<typeof makeWebhooks>>;
let ca: TestCertificate;

beforeAll(async () => {
  good = await makeWebhooks();
  ca = await makeCertificate("webhooks.test", 1_000);
});

type Webhooks = Parameters<typeof checkWebhooks>[0];

/** Checks webhook certificates. Returns their values, and the messages of their issues. */
function check(given: Webhooks, hosts: Parameters<typeof checkWebhooks>[1] = HOSTS) {
  const checks = new DeferrableChecks([]);
  return { ...checkWebhooks(given, hosts, checks), messages: checks.issues.map(formatIssue) };
}

/** The certificate of one server, with these properties. */
async function tap(options: Parameters<typeof makeCertificate>[2], hours = 24) {
  const leaf = await makeCertificate("tap.linkerd-viz.svc", hours, { isCa: false, signer: ca, ...options });
  return { ca: ca.certPem, tap: { certificate: leaf.certPem, key: leaf.keyPem } };
}

describe("provided webhook certificates", () => {
  test("valid webhook certificates have no issues and are returned unchanged", () => {
    const { messages, caPem, pairs } = check(good);
    expect(messages).toEqual([]);
    expect(caPem).toBe(good.ca);
    expect(pairs.tap).toEqual({ certPem: good.tap.certificate, privateKeyPem: good.tap.key });
  });

  test("a server without a certificate has an issue", () => {
    const { tapInjector: _, ...four } = good;
    expect(check(four).messages).toEqual([
      "webhooks.tapInjector: must be a certificate for tap-injector.linkerd-viz.svc and its key, got nothing.",
    ]);
  });

  test("a server that is not installed needs no certificate", () => {
    const { tap: _, tapInjector: __, ...three } = good;
    const { tap: ___, tapInjector: ____, ...withoutViz } = HOSTS;
    expect(check(three, withoutViz).messages).toEqual([]);
  });

  test("two certificates in each other's place are both rejected", () => {
    expect(check({ ...good, tap: good.tapInjector, tapInjector: good.tap }).messages).toEqual([
      expect.stringMatching(
        /^webhooks.tap.certificate: must have the DNS name tap\.linkerd-viz\.svc .*, got DNS:tap-injector\.linkerd-viz\.svc\. The API server calls/,
      ),
      expect.stringMatching(
        /^webhooks.tapInjector.certificate: must have the DNS name tap-injector\.linkerd-viz\.svc .*, got DNS:tap\.linkerd-viz\.svc\./,
      ),
    ]);
  });

  test.each<[string, () => Promise<Webhooks>, RegExp]>([
    [
      "signed by another CA of the same name",
      async () => ({ ...(await tap({})), ca: good.ca }),
      /^webhooks.tap.certificate: must be signed by a certificate in webhooks\.ca, got one that names CN=webhooks\.test as its issuer/,
    ],
    [
      "that is expired",
      () => tap({ beginsIn: -48 }, -1),
      /^webhooks.tap.certificate: must be valid now, got a certificate that expired/,
    ],
    [
      "that is not valid yet",
      () => tap({ beginsIn: 10 }),
      /^webhooks.tap.certificate: must be valid now, got a certificate that is not valid before/,
    ],
    [
      "for TLS clients",
      () => tap({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }),
      /^webhooks.tap.certificate: must allow server authentication, got an extended key usage without it/,
    ],
    [
      "with an RSA key with 1024 bits",
      () => tap({ algorithm: "RSA-1024" }),
      /^webhooks.tap.certificate: must have an RSA key of at least 2048 bits, got RSA 1024\./,
    ],
    [
      "with its CA in the same text",
      async () => {
        const given = await tap({});
        return { ...given, tap: { ...given.tap, certificate: given.tap.certificate + ca.certPem } };
      },
      /^webhooks.tap.certificate: must be exactly one certificate, got 2 certificates\. The CA of the certificate belongs in webhooks\.ca/,
    ],
    [
      "with the key of another certificate",
      async () => ({ ...(await tap({})), tap: { ...(await tap({})).tap, key: good.tap.key } }),
      /^webhooks.tap.key: must belong to webhooks\.tap\.certificate, got a key whose public key has SHA-256/,
    ],
    [
      "under a CA certificate that is not a CA",
      async () => ({ ...(await tap({})), ca: (await tap({})).tap.certificate }),
      /^webhooks.ca: must be a CA certificate/,
    ],
  ])("a webhook certificate %s is rejected", async (_, make, message) => {
    expect(check(await make(), { tap: HOSTS.tap }).messages[0]).toMatch(message);
  });

  test.each(["P-384", "RSA-2048"] as const)(
    "a webhook certificate may have a %s key, because the API server verifies it and not a proxy",
    async (algorithm) => {
      expect(check(await tap({ algorithm }), { tap: HOSTS.tap }).messages).toEqual([]);
    },
  );
});
