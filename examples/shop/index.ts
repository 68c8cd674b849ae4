/** A team's stack: everything it knows of Linkerd is in the `mesh` fields. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment, MeshedNamespace, MeshReference, meshed } from "linkerd-mesh";

const config = new pulumi.Config();
const mesh = new MeshReference(config.require("meshStack"));
const namespace = new MeshedNamespace("shop", { metadata: { name: "shop" } }).name;

// Sends mail. Ports of mail leave past the proxy, and so does that of the queue, which is not in the cluster.
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

// Answers the shop's requests: nobody but the worker may make them. Its metrics are for a Prometheus outside the mesh.
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

// Ends each night when its own container does: its proxy is a native sidecar.
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
