/**
 * `certificates '<CertificateTargets>'`: reads the certificates of TLS servers and prints `ServerCertificates` for each.
 *
 * They are read before the handshake is complete, because a server that requires a client certificate then ends it.
 */
import { X509Certificate } from "node:crypto";
import { connect, type DetailedPeerCertificate } from "node:tls";
import type { CertificateTargets, ServerCertificates } from "./protocol.ts";

const { targets, timeoutMs }: CertificateTargets = JSON.parse(process.argv[2] ?? "");
type Target = (typeof targets)[number];

function read({ host, port, serverName }: Target): Promise<ServerCertificates> {
  const { promise, resolve } = Promise.withResolvers<ServerCertificates>();
  const socket = connect({ host, port, servername: serverName, rejectUnauthorized: false });
  const finish = (error?: string) => {
    clearTimeout(timer);
    const chain = readChain(socket.getPeerCertificate(true));
    socket.destroy();
    // With certificates, it does not matter how the connection ended.
    resolve({ host, port, chain, ...(chain.length === 0 && error !== undefined && { error }) });
  };
  const timer = setTimeout(() => finish("timeout"), timeoutMs);
  socket.on("secureConnect", () => finish());
  socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  socket.on("end", () => finish("closed"));
  return promise;
}

/** The chain that the server sent, PEM, leaf first. A certificate that signed itself is its own issuer. */
function readChain(leaf: DetailedPeerCertificate | null): string[] {
  const chain: string[] = [];
  const seen = new Set<DetailedPeerCertificate>();
  for (let each = leaf; each?.raw && !seen.has(each); each = each.issuerCertificate) {
    seen.add(each);
    const pem = new X509Certificate(each.raw).toString();
    if (!chain.includes(pem)) chain.push(pem);
  }
  return chain;
}

const results = await Promise.all(targets.map(read));
console.log(JSON.stringify(results));
