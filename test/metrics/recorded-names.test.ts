/**
 * The names in the history of the shop are those that real proxies and controllers export. The recordings are not in the
 * repository. Without them, these tests are skipped.
 */
import { describe, expect, test } from "vitest";
import {
  hasRecordings,
  RECORDINGS,
  readAllLabels,
  readScrapedLabels,
} from "../support/metrics/recordings/recordings.ts";
import { RECORDED_TARGETS } from "../support/metrics/recordings/targets.ts";
import { shop } from "../support/metrics/shop/index.ts";

if (!hasRecordings()) console.log(`Skipped: there are no recordings in ${RECORDINGS}.`);

describe.skipIf(!hasRecordings())("the recordings of edge-26.8.3", () => {
  // cAdvisor, the API server and Prometheus itself are other jobs, and nobody recorded them.
  const listExported = () =>
    shop("edge-26.8.3", "viz").series.filter(({ labels: { job = "" } }) => job.startsWith("linkerd-"));

  test("have each metric of the shop, except those of gRPC routes", () => {
    const recorded = readAllLabels();
    const missing = listExported().filter(
      // The recorded mesh has no GRPCRoute.
      ({ name }) => !recorded.has(name) && !/^(outbound_grpc_route|inbound_grpc)_/.test(name),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test("have each label of the shop, except those of workloads and calls that the recorded mesh has none of", () => {
    const recorded = readAllLabels();
    const ofTargets = recorded.get("up") ?? new Set();
    // Kinds of workloads, and a label that one workload of the shop gives to its own pods.
    const others = new Set(["replicaset", "replicationcontroller", "k8s_job", "cronjob", "version"]);
    const missing = new Set(
      listExported().flatMap(({ name, labels }) => {
        const known = recorded.get(name);
        return Object.keys(labels)
          .filter((label) => known && !known.has(label) && !ofTargets.has(label))
          .filter((label) => !others.has(label.replace(/^dst_/, "")))
          .map((label) => `${name} ${label}`);
      }),
    );
    expect([...missing].sort()).toEqual([
      // The callers whose TCP connections were denied used no TLS.
      "inbound_tcp_authz_deny_total client_id",
      // The pods' own label `version`.
      "proxy_build_info exported_version",
      // No connection to a DaemonSet ended.
      "tcp_close_total dst_daemonset",
    ]);
  });

  test("have each label of their targets", () => {
    const known = readScrapedLabels().get("up");
    const labels = RECORDED_TARGETS.flatMap((target) => Object.keys(target.labels));
    expect(labels.filter((label) => !known?.has(label))).toEqual([]);
  });
});
