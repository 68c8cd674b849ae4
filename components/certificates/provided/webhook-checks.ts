/** Checks whether the API server accepts provided webhook certificates. */
import { X509Certificate } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { readPath } from "../../inputs/outputs.ts";
import type { Reject } from "../../inputs/validation.ts";
import type { ProvidedPair, ProvidedWebhooks } from "../certificate-options.ts";
import type { WebhookServer } from "../webhook-servers.ts";
import { readCertificates } from "../x509/certificate-text.ts";
import { checkCa, checkKeyMatch, checkValidityPeriod, findSigner } from "../x509/chain.ts";
import { parseCertificates, toCanonicalPem } from "../x509/pem.ts";
import { describeKeyType, readPrivateKey } from "../x509/private-key.ts";
import type { DeferrableChecks } from "./deferrable-checks.ts";

/** A checked certificate and its key, PEM. A value that is not readable is `undefined`. */
export interface CheckedPair {
  readonly certPem: pulumi.Input<string | undefined>;
  /** PKCS#8. */
  readonly privateKeyPem: pulumi.Input<string | undefined>;
}

/** Provided webhook certificates in the encodings that Linkerd reads. */
export interface CheckedWebhooks {
  /** The CA, PEM. */
  readonly caPem: pulumi.Input<string | undefined>;
  readonly pairs: { readonly [server in WebhookServer]?: CheckedPair };
}

/**
 * Checks each pair against the CA, and against the DNS name of its server. Adds every issue to `checks`.
 *
 * @param hosts the servers that are installed, and the name by which the API server calls each of them
 */
export function checkWebhooks(
  given: ProvidedWebhooks,
  hosts: { readonly [server in WebhookServer]?: string },
  checks: DeferrableChecks,
): CheckedWebhooks {
  const caPem = checks.read(["webhooks", "ca"], given.ca, readCa);
  const pairs: { [server in WebhookServer]?: CheckedPair } = {};
  for (const [server, host] of Object.entries(hosts) as [WebhookServer, string][]) {
    const pair = given[server];
    if (pair === undefined) {
      checks.read(["webhooks", server], pair, (_, reject) =>
        reject({ reason: `must be a certificate for ${host} and its key`, got: "nothing" }),
      );
    } else {
      pairs[server] = checkPair(server, pair, host, caPem, checks);
    }
  }
  return { caPem, pairs };
}

/** Checks the CA of certificates that someone else manages. Without one, there is nothing to check. */
export function checkWebhookCa(
  ca: pulumi.Input<string> | undefined,
  checks: DeferrableChecks,
): pulumi.Input<string | undefined> | undefined {
  return ca === undefined ? undefined : checks.read(["webhooks", "ca"], ca, readCa);
}

function checkPair(
  server: WebhookServer,
  pair: pulumi.Input<ProvidedPair>,
  host: string,
  caPem: pulumi.Input<string | undefined>,
  checks: DeferrableChecks,
): CheckedPair {
  const certificatePath = ["webhooks", server, "certificate"];
  const keyPath = ["webhooks", server, "key"];
  const certPem = checks.read(certificatePath, readPath(pair, "certificate"), (text, reject) =>
    readLeaf(text, host, reject),
  );
  checks.relate(certificatePath, { certPem, caPem }, (pems, reject) =>
    findSigner(new X509Certificate(pems.certPem), parseCertificates(pems.caPem), "webhooks.ca", reject),
  );
  const privateKeyPem = checks.read(keyPath, readPath(pair, "key"), readPrivateKey);
  checks.relate(keyPath, { privateKeyPem, certPem }, (pems, reject) =>
    checkKeyMatch(pems, `webhooks.${server}.certificate`, reject),
  );
  return { certPem, privateKeyPem };
}

function readCa(text: unknown, reject: Reject): string | undefined {
  const certificates = readCertificates(text, "the CA of the webhook certificates in PEM", reject);
  for (const certificate of certificates) checkCa(certificate, reject);
  return certificates.length > 0 ? certificates.map(toCanonicalPem).join("") : undefined;
}

function readLeaf(text: unknown, host: string, reject: Reject): string | undefined {
  const certificates = readCertificates(text, `one certificate for ${host} in PEM`, reject);
  const [leaf, ...rest] = certificates;
  if (leaf === undefined) return undefined;
  if (rest.length > 0) {
    return reject({
      reason: "must be exactly one certificate",
      got: `${certificates.length} certificates`,
      because: "The CA of the certificate belongs in webhooks.ca",
    });
  }
  checkLeaf(leaf, host, reject);
  return toCanonicalPem(leaf);
}

// RFC 5280, section 4.2.1.12: id-kp-serverAuth, anyExtendedKeyUsage.
const SERVER_USES = ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"];

function checkLeaf(leaf: X509Certificate, host: string, reject: Reject): void {
  if (!leaf.checkHost(host, { subject: "never" })) {
    reject({
      reason: `must have the DNS name ${host} among its subject alternative names`,
      got: leaf.subjectAltName ?? "no DNS name",
      because: "The API server calls the webhook by this name",
    });
  }
  if (leaf.keyUsage && !leaf.keyUsage.some((use) => SERVER_USES.includes(use))) {
    reject({
      reason: "must allow server authentication",
      got: "an extended key usage without it",
    });
  }
  const type = describeKeyType(leaf.publicKey);
  if (leaf.publicKey.asymmetricKeyType === "rsa" && Number(type.slice(4)) < 2048) {
    reject({ reason: "must have an RSA key of at least 2048 bits", got: type });
  }
  checkValidityPeriod(leaf, reject);
}
