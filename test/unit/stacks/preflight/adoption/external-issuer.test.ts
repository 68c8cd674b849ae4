import { afterEach, beforeAll, expect, test } from "vitest";
import type { DeployedTrust } from "../../../../../components/certificates/rotation.ts";
import { openCluster } from "../../../../../stacks/cluster/cluster.ts";
import { addExternalIssuer } from "../../../../../stacks/preflight/adoption/external-issuer.ts";
import { type ApiServer, formatKubeconfig, startApiServer } from "../../../../support/api-server.ts";
import { register } from "../../../../support/mocks.ts";
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
async function read(
  trust: DeployedTrust,
  trustAnchors: string,
  { kubeconfig = server.kubeconfig, preview = false } = {},
) {
  const certificates = { mode: "provided", trustAnchors, issuer: { external: true } };
  const settings = parseSettings(config({ certificates }));
  const open = () => openCluster({ "kubernetes:kubeconfig": kubeconfig });
  return (await register(() => addExternalIssuer(trust, settings, open), { preview })).result;
}

const add = async (...args: Parameters<typeof read>) => (await read(...args)).deployed;

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

test("without a cluster, a preview keeps the trust of the last deployment and names the check, and up is rejected", async () => {
  const { anchor } = await makeIdentity();
  const kubeconfig = formatKubeconfig(2);
  const preview = await read(deployed, anchor.certPem, { kubeconfig, preview: true });
  expect(preview.deployed).toBe(deployed);
  expect(preview.issues).toEqual([]);
  expect(preview.unchecked.flatMap(({ what }) => what)).toEqual([
    "whether a trust anchor that `certificates.trustAnchors` retires signed the running issuer",
  ]);
  const { issues, unchecked } = await read(deployed, anchor.certPem, { kubeconfig });
  expect(unchecked).toEqual([]);
  expect(issues.map(({ because }) => because)).toEqual([
    expect.stringMatching(/^Before it retires a trust anchor, `up` checks .* \(http:.*ECONNREFUSED/),
  ]);
});
