import { beforeAll, expect, test } from "vitest";
import { report } from "../../../../components/certificates/report.ts";
import { readCalledServers } from "../../../../verify/checks/certificates/webhook-callers.ts";
import { judgeWebhooks, type ServedWebhook } from "../../../../verify/checks/certificates/webhooks.ts";
import { makeCertificate, type TestCertificate } from "../../../support/pem.ts";
import { onlyProblem } from "../problems.ts";

const HOST = "linkerd-proxy-injector.linkerd.svc";
const OBJECT = "MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config";
const HOURS = 100_000;

let ca: TestCertificate;
let leaf: TestCertificate;
let otherCa: TestCertificate;

beforeAll(async () => {
  ca = await makeCertificate("webhooks.test", HOURS);
  otherCa = await makeCertificate("webhooks.test", HOURS);
  leaf = await makeCertificate(HOST, HOURS, { isCa: false, signer: ca });
});

const webhook = (changes: Partial<ServedWebhook> = {}): ServedWebhook => ({
  server: "proxyInjector",
  host: HOST,
  callers: [{ object: OBJECT, caBundlePem: ca.certPem }],
  served: { chain: [leaf.certPem] },
  ...changes,
});

const stackWith = (pems: Record<string, string>) => ({
  stack: {
    stack: "prod",
    ref: { linkerdVersion: "edge-26.8.3", trustBundleSha256: "" },
    injection: "policy" as const,
    trustBundlePem: "",
    certificates: report(pems),
  },
});
const none = { stack: undefined };

test("a webhook server passes if its caller trusts it and the stack has its certificate", () => {
  const stack = stackWith({ "webhook-authority": ca.certPem, "proxy-injector": leaf.certPem });
  const { observed, problems, skipped } = judgeWebhooks([webhook()], stack);
  expect(problems).toEqual([]);
  expect(skipped).toEqual([]);
  expect(observed).toEqual([
    expect.stringMatching(/^1 webhook servers send certificates that their callers trust/),
  ]);
});

test("a server that signed its own certificate passes if its caller has that certificate", async () => {
  const own = await makeCertificate(HOST, HOURS, { isCa: true });
  const served = webhook({
    served: { chain: [own.certPem] },
    callers: [{ object: OBJECT, caBundlePem: own.certPem }],
  });
  expect(judgeWebhooks([served], none).problems).toEqual([]);
});

test("a server whose caller has another CA is a problem that names the caller", () => {
  const served = webhook({ callers: [{ object: OBJECT, caBundlePem: otherCa.certPem }] });
  const { observed, cause } = onlyProblem(judgeWebhooks([served], none));
  expect(observed).toContain(`signed by none of the caBundle of ${OBJECT}`);
  expect(cause).toContain("are of different CAs");
});

test("a server whose caller has no CA is a problem", () => {
  const served = webhook({ callers: [{ object: OBJECT, caBundlePem: "" }] });
  expect(onlyProblem(judgeWebhooks([served], none)).observed).toContain("(no certificate)");
});

test("a server that no object names is a problem", () => {
  expect(onlyProblem(judgeWebhooks([webhook({ callers: [] })], none)).observed).toBe(
    `no webhook configuration or APIService names ${HOST}`,
  );
});

test("a server that does not answer is a problem", () => {
  const served = webhook({ served: { chain: [], error: "timeout" } });
  expect(onlyProblem(judgeWebhooks([served], none)).observed).toBe(`${HOST} sends no certificate: timeout`);
});

test("a server with the certificate of another server is a problem", async () => {
  const wrong = await makeCertificate("tap.linkerd-viz.svc", HOURS, { isCa: false, signer: ca });
  const served = webhook({ served: { chain: [wrong.certPem] } });
  expect(onlyProblem(judgeWebhooks([served], none)).observed).toContain(`not for ${HOST}`);
});

test("an expired certificate is a problem", () => {
  const later = new Date(Date.now() + 2 * HOURS * 3_600_000);
  expect(onlyProblem(judgeWebhooks([webhook()], none, later)).observed).toContain("which is valid from");
});

test("a certificate with another expiry than that of the stack is a problem", async () => {
  const replaced = await makeCertificate(HOST, 24, { isCa: false, signer: ca });
  const stack = stackWith({ "webhook-authority": ca.certPem, "proxy-injector": leaf.certPem });
  const served = webhook({ served: { chain: [replaced.certPem] } });
  expect(onlyProblem(judgeWebhooks([served], stack)).observed).toContain(
    "but the output certificates of prod has",
  );
});

test("certificates that the stack does not manage are reported as not compared", () => {
  expect(judgeWebhooks([webhook()], stackWith({}))).toMatchObject({
    problems: [],
    skipped: ["the expiry of webhook certificates: the stack does not manage them"],
  });
});

/** Answers of an API server with one webhook configuration of each kind, and viz's APIService. */
function apiServer(status = 200) {
  const clientConfig = (name: string, namespace: string) => ({
    service: { name, namespace },
    caBundle: Buffer.from("CA").toString("base64"),
  });
  const configuration = (name: string, config: object) => ({
    items: [{ metadata: { name }, webhooks: [{ clientConfig: config }] }],
  });
  const answers: Record<string, unknown> = {
    mutatingwebhookconfigurations: configuration("injector", clientConfig("linkerd-proxy-injector", "mesh")),
    validatingwebhookconfigurations: configuration(
      "policy",
      clientConfig("linkerd-policy-validator", "other"),
    ),
    "v1alpha1.tap.linkerd.io": { spec: clientConfig("tap", "viz") },
  };
  return {
    get: async (path: string) => ({
      status,
      body: JSON.stringify(answers[path.split("/").at(-1) as string]),
    }),
  };
}

test("the callers of each server are found by its Service in the namespace of the mesh", async () => {
  const servers = await readCalledServers(apiServer(), "mesh", "viz");
  expect(servers.map(({ host, callers }) => [host, callers.map(({ object }) => object)])).toEqual([
    ["linkerd-proxy-injector.mesh.svc", ["MutatingWebhookConfiguration injector"]],
    ["linkerd-sp-validator.mesh.svc", []],
    ["linkerd-policy-validator.mesh.svc", []],
    ["tap.viz.svc", ["APIService v1alpha1.tap.linkerd.io"]],
    ["tap-injector.viz.svc", []],
  ]);
  expect(servers[0]?.callers[0]?.caBundlePem).toBe("CA");
});

test("without viz, its servers are not called", async () => {
  expect(await readCalledServers(apiServer(), "mesh", undefined)).toHaveLength(3);
});

test("a denied request for webhook configurations is an error and not a server without callers", async () => {
  await expect(readCalledServers(apiServer(403), "mesh", "viz")).rejects.toThrow(
    "the API server answers 403",
  );
});
