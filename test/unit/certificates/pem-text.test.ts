import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { DeferrableChecks } from "../../../components/certificates/provided/deferrable-checks.ts";
import { checkIdentity } from "../../../components/certificates/provided/identity-checks.ts";
import { checkWebhooks } from "../../../components/certificates/provided/webhook-checks.ts";
import { readCertificates } from "../../../components/certificates/x509/certificate-text.ts";
import { toCanonicalPem } from "../../../components/certificates/x509/pem.ts";
import { readPemText } from "../../../components/certificates/x509/pem-text.ts";
import { readPrivateKey } from "../../../components/certificates/x509/private-key.ts";
import { formatIssue } from "../../../components/inputs/validation.ts";
import { redactText } from "../../../stacks/secrets/redaction.ts";
import { withoutKeys } from "../../../stacks/secrets/without-keys.ts";
import { makeCertificate, type TestCertificate, traditionalKey } from "../../support/pem.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const HOST = "tap.linkerd-viz.svc";
let ca: TestCertificate;
let leaf: TestCertificate;
let rsa: TestCertificate;

beforeAll(async () => {
  ca = await makeCertificate("identity.linkerd.cluster.local", 24, { isCa: true });
  leaf = await makeCertificate(HOST, 24, { signer: ca });
  rsa = await makeCertificate("rsa.test", 24, { isCa: true, algorithm: "RSA-2048" });
});

type Change = (pem: string) => string;

/** Changes that tools and stores apply to a PEM text. Each keeps every base64 character in its place. */
const CHANGES: Readonly<Record<string, Change>> = {
  "\\n as two characters": (pem) => pem.replaceAll("\n", "\\n"),
  "\\r\\n as four characters": (pem) => pem.replaceAll("\n", "\\r\\n"),
  "\\n with an escaped backslash": (pem) => pem.replaceAll("\n", "\\\\n"),
  "no line breaks": (pem) => pem.replaceAll("\n", ""),
  "no whitespace": (pem) => pem.replaceAll(/\s/g, ""),
  "spaces instead of newlines": (pem) => pem.replaceAll("\n", " "),
  "newlines instead of spaces": (pem) => pem.replaceAll(" ", "\n"),
  "CRLF line breaks": (pem) => pem.replaceAll("\n", "\r\n"),
  "CR line breaks": (pem) => pem.replaceAll("\n", "\r"),
  "indented lines": (pem) => pem.replaceAll(/^/gm, "    "),
  "empty lines": (pem) => pem.replaceAll("\n", "\n\n"),
  "lines of 76 columns": (pem) =>
    pem.replaceAll(/(-\n)([A-Za-z0-9+/=\n]+)(\n-)/g, (_, begin, body: string, end) =>
      [begin, body.replaceAll("\n", "").replaceAll(/.{76}/g, "$&\n"), end].join(""),
    ),
  "double quotes": (pem) => `"${pem}"`,
  "single quotes": (pem) => `'${pem}'`,
  "a JSON string": (pem) => JSON.stringify(pem),
  "a quoted string on each line": (pem) =>
    pem
      .trim()
      .split("\n")
      .map((line) => `"${line}\\n"`)
      .join(" \\\n"),
  "a byte order mark": (pem) => `\ufeff${pem}`,
  "no padding": (pem) => pem.replaceAll("=", ""),
  base64,
  "base64 in lines": (pem) => base64(pem).replaceAll(/.{76}/g, "$&\n"),
};

test.each(Object.keys(CHANGES))("certificates and keys with %s are read as they were", (name) => {
  const change = CHANGES[name] as Change;
  const reject = (issue: object) => {
    throw new Error(JSON.stringify(issue));
  };
  const bundle = readCertificates(change(ca.certPem + rsa.certPem), "PEM", reject);
  expect(bundle.map(toCanonicalPem)).toEqual([ca.certPem, rsa.certPem]);
  expect(readPrivateKey(change(leaf.keyPem), reject)).toBe(leaf.keyPem);
  expect(readPrivateKey(change(traditionalKey(rsa)), reject)).toBe(rsa.keyPem);
});

const changes = fc
  .array(fc.constantFrom(...Object.values(CHANGES)), { maxLength: 3 })
  // Further encodings of base64 are not a PEM text that a tool writes.
  .filter((list) => list.filter((change) => /base64/.test(change.toString())).length <= 1);
const text = (...pems: string[]) =>
  changes.map((list) => list.reduce((pem, change) => change(pem), pems.join("")));

