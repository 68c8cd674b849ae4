/** Pure: whether the API server will believe the webhook certificates that were brought. */
import type { X509Certificate } from "node:crypto";
import type { WebhookServer } from "../webhook-certificates.ts";
import { type Mistake, readCertificates, validityPeriodIssue } from "../x509/certificate-text.ts";
import { canonicalPem } from "../x509/pem.ts";
import { keyAlgorithm, pkcs8, readPrivateKey } from "../x509/private-key.ts";
import { authorityProblems, chainProblems, keyMismatch } from "./identity-checks.ts";

/** A certificate and its key, PEM; `undefined` is what is not known yet. */
export interface Pair {
  certificate: string | undefined;
  key: string | undefined;
}

/** Pairs that were brought and are good, in the encodings that Linkerd reads; or what is wrong with them. */
export interface CheckedWebhooks {
  mistakes: Mistake[];
  caPem: string;
  pairs: Partial<Record<WebhookServer, { certPem: string; privateKeyPem: string }>>;
}

/** Checks each pair against the name its server is called by, and against the authority. */
export function checkWebhooks(
  given: { ca: string | undefined } & Partial<Record<WebhookServer, Pair>>,
  hosts: Partial<Record<WebhookServer, string>>,
  now = new Date(),
): CheckedWebhooks {
  const mistakes: Mistake[] = [];
  const mistake = (path: string, problem: string) => mistakes.push({ path: `webhooks.${path}`, problem });

  const ca = readCertificates(given.ca, "the authority of the webhook certificates, PEM");
  for (const problem of ca.problems) mistake("ca", problem);
  for (const authority of ca.certificates) {
    for (const problem of authorityProblems(authority, now)) mistake("ca", problem);
  }

  const pairs: CheckedWebhooks["pairs"] = {};
  for (const [server, host] of Object.entries(hosts) as [WebhookServer, string][]) {
    const pair = given[server];
    if (pair === undefined) {
      mistake(server, `nothing is given. Expected a certificate for ${host} and its key`);
      continue;
    }
    const read = readCertificates(pair.certificate, `one certificate for ${host}, PEM`);
    for (const problem of read.problems) mistake(`${server}.certificate`, problem);
    const [leaf, ...rest] = read.certificates;
    if (rest.length > 0) {
      mistake(
        `${server}.certificate`,
        `it holds ${read.certificates.length} certificates. Expected the server's alone, signed by webhooks.ca`,
      );
    } else if (leaf) {
      for (const problem of leafProblems(leaf, host, now)) mistake(`${server}.certificate`, problem);
      if (ca.certificates.length > 0) {
        for (const problem of chainProblems(leaf, ca.certificates, "webhooks.ca")) {
          mistake(`${server}.certificate`, problem);
        }
      }
    }
    const { key, problem } = readPrivateKey(pair.key);
    if (problem) mistake(`${server}.key`, problem);
    if (!key || !leaf || rest.length > 0) continue;
    const unlike = keyMismatch(key, leaf, `the certificate for ${host}`);
    if (unlike) mistake(`${server}.key`, unlike);
    pairs[server] = { certPem: canonicalPem(leaf), privateKeyPem: pkcs8(key) };
  }
  return { mistakes, caPem: ca.certificates.map(canonicalPem).join(""), pairs };
}

// RFC 5280, section 4.2.1.12: id-kp-serverAuth, anyExtendedKeyUsage.
const SERVER_USES = ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"];

function* leafProblems(leaf: X509Certificate, host: string, now: Date) {
  if (!leaf.checkHost(host, { subject: "never" })) {
    yield `it is made out to ${leaf.subjectAltName ?? "no DNS name"}. Expected the DNS name ${host}, by which the API server calls it`;
  }
  if (leaf.keyUsage && !leaf.keyUsage.some((use) => SERVER_USES.includes(use))) {
    yield "its extended key usage lacks server authentication. Expected a server's certificate";
  }
  const algorithm = keyAlgorithm(leaf.publicKey);
  if (leaf.publicKey.asymmetricKeyType === "rsa" && Number(algorithm.slice(4)) < 2048) {
    yield `its key is ${algorithm}. Expected at least 2048 bits`;
  }
  const time = validityPeriodIssue(leaf, now);
  if (time) yield time;
}
