import { expect, test } from "vitest";
import {
  countReceived,
  countSent,
  judgeMtls,
  type MtlsObservation,
  mtls,
} from "../../../../verify/checks/mtls.ts";
import { parseMetrics } from "../../../../verify/observation/proxy-metrics.ts";
import type { RequestLoad } from "../../../../verify/probe/protocol.ts";
import { contextOn, identity, loadOf, meshedPod, unmeshedPod } from "../../../support/probe-cluster.ts";

const client = identity("client");
const echo = identity("echo");

const healthy: MtlsObservation = {
  withoutProxy: [],
  load: loadOf(20, { clientIdentities: { [client]: 20 } }),
  clientIdentity: client,
  serverIdentity: echo,
  received: 20,
  sent: 20,
};

test("requests with the expected identities on both sides pass", () => {
  expect(judgeMtls(healthy)).toEqual({
    observed: [
      "20 of 20 requests from client to echo were answered with 200",
      `the proxies of echo counted 20 requests over mTLS from ${client}`,
      `the proxy of client counted 20 requests over mTLS to ${echo}`,
    ],
    problems: [],
  });
});

test.each<[broken: string, change: Partial<MtlsObservation>, observed: RegExp, cause: RegExp]>([
  [
    "a client without a proxy",
    { withoutProxy: ["client"], load: loadOf(20, { statuses: { "403": 20 } }), received: 0, sent: 0 },
    /no proxy in the pods of client/,
    /injector/,
  ],
  [
    "a caller that the server does not authenticate",
    { load: loadOf(20, { statuses: { "403": 20 } }), received: 0, sent: 0 },
    /20 requests from client to echo: 20 × 403, instead of 200/,
    /did not authenticate it/,
  ],
  [
    "proxies with different trust anchors",
    { load: loadOf(20, { statuses: { "200": 8, "503": 12 } }), received: 8, sent: 8 },
    /8 × 200, 12 × 503, instead of 200/,
    /do not trust each other's certificates/,
  ],
  [
    "a server that is not reached",
    { load: loadOf(20, { statuses: {}, errors: { ECONNREFUSED: 20 } }), received: 0, sent: 0 },
    /20 × ECONNREFUSED, instead of 200/,
    /networks are not connected/,
  ],
  [
    "a connection without mTLS",
    { load: loadOf(20, { clientIdentities: { none: 20 } }), received: 0, sent: 0 },
    /identities of its caller: 20 × none, instead of client\.mesh-verify/,
    /bypasses a proxy or is opaque/,
  ],
  [
    "some connections without mTLS",
    { load: loadOf(20, { clientIdentities: { [client]: 12, none: 8 } }), received: 12, sent: 12 },
    /12 × client\S*, 8 × none/,
    /bypasses a proxy or is opaque/,
  ],
  [
    "another trust domain",
    { load: loadOf(20, { clientIdentities: { "client.example.org": 20 } }), received: 0, sent: 0 },
    /20 × client\.example\.org/,
    /another trust domain/,
  ],
  [
    "a header that the proxies of the server did not write",
    { received: 19 },
    /the proxies of echo counted 19 of 20/,
    /l5d-client-id was not written by them/,
  ],
  [
    "a server with another identity",
    { sent: 0 },
    /counted 0 of 20 requests over mTLS to echo/,
    /another identity/,
  ],
])("%s is one problem", (_, change, observed, cause) => {
  const { problems } = judgeMtls({ ...healthy, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
});

/** Metrics as proxies of edge-26.8.3 print them, with probes, scrapes and another caller. */
const received = (count: number) => `
request_total{direction="inbound",target_addr="10.244.0.72:8080",target_ip="10.244.0.72",target_port="8080",tls="true",client_id="${client}",srv_group="policy.linkerd.io",srv_kind="server",srv_name="echo-http",srv_port="8080",route_group="",route_kind="default",route_name="default",authz_group="policy.linkerd.io",authz_kind="authorizationpolicy",authz_name="echo-http"} ${count}
request_total{direction="inbound",target_addr="10.244.0.72:8080",target_ip="10.244.0.72",target_port="8080",tls="true",client_id="${identity("stranger")}",srv_name="echo-http",srv_port="8080"} 5
request_total{direction="inbound",target_addr="10.244.0.72:8080",target_ip="10.244.0.72",target_port="8080",tls="no_identity",no_tls_reason="no_tls_from_remote",srv_name="echo-http",srv_port="8080",route_name="probe"} 61
request_total{direction="inbound",target_addr="0.0.0.0:4191",target_ip="0.0.0.0",target_port="4191",tls="true",client_id="${client}",srv_name="audit",srv_port="4191"} 15
`;
const sent = (count: number) => `
request_total{direction="outbound",authority="echo.mesh-verify.svc.cluster.local:8080",target_addr="10.244.0.72:8080",target_ip="10.244.0.72",target_port="8080",tls="true",server_id="${echo}",dst_service="echo"} ${count}
request_total{direction="outbound",authority="flaky.mesh-verify.svc.cluster.local:8080",target_addr="10.244.0.73:8080",target_ip="10.244.0.73",target_port="8080",tls="true",server_id="${identity("flaky")}",dst_service="flaky"} 7
`;

test("the counted requests are those of the application over mTLS with the identity", () => {
  expect(countReceived(parseMetrics(received(734)), client)).toBe(734);
  expect(countSent(parseMetrics(sent(591)), echo)).toBe(591);
});

/** A cluster whose proxies count each request, less `uncounted`. The two replicas get the requests in turn. */
function simulate(uncounted = 0) {
  const loads: number[] = [];
  const total = () => loads.reduce((sum, count) => sum + count, 0) - (loads.length > 1 ? uncounted : 0);
  const metrics: Record<string, () => string> = {
    "client-1": () => sent(100 + total()),
    "echo-1": () => received(7 + Math.floor(total() / 2)),
    "echo-2": () => received(Math.ceil(total() / 2)),
  };
  return {
    pods: (workload: string) =>
      workload === "client" ? [meshedPod("client-1")] : [meshedPod("echo-1"), meshedPod("echo-2")],
    run: (where: string, script: string, args: RequestLoad) => {
      if (script === "proxy-metrics") return metrics[where]?.();
      const count = args.count ?? 0;
      loads.push(count);
      return loadOf(count, { clientIdentities: { [client]: count } });
    },
  };
}

test("the check counts the requests of its own load, in all pods of the server", async () => {
  const finding = await mtls.run(contextOn(simulate()));
  expect(finding).toEqual(judgeMtls(healthy));
});

test("the check sees that the proxies did not count all requests", async () => {
  const { problems } = await mtls.run(contextOn(simulate(2)));
  expect(problems.map(({ observed }) => observed)).toEqual([
    `the proxies of echo counted 18 of 20 requests over mTLS from ${client}`,
  ]);
});

test("the check reads no metrics of pods without a proxy", async () => {
  const run = (_: string, script: string) => {
    if (script === "proxy-metrics") throw new Error("connect ECONNREFUSED 127.0.0.1:4191");
    return loadOf(20, { clientIdentities: { none: 20 } });
  };
  const context = contextOn({ pods: (workload) => [unmeshedPod(workload)], run });
  const { problems } = await mtls.run(context);
  expect(problems.map(({ observed }) => observed)).toEqual([
    "no proxy in the pods of client, echo, so this check proves nothing",
  ]);
});
