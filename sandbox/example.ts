/** Another team's stack: a web service whose deployment is a MeshedDeployment. */
import * as k8s from "@pulumi/kubernetes";
import { MeshedDeployment } from "../components/index.ts";

export async function exampleStack() {
  const labels = { app: "hello" };
  const namespace = new k8s.core.v1.Namespace("example", { metadata: { name: "example" } });
  const hello = new MeshedDeployment("hello", {
    metadata: { name: "hello", namespace: namespace.metadata.name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "hello", image: "hello:1", ports: [{ containerPort: 8080 }] }] },
      },
    },
  });
  return { deployment: hello.deployment.metadata.name };
}
