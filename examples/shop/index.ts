/** The stack of a team: its workloads are meshed by a Linkerd that another stack installs. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment, MeshedNamespace, MeshReference, meshed } from "linkerd-mesh";

const config = new pulumi.Config();
// Pods restart when the version or the trust anchors of this mesh change.
const mesh = new MeshReference(config.require("meshStack"));
const namespace = new MeshedNamespace("shop", { metadata: { name: "shop" } }).name;

// A worker that sends mail and reads from a queue outside the cluster. SMTP (skipSmtp) and the queue's port
// (skipOutboundPorts) skip the proxy.
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

// A web service that only the worker may call. Its metrics port skips the proxy, so that a Prometheus outside the mesh
// can read it.
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

// A nightly job. `meshed` works for every kind of workload. It runs the proxy of a job as a native sidecar, so that the
// job completes when its own container does.
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
