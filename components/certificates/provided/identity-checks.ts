/** Pure: whether Linkerd's identity controller and proxies will take an identity that was brought. */
import type { X509Certificate } from "node:crypto";
import { type Mistake, nameOf, readCertificates, validityPeriodIssue } from "../x509/certificate-text.ts";
import { canonicalPem, fingerprintOf, pathLength, signatureAlgorithm } from "../x509/pem.ts";
import { keyAlgorithm, pkcs8, publicHash, readPrivateKey } from "../x509/private-key.ts";

/** Trust anchors, issuer and the issuer's key, PEM; `undefined` is what is not known yet. */
export interface ProvidedIdentity {
  trustAnchors: string | undefined;
  issuer: { certificate: string | undefined; key: string | undefined };
}

/** An identity that Linkerd takes, in the encodings it reads; or what is wrong with it. */
export interface CheckedIdentity {
  mistakes: Mistake[];
  /** Every anchor once, in the order given. */
  trustBundlePem: string;
  issuerPem: string;
  issuerKeyPem: string;
}

/**
 * Checks what Linkerd's identity controller checks at its start, and its proxies at every connection
 * (linkerd2, pkg/issuercerts and pkg/tls), and reports every mistake.
 */
export function checkIdentity(given: ProvidedIdentity, identity: string, now = new Date()): CheckedIdentity {
  const mistakes: Mistake[] = [];
  const mistake = (path: string, problem: string) => mistakes.push({ path, problem });

  const bundle = readCertificates(given.trustAnchors, "the trust anchors, PEM, one after another");
  for (const problem of bundle.problems) mistake("trustAnchors", problem);
  const anchors = [...new Map(bundle.certificates.map((c) => [fingerprintOf(c), c])).values()];
  for (const anchor of anchors) {
    const which = anchors.length === 1 ? "" : `the anchor ${nameOf(anchor)}: `;
    for (const problem of anchorProblems(anchor, now)) mistake("trustAnchors", `${which}${problem}`);
  }

  const read = readCertificates(given.issuer.certificate, "the issuer's certificate, PEM, and nothing else");
  for (const problem of read.problems) mistake("issuer.certificate", problem);
  const [issuer, ...rest] = read.certificates;
  if (rest.length > 0) {
    mistake(
      "issuer.certificate",
      `it holds ${read.certificates.length} certificates (${read.certificates.map(nameOf).join("; ")}). ` +
        "Expected the issuer's alone; the authorities above it belong in trustAnchors",
    );
  } else if (issuer) {
    for (const problem of issuerProblems(issuer, identity, now)) mistake("issuer.certificate", problem);
    if (anchors.length > 0) {
      for (const problem of chainProblems(issuer, anchors, "trustAnchors"))
        mistake("issuer.certificate", problem);
    }
  }

  const { key, problem } = readPrivateKey(given.issuer.key);
  if (problem) mistake("issuer.key", problem);
  if (key && issuer && rest.length === 0) {
    const unlike = keyMismatch(key, issuer, "the issuer's certificate");
    if (unlike) mistake("issuer.key", unlike);
  }
  return {
    mistakes,
    trustBundlePem: anchors.map(canonicalPem).join(""),
    issuerPem: issuer ? canonicalPem(issuer) : "",
    issuerKeyPem: key ? pkcs8(key) : "",
  };
}

// linkerd2, pkg/issuercerts: CheckTrustAnchorAlgoRequirements.
const ANCHOR_KEYS = ["ECDSA P-256", "RSA 2048", "RSA 4096"];

function* anchorProblems(anchor: X509Certificate, now: Date) {
  const algorithm = keyAlgorithm(anchor.publicKey);
  if (!ANCHOR_KEYS.includes(algorithm)) {
    yield `its key is ${algorithm}. Expected ${ANCHOR_KEYS.join(", ")}: Linkerd takes no other`;
  }
  yield* authorityProblems(anchor, now);
  const between = pathLength(anchor);
  if (between === 0) {
    yield "its path length is 0, which lets it sign no issuer (RFC 5280, 4.2.1.9). Expected an anchor without a path length, or of 1 and more";
  }
}

function* issuerProblems(issuer: X509Certificate, identity: string, now: Date) {
  const algorithm = keyAlgorithm(issuer.publicKey);
  if (algorithm !== "ECDSA P-256") {
    yield `its key is ${algorithm}. Expected ECDSA P-256: Linkerd takes no other issuer`;
  }
  yield* authorityProblems(issuer, now);
  // The identity controller and the proxies know the issuer by this name (linkerd2, controller/cmd/identity).
  if (!issuer.checkHost(identity, { subject: "never", wildcards: false })) {
    yield `it is made out to ${issuer.subjectAltName ?? "no DNS name"}. Expected the DNS name ${identity} among its subject alternative names: identity.<namespace>.<trust domain>`;
  }
}

/** What any authority of the mesh has to be. */
export function* authorityProblems(certificate: X509Certificate, now: Date) {
  // OpenSSL's notion: basicConstraints says CA, and keyUsage, where there is one, lets it sign certificates.
  if (!certificate.ca) {
    yield "it is no authority: its basic constraints lack CA, or its key usage lacks certificate signing. Expected one that may sign certificates";
  }
  if (!signatureAlgorithm(certificate)) {
    yield "it is signed with another algorithm than Linkerd takes. Expected ECDSA or RSA with SHA-256";
  }
  const time = validityPeriodIssue(certificate, now);
  if (time) yield time;
}

/** What is wrong where none of `authorities`, which stand in the setting `where`, signed `certificate`. */
export function* chainProblems(certificate: X509Certificate, authorities: X509Certificate[], where: string) {
  if (authorities.some((authority) => signed(authority, certificate))) return;
  const namesakes = authorities.filter((authority) => authority.subject === certificate.issuer);
  const says = certificate.issuer?.replaceAll("\n", ", ") || "an authority without a name";
  yield namesakes.length > 0
    ? `it says that ${says} signed it, but the one of that name in ${where} did not: another key of the same name. Expected a certificate that one of ${where} signed`
    : `it was signed by ${says}, which is not in ${where} (${authorities.map(nameOf).join("; ")}). Expected a certificate that one of them signed`;
}

/** Whether `authority` signed `certificate`: by name, by key usage, and by the signature itself. */
export function signed(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** What is wrong where `key` is not the key of `certificate`. */
export function keyMismatch(
  key: Parameters<X509Certificate["checkPrivateKey"]>[0],
  certificate: X509Certificate,
  whose: string,
): string | undefined {
  if (certificate.checkPrivateKey(key)) return undefined;
  return (
    `the key does not belong to ${whose}. Expected the key whose public part has SHA-256 ` +
    `${publicHash(certificate.publicKey)}…; given ${publicHash(key)}…`
  );
}
