/** A service in the Linkerd mesh of another stack. */
import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment, MeshedNamespace, MeshReference } from "linkerd-mesh";

const config = new pulumi.Config();
// The stack that installs Linkerd. Pods restart when its version or its trust anchors change.
const mesh = new MeshReference(config.require("meshStack"));
const name = pulumi.getProject();
const labels = { app: name };

const namespace = new MeshedNamespace(name, { metadata: { name } }).name;

// A k8s.apps.v1.Deployment with pods in the mesh. Every option after `spec` is opt-in.
const service = new MeshedDeployment(name, {
  metadata: { name, namespace, labels },
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
            args: ["netexec", "--http-port=8080"],
            ports: [{ name: "http", containerPort: 8080 }],
          },
        ],
      },
    },
  },
  mesh: { ref: mesh },
  service: { ports: { http: 80 } },
  serviceAccount: true,
  disruptionBudget: true,
  topologySpread: true,
  probes: { readiness: "/healthz", liveness: "/healthz" },
  resources: true,
});

export const url = pulumi.interpolate`http://${service.name}.${service.namespace}`;
