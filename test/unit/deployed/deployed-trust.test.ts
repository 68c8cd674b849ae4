import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { DeployedState } from "../../../components/deployed/deployed-state.ts";
import { deployedTrust, readDeployedTrust } from "../../../components/deployed/deployed-trust.ts";

const MESH = "urn:pulumi:test::project::linkerd-mesh:index:ServiceMesh";
const ANCHOR = `${MESH}$linkerd-mesh:certificates:TrustAnchor`;
const CONTROL_PLANE = `${MESH}$linkerd-mesh:linkerd:LinkerdControlPlane`;
const CERT = "tls:index/selfSignedCert:SelfSignedCert";
const KEY = "tls:index/privateKey:PrivateKey";

/** The resources of one mesh in a state. Values begin with the mesh's name; the second anchor is RSA. */
function meshState(
  name: string,
  { issuer = { stringData: { "tls.crt": `${name} issuer` } } as object } = {},
) {
  const cert = (certPem: string) => ({
    type: CERT,
    outputs: { certPem, dnsNames: ["root.linkerd.test"], validityPeriodHours: 876_000 },
  });
  return {
    [`${ANCHOR}$${CERT}::${name}-trust-anchor-cert`]: cert(`${name} anchor 1`),
    [`${ANCHOR}$${KEY}::${name}-trust-anchor-key`]: {
      type: KEY,
      outputs: { algorithm: "ECDSA", rsaBits: 2048, ecdsaCurve: "P256", privateKeyPem: "private" },
    },
    [`${ANCHOR}$${CERT}::${name}-trust-anchor-2-cert`]: cert(`${name} anchor 2`),
    [`${ANCHOR}$${KEY}::${name}-trust-anchor-2-key`]: {
      type: KEY,
      outputs: { algorithm: "RSA", rsaBits: 4096, ecdsaCurve: "P224", privateKeyPem: "private" },
    },
    [`${MESH}$linkerd-mesh:certificates:WebhookCertificates$${CERT}::${name}-webhooks-ca-cert`]:
      cert("webhooks"),
    [`${MESH}$linkerd-mesh:linkerd:LinkerdCrds$kubernetes:helm.sh/v3:Release::${name}-crds-release`]: {
      type: "kubernetes:helm.sh/v3:Release",
      outputs: { name: "linkerd-crds", values: {} },
    },
    [`${CONTROL_PLANE}$kubernetes:helm.sh/v3:Release::${name}-control-plane-release`]: {
      type: "kubernetes:helm.sh/v3:Release",
      outputs: { name: "linkerd-control-plane", values: { identityTrustAnchorsPEM: `${name} bundle` } },
    },
    [`${CONTROL_PLANE}$kubernetes:core/v1:Secret::${name}-control-plane-identity-issuer`]: {
      type: "kubernetes:core/v1:Secret",
      outputs: { metadata: { name: "linkerd-identity-issuer" }, ...issuer },
    },
  };
}

const meshTrust = (name: string) => ({
  trustBundlePem: `${name} bundle`,
  certManager: false,
  issuerPem: `${name} issuer`,
  anchors: {
    [`${name}-trust-anchor`]: {
      certPem: `${name} anchor 1`,
      spec: { identity: "root.linkerd.test", validityYears: 100, algorithm: "ECDSA-P256" },
    },
    [`${name}-trust-anchor-2`]: {
      certPem: `${name} anchor 2`,
      spec: { identity: "root.linkerd.test", validityYears: 100, algorithm: "RSA-4096" },
    },
  },
});

