/** Autoscaling of a running workload. `kubectl scale` stands for the autoscaler, which has no metrics here. */
import { spawn } from "node:child_process";
import type { V1Deployment } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, expect, inject, test } from "vitest";
import { type AutoscalingOptions, MeshedDeployment } from "../../../components/index.ts";
import { read, run } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { changes, failureOf, openProgram } from "../../support/stack.ts";

interface Scaled {
  replicas?: number;
  autoscaling?: AutoscalingOptions;
  image?: number;
}

const stacks: Stack[] = [];

afterAll(async () => {
  for (const stack of stacks) await stack.destroy();
});

/** Opens a stack with one MeshedDeployment. `up` updates it with these arguments, and returns the number of replicas. */
async function openScaled(name: string) {
  const labels = { app: name };
  let args: Scaled = {};
  const stack = await openProgram(name, "test", async () => {
    const { image = 1, replicas, autoscaling } = args;
    const resources = { requests: { cpu: "10m" } };
    const containers = [{ name, image: `${name}:${image}`, resources }];
    new MeshedDeployment(name, {
      metadata: { name, namespace: "default" },
      spec: {
        ...(replicas !== undefined && { replicas }),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
      autoscaling,
    });
  });
  stacks.push(stack);
  const deployment = () => read<V1Deployment>("apps/v1", "Deployment", name, "default");
  const up = async (next: Scaled) => {
    args = next;
    await stack.up();
    const { spec } = await deployment();
    expect(spec?.template.spec?.containers[0]?.image).toBe(`${name}:${next.image ?? 1}`);
    return spec?.replicas;
  };
  const scale = (replicas: number) =>
    run("kubectl", "scale", `deployment/${name}`, "--namespace=default", `--replicas=${replicas}`);
  const failingUp = (next: Scaled) => {
    args = next;
    return failureOf((options) => stack.up(options));
  };
  return { stack, up, failingUp, scale };
}

/**
 * Records each number of replicas that the API server holds for a Deployment, until it is stopped.
 * Resolves when the watch has reported the present number, so that no later change is missed.
 */
async function watchReplicas(name: string): Promise<{ stop: () => number[] }> {
  const { paths } = inject("tools");
  const env = { ...process.env, KUBECONFIG: testEngine().kubeconfig };
  const output = '-o=jsonpath={.spec.replicas}{"\\n"}';
  const watch = spawn(paths.kubectl, ["get", "deployment", name, "--namespace=default", "--watch", output], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = "";
  await new Promise<void>((resolve, reject) => {
    watch.stdout.on("data", (data: Buffer) => {
      seen += data;
      if (seen.includes("\n")) resolve();
    });
    watch.once("error", reject);
    watch.once("exit", (code) => reject(new Error(`kubectl get --watch ended with exit code ${code}.`)));
  });
  return {
    stop: () => {
      watch.kill();
      return seen.trim().split("\n").map(Number);
    },
  };
}

const autoscaling = { min: 5, max: 20 };

/** The numbers of replicas in order, without repetitions. */
const distinct = (seen: number[]) => seen.filter((replicas, index) => replicas !== seen[index - 1]);

test("turning an autoscaler on, off and on again never reduces the replicas, and no update conflicts with it", async () => {
  const { stack, up, scale } = await openScaled("scaled");
  expect(await up({ replicas: 10 })).toBe(10);
  const { stop } = await watchReplicas("scaled");
  expect(await up({ replicas: 10, autoscaling })).toBe(10);
  await scale(15);
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  expect(await up({ replicas: 10 })).toBe(15);
  expect(await up({ replicas: 10, autoscaling })).toBe(15);
  await scale(7);
  expect(await up({ replicas: 10, autoscaling, image: 2 })).toBe(7);
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  expect(distinct(stop())).toEqual([10, 15, 7]);
});

test("a workload whose replicas are removed together with its autoscaler keeps them through later updates", async () => {
  const { up, scale } = await openScaled("kept");
  await up({ replicas: 10, autoscaling });
  const { stop } = await watchReplicas("kept");
  await scale(15);
  expect(await up({ replicas: 10, autoscaling, image: 2 })).toBe(15);
  expect(await up({ image: 2 })).toBe(15);
  expect(await up({ image: 3 })).toBe(15);
  expect(await up({ autoscaling, image: 4 })).toBe(15);
  expect(distinct(stop())).toEqual([10, 15]);
});

test("a workload that is created with an autoscaler starts with its minimum and keeps its replicas without it", async () => {
  const { up, scale } = await openScaled("started");
  expect(await up({ autoscaling })).toBe(5);
  expect(await up({ image: 2 })).toBe(5);
  expect(await up({ autoscaling: { min: 2, max: 20 }, image: 2 })).toBe(5);
  await scale(8);
  expect(await up({ autoscaling, image: 3 })).toBe(8);
});

test("replicas of the spec apply again after an autoscaler, once the field is taken over", async () => {
  const { stack, up, failingUp, scale } = await openScaled("taken");
  await up({ replicas: 10, autoscaling });
  await scale(15);
  const message = await failingUp({ replicas: 10, image: 2 });
  expect(message).toContain("Server-Side Apply field conflict detected");
  expect(message).toContain(".spec.replicas");
  stack.workspace.envVars.PULUMI_K8S_ENABLE_PATCH_FORCE = "true";
  expect(await up({ replicas: 12, image: 2 })).toBe(12);
  delete stack.workspace.envVars.PULUMI_K8S_ENABLE_PATCH_FORCE;
  expect(await up({ replicas: 14, image: 3 })).toBe(14);
});
