/** Measures one operation on one stack of Deployments, in a process of its own, and prints the result as JSON. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment } from "../components/index.ts";
import { type Engine, openStack } from "../sandbox/engine.ts";

/** Plain Deployments, Deployments in a component that does nothing else, and MeshedDeployments. */
export type Kind = "plain" | "component" | "meshed";

/** The argument of this script, as JSON. */
export interface Task {
  engine: Engine;
  kind: Kind;
  /** How many Deployments the stack has. */
  count: number;
  operation: "preview" | "up";
}

/** Shows the cost of any component. */
class BareComponent extends pulumi.ComponentResource {
  readonly deployment: k8s.apps.v1.Deployment;

  constructor(name: string, args: k8s.apps.v1.DeploymentArgs) {
    super("linkerd-mesh:bench:BareComponent", name);
    this.deployment = new k8s.apps.v1.Deployment(name, args, { parent: this });
    this.registerOutputs({ deployment: this.deployment });
  }
}

const CREATE: Record<Kind, (name: string, args: k8s.apps.v1.DeploymentArgs) => pulumi.Resource> = {
  plain: (name, args) => new k8s.apps.v1.Deployment(name, args),
  component: (name, args) => new BareComponent(name, args),
  meshed: (name, args) => new MeshedDeployment(name, args),
};

export interface Measured {
  seconds: number;
  /** Peak resident set of the program, in MiB. */
  program: number;
  /** Peak resident set of the engine, in MiB. */
  engine: number;
}

/** Without replicas, because the scheduling of pods is not part of the measurement. */
function createArgs(index: number): k8s.apps.v1.DeploymentArgs {
  const labels = { app: `app-${index}` };
  const container = {
    name: "app",
    image: `registry.example/app:${index}`,
    ports: [{ name: "http", containerPort: 8080 }],
    env: [{ name: "INDEX", value: String(index) }],
    resources: { requests: { cpu: "100m", memory: "128Mi" } },
  };
  return {
    metadata: { namespace: "default" },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

async function measure({ engine, kind, count, operation }: Task): Promise<Measured> {
  const stack = await openStack(engine, {
    name: "bench",
    stack: `${kind}-${count}`,
    config: {},
    program: async () => {
      for (let index = 0; index < count; index++) CREATE[kind](`app-${index}`, createArgs(index));
    },
  });
  let engineKiB = 0;
  const watch = setInterval(() => {
    engineKiB = Math.max(engineKiB, readPeakOfChildren());
  }, 250);
  const started = performance.now();
  await stack[operation]();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  return { seconds, program: process.resourceUsage().maxRSS / 1024, engine: engineKiB / 1024 };
}

/** Reads the peak resident set of the children of this process: the Pulumi CLI, which contains the engine. In KiB. */
function readPeakOfChildren(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
    return Math.max(0, ...children.filter(Boolean).map(readPeak));
  } catch {
    return 0; // Not Linux, or the child has just ended.
  }
}

function readPeak(pid: string): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}

const { positionals } = parseArgs({ allowPositionals: true });
console.log(JSON.stringify(await measure(JSON.parse(positionals[0] ?? "") as Task)));
