/** The stack of another team: a web service that runs as a MeshedDeployment. */
import { MeshedDeployment } from "../components/index.ts";

export async function exampleProgram() {
  const labels = { app: "hello" };
  // Not in a namespace of its own: while nothing serves the tap API, as in a sandbox, Kubernetes cannot complete
  // the deletion of a namespace.
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
