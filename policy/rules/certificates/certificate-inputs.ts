/** Certificates in the inputs of resources. */
import { X509Certificate } from "node:crypto";
import { readPemText } from "../../../components/certificates/x509/pem-text.ts";
import type { Path } from "../../../components/inputs/validation.ts";
import type { CheckedResource } from "../checked-resource.ts";
import { textAt, textsOf } from "../values.ts";

/** Resources of the TLS provider. */
export const PRIVATE_KEY = "tls:index/privateKey:PrivateKey";
export const SELF_SIGNED_CERT = "tls:index/selfSignedCert:SelfSignedCert";
export const LOCALLY_SIGNED_CERT = "tls:index/locallySignedCert:LocallySignedCert";

/** Whether the TLS provider creates a certificate for the resource. */
export function isCertificate({ type }: CheckedResource): boolean {
  return type === SELF_SIGNED_CERT || type === LOCALLY_SIGNED_CERT;
}

/** A certificate and the input that contains it. */
export interface FoundCertificate {
  readonly certificate: X509Certificate;
  readonly path: Path;
}

/** Begins each certificate, as text or as base64 in the data of a Secret. */
const BEGIN = /BEGIN CERTIFICATE-|LS0tLS1CRUdJTi/;

/** Every readable certificate in the inputs. */
export function findCertificates({ inputs }: CheckedResource): FoundCertificate[] {
  return [...textsOf(inputs)].flatMap(({ text, path }) =>
    readCertificatesOf(text).map((certificate) => ({ certificate, path })),
  );
}

/** The readable certificates of a text. Text without a certificate, such as a placeholder, has none. */
export function readCertificatesOf(text: string | undefined): X509Certificate[] {
  if (text === undefined || !BEGIN.test(text)) return [];
  return readPemText(text)
    .blocks.filter(({ label }) => label === "CERTIFICATE")
    .flatMap((block) => {
      try {
        return [new X509Certificate(block.text)];
      } catch {
        return []; // Whoever reads the certificate reports it; no rule applies to damaged text.
      }
    });
}

/** The certificates in an entry of a Secret or ConfigMap, whichever of its fields has the entry. */
export function findEntry({ inputs }: CheckedResource, key: string): FoundCertificate[] {
  return ["data", "stringData"].flatMap((field) =>
    readCertificatesOf(textAt(inputs, field, key)).map((certificate) => ({
      certificate,
      path: [field, key],
    })),
  );
}

/** Name of the object in the cluster; `undefined` if it is not known. */
export function objectName({ inputs }: CheckedResource): string | undefined {
  return textAt(inputs, "metadata", "name");
}
