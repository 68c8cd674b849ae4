import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  checkIdentity,
  type ProvidedIdentity,
} from "../../../components/certificates/provided/identity-checks.ts";
import { MeshSettingsError, ServiceMesh } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import {
  makeCertificate,
  makeIdentity,
  type TestCertificate,
  type TestCertificateOptions,
  traditionalKey,
} from "../../support/pem.ts";

const IDENTITY = "identity.linkerd.cluster.local";
const YEARS = 8_760 * 50;

let anchor: TestCertificate;
let issuer: TestCertificate;
let other: { anchor: TestCertificate; issuer: TestCertificate };

beforeAll(async () => {
  ({ anchor, issuer } = await makeIdentity());
  other = await makeIdentity({ domain: "other.example" });
});

const given = (
  overrides: { trustAnchors?: string; certificate?: string; key?: string } = {},
): ProvidedIdentity & { trustAnchors: string; issuer: { certificate: string; key: string } } => ({
  trustAnchors: overrides.trustAnchors ?? anchor.certPem,
  issuer: { certificate: overrides.certificate ?? issuer.certPem, key: overrides.key ?? issuer.keyPem },
});
const mistakesIn = (identity: ProvidedIdentity) =>
  checkIdentity(identity, IDENTITY).mistakes.map(({ path, problem }) => `${path}: ${problem}`);

/** An issuer with something particular about it, and what it was signed by. */
async function issuerWith(options: TestCertificateOptions, hours = YEARS) {
  const made = await makeCertificate(IDENTITY, hours, { signer: anchor, ...options });
  return given({ certificate: made.certPem, key: made.keyPem });
}
async function anchorWith(options: TestCertificateOptions, hours = YEARS) {
  const root = await makeCertificate("root.linkerd.cluster.local", hours, options);
  const signed = await makeCertificate(IDENTITY, 24, { signer: root });
  return given({ trustAnchors: root.certPem, certificate: signed.certPem, key: signed.keyPem });
}
const base64 = (pem: string) => Buffer.from(pem).toString("base64");
const der = (pem: string) => Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
/** One base64 digit changed, far enough in that it is no longer DER. */
const damaged = (pem: string) => pem.replace(/\nMI/, "\n!I");

type Malformed = [name: string, make: () => unknown, mistakes: RegExp[]];

