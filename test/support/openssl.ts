/** Certificates as openssl sees them, which is not the library that made or checked them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openssl } from "./cluster.ts";

const YEAR_SECONDS = 365 * 86_400;

/** Writes PEM texts into a directory of their own and gives their paths. */
function files<Name extends string>(texts: Record<Name, string>): Record<Name, string> {
  const directory = mkdtempSync(join(tmpdir(), "openssl-"));
  return Object.fromEntries(
    Object.entries<string>(texts).map(([name, text]) => {
      const path = join(directory, name);
      writeFileSync(path, text, { mode: 0o600 });
      return [name, path];
    }),
  ) as Record<Name, string>;
}

/** Whether `openssl verify` accepts `certificate` under `anchors`, now or so many years ahead. */
export function verifies(
  certificate: string,
  anchors: string,
  options: { through?: string; yearsAhead?: number; hostname?: string } = {},
): boolean {
  const { anchors: ca, through } = files({ anchors, through: options.through ?? "" });
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

/** A workload's certificate of a day, as Linkerd's identity controller signs it. */
export function signWorkload(issuer: { certPem: string; keyPem: string }): string {
  const name = "default.default.serviceaccount.identity.linkerd.cluster.local";
  const { certificate, key, extensions } = files({
    certificate: issuer.certPem,
    key: issuer.keyPem,
    extensions: `subjectAltName=DNS:${name}\nbasicConstraints=critical,CA:false\n`,
  });
  const { workload } = files({
    workload: openssl(["ecparam", "-genkey", "-name", "prime256v1", "-noout"], ""),
  });
  const request = openssl(["req", "-new", "-key", workload, "-subj", "/CN=workload"], "");
  const sign = ["x509", "-req", "-CA", certificate, "-CAkey", key, "-CAcreateserial", "-days", "1"];
  return openssl([...sign, "-extfile", extensions], request);
}

/** The public part of every certificate in a bundle, one line each, in its order. */
export function fingerprints(bundle: string): string[] {
  return (bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map((pem) =>
    openssl(["x509", "-noout", "-fingerprint", "-sha256"], pem).trim(),
  );
}
