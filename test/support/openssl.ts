/** Certificates as openssl reads them: independent of the libraries that create and check them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openssl } from "./cluster.ts";

const YEAR_SECONDS = 365 * 86_400;

/** Writes texts to files in a new directory, and returns their paths. */
function writeFiles<Name extends string>(texts: Record<Name, string>): Record<Name, string> {
  const directory = mkdtempSync(join(tmpdir(), "openssl-"));
  return Object.fromEntries(
    Object.entries<string>(texts).map(([name, text]) => {
      const path = join(directory, name);
      writeFileSync(path, text, { mode: 0o600 });
      return [name, path];
    }),
  ) as Record<Name, string>;
}

/**
 * Whether `openssl verify` accepts `certificate`.
 *
 * @param anchors The trusted CA certificates, PEM.
 * @param options.through Untrusted intermediate certificates, PEM.
 * @param options.yearsAhead Years of 365 days from now at which to verify. @default 0
 * @param options.hostname Host name of a TLS server that the certificate must be valid for.
 */
export function verifies(
  certificate: string,
  anchors: string,
  options: { through?: string; yearsAhead?: number; hostname?: string } = {},
): boolean {
  const { anchors: ca, through } = writeFiles({ anchors, through: options.through ?? "" });
  const at = Math.floor(Date.now() / 1000) + (options.yearsAhead ?? 0) * YEAR_SECONDS;
  try {
    const args = ["verify", "-attime", String(at), "-CAfile", ca];
    if (options.through) args.push("-untrusted", through);
    if (options.hostname) args.push("-purpose", "sslserver", "-verify_hostname", options.hostname);
    return openssl(args, certificate).includes("OK");
  } catch {
    return false;
  }
}

/** Signs a workload certificate that is valid for one day, as Linkerd's identity controller does. */
export function signWorkload(issuer: { certPem: string; keyPem: string }): string {
  const name = "default.default.serviceaccount.identity.linkerd.cluster.local";
  const { certificate, key, extensions } = writeFiles({
    certificate: issuer.certPem,
    key: issuer.keyPem,
    extensions: `subjectAltName=DNS:${name}\nbasicConstraints=critical,CA:false\n`,
  });
  const { workload } = writeFiles({
    workload: openssl(["ecparam", "-genkey", "-name", "prime256v1", "-noout"], ""),
  });
  const request = openssl(["req", "-new", "-key", workload, "-subj", "/CN=workload"], "");
  const sign = ["x509", "-req", "-CA", certificate, "-CAkey", key, "-CAcreateserial", "-days", "1"];
  return openssl([...sign, "-extfile", extensions], request);
}

/** The SHA-256 fingerprint of every certificate in a bundle, in the order of the bundle. */
export function fingerprints(bundle: string): string[] {
  return (bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map((pem) =>
    openssl(["x509", "-noout", "-fingerprint", "-sha256"], pem).trim(),
  );
}
