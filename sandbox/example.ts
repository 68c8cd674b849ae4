/** Another team's stack: a web service whose deployment is a MeshedDeployment. */
import { MeshedDeployment } from "../components/index.ts";

export async function exampleStack() {
  const labels = { app: "hello" };
  // In a namespace that exists: while nobody serves the tap API, which is simulated here, Kubernetes
  // finishes deleting no namespace.
  const hello = new MeshedDeployment("hello", {
    metadata: { name: "hello", namespace: "default" },
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
