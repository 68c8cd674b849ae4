import { beforeAll, describe, expect, test } from "vitest";
import { checkWebhooks } from "../../../components/certificates/provided/webhook-checks.ts";
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

const told = (
  given: Parameters<typeof checkWebhooks>[0],
  hosts: Parameters<typeof checkWebhooks>[1] = HOSTS,
) => checkWebhooks(given, hosts).mistakes.map(({ path, problem }) => `${path}: ${problem}`);

/** One server alone, with a leaf of this kind. */
async function tap(options: Parameters<typeof makeCertificate>[2], hours = 24) {
  const leaf = await makeCertificate("tap.linkerd-viz.svc", hours, { isCa: false, signer: ca, ...options });
  return { ca: ca.certPem, tap: { certificate: leaf.certPem, key: leaf.keyPem } };
}

describe("webhook certificates that were brought", () => {
  test("are taken where they are right, and handed on as they were given", () => {
    const { mistakes, caPem, pairs } = checkWebhooks(good, HOSTS);
    expect(mistakes).toEqual([]);
    expect(caPem).toBe(good.ca);
    expect(pairs.tap).toEqual({ certPem: good.tap.certificate, privateKeyPem: good.tap.key });
  });

  test("are asked for where a server has none", () => {
    const { tapInjector: _, ...four } = good;
    expect(told(four)).toEqual([
      "webhooks.tapInjector: nothing is given. Expected a certificate for tap-injector.linkerd-viz.svc and its key",
    ]);
  });

  test("are not asked for where there is no such server", () => {
    const { tap: _, tapInjector: __, ...three } = good;
    const { tap: ___, tapInjector: ____, ...withoutViz } = HOSTS;
    expect(told(three, withoutViz)).toEqual([]);
  });

  test("two that were changed round are refused, both", () => {
    expect(told({ ...good, tap: good.tapInjector, tapInjector: good.tap })).toEqual([
      expect.stringMatching(
        /^webhooks.tap.certificate: it is made out to DNS:tap-injector\.linkerd-viz\.svc/,
      ),
      expect.stringMatching(/^webhooks.tapInjector.certificate: it is made out to DNS:tap\.linkerd-viz\.svc/),
    ]);
  });

  test.each<[string, () => Promise<Parameters<typeof checkWebhooks>[0]>, RegExp]>([
    [
      "of another authority",
      async () => ({ ...(await tap({})), ca: good.ca }),
      /^webhooks.tap.certificate: it says that CN=webhooks\.test signed it, .* in webhooks\.ca did not/,
    ],
    ["that ended", () => tap({ beginsIn: -48 }, -1), /^webhooks.tap.certificate: it ended/],
    ["that has not begun", () => tap({ beginsIn: 10 }), /^webhooks.tap.certificate: it is not valid before/],
    [
      "for clients",
      () => tap({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }),
      /^webhooks.tap.certificate: its extended key usage lacks server authentication/,
    ],
    [
      "with an RSA key of 1024 bits",
      () => tap({ algorithm: "RSA-1024" }),
      /^webhooks.tap.certificate: its key is RSA 1024\. Expected at least 2048/,
    ],
    [
      "with its authority in the same file",
      async () => {
        const given = await tap({});
        return { ...given, tap: { ...given.tap, certificate: given.tap.certificate + ca.certPem } };
      },
      /^webhooks.tap.certificate: it holds 2 certificates\. Expected the server's alone/,
    ],
    [
      "with another's key",
      async () => ({ ...(await tap({})), tap: { ...(await tap({})).tap, key: good.tap.key } }),
      /^webhooks.tap.key: the key does not belong to the certificate for tap\.linkerd-viz\.svc/,
    ],
    [
      "under an authority that is none",
      async () => ({ ...(await tap({})), ca: (await tap({})).tap.certificate }),
      /^webhooks.ca: it is no authority/,
    ],
  ])("one %s is refused", async (_, make, message) => {
    const mistakes = told(await make(), { tap: HOSTS.tap });
    expect(mistakes[0]).toMatch(message);
  });

  test.each(["P-384", "RSA-2048"] as const)(
    "a %s key will do: the API server is not a proxy",
    async (algorithm) => {
      expect(told(await tap({ algorithm }), { tap: HOSTS.tap })).toEqual([]);
    },
  );
});