describe("deployedTrust", () => {
  test.each([
    ["stringData", { stringData: { "tls.crt": "linkerd issuer", "tls.key": "private" } }],
    [
      "data",
      { data: { "tls.crt": Buffer.from("linkerd issuer").toString("base64"), "tls.key": "cHJpdmF0ZQ==" } },
    ],
  ])(
    "the trust of a mesh is its bundle, its issuer from %s of the Secret, its anchors, and no key",
    (_, issuer) => {
      expect(deployedTrust(meshState("linkerd", { issuer }), "linkerd")).toEqual(meshTrust("linkerd"));
    },
  );

  test.each([["linkerd"], ["linkerd-trust-anchor"], ["edge"]])(
    "the trust of the mesh %s contains nothing of other meshes in the same state",
    (name) => {
      const others = ["edge", "linkerd", "linkerd-trust-anchor"].filter((other) => other !== name);
      const state = Object.assign({}, ...others.map((other) => meshState(other)), meshState(name));
      expect(deployedTrust(state, name)).toEqual(meshTrust(name));
      const reversed = Object.assign({}, meshState(name), ...others.map((other) => meshState(other)));
      expect(deployedTrust(reversed, name)).toEqual(meshTrust(name));
    },
  );

  test("a TrustAnchor that does not belong to a mesh is not an anchor of the mesh", () => {
    const urn = `urn:pulumi:test::project::linkerd-mesh:certificates:TrustAnchor$${CERT}::linkerd-trust-anchor-3-cert`;
    const state = { ...meshState("linkerd"), [urn]: { type: CERT, outputs: { certPem: "other" } } };
    expect(deployedTrust(state, "linkerd")).toEqual(meshTrust("linkerd"));
  });

  test("a mesh with cert-manager's bundle has no bundle and no issuer of its own", () => {
    const state: DeployedState = {
      [`${CONTROL_PLANE}$kubernetes:helm.sh/v3:Release::linkerd-control-plane-release`]: {
        type: "kubernetes:helm.sh/v3:Release",
        outputs: { name: "linkerd-control-plane", values: { identity: { externalCA: true } } },
      },
      [`${CONTROL_PLANE}$kubernetes:cert-manager.io/v1:Certificate::linkerd-control-plane-identity-issuer`]: {
        type: "kubernetes:cert-manager.io/v1:Certificate",
        outputs: {},
      },
    };
    expect(deployedTrust(state, "linkerd")).toEqual({ certManager: true, anchors: {} });
  });

  test("a mesh that was never deployed has no trust", () => {
    expect(deployedTrust({}, "linkerd")).toEqual({ certManager: false, anchors: {} });
    expect(deployedTrust(meshState("linkerd"), "edge")).toEqual({ certManager: false, anchors: {} });
  });

  test("the state that release 0.1.0 recorded has the trust of its mesh", () => {
    const file = join(import.meta.dirname, "../../recorded/0.1.0-production.json");
    const { resources } = JSON.parse(readFileSync(file, "utf8")).deployment.deployment;
    const state = Object.fromEntries(
      resources.map(({ urn, type, outputs = {} }: { urn: string; type: string; outputs?: object }) => [
        urn,
        { type, outputs },
      ]),
    );
    const { trustBundlePem, certManager, anchors } = deployedTrust(state, "linkerd");
    expect(trustBundlePem?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(certManager).toBe(false);
    expect(Object.entries(anchors).map(([name, { spec }]) => [name, spec])).toEqual(
      expect.arrayContaining([
        [
          "linkerd-trust-anchor",
          { identity: "root.linkerd.cluster.local", validityYears: 100, algorithm: "ECDSA-P256" },
        ],
        [
          "linkerd-trust-anchor-2",
          { identity: "root.linkerd.cluster.local", validityYears: 100, algorithm: "RSA-4096" },
        ],
      ]),
    );
  });
});

describe("readDeployedTrust", () => {
  /** Reads under mocks, in which the engine returns `outputs` as the resources of this stack. */
  async function readWithState(outputs: DeployedState | undefined, name: string) {
    const calls: unknown[] = [];
    await pulumi.runtime.setMocks(
      {
        call: ({ token, inputs }) => {
          calls.push([token, inputs]);
          return { outputs };
        },
        newResource: () => {
          throw new Error("registers a resource");
        },
      },
      "project",
      "test",
      false,
      "acme",
    );
    return { trust: await readDeployedTrust(name), calls };
  }

  test("the trust of one mesh is read from this stack's own last state", async () => {
    const state = { ...meshState("linkerd"), ...meshState("edge") };
    const { trust, calls } = await readWithState(state, "edge");
    expect(trust).toEqual(meshTrust("edge"));
    expect(calls).toEqual([["pulumi:pulumi:readStackResourceOutputs", { stackName: "acme/project/test" }]]);
  });

  test("a stack that was never deployed has no trust", async () => {
    const { trust } = await readWithState(undefined, "linkerd");
    expect(trust).toEqual({ certManager: false, anchors: {} });
  });
});
