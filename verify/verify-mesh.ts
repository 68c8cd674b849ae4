/** The acceptance test of a mesh, as a function. */
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, CheckContext, CheckName } from "./checks/check.ts";
import { STAGES, type Stage } from "./checks/index.ts";
import { cleanUp, type RunResources } from "./cleanup/clean-up.ts";
import { deleteLeftovers, nameNamespace, type RunNamespace } from "./cleanup/run-namespace.ts";
import { startCleaner } from "./cleanup/start-cleaner.ts";
import { type Connection, openConnection } from "./cluster/connection.ts";
import { KubernetesProbeCluster } from "./cluster/kubernetes-probe-cluster.ts";
import { type RunningMesh, readMesh } from "./cluster/read-mesh.ts";
import { type Unready, waitForWorkloads } from "./cluster/readiness.ts";
import { requireRealNode } from "./cluster/real-nodes.ts";
import { readStackFacts, requirePulumi } from "./cluster/stack-outputs.ts";
import { deployWorkloads } from "./deploy/deploy.ts";
import { type CheckResult, countResults, type VerifyReport } from "./report/report.ts";
import { prepareRotation } from "./rotation/prepare-rotation.ts";
import { openMeshProject } from "./rotation/pulumi-project.ts";
import { abortable } from "./run/abortable.ts";
import { reasonOf } from "./run/reason.ts";
import { runChecks } from "./run/run-checks.ts";
import { VerifyError } from "./verify-error.ts";
import { WORKLOAD_NAMES, type WorkloadName } from "./workloads/names.ts";

export const DEFAULT_IMAGE = "node:24-alpine";

/** {@link verifyMesh} */
export interface VerifyOptions {
  /** The stack of the mesh, as `pulumi --stack` takes it. @default none: checks that need its outputs are skipped */
  readonly stack?: string | undefined;
  /** Directory of the project of `stack`. @default the working directory */
  readonly projectDirectory?: string | undefined;
  /** Context of the kubeconfig. @default its current context */
  readonly context?: string | undefined;
  /** An image with Node 22.18 or newer for all pods. @default "node:24-alpine" */
  readonly image?: string | undefined;
  /** Keep the namespace with the workloads. @default false */
  readonly keep?: boolean | undefined;
  /** The checks to run. @default all, except `rotation` */
  readonly only?: readonly CheckName[] | undefined;
  /** Run `rotation` as well, which changes the trust anchor of `stack`. @default false */
  readonly rotation?: boolean | undefined;
  /**
   * Receives what a rotation changes, after all of its conditions were checked and before anything is created. The run ends if
   * it resolves to `false`. @default `rotation: true` confirms it
   */
  readonly confirmRotation?: ((text: string) => Promise<boolean>) | undefined;
  /** Ends the run early. The workloads are deleted, and the promise rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Receives a line for each step. @default none */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Receives what will have to be deleted, before it is created. @default none */
  readonly onStart?: ((resources: RunResources) => void) | undefined;
}

/** Time limits of a run without its cleanup. */
const LIMIT_MS = 5 * 60_000;
const ROTATION_LIMIT_MS = 30 * 60_000;

/** Time limit of the start of the workloads. The first run on a node pulls the image. */
const START_LIMIT_MS = 90_000;

/** After the limit of the run and this time, the next run deletes what this one left. */
const MARGIN_MS = 10 * 60_000;

/**
 * Deploys probe workloads to a namespace of their own, runs the checks, and deletes the namespace, also after a failure. All
 * objects that it creates are in the namespace. Rejects with a {@link VerifyError} where the checks cannot run.
 */
