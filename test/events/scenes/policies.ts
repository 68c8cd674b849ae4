/** A stack that violates policies of this project's pack. */
import { dirname, join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { MeshedDeployment } from "../../../components/index.ts";
import type { Recorder } from "../recorder.ts";

const ROOT = join(import.meta.dirname, "../../..");

export async function recordPolicies(recorder: Recorder): Promise<void> {
  // The engine starts the pack with a script and Node, if no language host is installed.
  const plugins = join(ROOT, "test/support/plugins");
  process.env.PATH = [plugins, dirname(process.execPath), process.env.PATH].join(":");
  const stack = await recorder.openProgram("shop", "prod", async () => {
    const labels = { app: "web" };
    const containers = [{ name: "web", image: "web:1" }];
    const metadata = { name: "web", namespace: "default" };
    const template = { metadata: { labels }, spec: { hostNetwork: true, containers } };
    new MeshedDeployment("web", { metadata, spec: { selector: { matchLabels: labels }, template } });
    new k8s.core.v1.Pod("undecided", { metadata, spec: { containers } });
  });
  const policyPacks = [join(ROOT, "policy")];
  await recorder.recordFailure("policy-violation", (options) => stack.preview({ ...options, policyPacks }));
}
