import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  KubernetesObject,
  V1ConfigMap,
  V1MutatingWebhookConfiguration,
  V1Pod,
  V1ValidatingWebhookConfiguration,
} from "@kubernetes/client-node";
import type { Stack, UpResult } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  client,
  deleteDefinitions,
  helmRecords,
  inventory,
  list,
  openssl,
  read,
  run,
  secretText,
} from "../../support/cluster.ts";
import { withInjector } from "../../support/injector.ts";
import { changes, openMesh, PRIVATE_KEY, stateOf, upVerbosely } from "../../support/stack.ts";

const SERVERS: readonly [server: string, namespace: string, secret: string, dnsName: string][] = [
  ["the proxy injector", "linkerd", "linkerd-proxy-injector-k8s-tls", "linkerd-proxy-injector.linkerd.svc"],
  ["the profile validator", "linkerd", "linkerd-sp-validator-k8s-tls", "linkerd-sp-validator.linkerd.svc"],
  [
    "the policy validator",
    "linkerd",
    "linkerd-policy-validator-k8s-tls",
    "linkerd-policy-validator.linkerd.svc",
  ],
  ["tap", "linkerd-viz", "tap-k8s-tls", "tap.linkerd-viz.svc"],
  ["the tap injector", "linkerd-viz", "tap-injector-k8s-tls", "tap-injector.linkerd-viz.svc"],
];

let stack: Stack;
let first: UpResult;
let log: string;
let before: string[];

beforeAll(async () => {
  before = await inventory();
  stack = await openMesh("complete", { clusterNetworks: ["127.0.0.0/8"], keepCrds: true });
  ({ result: first, log } = await upVerbosely(stack));
});

describe("the first up", () => {
  test("the first up runs every workload of Linkerd", async () => {
    const pods = [
      ...(await list<V1Pod>("v1", "Pod", "linkerd")),
      ...(await list<V1Pod>("v1", "Pod", "linkerd-viz")),
    ];
    const running = pods.filter((p) => p.status?.phase === "Running").map((p) => p.metadata?.name ?? "");
    for (const workload of [
      "identity",
      "destination",
      "proxy-injector",
      "metrics-api",
      "tap",
      "tap-injector",
      "web",
    ]) {
      expect(running.join("\n")).toMatch(new RegExp(`^(linkerd-)?${workload}-`, "m"));
    }
    expect(running).toHaveLength(pods.length);
  });

  test("the stack outputs contain version, trust anchor, fingerprint and certificates, and no private key", async () => {
    const { trustAnchorPem, trustAnchorSha256, certificates, linkerdVersion } = first.outputs;
    const held = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");
    expect(String(trustAnchorPem?.value).trim()).toBe(held.data?.["ca-bundle.crt"]?.trim());
    const sha256 = openssl(["x509", "-noout", "-fingerprint", "-sha256"], trustAnchorPem?.value);
    expect(sha256.replace(/^.*=|:|\n/g, "").toLowerCase()).toBe(trustAnchorSha256?.value);
    expect(linkerdVersion?.value).toMatch(/^edge-\d\d\.\d+\.\d+$/);
    expect(certificates?.value).toHaveLength(8);
    expect(JSON.stringify(first.outputs)).not.toMatch(PRIVATE_KEY);
  });

  test("the configuration of the injector skips SMTP and upstream's default ports outbound", async () => {
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-config", "linkerd");
    expect(parse(data?.values ?? "").proxyInit.ignoreOutboundPorts).toBe("25,465,587,2525,4567,4568");
  });
});

describe("certificates in the cluster", () => {
  /** Whether a certificate expires within this number of days, according to openssl. */
  const expiresWithin = (pem: string, days: number) => {
    try {
      openssl(["x509", "-noout", "-checkend", String(days * 86_400)], pem);
      return false;
    } catch {
      return true;
    }
  };
  const expectCentury = (pem: string) => {
    expect(expiresWithin(pem, 99.9 * 365)).toBe(false);
    expect(expiresWithin(pem, 100 * 365)).toBe(true);
  };

  test("the trust anchor expires in 100 years", async () => {
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");
    expectCentury(data?.["ca-bundle.crt"] ?? "");
  });

  test("the issuer expires in 100 years, has the name that Linkerd requires, and is valid under the trust anchor in 99 years", async () => {
    const issuer = await secretText("linkerd-identity-issuer", "linkerd", "tls.crt");
    const anchor = await secretText("linkerd-identity-issuer", "linkerd", "ca.crt");
    expectCentury(issuer);
    expect(openssl(["x509", "-noout", "-ext", "subjectAltName"], issuer)).toContain(
      "DNS:identity.linkerd.cluster.local",
    );
    const file = join(mkdtempSync(join(tmpdir(), "anchor-")), "anchor.pem");
    writeFileSync(file, anchor);
    const then = String(Math.floor(Date.now() / 1000) + 99 * 365 * 86_400);
    expect(openssl(["verify", "-attime", then, "-CAfile", file], issuer)).toContain("OK");
  });

  test.each(SERVERS)(
    "the certificate of %s expires in 100 years, and the CA that the API server uses signed it",
    async (_, namespace, secret, dnsName) => {
      const leaf = await secretText(secret, namespace, "tls.crt");
      expectCentury(leaf);
      const file = join(mkdtempSync(join(tmpdir(), "ca-")), "ca.pem");
      writeFileSync(file, await secretText(secret, namespace, "ca.crt"));
      expect(
        openssl(["verify", "-purpose", "sslserver", "-verify_hostname", dnsName, "-CAfile", file], leaf),
      ).toContain("OK");
      expect(await secretText(secret, namespace, "tls.key")).toContain("BEGIN PRIVATE KEY");
    },
  );

  test("every webhook configuration and the tap APIService have the webhook CA", async () => {
    const ca = (await secretText("tap-k8s-tls", "linkerd-viz", "ca.crt")).trim();
    const group = "admissionregistration.k8s.io/v1";
    const hooks = [
      ...(await list<V1MutatingWebhookConfiguration>(group, "MutatingWebhookConfiguration")),
      ...(await list<V1ValidatingWebhookConfiguration>(group, "ValidatingWebhookConfiguration")),
    ].flatMap((c) => (c.webhooks ?? []).map((w) => w.clientConfig.caBundle));
    const api = await read<KubernetesObject & { spec: { caBundle: string } }>(
      "apiregistration.k8s.io/v1",
      "APIService",
      "v1alpha1.tap.linkerd.io",
    );
    const bundles = [...hooks, api.spec.caBundle].map((b) =>
      Buffer.from(b ?? "", "base64")
        .toString()
        .trim(),
    );
    expect(bundles).toEqual([ca, ca, ca, ca, ca]);
  });
});