export async function verifyMesh(
  options: VerifyOptions = {},
  stages: readonly Stage[] = STAGES,
): Promise<VerifyReport> {
  const started = Date.now();
  const { stack, projectDirectory = process.cwd(), keep = false, rotation = false } = options;
  const print = options.onProgress ?? (() => {});
  const selected = selectChecks(stages, options);
  const limitMs = rotation ? ROTATION_LIMIT_MS : LIMIT_MS;
  const limit = AbortSignal.timeout(limitMs);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;

  const connection = openConnection(options.context);
  await requireRealNode(connection);
  await requirePulumi();
  const mesh = await readMesh(
    connection,
    stack === undefined ? undefined : await readStackFacts(stack, projectDirectory),
  );
  print(`Linkerd ${mesh.linkerdVersion} in namespace ${mesh.namespace} of ${connection.server}`);
  const prepared = rotation
    ? await prepareRotation({
        project: openMeshProject(projectDirectory, stack ?? ""),
        cluster: { get: (path) => connection.send(path) },
        mesh,
        confirm: options.confirmRotation ?? (async () => true),
      })
    : undefined;
  for (const name of await deleteLeftovers(connection)) print(`Deleting namespace ${name} of an earlier run`);
  signal.throwIfAborted();

  const namespace = nameNamespace(keep ? undefined : new Date(started + limitMs + MARGIN_MS));
  const resources: RunResources = {
    namespace: namespace.name,
    keep,
    context: connection.context,
    directory: realpathSync(mkdtempSync(join(tmpdir(), `${namespace.name}-`))),
  };
  const dismissCleaner = startCleaner(resources);
  options.onStart?.(resources);
  let results: CheckResult[];
  try {
    results = await runInNamespace({
      ...{ connection, mesh, namespace, resources, selected, signal, options },
      rotation: prepared,
    });
    options.signal?.throwIfAborted();
  } catch (error) {
    const failure = reasonOf(error, limit, limitMs, options.signal);
    throw await withCleanupError(failure, resources, print).finally(dismissCleaner);
  }
  const cleanupError = await tryCleanUp(resources, print).finally(dismissCleaner);
  return {
    mesh: { namespace: mesh.namespace, linkerdVersion: mesh.linkerdVersion, stack: stack ?? null },
    results,
    ...countResults(results),
    seconds: Math.round((Date.now() - started) / 100) / 10,
    namespace: namespace.name,
    kept: keep,
    cleanupError,
  };
}

/** The stages with the selected checks only. */
export function selectChecks(
  stages: readonly Stage[],
  { only, rotation = false }: Pick<VerifyOptions, "only" | "rotation">,
): Stage[] {
  const isSelected = ({ name }: Check) => {
    if (name === "rotation") return rotation;
    return only === undefined || only.includes(name);
  };
  return stages.map((stage) => stage.filter(isSelected)).filter((stage) => stage.length > 0);
}

/** The workloads that the checks need, in the order of their names. */
export function workloadsOf(stages: readonly Stage[]): WorkloadName[] {
  const needed = new Set(stages.flat().flatMap(({ workloads }) => workloads));
  return WORKLOAD_NAMES.filter((name) => needed.has(name));
}

interface RunInNamespace {
  readonly connection: Connection;
  readonly mesh: RunningMesh;
  readonly namespace: RunNamespace;
  readonly resources: RunResources;
  readonly selected: readonly Stage[];
  readonly signal: AbortSignal;
  readonly options: VerifyOptions;
  readonly rotation: CheckContext["rotation"];
}

/** Deploys the workloads, waits for them, and runs the checks. */
async function runInNamespace(run: RunInNamespace): Promise<CheckResult[]> {
  const { connection, mesh, namespace, resources, selected, signal, options, rotation } = run;
  const print = options.onProgress ?? (() => {});
  const workloads = workloadsOf(selected);
  print(`Deploying ${workloads.length} workloads to namespace ${namespace.name}`);
  const rejected = await abortable(
    deployWorkloads({
      workloads: {
        namespace: namespace.name,
        metadata: namespace.metadata,
        workloads,
        image: options.image ?? DEFAULT_IMAGE,
        mesh: mesh.stack?.ref,
      },
      context: connection.context,
      directory: resources.directory,
      signal,
    }),
    signal,
  );
  const created = workloads.filter((workload) => !rejected.has(workload));
  print("Waiting for the pods");
  const waiting = await waitForWorkloads(connection, namespace.name, created, START_LIMIT_MS, signal);
  const unready: Unready = new Map([...rejected, ...waiting]);
  print(`Running ${selected.flat().length} checks`);
  return runChecks(selected, {
    context: {
      namespace: namespace.name,
      cluster: new KubernetesProbeCluster(connection, namespace.name, signal),
      mesh,
      rotation,
      onProgress: print,
      signal,
    },
    unready,
    onResult: ({ name, status, seconds }) => print(`${name}: ${status} (${seconds} s)`),
  });
}

/** Cleans up. Returns why that failed, or `null`. */
async function tryCleanUp(resources: RunResources, print: (line: string) => void): Promise<string | null> {
  if (!resources.keep) print(`Deleting namespace ${resources.namespace}`);
  try {
    await cleanUp(resources);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The failure of a run, with that of its cleanup. */
async function withCleanupError(
  failure: Error,
  resources: RunResources,
  print: (line: string) => void,
): Promise<Error> {
  const cleanupError = await tryCleanUp(resources, print);
  if (cleanupError === null) return failure;
  return new VerifyError(`${failure.message}\n${cleanupError}`, { cause: failure });
}
