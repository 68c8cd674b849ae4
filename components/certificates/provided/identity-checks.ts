/** Checks whether Linkerd's identity controller and proxies accept a provided identity. */
import { X509Certificate } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { readPath } from "../../inputs/outputs.ts";
import type { Reject } from "../../inputs/validation.ts";
import type { ProvidedPair } from "../certificate-options.ts";
import { readCertificates } from "../x509/certificate-text.ts";
import { checkCa, checkKeyMatch, findSigner, formatName } from "../x509/chain.ts";
import { fingerprintCertificate, parseCertificates, readPathLength, toCanonicalPem } from "../x509/pem.ts";
import { describeKeyType, readPrivateKey } from "../x509/private-key.ts";
import type { DeferrableChecks } from "./deferrable-checks.ts";

/** A provided identity in the encodings that Linkerd reads. A value that is not readable is `undefined`. */
export interface CheckedIdentity {
  /** Every trust anchor once, in the order given, PEM. */
  readonly trustBundlePem: pulumi.Input<string | undefined>;
  /** The trust anchor that signed the issuer, PEM. `undefined` if someone else manages the issuer. */
  readonly trustAnchorPem?: pulumi.Input<string | undefined>;
  /** The issuer's certificate, PEM. `undefined` if someone else manages the issuer. */
  readonly issuerPem?: pulumi.Input<string | undefined>;
  /** The issuer's key, PKCS#8 PEM. `undefined` if someone else manages the issuer. */
  readonly issuerKeyPem?: pulumi.Input<string | undefined>;
}

/**
 * Checks what Linkerd's identity controller checks when it starts, and its proxies at every connection (linkerd2,
 * pkg/issuercerts and pkg/tls). Adds every issue to `checks`.
 *
 * @param identity DNS name of the issuer
 */
export function checkIdentity(
  given: { readonly trustAnchors: pulumi.Input<string>; readonly issuer: pulumi.Input<ProvidedPair> },
  identity: string,
  checks: DeferrableChecks,
): CheckedIdentity {
  const certificatePath = ["issuer", "certificate"];
  const trustBundlePem = checkTrustAnchors(given.trustAnchors, checks);
  const issuerPem = checks.read(certificatePath, readPath(given.issuer, "certificate"), (text, reject) =>
    readIssuer(text, identity, reject),
  );
  const trustAnchorPem = checks.relate(certificatePath, { issuerPem, trustBundlePem }, checkChain);
  const issuerKeyPem = checks.read(["issuer", "key"], readPath(given.issuer, "key"), readPrivateKey);
  checks.relate(["issuer", "key"], { privateKeyPem: issuerKeyPem, certPem: issuerPem }, (pems, reject) =>
    checkKeyMatch(pems, "issuer.certificate", reject),
  );
  return { trustBundlePem, trustAnchorPem, issuerPem, issuerKeyPem };
}

/** Checks trust anchors alone. Returns every anchor once, in the order given, PEM. */
export function checkTrustAnchors(
  trustAnchors: pulumi.Input<string>,
  checks: DeferrableChecks,
): pulumi.Input<string | undefined> {
  return checks.read(["trustAnchors"], trustAnchors, readTrustAnchors);
}

function readTrustAnchors(text: unknown, reject: Reject): string | undefined {
  const certificates = readCertificates(text, "the trust anchors in PEM, one after another", reject);
  const anchors = [...new Map(certificates.map((each) => [fingerprintCertificate(each), each])).values()];
  for (const anchor of anchors) {
    const which = anchors.length === 1 ? "" : ` (${formatName(anchor)})`;
    checkAnchor(anchor, (issue) => reject({ ...issue, got: issue.got && `${issue.got}${which}` }));
  }
  return anchors.length > 0 ? anchors.map(toCanonicalPem).join("") : undefined;
}

/** Types of keys that trust anchors may have: linkerd2, pkg/issuercerts, CheckTrustAnchorAlgoRequirements. */
export const ANCHOR_KEYS = ["ECDSA P-256", "RSA 2048", "RSA 4096"];

function checkAnchor(anchor: X509Certificate, reject: Reject): void {
  const type = describeKeyType(anchor.publicKey);
  if (!ANCHOR_KEYS.includes(type)) {
    reject({
      reason: `must have a key of type ${ANCHOR_KEYS.join(", ")}`,
      got: type,
      because: "Linkerd accepts no other trust anchor",
    });
  }
  checkCa(anchor, reject);
  if (readPathLength(anchor) === 0) {
    reject({
      reason: "must have no path length, or a path length of at least 1",
      got: "path length 0",
      because: "A CA with path length 0 cannot sign an issuer (RFC 5280, 4.2.1.9)",
    });
  }
}

function readIssuer(text: unknown, identity: string, reject: Reject): string | undefined {
  const certificates = readCertificates(text, "the issuer's certificate in PEM, and nothing else", reject);
  const [issuer, ...rest] = certificates;
  if (issuer === undefined) return undefined;
  if (rest.length > 0) {
    return reject({
      reason: "must be exactly one certificate",
      got: `${certificates.length} certificates (${certificates.map(formatName).join("; ")})`,
      because: "The CAs above the issuer belong in trustAnchors",
    });
  }
  checkIssuer(issuer, identity, reject);
  return toCanonicalPem(issuer);
}

function checkIssuer(issuer: X509Certificate, identity: string, reject: Reject): void {
  const type = describeKeyType(issuer.publicKey);
  if (type !== "ECDSA P-256") {
    reject({
      reason: "must have a key of type ECDSA P-256",
      got: type,
      because: "Linkerd accepts no other issuer",
    });
  }
  checkCa(issuer, reject);
  // The identity controller and the proxies verify this name (linkerd2, controller/cmd/identity).
  if (!issuer.checkHost(identity, { subject: "never", wildcards: false })) {
    reject({
      reason: `must have the DNS name ${identity} among its subject alternative names`,
      got: issuer.subjectAltName ?? "no DNS name",
      because: "Linkerd requires the name identity.<namespace>.<trust domain>",
    });
  }
}

function checkChain(
  { issuerPem, trustBundlePem }: { issuerPem: string; trustBundlePem: string },
  reject: Reject,
): string | undefined {
  const signer = findSigner(
    new X509Certificate(issuerPem),
    parseCertificates(trustBundlePem),
    "trustAnchors",
    reject,
  );
  return signer && toCanonicalPem(signer);
}