describe("private keys", () => {
  test("private keys are not in Helm's release records or values", async () => {
    const records = await helmRecords();
    expect(records).toHaveLength(3);
    for (const record of records) expect(record).not.toMatch(PRIVATE_KEY);
    for (const [release, namespace] of [
      ["linkerd-control-plane", "linkerd"],
      ["linkerd-viz", "linkerd-viz"],
    ]) {
      const values = await run("helm", "get", "values", "--all", release ?? "", "-n", namespace ?? "");
      expect(values).toContain("externalSecret: true");
      expect(values).not.toMatch(PRIVATE_KEY);
    }
  });

  test("private keys are not in the engine's output or verbose log", () => {
    expect(log).toContain("RegisterResource RPC finished: resource:linkerd-trust-anchor-key");
    expect(log.match(PRIVATE_KEY)).toBeNull();
  });

  test("private keys are encrypted in the state file", () => {
    const state = stateOf("linkerd-mesh", "complete");
    expect(state).toContain("BEGIN CERTIFICATE");
    expect(state).not.toMatch(PRIVATE_KEY);
  });
});

describe("injection", () => {
  const pod = (name: string, metadata: object): V1Pod & { metadata: { name: string } } => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", ...metadata },
    spec: { containers: [{ name: "main", image: "main:1" }] },
  });
  const KEY = "linkerd.io/inject";

  test.each<[string, object, string | undefined]>([
    ["only the label gets the annotation", { labels: { [KEY]: "enabled" } }, "enabled"],
    [
      "the label disabled gets that annotation, so that its namespace does not inject it",
      { labels: { [KEY]: "disabled" } },
      "disabled",
    ],
    [
      "an annotation keeps it, whatever the label",
      { labels: { [KEY]: "enabled" }, annotations: { [KEY]: "disabled" } },
      "disabled",
    ],
    [
      "other annotations keeps them",
      { labels: { [KEY]: "enabled" }, annotations: { team: "shop" } },
      "enabled",
    ],
    ["neither label nor annotation is not changed", { labels: { app: "plain" } }, undefined],
  ])("a pod with %s", async (_, metadata, expected) => {
    const name = `pod-${Math.random().toString(36).slice(2)}`;
    const created = await client().create(pod(name, metadata));
    expect(created.metadata?.annotations?.[KEY]).toBe(expected);
    expect(created.metadata?.annotations).toMatchObject({
      ...(metadata as { annotations?: object }).annotations,
    });
    await client().delete(created);
  });

  test("pods in exempt namespaces are not changed", async () => {
    const exempt = pod("exempt", { namespace: "kube-system", labels: { [KEY]: "enabled" } });
    const created = await client().create(exempt);
    expect(created.metadata?.annotations?.[KEY]).toBeUndefined();
    await client().delete(created);
  });

  test("the API server trusts the injector's certificate through the unpatched webhook configuration", async () => {
    const named = pod("reviewed", { labels: { [KEY]: "enabled" } });
    const reviewed = await withInjector(async () => {
      const created = await client().create(named);
      expect(created.metadata?.labels?.["seen-by"]).toBe("injector");
      await client().delete(created);
    });
    // The policy had set the annotation before the API server called the injector.
    expect(reviewed.map((p) => p.metadata?.annotations?.[KEY])).toEqual(["enabled"]);
  });
});

describe("a second deployment", () => {
  test("a preview after the first up shows no changes", async () => {
    const { changeSummary } = await stack.preview();
    expect(changes(changeSummary)).toEqual({});
  });

  test("a second up changes nothing and replaces no pod", async () => {
    const uids = async () => (await list<V1Pod>("v1", "Pod")).map((p) => p.metadata?.uid).sort();
    const pods = await uids();
    const { summary } = await stack.up();
    expect(changes(summary.resourceChanges)).toEqual({});
    expect(summary.resourceChanges?.same).toBeGreaterThan(30);
    expect(await uids()).toEqual(pods);
  });
});

describe("destroy", () => {
  afterAll(async () => {
    await stack.workspace.removeStack("complete");
    await deleteDefinitions("linkerd.io");
  });

  test("destroy leaves nothing behind but the CRDs, and with them all policies in the cluster", async () => {
    await stack.destroy();
    const kept = /^(CustomResourceDefinition|APIService)\/\/.*(linkerd|gateway\.networking\.k8s)\.io$/;
    const ours = (objects: string[]) => objects.filter((object) => !kept.test(object));
    expect(ours(await inventory())).toEqual(ours(before));
  });
});
