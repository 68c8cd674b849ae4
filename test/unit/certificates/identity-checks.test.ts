import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { DeferrableChecks } from "../../../components/certificates/provided/deferrable-checks.ts";
import { checkIdentity } from "../../../components/certificates/provided/identity-checks.ts";
import { formatIssue, ValidationError } from "../../../components/inputs/validation.ts";
import { ServiceMesh } from "../../../components/service-mesh.ts";
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

const given = (overrides: { trustAnchors?: string; certificate?: string; key?: string } = {}) => ({
  trustAnchors: overrides.trustAnchors ?? anchor.certPem,
  issuer: { certificate: overrides.certificate ?? issuer.certPem, key: overrides.key ?? issuer.keyPem },
});

/** Checks an identity. Returns its values, and the messages of its issues. */
function check(identity: Parameters<typeof checkIdentity>[0]) {
  const checks = new DeferrableChecks([]);
  return { ...checkIdentity(identity, IDENTITY, checks), messages: checks.issues.map(formatIssue) };
}

/** An identity whose issuer has these properties. */
async function issuerWith(options: TestCertificateOptions, hours = YEARS) {
  const created = await makeCertificate(IDENTITY, hours, { signer: anchor, ...options });
  return given({ certificate: created.certPem, key: created.keyPem });
}

/** An identity whose trust anchor has these properties. */
async function anchorWith(options: TestCertificateOptions, hours = YEARS) {
  const root = await makeCertificate("root.linkerd.cluster.local", hours, options);
  const signed = await makeCertificate(IDENTITY, 24, { signer: root });
  return given({ trustAnchors: root.certPem, certificate: signed.certPem, key: signed.keyPem });
}
const der = (pem: string) => Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
/** The PEM with one character that is not base64, so that its content is not DER. */
const damaged = (pem: string) => pem.replace(/\nMI/, "\n!I");

type Malformed = [name: string, make: () => unknown, issues: RegExp[]];

