/** Stacks of other teams: workloads that reference a mesh, a renamed one, one that is not valid, many of them, and CRDs. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { LinkerdCrds, MeshedDeployment, MeshReference } from "../../../components/index.ts";
import type { Recorder } from "../recorder.ts";

const MESH = "prod";
/** Workloads of the largest recording. */
const MANY = 500;

export async function recordWorkloads(recorder: Recorder): Promise<void> {
  const mesh = (settings: object = {}) => recorder.openMesh(MESH, { viz: false, ...settings });
  const shop = (stack: string, program: () => void) =>
    recorder.openProgram("shop", stack, async () => program());
  await (await mesh({ chartVersion: recorder.earlierVersion })).up();

  const first = await shop(MESH, () => deployWeb("web"));
  await recorder.record("workload", (options) => first.preview(options));
  await first.up();
  await (await mesh()).up();
  await recorder.record("workload-after-upgrade", (options) => first.preview(options));
  const changed = await shop(MESH, () => deployWeb("web", { env: { LEVEL: "debug" }, image: "web:2" }));
  await recorder.record("workload-changed", (options) => changed.preview(options));
  const renamed = await shop(MESH, () => deployWeb("site", { options: { aliases: [{ name: "web" }] } }));
  await recorder.record("workload-renamed", (options) => renamed.preview(options));
  const invalid = await shop(MESH, () => {
    deployWeb("web");
    new k8s.core.v1.ConfigMap("flags", { metadata: { name: "Not_A_Name", namespace: "default" }, data: {} });
  });
  await recorder.recordFailure("preview-fails", (options) => invalid.preview(options));

  const many = await shop("many", () => {
    for (let index = 0; index < MANY; index++) deployWeb(`web-${index}`, { replicas: 0 });
  });
  await recorder.record("workloads-500", (options) => many.preview(options));

  const crds = (isInstalled: boolean) =>
    recorder.openProgram("crds", MESH, async () => {
      const metadata = { name: "linkerd" };
      const namespace = new k8s.core.v1.Namespace("crds", { metadata });
      const charts = { source: recorder.charts, version: recorder.chartVersion };
      if (!isInstalled) return;
      // The CRDs of the Gateway API, which Helm keeps, belong to a release in this namespace.
      const args = { charts, namespace: "linkerd", keepCrds: false };
      new LinkerdCrds("linkerd-crds", args, { dependsOn: namespace });
    });
  await first.destroy();
  await (await mesh()).destroy();
  await (await crds(true)).up();
  const without = await crds(false);
  await recorder.record("deleted-crds", (options) => without.preview(options));
}

interface WebOptions {
  readonly image?: string;
  readonly env?: Record<string, string>;
  readonly replicas?: number;
  readonly options?: pulumi.ComponentResourceOptions;
}

function deployWeb(
  name: string,
  { image = "web:1", env = {}, replicas = 1, options }: WebOptions = {},
): void {
  const labels = { app: name };
  const variables = { ...env, PORT: "8080" };
  new MeshedDeployment(
    name,
    {
      metadata: { name: "web", namespace: "default", ...(replicas === 0 ? { name } : {}) },
      spec: {
        replicas,
        selector: { matchLabels: { app: replicas === 0 ? name : "web" } },
        template: {
          metadata: { labels: replicas === 0 ? labels : { app: "web" } },
          spec: {
            containers: [
              {
                name: "main",
                image,
                env: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
                ports: [{ containerPort: 8080 }],
              },
            ],
          },
        },
      },
      mesh: { ref: new MeshReference(`organization/linkerd-mesh/${MESH}`) },
    },
    options,
  );
}