// Each with every mistake that is told of it, and no other.
const MALFORMED: Malformed[] = [
  [
    "no anchors",
    () => given({ trustAnchors: "" }),
    [/^trustAnchors: it is empty\. Expected the trust anchors/],
  ],
  ["anchors of spaces", () => given({ trustAnchors: " \n " }), [/^trustAnchors: it is empty/]],
  [
    "prose for anchors",
    () => given({ trustAnchors: "ask the security team" }),
    [/^trustAnchors: it holds no PEM block/],
  ],
  [
    "a file name for anchors",
    () => given({ trustAnchors: "./ca.crt" }),
    [/^trustAnchors: it is the name of a file/],
  ],
  [
    "anchors in base64 twice",
    () => given({ trustAnchors: base64(anchor.certPem) }),
    [/^trustAnchors: it is PEM in base64 once more.*base64 -d/],
  ],
  [
    "anchors without BEGIN and END",
    () => given({ trustAnchors: der(anchor.certPem).toString("base64") }),
    [/^trustAnchors: it is base64 without BEGIN and END lines/],
  ],
  [
    "an anchor in DER",
    () => given({ trustAnchors: der(anchor.certPem).toString("latin1") }),
    [/^trustAnchors: it is binary.*openssl x509 -inform der/],
  ],
  [
    "an anchor that breaks off",
    () => given({ trustAnchors: anchor.certPem.slice(0, 300) }),
    [/^trustAnchors: the PEM breaks off/],
  ],
  [
    "a second anchor that breaks off",
    () => given({ trustAnchors: anchor.certPem + other.anchor.certPem.slice(0, 200) }),
    [/^trustAnchors: the PEM breaks off/],
  ],
  [
    "an anchor that is damaged",
    () => given({ trustAnchors: damaged(anchor.certPem) }),
    [/^trustAnchors: the block in it cannot be read as a certificate/],
  ],
  [
    "a second anchor that is damaged",
    () => given({ trustAnchors: anchor.certPem + damaged(other.anchor.certPem) }),
    [/^trustAnchors: block 2 of 2 cannot be read/],
  ],
  [
    "a private key among the anchors",
    () => given({ trustAnchors: anchor.certPem + anchor.keyPem }),
    [/^trustAnchors: block 2 of 2 is a private key, and this setting is public/],
  ],
  [
    "a request for an anchor",
    () => given({ trustAnchors: anchor.certPem.replaceAll("CERTIFICATE", "CERTIFICATE REQUEST") }),
    [/^trustAnchors: the block in it is a request for a certificate/],
  ],
  [
    "an anchor in OpenSSL's own format",
    () => given({ trustAnchors: anchor.certPem.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE") }),
    [/^trustAnchors: .* OpenSSL's own format.*openssl x509/],
  ],
  [
    "a revocation list among the anchors",
    () => given({ trustAnchors: anchor.certPem + anchor.certPem.replaceAll("CERTIFICATE", "X509 CRL") }),
    [/^trustAnchors: block 2 of 2 is a X509 CRL/],
  ],
  [
    "an anchor that is no authority",
    () => anchorWith({ isCa: false }),
    [/^trustAnchors: it is no authority/],
  ],
  [
    "an anchor that may not sign certificates",
    () => anchorWith({ keyUsage: "digitalSignature" }),
    [
      /^trustAnchors: it is no authority.*key usage lacks certificate signing/,
      /^issuer.certificate: it says that/,
    ],
  ],
  [
    "an anchor that may sign no authority",
    () => anchorWith({ pathLength: 0 }),
    [/^trustAnchors: its path length is 0/],
  ],
  [
    "a P-384 anchor",
    () => anchorWith({ algorithm: "P-384" }),
    [
      /^trustAnchors: its key is ECDSA P-384\. Expected ECDSA P-256, RSA 2048, RSA 4096/,
      /^trustAnchors: it is signed with another algorithm/,
      /^issuer.certificate: it is signed with another algorithm/,
    ],
  ],
  [
    "an RSA anchor of 1024 bits",
    () => anchorWith({ algorithm: "RSA-1024" }),
    [/^trustAnchors: its key is RSA 1024/],
  ],
  [
    "an RSA anchor of 3072 bits",
    () => anchorWith({ algorithm: "RSA-3072" }),
    [/^trustAnchors: its key is RSA 3072/],
  ],
  [
    "an Ed25519 anchor",
    () => anchorWith({ algorithm: "Ed25519" }),
    [
      /^trustAnchors: its key is ed25519/,
      /^trustAnchors: it is signed with another/,
      /^issuer.certificate: it is signed with another/,
    ],
  ],
  [
    "an anchor with a SHA-1 signature",
    () => anchorWith({ hash: "SHA-1" }),
    [/^trustAnchors: it is signed with another algorithm than Linkerd takes/],
  ],
  ["an anchor that has ended", () => anchorWith({ beginsIn: -48 }, -1), [/^trustAnchors: it ended \d{4}-/]],
  [
    "an anchor that has not begun",
    () => anchorWith({ beginsIn: 48 }),
    [/^trustAnchors: it is not valid before \d{4}-.*clock/],
  ],
  [
    "a bundle with an anchor that has ended",
    async () =>
      given({
        trustAnchors: anchor.certPem + (await makeCertificate("old.root", -1, { beginsIn: -48 })).certPem,
      }),
    [/^trustAnchors: the anchor CN=old\.root: it ended/],
  ],
  ["no issuer", () => given({ certificate: "" }), [/^issuer.certificate: it is empty/]],
  [
    "a key for the issuer's certificate",
    () => given({ certificate: issuer.keyPem }),
    [/^issuer.certificate: the block in it is a private key, and this setting is public/],
  ],
  [
    "an issuer that is damaged",
    () => given({ certificate: damaged(issuer.certPem) }),
    [/^issuer.certificate: the block in it cannot be read/],
  ],
  [
    "a chain where the issuer alone is expected",
    () => given({ certificate: issuer.certPem + anchor.certPem }),
    [
      /^issuer.certificate: it holds 2 certificates \(CN=identity.*; CN=root.*\)\. Expected the issuer's alone/,
    ],
  ],
  [
    "certificate and key in one file",
    () => given({ certificate: issuer.certPem + issuer.keyPem }),
    [/^issuer.certificate: block 2 of 2 is a private key/],
  ],
  [
    "an issuer that is no authority",
    () => issuerWith({ isCa: false }),
    [/^issuer.certificate: it is no authority/],
  ],
  [
    "an issuer that may not sign certificates",
    () => issuerWith({ keyUsage: "digitalSignature" }),
    [/^issuer.certificate: it is no authority/],
  ],
  [
    "an RSA issuer",
    () => issuerWith({ algorithm: "RSA-2048" }),
    [/^issuer.certificate: its key is RSA 2048\. Expected ECDSA P-256: Linkerd takes no other issuer/],
  ],
  [
    "a P-384 issuer",
    () => issuerWith({ algorithm: "P-384" }),
    [/^issuer.certificate: its key is ECDSA P-384/],
  ],
  [
    "an issuer for another trust domain",
    () => issuerWith({ dnsNames: ["identity.linkerd.other.example"] }),
    [
      /^issuer.certificate: it is made out to DNS:identity.linkerd.other.example\. Expected the DNS name identity\.linkerd\.cluster\.local/,
    ],
  ],
  [
    "an issuer with the name in its subject alone",
    () => issuerWith({ dnsNames: [] }),
    [/^issuer.certificate: it is made out to no DNS name/],
  ],
  [
    "an issuer with a wildcard",
    () => issuerWith({ dnsNames: ["*.linkerd.cluster.local"] }),
    [/^issuer.certificate: it is made out to DNS:\*\.linkerd/],
  ],
  ["an issuer that has ended", () => issuerWith({ beginsIn: -48 }, -1), [/^issuer.certificate: it ended/]],
  [
    "an issuer that has not begun",
    () => issuerWith({ beginsIn: 48 }),
    [/^issuer.certificate: it is not valid before/],
  ],
  [
    "an issuer of somebody else's anchor",
    () => issuerWith({ signer: other.anchor }),
    [
      /^issuer.certificate: it was signed by CN=root\.linkerd\.other\.example, which is not in trustAnchors \(CN=root\.linkerd\.cluster\.local\)/,
    ],
  ],
  [
    "an issuer of an anchor of the same name and another key",
    async () => issuerWith({ signer: await makeCertificate("root.linkerd.cluster.local", YEARS) }),
    [
      /^issuer.certificate: it says that CN=root\.linkerd\.cluster\.local signed it, but .* another key of the same name/,
    ],
  ],
  ["no key", () => given({ key: "" }), [/^issuer.key: it is empty\. Expected one private key/]],
  ["prose for a key", () => given({ key: "hunter2" }), [/^issuer.key: it holds no PEM block/]],
  [
    "a certificate for a key",
    () => given({ key: issuer.certPem }),
    [/^issuer.key: it is a certificate, not its key/],
  ],
  [
    "a public key",
    () => given({ key: issuer.keyPem.replaceAll("PRIVATE", "PUBLIC") }),
    [/^issuer.key: it is a public key/],
  ],
  [
    "a key that breaks off",
    () => given({ key: issuer.keyPem.slice(0, 100) }),
    [/^issuer.key: the PEM breaks off/],
  ],
  [
    "a key that is damaged",
    () => given({ key: damaged(issuer.keyPem) }),
    [/^issuer.key: the PRIVATE KEY in it cannot be read: it is damaged/],
  ],
  [
    "a key under another label",
    () => given({ key: issuer.keyPem.replaceAll("PRIVATE KEY", "PGP MESSAGE") }),
    [/^issuer.key: it is a PGP MESSAGE/],
  ],
  [
    "two keys",
    () => given({ key: issuer.keyPem + anchor.keyPem }),
    [/^issuer.key: it holds PRIVATE KEY and PRIVATE KEY\. Expected one/],
  ],
  [
    "key and certificate in one file",
    () => given({ key: issuer.keyPem + issuer.certPem }),
    [/^issuer.key: it holds PRIVATE KEY and CERTIFICATE/],
  ],
  [
    "an encrypted PKCS#8 key",
    () => given({ key: issuer.encryptedKeyPem }),
    [/^issuer.key: the key is encrypted.*Decrypt it with: openssl pkey -in/],
  ],
  [
    "an encrypted SEC1 key",
    () => given({ key: traditionalKey(issuer, "hunter2") }),
    [/^issuer.key: the key is encrypted.*openssl pkey/],
  ],
  [
    "a key in OpenSSH's format",
    () => given({ key: issuer.keyPem.replaceAll("PRIVATE", "OPENSSH PRIVATE") }),
    [/^issuer.key: the key is in OpenSSH's own format.*ssh-keygen/],
  ],
  [
    "the anchor's key",
    () => given({ key: anchor.keyPem }),
    [
      /^issuer.key: the key does not belong to the issuer's certificate\. Expected the key whose public part has SHA-256 [0-9a-f]{16}…; given [0-9a-f]{16}…/,
    ],
  ],
  [
    "an RSA key for the ECDSA issuer",
    async () => given({ key: (await makeCertificate("x", 1, { algorithm: "RSA-2048" })).keyPem }),
    [/^issuer.key: the key does not belong/],
  ],
  [
    "anchor and issuer changed round",
    () => given({ trustAnchors: issuer.certPem, certificate: anchor.certPem, key: anchor.keyPem }),
    [/^issuer.certificate: it is made out to DNS:root/, /^issuer.certificate: it was signed by CN=root/],
  ],
  [
    "everything wrong at once",
    () => given({ trustAnchors: "x", certificate: "y", key: "z" }),
    [/^trustAnchors: /, /^issuer.certificate: /, /^issuer.key: /],
  ],
];

/** A malformed identity, made once for the tests that look at it. */
const made = new Map<string, Promise<ReturnType<typeof given>>>();
function malformed([name, make]: Malformed) {
  const identity = made.get(name) ?? Promise.resolve(make() as ReturnType<typeof given>);
  made.set(name, identity);
  return identity;
}

describe("an identity that was brought", () => {
  test("is taken where it is right, and handed on as it was given", () => {
    const checked = checkIdentity(given(), IDENTITY);
    expect(checked).toEqual({
      mistakes: [],
      trustBundlePem: anchor.certPem,
      issuerPem: issuer.certPem,
      issuerKeyPem: issuer.keyPem,
    });
  });

  test.each(MALFORMED)("%s: refused with a message of its own", async (...of) => {
    const identity = await malformed(of);
    const [, , expected] = of;
    expect(mistakesIn(identity)).toEqual(expected.map((message) => expect.stringMatching(message)));
  });

  test.each(MALFORMED)("%s: nothing is registered, no key is told", async (...of) => {
    const identity = await malformed(of);
    const { resources, result } = await register(() => {
      try {
        new ServiceMesh("m", { certificates: { mode: "provided", ...identity } });
      } catch (error) {
        return error as Error;
      }
      return undefined;
    });
    expect(result).toBeInstanceOf(MeshSettingsError);
    expect(resources).toEqual([]);
    const { message } = result as Error;
    for (const line of identity.issuer.key.split("\n").filter((l) => l.length > 20 && !l.startsWith("-----")))
      expect(message).not.toContain(line);
    expect(message).not.toContain("hunter2");
  });

  test("each of those mistakes has words of its own", async () => {
    const first = await Promise.all(
      MALFORMED.slice(0, -1).map(async (of) => mistakesIn(await malformed(of)).join()),
    );
    // Names, dates and hashes apart, which make any two messages differ.
    const words = first.map((m) => m.replace(/\d{4}-[^ ]*Z|[0-9a-f]{16}…/g, ""));
    expect(new Set(words).size).toBeGreaterThanOrEqual(40);
  });

  test.each(["RSA-2048"] as const)("an anchor may be %s", async (algorithm) => {
    expect(mistakesIn((await anchorWith({ algorithm })) as ProvidedIdentity)).toEqual([]);
  });

  test("an RSA anchor of 4096 bits, made by openssl, is taken", () => {
    const directory = mkdtempSync(join(tmpdir(), "rsa-"));
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:4096",
      "-nodes",
      "-sha256",
      "-days",
      "3650",
      "-subj",
      "/CN=rsa",
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
    );
    openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", "issuer.key");
    openssl("req", "-new", "-key", "issuer.key", "-subj", "/CN=i", "-out", "issuer.csr");
    writeFileSync(
      join(directory, "ext"),
      `basicConstraints=critical,CA:true\nsubjectAltName=DNS:${IDENTITY}\n`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      "issuer.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "30",
      "-sha256",
      "-extfile",
      "ext",
      "-out",
      "issuer.pem",
    );
    const text = (file: string) => execFileSync("cat", [join(directory, file)], { encoding: "utf8" });
    // The key as `openssl ecparam -genkey` writes it: its curve first, then SEC1.
    expect(text("issuer.key")).toContain("BEGIN EC PARAMETERS");
    expect(
      mistakesIn(
        given({ trustAnchors: text("ca.pem"), certificate: text("issuer.pem"), key: text("issuer.key") }),
      ),
    ).toEqual([]);
  });

  test("a SEC1 key becomes PKCS#8, which all of Linkerd reads", () => {
    const checked = checkIdentity(given({ key: traditionalKey(issuer) }), IDENTITY);
    expect(checked).toMatchObject({ mistakes: [], issuerKeyPem: issuer.keyPem });
  });

  test("a bundle of several anchors is taken in its order, each once", () => {
    const bundle = other.anchor.certPem + anchor.certPem + other.anchor.certPem;
    expect(checkIdentity(given({ trustAnchors: bundle }), IDENTITY)).toMatchObject({
      mistakes: [],
      trustBundlePem: other.anchor.certPem + anchor.certPem,
    });
  });

  test("text around it, other line ends and missing newlines change nothing in what Linkerd gets", () => {
    const noise = fc.stringMatching(/^[A-Za-z0-9 :=]{0,40}$/);
    const shape = fc.record({
      before: noise,
      between: noise,
      after: noise,
      newline: fc.constantFrom("\n", "\r\n"),
      indent: fc.constantFrom("", "  ", "\t"),
      trailing: fc.constantFrom("", "\n", "\n\n\n"),
    });
    fc.assert(
      fc.property(shape, ({ before, between, after, newline, indent, trailing }) => {
        const dress = (...pems: string[]) =>
          `${[before, ...pems.flatMap((pem) => [pem.trim(), between]), after]
            .join("\n")
            .split("\n")
            .map((line) => indent + line)
            .join(newline)}${trailing}`;
        expect(
          checkIdentity(
            given({
              trustAnchors: dress(anchor.certPem, other.anchor.certPem),
              certificate: dress(issuer.certPem),
              key: dress(issuer.keyPem),
            }),
            IDENTITY,
          ),
        ).toEqual({
          mistakes: [],
          trustBundlePem: anchor.certPem + other.anchor.certPem,
          issuerPem: issuer.certPem,
          issuerKeyPem: issuer.keyPem,
        });
      }),
      { numRuns: 60 },
    );
  });

  test("a key that was damaged in its private half alone is not taken for the certificate's", () => {
    // PKCS#8 of P-256 holds the private half from byte 36 on (RFC 5915, RFC 5958).
    const der = createPrivateKey(issuer.keyPem).export({ type: "pkcs8", format: "der" });
    der.writeUInt8(der.readUInt8(50) ^ 1, 50);
    const base64 = der.toString("base64").replace(/.{64}/g, "$&\n");
    const key = `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
    expect(mistakesIn(given({ key })).join()).toContain("cannot be read: it is damaged");
  });

  test("no text, however broken, is taken or makes the check itself fail", () => {
    const pem = fc.constantFrom(anchor.certPem, issuer.certPem, issuer.keyPem, traditionalKey(issuer));
    const broken = fc
      .tuple(pem, fc.nat(2_000), fc.string({ maxLength: 8 }))
      .map(([text, anywhere, inserted]) => {
        const at = anywhere % (text.length - 10);
        return text.slice(0, at) + inserted + text.slice(at + 5);
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), (text) => {
        // Five characters gone from anywhere leave neither the key nor the certificate that belong together.
        for (const identity of [given({ key: text }), given({ certificate: text })]) {
          const mistakes = mistakesIn(identity);
          expect(mistakes.length).toBeGreaterThan(0);
          for (const line of issuer.keyPem.split("\n").slice(1, -2))
            expect(mistakes.join()).not.toContain(line);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("every pair of two identities is refused but those that belong together", () => {
    const mine = { anchor, issuer };
    const pick = fc.constantFrom(mine, other);
    fc.assert(
      fc.property(pick, pick, pick, (a, b, c) => {
        const identity = given({
          trustAnchors: a.anchor.certPem,
          certificate: b.issuer.certPem,
          key: c.issuer.keyPem,
        });
        expect(mistakesIn(identity).length === 0).toBe(a === mine && b === mine && c === mine);
      }),
    );
  });

  test("what is not known yet is not judged", () => {
    expect(
      mistakesIn({ trustAnchors: undefined, issuer: { certificate: issuer.certPem, key: undefined } }),
    ).toEqual([]);
    expect(
      mistakesIn({ trustAnchors: undefined, issuer: { certificate: undefined, key: "no key" } }),
    ).toHaveLength(1);
  });
});
