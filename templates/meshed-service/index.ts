import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment, MeshedNamespace, MeshReference } from "linkerd-mesh";

const config = new pulumi.Config();
// The mesh, read from the outputs of its stack.
const mesh = new MeshReference(config.require("meshStack"));
const name = pulumi.getProject();
const labels = { app: name };

// Linkerd injects a proxy into every pod in this namespace.
const namespace = new MeshedNamespace(name, { metadata: { name } }).name;
const service = new MeshedDeployment(name, {
  metadata: { name, namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: "app",
            image: config.require("image"),
            // Arguments of the default image. Replace them, the port and the probes with those of your own.
            args: ["netexec", "--http-port=8080"],
            ports: [{ name: "http", containerPort: 8080 }],
          },
        ],
      },
    },
  },
  // After an upgrade of the mesh, the next `pulumi up` of this stack restarts the pods.
  mesh: { ref: mesh },
  service: { ports: { http: 80 } },
  // The identity that other workloads use to allow calls from this one: `allowFrom: [service.identity]`.
  serviceAccount: true,
  disruptionBudget: true,
  topologySpread: true,
  probes: { readiness: "/healthz", liveness: "/healthz" },
  resources: true,
});

export const url = pulumi.interpolate`http://${service.name}.${service.namespace}`;
