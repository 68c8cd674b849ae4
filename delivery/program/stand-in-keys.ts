/** Keys in place of the encrypted keys of provided certificates, so that the checks of keys and chains still run. */
import { KeyObject, type webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { isSignedBy } from "../../components/certificates/x509/chain.ts";
import { parseCertificates } from "../../components/certificates/x509/pem.ts";
import { SECRET } from "./stack-files.ts";

/** A certificate with the content of another one, and its key. */
interface StandIn {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Key identifiers name the keys of the original (RFC 5280, 4.2.1.1 and 4.2.1.2). */
const KEY_IDENTIFIERS = ["2.5.29.14", "2.5.29.35"];

/**
 * The setting `certificates` with new certificates and keys, if a key in it is encrypted: the same subjects, issuers,
 * extensions, validity and kinds of keys, so that a recording is the same.
 */
export async function replaceEncryptedKeys(setting: unknown): Promise<unknown> {
  if (!JSON.stringify(setting).includes(`"key":"${SECRET}"`)) return setting;
  const originals = listTexts(setting).flatMap((text) => readCertificates(text));
  const standIns = new Map<string, Promise<StandIn>>();
  const standIn = (pem: string): Promise<StandIn> => {
    const known = standIns.get(pem) ?? createStandIn(pem, originals, standIn);
    standIns.set(pem, known);
    return known;
  };
  const replace = async (value: unknown): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map(replace));
    if (typeof value === "object" && value !== null) return replaceFields(value);
    const pems = typeof value === "string" ? readCertificates(value) : [];
    if (pems.length === 0) return value;
    const replaced = await Promise.all(pems.map(standIn));
    return replaced.map(({ certificate }) => `${certificate.toString("pem")}\n`).join("");
  };
  const replaceFields = async (object: object): Promise<unknown> => {
    const fields = await Promise.all(
      Object.entries(object).map(async ([name, value]) => [name, await replace(value)] as const),
    );
    const { certificate, key } = object as { certificate?: unknown; key?: unknown };
    const [pem] = typeof certificate === "string" && key === SECRET ? readCertificates(certificate) : [];
    return {
      ...Object.fromEntries(fields),
      ...(pem === undefined ? {} : { key: exportKey(await standIn(pem)) }),
    };
  };
  return replace(setting);
}

function listTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

/** The certificates in a text, PEM. None if one of them cannot be read, which the program reports. */
function readCertificates(text: string): string[] {
  try {
    return parseCertificates(text).map((certificate) => certificate.toString());
  } catch {
    return [];
  }
}

async function createStandIn(
  pem: string,
  originals: readonly string[],
  standIn: (pem: string) => Promise<StandIn>,
): Promise<StandIn> {
  const original = new x509.X509Certificate(pem);
  const keys = await createKeys(original);
  const [parsed] = parseCertificates(pem);
  const signer = originals.find((other) => {
    const [ca] = parseCertificates(other);
    return parsed !== undefined && ca !== undefined && isSignedBy(parsed, ca);
  });
  // Without its signer, the certificate is signed by a key that nothing else has, as is the original.
  const signingKeys =
    signer === pem ? keys : signer === undefined ? await createKeys(original) : (await standIn(signer)).keys;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: original.subject,
    issuer: original.issuer,
    notBefore: original.notBefore,
    notAfter: original.notAfter,
    publicKey: keys.publicKey,
    signingKey: signingKeys.privateKey,
    signingAlgorithm: { ...signingKeys.privateKey.algorithm, hash: original.signatureAlgorithm.hash },
    extensions: original.extensions.filter(({ type }) => !KEY_IDENTIFIERS.includes(type)),
  });
  return { certificate, keys };
}

async function createKeys({ publicKey }: x509.X509Certificate): Promise<webcrypto.CryptoKeyPair> {
  return (await crypto.subtle.generateKey(publicKey.algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
}

function exportKey({ keys }: StandIn): string {
  return KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
}
