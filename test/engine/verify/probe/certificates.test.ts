import type { AddressInfo } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import getPort from "get-port";
import { expect, test } from "vitest";
import { makeCertificate, makeIdentity } from "../../../support/pem.ts";
import { runProbe } from "../../../support/probe-scripts.ts";

const host = "127.0.0.1";
const NAME = "echo.verify.serviceaccount.identity.linkerd.cluster.local";
const { anchor, issuer } = await makeIdentity();
const leaf = await makeCertificate(NAME, 24, { isCa: false, signer: issuer });

/** The certificates that a server sends to the script. */
async function certificatesOf(options: TlsOptions, serverName = NAME) {
  const names: string[] = [];
  const server = createServer({
    ...options,
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const [found] = await runProbe("certificates", { targets: [{ host, port, serverName }], timeoutMs: 5000 });
  server.close();
  return { found, names };
}

const withoutSpace = (pem: string) => pem.replace(/\s/g, "");

test.each(["TLSv1.3", "TLSv1.2"] as const)(
  "the chain of a server with %s that requires a client certificate is read, leaf first",
  async (version) => {
    const { found, names } = await certificatesOf({
      cert: leaf.certPem + issuer.certPem,
      key: leaf.keyPem,
      ca: anchor.certPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    });
    expect(names).toEqual([NAME]);
    expect(found?.error).toBeUndefined();
    expect(found?.chain.map(withoutSpace)).toEqual(
      [leaf, issuer].map(({ certPem }) => withoutSpace(certPem)),
    );
  },
);

test("a certificate that signed itself is a chain of one", async () => {
  const { found } = await certificatesOf({ cert: anchor.certPem, key: anchor.keyPem });
  expect(found?.chain.map(withoutSpace)).toEqual([withoutSpace(anchor.certPem)]);
});

test("a missing server is an error of its target", async () => {
  const free = await getPort();
  const [found] = await runProbe("certificates", {
    targets: [{ host, port: free, serverName: NAME }],
    timeoutMs: 1000,
  });
  expect(found).toEqual({ host, port: free, chain: [], error: "ECONNREFUSED" });
});

test("a pod without a proxy has no metrics of it", async () => {
  await expect(runProbe("proxy-metrics", null)).rejects.toThrow("ECONNREFUSED");
});