// Each with all of its issues.
const MALFORMED: Malformed[] = [
  [
    "no anchors",
    () => given({ trustAnchors: "" }),
    [/^trustAnchors: must be the trust anchors in PEM, one after another, got an empty string\.$/],
  ],
  [
    "anchors that are whitespace",
    () => given({ trustAnchors: " \n " }),
    [/^trustAnchors: must be the trust anchors .*, got an empty string\.$/],
  ],
  [
    "prose instead of anchors",
    () => given({ trustAnchors: "ask the security team" }),
    [/^trustAnchors: must be .*, got text without a PEM block\.$/],
  ],
  [
    "a file name instead of anchors",
    () => given({ trustAnchors: "./ca.crt" }),
    [/^trustAnchors: must be .*, got the name of a file instead of its content\.$/],
  ],
  [
    "anchors without BEGIN and END lines",
    () => given({ trustAnchors: der(anchor.certPem).toString("base64") }),
    [/^trustAnchors: must be .*, got base64 without BEGIN and END lines\.$/],
  ],
  [
    "an anchor in DER",
    () => given({ trustAnchors: der(anchor.certPem).toString("latin1") }),
    [/^trustAnchors: must be .*, got binary data \(DER\)\. Fix: .*openssl x509 -inform der/],
  ],
  [
    "a truncated anchor",
    () => given({ trustAnchors: anchor.certPem.slice(0, 300) }),
    [/^trustAnchors: must be .*, got PEM with a BEGIN CERTIFICATE line and no END CERTIFICATE line\.$/],
  ],
  [
    "a truncated second anchor",
    () => given({ trustAnchors: anchor.certPem + other.anchor.certPem.slice(0, 200) }),
    [/^trustAnchors: must be .*, got PEM with a BEGIN CERTIFICATE line and no END CERTIFICATE line\.$/],
  ],
  [
    "a damaged anchor",
    () => given({ trustAnchors: damaged(anchor.certPem) }),
    [/^trustAnchors: must be .*, got a damaged certificate\.$/],
  ],
  [
    "a damaged second anchor",
    () => given({ trustAnchors: anchor.certPem + damaged(other.anchor.certPem) }),
    [/^trustAnchors: must be .*, got a damaged certificate \(block 2 of 2\)\.$/],
  ],
  [
    "a private key among the anchors",
    () => given({ trustAnchors: anchor.certPem + anchor.keyPem }),
    [
      /^trustAnchors: must not contain a private key, got a private key \(block 2 of 2\)\. This argument is public/,
    ],
  ],
  [
    "a certificate request instead of an anchor",
    () => given({ trustAnchors: anchor.certPem.replaceAll("CERTIFICATE", "CERTIFICATE REQUEST") }),
    [
      /^trustAnchors: must be .*, got a certificate request\. A request is not a certificate until a CA signs it/,
    ],
  ],
  [
    "an anchor in OpenSSL's own format",
    () => given({ trustAnchors: anchor.certPem.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE") }),
    [/^trustAnchors: must be .*, got .* OpenSSL's own format\. Fix: .*openssl x509/],
  ],
  [
    "a revocation list among the anchors",
    () => given({ trustAnchors: anchor.certPem + anchor.certPem.replaceAll("CERTIFICATE", "X509 CRL") }),
    [/^trustAnchors: must be .*, got a PEM block with the label X509 CRL \(block 2 of 2\)\.$/],
  ],
  [
    "an anchor that is not a CA",
    () => anchorWith({ isCa: false }),
    [/^trustAnchors: must be a CA certificate, got one whose basic constraints lack CA/],
  ],
  [
    "an anchor whose key usage lacks certificate signing",
    () => anchorWith({ keyUsage: "digitalSignature" }),
    [
      /^trustAnchors: must be a CA certificate.*key usage lacks certificate signing/,
      /^issuer.certificate: must be signed by a certificate in trustAnchors/,
    ],
  ],
  [
    "an anchor whose path length does not allow an issuer",
    () => anchorWith({ pathLength: 0 }),
    [/^trustAnchors: must have no path length, or a path length of at least 1, got path length 0\./],
  ],
  [
    "a P-384 anchor",
    () => anchorWith({ algorithm: "P-384" }),
    [
      /^trustAnchors: must have a key of type ECDSA P-256, RSA 2048, RSA 4096, got ECDSA P-384\./,
      /^trustAnchors: must be signed with ECDSA or RSA, and SHA-256, got another signature algorithm\./,
      /^issuer.certificate: must be signed with ECDSA or RSA, and SHA-256, got another signature algorithm\./,
    ],
  ],
  [
    "an RSA anchor with 1024 bits",
    () => anchorWith({ algorithm: "RSA-1024" }),
    [/^trustAnchors: must have a key of type .*, got RSA 1024\./],
  ],
  [
    "an RSA anchor with 3072 bits",
    () => anchorWith({ algorithm: "RSA-3072" }),
    [/^trustAnchors: must have a key of type .*, got RSA 3072\./],
  ],
  [
    "an Ed25519 anchor",
    () => anchorWith({ algorithm: "Ed25519" }),
    [
      /^trustAnchors: must have a key of type .*, got ed25519\./,
      /^trustAnchors: must be signed with .*, got another signature algorithm/,
      /^issuer.certificate: must be signed with .*, got another signature algorithm/,
    ],
  ],
  [
    "an anchor with a SHA-1 signature",
    () => anchorWith({ hash: "SHA-1" }),
    [/^trustAnchors: must be signed with .*, got another signature algorithm\. Linkerd accepts no other/],
  ],
  [
    "an expired anchor",
    () => anchorWith({ beginsIn: -48 }, -1),
    [/^trustAnchors: must be valid now, got a certificate that expired \d{4}-/],
  ],
  [
    "an anchor that is not valid yet",
    () => anchorWith({ beginsIn: 48 }),
    [/^trustAnchors: must be valid now, got a certificate that is not valid before \d{4}-.*clock/],
  ],
  [
    "a bundle with an expired anchor",
    async () =>
      given({
        trustAnchors: anchor.certPem + (await makeCertificate("old.root", -1, { beginsIn: -48 })).certPem,
      }),
    [/^trustAnchors: must be valid now, got a certificate that expired .* \(CN=old\.root\)\.$/],
  ],
  [
    "no issuer",
    () => given({ certificate: "" }),
    [
      /^issuer.certificate: must be the issuer's certificate in PEM, and nothing else, got an empty string\.$/,
    ],
  ],
  [
    "a key instead of the issuer's certificate",
    () => given({ certificate: issuer.keyPem }),
    [/^issuer.certificate: must not contain a private key, got a private key\. This argument is public/],
  ],
  [
    "a damaged issuer",
    () => given({ certificate: damaged(issuer.certPem) }),
    [/^issuer.certificate: must be .*, got a damaged certificate\.$/],
  ],
  [
    "a chain instead of the issuer alone",
    () => given({ certificate: issuer.certPem + anchor.certPem }),
    [
      /^issuer.certificate: must be exactly one certificate, got 2 certificates \(CN=identity.*; CN=root.*\)\. The CAs above the issuer belong in trustAnchors/,
    ],
  ],
  [
    "certificate and key in one text",
    () => given({ certificate: issuer.certPem + issuer.keyPem }),
    [/^issuer.certificate: must not contain a private key, got a private key \(block 2 of 2\)\./],
  ],
  [
    "an issuer that is not a CA",
    () => issuerWith({ isCa: false }),
    [/^issuer.certificate: must be a CA certificate/],
  ],
  [
    "an issuer whose key usage lacks certificate signing",
    () => issuerWith({ keyUsage: "digitalSignature" }),
    [/^issuer.certificate: must be a CA certificate/],
  ],
  [
    "an RSA issuer",
    () => issuerWith({ algorithm: "RSA-2048" }),
    [
      /^issuer.certificate: must have a key of type ECDSA P-256, got RSA 2048\. Linkerd accepts no other issuer/,
    ],
  ],
  [
    "a P-384 issuer",
    () => issuerWith({ algorithm: "P-384" }),
    [/^issuer.certificate: must have a key of type ECDSA P-256, got ECDSA P-384\./],
  ],
  [
    "an issuer for another trust domain",
    () => issuerWith({ dnsNames: ["identity.linkerd.other.example"] }),
    [
      /^issuer.certificate: must have the DNS name identity\.linkerd\.cluster\.local among its subject alternative names, got DNS:identity.linkerd.other.example\./,
    ],
  ],
  [
    "an issuer with the name in its subject alone",
    () => issuerWith({ dnsNames: [] }),
    [/^issuer.certificate: must have the DNS name .*, got no DNS name\./],
  ],
  [
    "an issuer with a wildcard name",
    () => issuerWith({ dnsNames: ["*.linkerd.cluster.local"] }),
    [/^issuer.certificate: must have the DNS name .*, got DNS:\*\.linkerd/],
  ],
  [
    "an expired issuer",
    () => issuerWith({ beginsIn: -48 }, -1),
    [/^issuer.certificate: must be valid now, got a certificate that expired/],
  ],
  [
    "an issuer that is not valid yet",
    () => issuerWith({ beginsIn: 48 }),
    [/^issuer.certificate: must be valid now, got a certificate that is not valid before/],
  ],
  [
    "an issuer of another anchor",
    () => issuerWith({ signer: other.anchor }),
    [
      /^issuer.certificate: must be signed by a certificate in trustAnchors, got one that is signed by CN=root\.linkerd\.other\.example, while trustAnchors has CN=root\.linkerd\.cluster\.local\.$/,
    ],
  ],
  [
    "an issuer of an anchor with the same name and another key",
    async () => issuerWith({ signer: await makeCertificate("root.linkerd.cluster.local", YEARS) }),
    [
      /^issuer.certificate: must be signed by .*, got one that names CN=root\.linkerd\.cluster\.local as its issuer and is signed by another key of that name\.$/,
    ],
  ],
  [
    "no key",
    () => given({ key: "" }),
    [/^issuer.key: must be one private key in PEM \(PKCS#8 or SEC1\), not encrypted, got an empty string\.$/],
  ],
  [
    "prose instead of a key",
    () => given({ key: "hunter2" }),
    [/^issuer.key: must be one private key .*, got text without a PEM block\.$/],
  ],
  [
    "a certificate instead of a key",
    () => given({ key: issuer.certPem }),
    [/^issuer.key: must be one private key .*, got a PEM block with the label CERTIFICATE\.$/],
  ],
  [
    "a public key",
    () => given({ key: issuer.keyPem.replaceAll("PRIVATE", "PUBLIC") }),
    [/^issuer.key: must be one private key .*, got a PEM block with the label PUBLIC KEY\.$/],
  ],
  [
    "a truncated key",
    () => given({ key: issuer.keyPem.slice(0, 100) }),
    [/^issuer.key: must be .*, got PEM with a BEGIN PRIVATE KEY line and no END PRIVATE KEY line\.$/],
  ],
  [
    "a damaged key",
    () => given({ key: damaged(issuer.keyPem) }),
    [/^issuer.key: must be readable, got a damaged private key\.$/],
  ],
  [
    "a key with another label",
    () => given({ key: issuer.keyPem.replaceAll("PRIVATE KEY", "PGP MESSAGE") }),
    [/^issuer.key: must be one private key .*, got a PEM block with the label PGP MESSAGE\.$/],
  ],
  [
    "two keys",
    () => given({ key: issuer.keyPem + anchor.keyPem }),
    [/^issuer.key: must be one private key .*, got 2 PEM blocks \(private key and private key\)\.$/],
  ],
  [
    "key and certificate in one text",
    () => given({ key: issuer.keyPem + issuer.certPem }),
    [/^issuer.key: must be one private key .*, got 2 PEM blocks \(private key and certificate\)\.$/],
  ],
  [
    "an encrypted PKCS#8 key",
    () => given({ key: issuer.encryptedKeyPem }),
    [/^issuer.key: must not be encrypted, got an encrypted private key\..* Fix: .*openssl pkey -in/],
  ],
  [
    "an encrypted SEC1 key",
    () => given({ key: traditionalKey(issuer, "hunter2") }),
    [/^issuer.key: must not be encrypted, got an encrypted private key\..* Fix: .*openssl pkey/],
  ],
  [
    "a key in OpenSSH's format",
    () => given({ key: issuer.keyPem.replaceAll("PRIVATE", "OPENSSH PRIVATE") }),
    [/^issuer.key: must be .*, got a private key in OpenSSH's own format\. Fix: .*ssh-keygen/],
  ],
  [
    "the anchor's key instead of the issuer's",
    () => given({ key: anchor.keyPem }),
    [
      /^issuer.key: must belong to issuer\.certificate, got a key whose public key has SHA-256 [0-9a-f]{16}…, while the certificate has [0-9a-f]{16}…\.$/,
    ],
  ],
  [
    "an RSA key for the ECDSA issuer",
    async () => given({ key: (await makeCertificate("x", 1, { algorithm: "RSA-2048" })).keyPem }),
    [/^issuer.key: must belong to issuer\.certificate/],
  ],
  [
    "anchor and issuer in each other's place",
    () => given({ trustAnchors: issuer.certPem, certificate: anchor.certPem, key: anchor.keyPem }),
    [
      /^issuer.certificate: must have the DNS name .*, got DNS:root/,
      /^issuer.certificate: must be signed by .*, got one that is signed by CN=root/,
    ],
  ],
  [
    "an identity of which every value is invalid",
    () => given({ trustAnchors: "x", certificate: "y", key: "z" }),
    [/^trustAnchors: /, /^issuer.certificate: /, /^issuer.key: /],
  ],
];

/** Creates a malformed identity once for all tests that use it. */
const created = new Map<string, Promise<ReturnType<typeof given>>>();
function malformed([name, make]: Malformed) {
  const identity = created.get(name) ?? Promise.resolve(make() as ReturnType<typeof given>);
  created.set(name, identity);
  return identity;
}

describe("a provided identity", () => {
  test("a valid identity has no issues and is returned unchanged", () => {
    expect(check(given())).toEqual({
      messages: [],
      trustBundlePem: anchor.certPem,
      trustAnchorPem: anchor.certPem,
      issuerPem: issuer.certPem,
      issuerKeyPem: issuer.keyPem,
    });
  });

  test.each(MALFORMED)("an identity with %s has exactly the issues that describe it", async (...of) => {
    const identity = await malformed(of);
    const [, , expected] = of;
    expect(check(identity).messages).toEqual(expected.map((message) => expect.stringMatching(message)));
  });

  test.each(MALFORMED)(
    "a mesh with %s registers nothing, and its error contains no part of a key",
    async (...of) => {
      const identity = await malformed(of);
      const { resources, result } = await register(() => {
        try {
          new ServiceMesh("m", { certificates: { mode: "provided", ...identity } });
        } catch (error) {
          return error as Error;
        }
        return undefined;
      });
      expect(result).toBeInstanceOf(ValidationError);
      expect(resources).toEqual([]);
      const { message } = result as Error;
      for (const line of identity.issuer.key
        .split("\n")
        .filter((l) => l.length > 20 && !l.startsWith("-----")))
        expect(message).not.toContain(line);
      expect(message).not.toContain("hunter2");
    },
  );

  test("messages differ between malformed identities, apart from dates and hashes", async () => {
    const messages = await Promise.all(
      MALFORMED.slice(0, -1).map(async (of) => check(await malformed(of)).messages.join()),
    );
    // Dates and hashes make any two messages differ.
    const words = messages.map((m) => m.replace(/\d{4}-[^ ]*Z|[0-9a-f]{16}…/g, ""));
    expect(new Set(words).size).toBeGreaterThanOrEqual(40);
  });

  test("a trust anchor may have an RSA key with 2048 bits", async () => {
    expect(check(await anchorWith({ algorithm: "RSA-2048" })).messages).toEqual([]);
  });

  test("a trust anchor may have an RSA key with 4096 bits, as openssl creates it", () => {
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
      check(given({ trustAnchors: text("ca.pem"), certificate: text("issuer.pem"), key: text("issuer.key") }))
        .messages,
    ).toEqual([]);
  });

  test("a SEC1 key is returned as PKCS#8, which every part of Linkerd reads", () => {
    const checked = check(given({ key: traditionalKey(issuer) }));
    expect(checked).toMatchObject({ messages: [], issuerKeyPem: issuer.keyPem });
  });

  test("a bundle of several trust anchors is returned in its order, with each anchor once", () => {
    const bundle = other.anchor.certPem + anchor.certPem + other.anchor.certPem;
    expect(check(given({ trustAnchors: bundle }))).toMatchObject({
      messages: [],
      trustBundlePem: other.anchor.certPem + anchor.certPem,
      trustAnchorPem: anchor.certPem,
    });
  });

  test("text around the PEM, other line ends and missing newlines do not change the returned values", () => {
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
        const decorate = (...pems: string[]) =>
          `${[before, ...pems.flatMap((pem) => [pem.trim(), between]), after]
            .join("\n")
            .split("\n")
            .map((line) => indent + line)
            .join(newline)}${trailing}`;
        expect(
          check(
            given({
              trustAnchors: decorate(anchor.certPem, other.anchor.certPem),
              certificate: decorate(issuer.certPem),
              key: decorate(issuer.keyPem),
            }),
          ),
        ).toEqual({
          messages: [],
          trustBundlePem: anchor.certPem + other.anchor.certPem,
          trustAnchorPem: anchor.certPem,
          issuerPem: issuer.certPem,
          issuerKeyPem: issuer.keyPem,
        });
      }),
      { numRuns: 60 },
    );
  });

  test("a key that is damaged in its private half alone is rejected", () => {
    // PKCS#8 of P-256 has the private half from byte 36 on (RFC 5915, RFC 5958).
    const der = createPrivateKey(issuer.keyPem).export({ type: "pkcs8", format: "der" });
    der.writeUInt8(der.readUInt8(50) ^ 1, 50);
    const base64 = der.toString("base64").replace(/.{64}/g, "$&\n");
    const key = `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
    expect(check(given({ key })).messages.join()).toContain("got a damaged private key");
  });

  test("a broken text always has an issue, and no check throws", () => {
    const pem = fc.constantFrom(anchor.certPem, issuer.certPem, issuer.keyPem, traditionalKey(issuer));
    const broken = fc
      .tuple(pem, fc.nat(2_000), fc.string({ maxLength: 8 }))
      .map(([text, anywhere, inserted]) => {
        const at = anywhere % (text.length - 10);
        return text.slice(0, at) + inserted + text.slice(at + 5);
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), (text) => {
        // Without five of its characters, neither text is a key or certificate that belongs to the other.
        for (const identity of [given({ key: text }), given({ certificate: text })]) {
          const { messages } = check(identity);
          expect(messages.length).toBeGreaterThan(0);
          for (const line of issuer.keyPem.split("\n").slice(1, -2))
            expect(messages.join()).not.toContain(line);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("values of two identities are valid only if all of them belong to the same identity", () => {
    const mine = { anchor, issuer };
    const pick = fc.constantFrom(mine, other);
    fc.assert(
      fc.property(pick, pick, pick, (a, b, c) => {
        const identity = given({
          trustAnchors: a.anchor.certPem,
          certificate: b.issuer.certPem,
          key: c.issuer.keyPem,
        });
        expect(check(identity).messages.length === 0).toBe(a === mine && b === mine && c === mine);
      }),
    );
  });

  test("values that are Outputs have no issues before they resolve, and known values are checked", () => {
    const unknown = pulumi.output(new Promise<string>(() => undefined));
    expect(
      check({ trustAnchors: unknown, issuer: { certificate: issuer.certPem, key: unknown } }).messages,
    ).toEqual([]);
    expect(
      check({ trustAnchors: unknown, issuer: { certificate: unknown, key: "no key" } }).messages,
    ).toHaveLength(1);
    expect(
      check({ trustAnchors: anchor.certPem, issuer: pulumi.output({ certificate: unknown, key: unknown }) })
        .messages,
    ).toEqual([]);
  });
});
