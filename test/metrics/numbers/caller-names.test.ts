/** The names of callers, from the labels of a proxy. */
import { expect, test } from "vitest";
import { sumBy } from "../../../components/observability/promql/expression.ts";
import { startShop } from "../../support/metrics/servers.ts";
import { NOW } from "../../support/metrics/shop/facts.ts";

test.each([
  ["web.shop.serviceaccount.identity.linkerd.cluster.local", "", "web.shop"],
  // A machine outside of the cluster has no ServiceAccount.
  ["spiffe://root.linkerd.cluster.local/vm", "", "spiffe://root.linkerd.cluster.local/vm"],
  ["", "no_tls_from_remote", "unmeshed (no_tls_from_remote)"],
])("a client with the identity '%s' and the reason '%s' is the caller '%s'", async (client, reason, name) => {
  const labelled = `label_replace(vector(1), "client_id", "${client}", "", "")`;
  const request = `label_replace(${labelled}, "no_tls_reason", "${reason}", "", "")`;
  const prometheus = await startShop("edge-26.8.3", "viz");
  const { samples } = await prometheus.query(sumBy(["caller"], request), NOW);
  expect(samples.map(({ metric }) => metric)).toEqual([{ caller: name }]);
});
