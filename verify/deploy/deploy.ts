/** Deploys the probe workloads with the Pulumi engine, to a backend in a directory that is deleted afterwards. */
import { mkdirSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { VerifyError } from "../verify-error.ts";
import type { WorkloadName } from "../workloads/names.ts";
import { ProbeWorkloads, type ProbeWorkloadsArgs } from "../workloads/probe-workloads.ts";

/** {@link deployWorkloads} */
export interface DeployOptions {
  readonly workloads: ProbeWorkloadsArgs;
  /** The context of the kubeconfig. `undefined` for its current context, or the account of the pod. */
  readonly context: string | undefined;
  /** A directory of this run for the project and its state. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Why the API server rejected objects of a workload. */
export type Rejected = ReadonlyMap<WorkloadName, string>;

const PROJECT = "linkerd-mesh-verify";

/**
 * Creates the workloads. Does not wait for their pods. Objects that the API server rejects do not stop the others. Throws a
 * {@link VerifyError} if the namespace or its scripts are rejected, or if the engine does not run.
 */
export async function deployWorkloads(options: DeployOptions): Promise<Rejected> {
  const { workloads, context, directory, signal } = options;
  const backend = join(directory, "state");
  mkdirSync(backend, { recursive: true });
  const stack = await LocalWorkspace.createStack(
    {
      stackName: "run",
      projectName: PROJECT,
      program: async () => {
        const provider = new k8s.Provider("cluster", context === undefined ? {} : { context });
        new ProbeWorkloads("verify", workloads, { providers: { kubernetes: provider } });
      },
    },
    { workDir: directory, envVars: engineEnvironment(backend) },
  );
  const errors: { name: string; message: string }[] = [];
  const onEvent = ({ diagnosticEvent }: EngineEvent) => {
    if (diagnosticEvent?.severity !== "error") return;
    const name = diagnosticEvent.urn?.split("::").at(-1) ?? "";
    errors.push({ name, message: plainText(diagnosticEvent.message) });
  };
  try {
    await stack.up({ continueOnError: true, onEvent, signal });
    return new Map();
  } catch (error) {
    signal.throwIfAborted();
    const rejected = byWorkload(errors, workloads.workloads);
    if (rejected.size > 0) return rejected;
    const reasons = errors.map(({ message }) => message).join("\n") || (error as Error).message;
    throw new VerifyError(`workloads: must be accepted by the cluster, got an error.\n${reasons}`, {
      cause: error,
    });
  }
}

/** The environment of the engine. It has the plugins and the kubeconfig of the user, and not their backend. */
function engineEnvironment(backend: string): Record<string, string> {
  const kubeconfig = process.env.KUBECONFIG;
  return {
    // Without the metadata files, which an engine that is killed leaves empty.
    PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The engine and its providers run in another directory.
    ...(kubeconfig && {
      KUBECONFIG: kubeconfig
        .split(delimiter)
        .filter(Boolean)
        .map((path) => resolve(path))
        .join(delimiter),
    }),
  };
}

/** The errors of each workload. The names of its resources begin with its own. */
function byWorkload(
  errors: readonly { name: string; message: string }[],
  workloads: readonly WorkloadName[],
): Rejected {
  const ownerOf = (name: string) =>
    workloads.find((workload) => name === workload || name.startsWith(`${workload}-`));
  const owned = errors.flatMap(({ name, message }) => {
    const workload = ownerOf(name);
    return workload ? [{ workload, message }] : [];
  });
  return new Map(
    [...Map.groupBy(owned, ({ workload }) => workload)].map(([workload, all]) => [
      workload,
      all.map(({ message }) => message).join("; "),
    ]),
  );
}

/** A message of the engine in one line, without its color tags such as `<{%reset%}>`. */
function plainText(message: string): string {
  return message
    .replace(/<\{%.*?%\}>/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
