import { expect, test } from "vitest";
import { fillPlaceholders, recordLive } from "../../../../delivery/manifests/drift/placeholders.ts";
import { fillDigests } from "../../../../delivery/manifests/render/digests.ts";
import type { Json } from "../../../../delivery/objects/kubernetes-object.ts";
import { toRecordedValue } from "../../../../delivery/program/placeholders.ts";
import type { RecordedResource } from "../../../../delivery/program/recorded-stack.ts";
import { makeCertificate } from "../../../support/pem.ts";

const HUNDRED_YEARS = 876_000;
const anchor = makeCertificate("root.linkerd.cluster.local", HUNDRED_YEARS);

test("a placeholder of a certificate stands for a certificate with the same subject and validity only", async () => {
  const { certPem } = await anchor;
  const recorded = String(toRecordedValue(certPem));
  expect(fillPlaceholders({ bundle: recorded }, { bundle: certPem })).toEqual({ bundle: certPem });
  const { certPem: another } = await makeCertificate("root.linkerd.cluster.local", HUNDRED_YEARS / 2);
  expect(fillPlaceholders({ bundle: recorded }, { bundle: another })).toEqual({ bundle: recorded });
  expect(recordLive(another, recorded)).toMatch(
    /^\[certificate CN=root\.linkerd\.cluster\.local,.* 50 years\]$/,
  );
});

test("[secret] stands for any text, alone or inside of a text", () => {
  expect(recordLive("hunter2", "[secret]")).toBe("[secret]");
  expect(recordLive("https://robot:hunter2@host", "https://[secret]@host")).toBe("https://[secret]@host");
  expect(recordLive("https://robot:hunter2@other", "https://[secret]@host")).toBe(
    "https://robot:hunter2@other",
  );
});

test("a stack of another organization is the same owner, and another stack is not", () => {
  const recorded = "organization/linkerd-mesh/prod";
  expect(recordLive("acme/linkerd-mesh/prod", recorded)).toBe(recorded);
  expect(recordLive("acme/linkerd-mesh/dev", recorded)).toBe("acme/linkerd-mesh/dev");
});

test("values of lists and tables are filled at their paths, and other values stay as recorded", () => {
  const recorded = { list: ["[secret]", "b"], digest: "[digest]", cpu: "1", missing: "[secret]" };
  const live = { list: ["a", "c"], digest: "0".repeat(64), cpu: "2" };
  expect(fillPlaceholders(recorded, live)).toEqual({
    list: ["a", "b"],
    digest: "0".repeat(64),
    cpu: "1",
    missing: "[secret]",
  });
});

/** A stack with a bundle and rules, and the digests in the values of its viz extension. */
function digestsOf(bundle: string, rules: string, prometheus: object = {}): (string | undefined)[] {
  const resource = (type: string, inputs: Record<string, Json>) =>
    ({ type, name: "", parent: "", dependsOn: [], options: {}, inputs }) as RecordedResource;
  const values = {
    podAnnotations: { "linkerd-mesh/trust-bundle-sha256": "[digest]" },
    prometheus: { ...prometheus, podAnnotations: { "linkerd-mesh/prometheus-config": "[digest]" } },
  };
  const resources = [
    resource("kubernetes:helm.sh/v3:Release", { values: { identityTrustAnchorsPEM: bundle } }),
    resource("kubernetes:core/v1:ConfigMap", {
      metadata: { name: "linkerd-mesh-rules" },
      data: { "linkerd_rules.yml": rules },
    }),
  ];
  const filled = fillDigests(values, { stack: "prod", resources, outputs: {} }) as unknown as typeof values;
  return [
    filled.podAnnotations["linkerd-mesh/trust-bundle-sha256"],
    filled.prometheus.podAnnotations["linkerd-mesh/prometheus-config"],
  ];
}

test("the digest of the trust bundle changes with the anchors, and that of Prometheus with its values and rules", () => {
  const [bundle, config] = digestsOf("A", "rules");
  expect([bundle, config].every((digest) => /^[0-9a-f]{64}$/.test(digest ?? ""))).toBe(true);
  expect(digestsOf("A", "rules")).toEqual([bundle, config]);
  const [otherBundle, sameConfig] = digestsOf("A B", "rules");
  expect([otherBundle === bundle, sameConfig === config]).toEqual([false, true]);
  const [sameBundle, otherConfig] = digestsOf("A", "other rules");
  expect([sameBundle === bundle, otherConfig === config]).toEqual([true, false]);
  expect(digestsOf("A", "rules", { globalConfig: {} })[1]).not.toBe(config);
});
