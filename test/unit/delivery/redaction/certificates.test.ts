import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  type CertificateIdentity,
  replaceCertificates,
} from "../../../../delivery/redaction/certificates.ts";
import { makeCertificate, type TestCertificate } from "../../../support/pem.ts";

const name = ({ subject }: CertificateIdentity) => `<${subject}>`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

let root: TestCertificate;
let leaf: TestCertificate;
beforeAll(async () => {
  root = await makeCertificate("root.test", 24, { keyUsage: "keyCertSign" });
  leaf = await makeCertificate("leaf.test", 12, {
    isCa: false,
    signer: root,
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.1", "1.2.3.4"],
  });
});

test("a certificate is identified by subject, issuer, usages, validity and SHA-256", () => {
  const found: CertificateIdentity[] = [];
  replaceCertificates(`${root.certPem}${leaf.certPem}`, (certificate) => {
    found.push(certificate);
    return "";
  });
  expect(found).toMatchObject([
    { subject: "CN=root.test", issuer: "CN=root.test", isCa: true, usages: ["keyCertSign"] },
    { subject: "CN=leaf.test", issuer: "CN=root.test", isCa: false, usages: ["serverAuth", "1.2.3.4"] },
  ]);
  expect(found.map(({ notAfter, notBefore }) => notAfter.getTime() - notBefore.getTime())).toEqual([
    24 * 3_600_000,
    12 * 3_600_000,
  ]);
  expect(found[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("each certificate is replaced in PEM, in JSON, in JSON inside JSON, and in base64", () => {
  const pem = `${root.certPem}${leaf.certPem}`;
  expect(replaceCertificates(`a: |\n${pem}b`, name)).toBe("a: |\n<CN=root.test>\n<CN=leaf.test>\nb");
  expect(replaceCertificates(JSON.stringify({ pem, b: 1 }), name)).toBe(
    String.raw`{"pem":"<CN=root.test>\n<CN=leaf.test>\n","b":1}`,
  );
  expect(replaceCertificates(JSON.stringify(JSON.stringify({ pem })), name)).toBe(
    String.raw`"{\"pem\":\"<CN=root.test>\\n<CN=leaf.test>\\n\"}"`,
  );
  expect(replaceCertificates(`caBundle: ${base64(pem)}\nname: a\n`, name)).toBe(
    "caBundle: <CN=root.test>\n<CN=leaf.test>\nname: a\n",
  );
  const wrapped = base64(pem).replaceAll(/.{64}/g, "$&\n");
  expect(replaceCertificates(wrapped, name)).toMatch(/^<CN=root.test>\n<CN=leaf.test>/);
  expect(replaceCertificates(`"${base64(base64(leaf.certPem))}"`, name)).toBe('"<CN=leaf.test>"');
});

test("PEM that is not a readable certificate is replaced by its label, and an incomplete one up to its end", () => {
  const [begin, end] = ["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"];
  expect(replaceCertificates(`${begin}\nAAAA\n${end}`, name)).toBe("[certificate]");
  expect(replaceCertificates(`"${root.certPem.slice(0, 200)}…"`, name)).toBe('"[incomplete PEM]…"');
  expect(replaceCertificates(`${root.certPem.slice(0, 200)}…${leaf.certPem}`, name)).toBe(
    "[incomplete PEM]…<CN=leaf.test>\n",
  );
  expect(replaceCertificates(root.keyPem, name)).toBe("[private key]\n");
  expect(replaceCertificates(base64(root.keyPem), name)).toBe("[PEM in base64]");
});

test("text without PEM stays as it is", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(replaceCertificates(text, name)).toBe(text);
    }),
  );
});

test("no part of a certificate is left, whatever surrounds it", () => {
  const text = fc.string({ maxLength: 20 });
  fc.assert(
    fc.property(text, text, fc.constantFrom("plain", "json", "base64"), (before, after, encoding) => {
      const plain = `${before}\n${leaf.certPem}${after}`;
      const encoded = {
        plain,
        json: JSON.stringify(plain),
        base64: `${before} ${base64(leaf.certPem)} ${after}`,
      };
      const replaced = replaceCertificates(encoded[encoding], name);
      expect(replaced).toContain("<CN=leaf.test>");
      const body = leaf.certPem.split("\n").slice(1, -2);
      expect(body.filter((line) => replaced.includes(line))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
