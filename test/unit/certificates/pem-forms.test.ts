import fc from "fast-check";
import { expect, test } from "vitest";
import { readCertificates } from "../../../components/certificates/x509/certificate-text.ts";
import { isTruncated, parsePemBlocks } from "../../../components/certificates/x509/pem.ts";
import { readPrivateKey } from "../../../components/certificates/x509/private-key.ts";
import type { Reject, ValidationIssue } from "../../../components/inputs/validation.ts";
import { makeIdentity } from "../../support/pem.ts";

const { anchor, issuer } = await makeIdentity();
const { anchor: second } = await makeIdentity({ domain: "second.example" });
const bundle = anchor.certPem + second.certPem;

/** What environment variables, secret stores and YAML do to PEM. None of them loses a character of the base64. */
const FORMS: Readonly<Record<string, (pem: string) => string>> = {
  "with line breaks as two characters": (pem) => pem.replaceAll("\n", "\\n"),
  "with CRLF as four characters": (pem) => pem.replaceAll("\n", "\\r\\n"),
  "with spaces instead of line breaks": (pem) => pem.replaceAll("\n", " "),
  "without line breaks": (pem) => pem.replaceAll("\n", ""),
  "with CRLF": (pem) => pem.replaceAll("\n", "\r\n"),
  "with indentation": (pem) => pem.replaceAll("\n", "\n    "),
  "with a byte order mark": (pem) => `\ufeff${pem}`,
  "in quotes": (pem) => JSON.stringify(pem),
  "in base64": (pem) => Buffer.from(pem).toString("base64"),
  "in base64 with line breaks": (pem) => `${Buffer.from(pem).toString("base64").replace(/.{76}/g, "$&\n")}\n`,
};

const fail: Reject = (issue) => {
  throw new Error(JSON.stringify(issue));
};

test.each(Object.entries(FORMS))("PEM %s reads as the same blocks and the same key", (_, change) => {
  expect(parsePemBlocks(change(bundle))).toEqual(parsePemBlocks(bundle));
  expect(isTruncated(change(bundle))).toBe(false);
  expect(readPrivateKey(change(issuer.keyPem), fail)).toBe(issuer.keyPem);
});

test("lines of any length read as the same blocks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      fc.constantFrom("\n", " ", "\\n"),
      (lengths, separator) => {
        const [, body = ""] = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(anchor.certPem) ?? [];
        let rest = body.replace(/\s/g, "");
        const lines: string[] = [];
        for (let line = 0; rest !== ""; line++) {
          const length = lengths[line % lengths.length] as number;
          lines.push(rest.slice(0, length));
          rest = rest.slice(length);
        }
        const text = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join(separator);
        expect(parsePemBlocks(text)).toEqual(parsePemBlocks(anchor.certPem));
      },
    ),
  );
});

test.each(Object.entries(FORMS))(
  "PEM %s that breaks off is reported as incomplete, without any part of it",
  (form, change) => {
    const text = change(issuer.certPem.slice(0, -30));
    const issues: Omit<ValidationIssue, "path">[] = [];
    readCertificates(text, "the issuer's certificate in PEM", (issue) => {
      issues.push(issue);
      return undefined;
    });
    expect(
      issues.map(({ got }) => got),
      form,
    ).toEqual(["PEM with a BEGIN line and no END line"]);
    expect(JSON.stringify(issues)).not.toContain(issuer.certPem.split("\n")[1]);
  },
);
