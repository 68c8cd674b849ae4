import { afterEach, beforeAll, expect, test } from "vitest";
import type { DeployedTrust } from "../../../../../components/certificates/rotation.ts";
import { openCluster } from "../../../../../stacks/cluster/cluster.ts";
import { addExternalIssuer } from "../../../../../stacks/preflight/adoption/external-issuer.ts";
import { type ApiServer, formatKubeconfig, startApiServer } from "../../../../support/api-server.ts";
import { makeIdentity } from "../../../../support/pem.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

let server: ApiServer;
let identity: Awaited<ReturnType<typeof makeIdentity>>;
let deployed: DeployedTrust;

beforeAll(async () => {
  identity = await makeIdentity();
  deployed = { trustBundlePem: identity.anchor.certPem, certManager: false, anchors: {} };
});
afterEach(() => server?.close());

/** Adds the issuer in the cluster to a trust, with settings that have these anchors. */
async function add(trust: DeployedTrust, trustAnchors: string, kubeconfig = server.kubeconfig) {
  const certificates = { mode: "provided", trustAnchors, issuer: { external: true } };
  return addExternalIssuer(trust, parseSettings(config({ certificates })), () =>
    openCluster({ "kubernetes:kubeconfig": kubeconfig }),
  );
}

const start = async () => {
  server = await startApiServer([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "linkerd-identity-issuer", namespace: "linkerd" },
      data: { "tls.crt": Buffer.from(identity.issuer.certPem).toString("base64"), "tls.key": "a2V5" },
    },
  ]);
};

test("the external issuer is read from the cluster when a trust anchor is removed", async () => {
  await start();
  const { anchor } = await makeIdentity();
  expect(await add(deployed, anchor.certPem)).toEqual({
    ...deployed,
    externalIssuerPem: identity.issuer.certPem,
  });
});

test("the cluster is not read while all trust anchors stay, before the first deployment, and with an issuer of Pulumi", async () => {
  await start();
  const { anchor } = await makeIdentity();
  const first = { certManager: false, anchors: {} };
  const own = { ...deployed, issuerPem: identity.issuer.certPem };
  expect(await add(deployed, identity.anchor.certPem + anchor.certPem)).toBe(deployed);
  expect(await add(first, anchor.certPem)).toBe(first);
  expect(await add(own, anchor.certPem)).toBe(own);
  expect(server.requests).toEqual([]);
});

test("a cluster that does not answer leaves the trust of the last deployment", async () => {
  const { anchor } = await makeIdentity();
  expect(await add(deployed, anchor.certPem, formatKubeconfig(2))).toBe(deployed);
});
