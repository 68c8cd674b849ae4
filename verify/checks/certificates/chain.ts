/** Reads and verifies the certificates that a server sends. */
import type { X509Certificate } from "node:crypto";
import { formatName, isSignedBy } from "../../../components/certificates/x509/chain.ts";
import { fingerprintCertificate, parseCertificates } from "../../../components/certificates/x509/pem.ts";
import type { Problem } from "../../report/finding.ts";

/** A server and the certificates that it sent. */
export interface ServedChain {
  /** The server in messages, e.g. `the proxy of client-6d5f`. */
  readonly server: string;
  /** The name that the leaf must be valid for. */
  readonly name: string;
  /** PEM, leaf first. Empty with an error. */
  readonly chain: readonly string[];
  readonly error?: string | undefined;
}

/** A chain that ends with a trusted certificate. */
export interface VerifiedChain {
  readonly leaf: X509Certificate;
  /** The CA that signed the leaf, if the server sent it. */
  readonly issuer: X509Certificate | undefined;
  /** The trusted certificate. */
  readonly anchor: X509Certificate;
}

/** What the problems of a server have in common. */
export interface ChainContext {
  /** The trusted certificates, PEM. */
  readonly trustPem: string;
  /** Where they are, e.g. `the ConfigMap linkerd-identity-trust-roots`. */
  readonly trustName: string;
  /** The likely cause of a chain that none of them signed. */
  readonly untrusted: Pick<Problem, "cause" | "docs">;
  readonly now: Date;
}

/** Verifies that each certificate signed the previous one, and a trusted one the last: names, signatures and validity. */
export function verifyChain(served: ServedChain, context: ChainContext): VerifiedChain | Problem {
  const { server, name, error } = served;
  const certificates = served.chain.flatMap(parseCertificates);
  const [leaf, ...above] = certificates;
  if (leaf === undefined) {
    return {
      observed: `${server} sends no certificate: ${error ?? "it closes the connection"}`,
      cause: "The server does not run, has no certificate yet, or a NetworkPolicy denies the connection.",
      docs: "docs/verify.md#certificates",
    };
  }
  const trusted = parseCertificates(context.trustPem);
  const top = certificates.at(-1) as X509Certificate;
  const broken = certificates.findIndex((each, index) => {
    const signer = certificates[index + 1];
    return signer !== undefined && !isSignedBy(each, signer);
  });
  // A trusted certificate may be in the chain itself, as that of a server that signed its own.
  const anchor =
    trusted.find((each) => fingerprintCertificate(each) === fingerprintCertificate(top)) ??
    trusted.find((each) => isSignedBy(top, each));
  if (broken >= 0 || anchor === undefined) {
    const names = trusted.map(formatName).join("; ") || "no certificate";
    const observed =
      broken >= 0
        ? `${server} sends ${formatName(certificates[broken] as X509Certificate)}, which the next certificate of its chain did not sign`
        : `${server} sends a chain that ends with ${formatName(top)}, signed by none of ${context.trustName} (${names})`;
    return { observed, ...context.untrusted };
  }
  if (leaf.checkHost(name) === undefined) {
    return {
      observed: `${server} sends a certificate for ${leaf.subjectAltName ?? formatName(leaf)}, not for ${name}`,
      cause: "The Secret of the server has the certificate of another server, or another trust domain.",
      docs: "docs/certificates.md",
    };
  }
  const invalid = [...certificates, anchor].find((each) => !isValidAt(each, context.now));
  if (invalid) return invalidProblem(server, invalid, context.now);
  return { leaf, issuer: above[0], anchor };
}

export const isProblem = (result: VerifiedChain | Problem): result is Problem => "observed" in result;

const isValidAt = ({ validFromDate, validToDate }: X509Certificate, now: Date) =>
  validFromDate <= now && now < validToDate;

function invalidProblem(server: string, certificate: X509Certificate, now: Date): Problem {
  const { validFromDate, validToDate } = certificate;
  const period = `${validFromDate.toISOString()} to ${validToDate.toISOString()}`;
  return {
    observed: `${server} uses ${formatName(certificate)}, which is valid from ${period}`,
    cause:
      validFromDate > now
        ? "The clock of the machine that created the certificate is fast, or the clock of this machine is slow."
        : "The certificate was not renewed.",
    docs: "docs/rotation.md",
  };
}
