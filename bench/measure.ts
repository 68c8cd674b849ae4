/** One operation on one stack of the benchmark, in a process of its own: its wall time and memory, as JSON. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MeshedDeployment } from "../components/index.ts";
import { type Engine, openStack } from "../sandbox/engine.ts";

/** What is compared: plain Deployments, such in a component that does nothing else, MeshedDeployments. */
export type Kind = "raw" | "bare" | "meshed";

/** What any component costs. */
class BareComponent extends pulumi.ComponentResource {
  readonly deployment: k8s.apps.v1.Deployment;

  constructor(name: string, args: k8s.apps.v1.DeploymentArgs) {
    super("linkerd-mesh:bench:BareComponent", name);
    this.deployment = new k8s.apps.v1.Deployment(name, args, { parent: this });
    this.registerOutputs({ deployment: this.deployment });
  }
}

const MAKE: Record<Kind, (name: string, args: k8s.apps.v1.DeploymentArgs) => pulumi.Resource> = {
  raw: (name, args) => new k8s.apps.v1.Deployment(name, args),
  bare: (name, args) => new BareComponent(name, args),
  meshed: (name, args) => new MeshedDeployment(name, args),
};

/** {@link measure}'s result. Memory is the peak resident set, MiB. */
export interface Measured {
  seconds: number;
  program: number;
  engine: number;
}

// No replicas: what is measured is Pulumi and this library, not the scheduling of pods.
function argsOf(index: number): k8s.apps.v1.DeploymentArgs {
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

async function measure(engine: Engine, kind: Kind, count: number, operation: "preview" | "up") {
  const stack = await openStack(engine, {
    name: "bench",
    stack: `${kind}-${count}`,
    config: {},
    program: async () => {
      for (let index = 0; index < count; index++) MAKE[kind](`app-${index}`, argsOf(index));
    },
  });
  let engineKiB = 0;
  const watch = setInterval(() => {
    engineKiB = Math.max(engineKiB, peakOfChildren());
  }, 250);
  const started = performance.now();
  await stack[operation]();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  const result: Measured = {
    seconds,
    program: process.resourceUsage().maxRSS / 1024,
    engine: engineKiB / 1024,
  };
  return result;
}

/** The peak resident set of this process's children, which are the Pulumi CLI with the engine in it. */
function peakOfChildren(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
    return Math.max(0, ...children.filter(Boolean).map(peakOf));
  } catch {
    return 0; // Not Linux, or it has just ended.
  }
}

function peakOf(pid: string): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}

const [directory = "", kubeconfig = "", kind = "", count = "", operation = ""] = process.argv.slice(2);
const measured = await measure({ directory, kubeconfig }, kind as Kind, Number(count), operation as "up");
console.log(JSON.stringify(measured));