test("any sequence of such changes to a valid PEM text yields the same canonical PEM", () => {
  const texts = fc.tuple(text(ca.certPem, rsa.certPem), text(leaf.certPem), text(leaf.keyPem));
  fc.assert(
    fc.property(texts, ([bundle, certificate, key]) => {
      const read = (given: string) => readPemText(given).blocks.map((block) => block.text);
      expect(read(bundle).map((pem) => toCanonicalPem(new X509Certificate(pem)))).toEqual([
        ca.certPem,
        rsa.certPem,
      ]);
      expect(read(certificate)).toEqual([leaf.certPem.trim()]);
      expect(read(key)).toEqual([leaf.keyPem.trim()]);
    }),
    { numRuns: 200 },
  );
});

test("any such changes to a key leave a text from which the key is redacted", () => {
  // A key in quoted lines of base64 is not redacted: quotes end a value in the debug log.
  const isQuotedBase64 = (key: string) => /^[^-]*"\s*\\\n/.test(key);
  fc.assert(
    fc.property(
      text(leaf.keyPem).filter((key) => !isQuotedBase64(key)),
      (key) => {
        const body = leaf.keyPem.split("\n")[1] as string;
        expect(redactText(`key ${key}`)).toBe("a private key");
        const log = withoutKeys(`resp: ${key}, end`);
        expect(log).not.toContain(body.slice(0, 20));
        expect(Buffer.from(log, "base64").toString("latin1")).not.toContain(body.slice(0, 20));
      },
    ),
    { numRuns: 100 },
  );
});

test("a key whose label is in quoted lines within base64 is redacted", () => {
  const lines = leaf.keyPem.replaceAll(" ", "\n").trim().split("\n");
  const key = base64(lines.map((line) => `"${line}\\n"`).join(" \\\n"));
  expect(redactText(`key ${key}`)).toBe("a private key");
  expect(withoutKeys(`resp: ${key}, end`)).toBe("resp: [a private key], end");
});

describe("each argument with PEM text", () => {
  const changed = (pem: string) => base64(JSON.stringify(pem));

  test.each([
    ["plain values", <T>(value: T) => value],
    ["Outputs", <T>(value: T) => pulumi.secret(value)],
  ])("provided identities and webhook certificates are read with changed PEM text in %s", async (_, wrap) => {
    const checks = new DeferrableChecks([]);
    const identity = checkIdentity(
      {
        trustAnchors: wrap(changed(ca.certPem)),
        issuer: { certificate: wrap(changed(ca.certPem)), key: wrap(changed(ca.keyPem)) },
      },
      "identity.linkerd.cluster.local",
      checks,
    );
    const webhooks = checkWebhooks(
      {
        ca: wrap(changed(ca.certPem)),
        tap: { certificate: wrap(changed(leaf.certPem)), key: wrap(changed(leaf.keyPem)) },
      },
      { tap: HOST },
      checks,
    );
    const resolve = (output: unknown) =>
      new Promise((done) => (pulumi.output(output) as pulumi.Output<unknown>).apply(done));
    expect(checks.issues.map(formatIssue)).toEqual([]);
    expect((await resolve(checks.deferredIssues)) ?? []).toEqual([]);
    expect(await resolve({ identity, webhooks })).toEqual({
      identity: {
        trustBundlePem: ca.certPem,
        trustAnchorPem: ca.certPem,
        issuerPem: ca.certPem,
        issuerKeyPem: ca.keyPem,
      },
      webhooks: { caPem: ca.certPem, pairs: { tap: { certPem: leaf.certPem, privateKeyPem: leaf.keyPem } } },
    });
  });
});

test.each<[string, (pem: string) => string, RegExp]>([
  [
    "no END line",
    (pem) => pem.slice(0, 200),
    /got PEM with a BEGIN CERTIFICATE line and no END CERTIFICATE line/,
  ],
  [
    "no BEGIN line",
    (pem) => pem.slice(40),
    /got PEM with an END CERTIFICATE line and no BEGIN CERTIFICATE line/,
  ],
  ["an incomplete BEGIN line", () => "-----BEGIN CERTIF", /got PEM with an incomplete BEGIN line/],
  [
    "an END line of another label",
    (pem) => pem.replace("END CERTIFICATE", "END PRIVATE KEY"),
    /got PEM with a BEGIN CERTIFICATE line and no END CERTIFICATE line/,
  ],
  [
    "dashes of a word processor",
    (pem) => pem.replaceAll("-----", "\u2014\u2014-"),
    /got PEM whose BEGIN line does not have five hyphens on each side/,
  ],
  ["a missing character", (pem) => pem.replace("MII", "MI"), /got a damaged certificate/],
  ["another character", (pem) => pem.replace("MII", "M*I"), /got a damaged certificate/],
])("a certificate with %s is rejected with the problem", (_, change, message) => {
  const issues: string[] = [];
  readCertificates(change(ca.certPem), "PEM", (issue) => {
    issues.push(formatIssue({ path: ["trustAnchors"], ...issue }));
    return undefined;
  });
  expect(issues).toEqual([expect.stringMatching(message)]);
});
