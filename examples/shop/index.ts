/**
 * The stack of a team whose workloads run in the mesh of another stack:
 *
 * - `worker` sends mail and calls `web`.
 * - `web` serves HTTP, only to `worker`.
 * - `report` is a nightly job.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment, MeshedNamespace, MeshReference, meshed } from "linkerd-mesh";

const config = new pulumi.Config();
// The mesh, read from the outputs of its stack. When they change, e.g. after an upgrade of Linkerd, the next `pulumi up` of
// this stack restarts the pods.
const mesh = new MeshReference(config.require("meshStack"));
// Linkerd injects a proxy into every pod in this namespace.
const namespace = new MeshedNamespace("shop", { metadata: { name: "shop" } }).name;

// Connections to SMTP ports bypass the proxy, as do connections to port 5671, a message queue outside the cluster.
const worker = new MeshedDeployment("worker", {
  metadata: { name: "worker", namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "worker" } },
    template: {
      metadata: { labels: { app: "worker" } },
      spec: { containers: [{ name: "worker", image: "registry.example/shop/worker:1.4.0" }] },
    },
  },
  mesh: { ref: mesh, skipSmtp: true, skipOutboundPorts: [5671], shutdownGracePeriod: "30s" },
  serviceAccount: true,
  disruptionBudget: true,
  resources: { cpu: "50m", memory: "96Mi" },
  podSecurity: "restricted",
});

// `allowFrom` denies all callers except the worker. The metrics port bypasses the proxy, for a Prometheus outside the mesh.
const web = new MeshedDeployment("web", {
  metadata: { name: "web", namespace },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "registry.example/shop/web:2.0.1",
            ports: [
              { name: "http", containerPort: 8080 },
              { name: "metrics", containerPort: 9102 },
            ],
          },
        ],
      },
    },
  },
  mesh: { ref: mesh, skipInboundPorts: ["metrics"], proxy: { cpuRequest: "50m", memoryRequest: "32Mi" } },
  service: { ports: { http: 80 } },
  serviceAccount: true,
  allowFrom: [worker.identity],
  autoscaling: { min: config.requireNumber("webReplicas"), max: 10 },
  disruptionBudget: true,
  topologySpread: true,
  probes: { readiness: "/ready", liveness: "/live" },
  resources: true,
  podSecurity: "restricted",
  timeouts: { request: "10s" },
  retries: { limit: 2, http: ["5xx"] },
});

// `meshed` does the same for the arguments of any other workload. In a Job, the proxy is a native sidecar, which stops when
// the container exits.
const report = new k8s.batch.v1.CronJob(
  "report",
  meshed(
    "CronJob",
    {
      metadata: { name: "report", namespace },
      spec: {
        schedule: "0 4 * * *",
        concurrencyPolicy: "Forbid",
        jobTemplate: {
          spec: {
            template: {
              spec: {
                restartPolicy: "Never",
                containers: [{ name: "report", image: "registry.example/shop/report:1.0.3" }],
              },
            },
          },
        },
      },
    },
    { ref: mesh, skipSmtp: true },
  ),
);

export const webService = web.service?.metadata.name;
export const workerIdentity = worker.identity;
export const reportName = report.metadata.name;
export const linkerdVersion = mesh.linkerdVersion;
