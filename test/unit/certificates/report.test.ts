import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatExpiryWarnings, report } from "../../../components/certificates/report.ts";
import { fingerprint } from "../../../components/certificates/x509/pem.ts";
import { withoutKeys } from "../../../stacks/secrets/without-keys.ts";
import { makeCertificate, makeIdentity, traditionalKey } from "../../support/pem.ts";

const DAY = 24;

describe("the report", () => {
  test("the report has name, subject, issuer, key type, serial number and validity of each certificate", async () => {
    const { anchor, issuer } = await makeIdentity({ hours: 876_000 });
    expect(report({ "trust-anchor": anchor.certPem, "identity-issuer": issuer.certPem })).toEqual([
      {
        name: "identity-issuer",
        subject: "CN=identity.linkerd.cluster.local",
        issuer: "CN=root.linkerd.cluster.local",
        algorithm: "ECDSA P-256",
        serial: issuer.certificate.serialNumber.toUpperCase(),
        notBefore: issuer.certificate.notBefore.toISOString(),
        notAfter: issuer.certificate.notAfter.toISOString(),
      },
      expect.objectContaining({ name: "trust-anchor", notAfter: anchor.certificate.notAfter.toISOString() }),
    ]);
  });

  test("the report is sorted by expiry, whatever the order of its input", async () => {
    const created = await Promise.all(
      [1, 5, 50, 50, 500].map(
        async (days, i) => [`c${i}`, (await makeCertificate("x", days * DAY)).certPem] as const,
      ),
    );
    const sorted = report(Object.fromEntries(created));
    expect(sorted.map(({ name }) => name)).toEqual(["c0", "c1", "c2", "c3", "c4"]);
    fc.assert(
      fc.property(fc.shuffledSubarray(created, { minLength: created.length }), (shuffled) => {
        expect(report(Object.fromEntries(shuffled))).toEqual(sorted);
      }),
    );
  });

  test("the report numbers the certificates of a bundle, and shows the SAN of one without a subject", async () => {
    const first = await makeCertificate("a.test", DAY, { subject: "" });
    const second = await makeCertificate("b.test", 2 * DAY);
    const lines = report({ "trust-anchor": first.certPem + second.certPem });
    expect(lines.map(({ name, subject }) => `${name} ${subject}`)).toEqual([
      "trust-anchor-1 DNS:a.test",
      "trust-anchor-2 CN=b.test",
    ]);
  });

  test("a fingerprint is the SHA-256 of the certificate's DER", async () => {
    const { certPem, certificate } = await makeCertificate("root.test", DAY);
    const digest = await crypto.subtle.digest("SHA-256", certificate.rawData);
    expect(fingerprint(certPem)).toBe(Buffer.from(digest).toString("hex"));
  });
});

describe("warnings", () => {
  test("a warning is printed for every certificate that expires within the window or has expired, and for no other", async () => {
    const expiry = fc.integer({ min: -1_000, max: 1_000 });
    const window = fc.integer({ min: 0, max: 1_000 });
    const [line] = report({ tap: (await makeCertificate("tap.test", DAY)).certPem });
    if (!line) throw new Error("no line");
    const now = new Date("2026-01-01T00:00:00Z");
    fc.assert(
      fc.property(expiry, window, (days, within) => {
        const notAfter = new Date(now.getTime() + days * 86_400_000).toISOString();
        const warnings = formatExpiryWarnings([{ ...line, notAfter }], within, now);
        expect(warnings).toHaveLength(days <= within ? 1 : 0);
        for (const warning of warnings) {
          expect(warning).toBe(
            days <= 0
              ? `The certificate tap (CN=tap.test) expired ${notAfter}. See docs/rotation.md.`
              : `The certificate tap (CN=tap.test) expires ${notAfter}, within certificates.warnWithinDays (${within}). See docs/rotation.md.`,
          );
        }
      }),
    );
  });
});

describe("the debug log", () => {
  test("the debug log keeps its text without any private key, in plain text or as the data of a Secret", async () => {
    const ecdsa = await makeCertificate("x", 1);
    const rsa = await makeCertificate("x", 1, { algorithm: "RSA-2048" });
    const keys = [ecdsa.keyPem, ecdsa.encryptedKeyPem, traditionalKey(ecdsa), traditionalKey(rsa)].map((k) =>
      k.trim(),
    );
    for (const key of keys) {
      const texts = [key, key.replaceAll("\n", "\\n"), Buffer.from(key).toString("base64")];
      for (const text of texts) {
        const line = `resource:k; resp: ${ecdsa.certPem}${Buffer.from(ecdsa.certPem).toString("base64")},${text},end`;
        expect(withoutKeys(line)).toBe(line.replace(text, "[a private key]"));
      }
    }
  });
});
