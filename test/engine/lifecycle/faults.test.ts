import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { attempt, BreakableMesh, type Operation } from "../../support/breakable-mesh.ts";
import { inventory } from "../../support/cluster.ts";
import { runUntilFinished } from "../../support/runbook.ts";
import { changes } from "../../support/stack.ts";

// Each test runs several engine operations in sequence.
vi.setConfig({ testTimeout: 600_000 });

const KILLS = 10;
// A fixed seed, so that a failure points to a change of the code. FAULTS_SEED=n selects other kill points.
const SEED = Number(process.env.FAULTS_SEED ?? 7);

/** When to kill an operation, and whether to kill its providers with the engine. */
interface KillPoint {
  /** Share of the duration of an undisturbed run, in percent. */
  percent: number;
  withProviders: boolean;
}

// One point in each tenth of the operation.
const samples = fc.sample(fc.noBias(fc.tuple(fc.nat(99), fc.boolean())), { seed: SEED, numRuns: 2 * KILLS });
const points = samples.map(
  ([offset, withProviders], n): KillPoint => ({ percent: (n % KILLS) * 10 + offset / 10, withProviders }),
);
const rounds = points.slice(0, KILLS).map((up, n) => ({ up, destroy: points[KILLS + n] as KillPoint }));

let mesh: BreakableMesh;
let stack: Stack;
let objectsWithoutMesh: string[];
let objectsWithMesh: string[];
let timeline: { up: number[]; destroy: number[] };
let kills = 0;

/**
 * Lists the objects in the cluster. Excludes objects with generated names, Helm's revisions, and the CRDs of the
 * Gateway API, which Helm keeps.
 */
async function listObjects(): Promise<string[]> {
  const excluded = /^(Pod|ReplicaSet|IPAddress)\/|\/sh\.helm\.release\.|\.gateway\.networking\.k8s\.io$/;
  return (await inventory(mesh.engine.kubeconfig)).filter((object) => !excluded.test(object));
}

/** Creates an event handler that calls `callback` for each event about a resource. */
const onResourceEvent = (callback: () => void) => (event: EngineEvent) => {
  if (event.resourcePreEvent || event.resOutputsEvent) callback();
};

/** Records the times of the events about resources, in milliseconds since the first. */
async function recordTimeline(operation: Operation): Promise<number[]> {
  const times: number[] = [];
  await operation({ onEvent: onResourceEvent(() => times.push(Date.now())) });
  return times.map((time) => time - (times[0] ?? 0));
}

/**
 * Runs an operation and kills it at `point`: as long after an event as in the undisturbed run, but no later than the
 * next event, because this run may be faster.
 */
async function killAt(point: KillPoint, times: number[], operation: Operation): Promise<void> {
  const at = (point.percent / 100) * (times.at(-1) ?? 0);
  const eventIndex = times.findLastIndex((time) => time <= at);
  const kill = () => (point.withProviders ? mesh.killEngineAndProviders() : mesh.killEngine());
  let seen = 0;
  let timer: NodeJS.Timeout | undefined;
  const countAndKill = onResourceEvent(() => {
    if (seen === eventIndex) timer = setTimeout(kill, at - (times[eventIndex] ?? 0));
    if (seen === eventIndex + 1) kill();
    seen++;
  });
  const { finished } = await attempt(({ onEvent }) =>
    operation({
      onEvent: (event) => {
        countAndKill(event);
        onEvent(event);
      },
    }),
  );
  clearTimeout(timer);
  if (!finished) kills++;
  await mesh.stopProviders();
}

/** Asserts that the mesh is complete in the cluster, in Helm, in the state and in a preview with refresh. */
async function expectCompleteMesh() {
  expect(await listObjects()).toEqual(objectsWithMesh);
  expect(await mesh.readReleaseStatuses()).toEqual({
    "linkerd-control-plane": "deployed",
    "linkerd-crds": "deployed",
  });
  expect(mesh.readState().pending).toEqual([]);
  expect(changes((await stack.preview({ refresh: true })).changeSummary)).toEqual({});
}

/** Reads each certificate in the state, by the URN of its resource. */
function readCertificates(): Record<string, string> {
  const resources = mesh.readState().resources.filter(({ outputs }) => outputs?.certPem !== undefined);
  return Object.fromEntries(resources.map(({ urn, outputs }) => [urn, outputs?.certPem ?? ""]));
}

beforeAll(async () => {
  mesh = await BreakableMesh.start();
  stack = await mesh.open();
  const up = await recordTimeline((options) => stack.up(options));
  objectsWithMesh = await listObjects();
  const destroy = await recordTimeline((options) => stack.destroy(options));
  objectsWithoutMesh = await listObjects();
  timeline = { up, destroy };
});
afterAll(() => mesh.delete());

describe(`up and destroy killed at ${KILLS} random points each (FAULTS_SEED=${SEED})`, () => {
  const describeScope = ({ withProviders }: KillPoint) =>
    withProviders ? "with its providers" : "without its providers";

  describe.each(rounds)("kills at $up.percent % and $destroy.percent %", ({ up, destroy }) => {
    test(`an up killed at ${up.percent} % ${describeScope(up)} recovers to a complete mesh and keeps its certificates`, async () => {
      await killAt(up, timeline.up, (options) => stack.up(options));
      const kept = readCertificates();
      const recovered = await runUntilFinished(mesh, (options) => stack.up(options));
      console.log(`up killed at ${up.percent} % ${describeScope(up)}: ${recovered.join("; ")}`);
      expect(readCertificates()).toMatchObject(kept);
      await expectCompleteMesh();
    });

    test(`a destroy killed at ${destroy.percent} % ${describeScope(destroy)} recovers and leaves nothing behind`, async () => {
      await killAt(destroy, timeline.destroy, (options) => stack.destroy(options));
      const recovered = await runUntilFinished(mesh, (options) => stack.destroy(options));
      console.log(
        `destroy killed at ${destroy.percent} % ${describeScope(destroy)}: ${recovered.join("; ")}`,
      );
      expect(await listObjects()).toEqual(objectsWithoutMesh);
      expect(mesh.readState()).toEqual({ resources: [], pending: [] });
    });
  });

  test(`the kills interrupt at least ${2 * KILLS - 2} of ${2 * KILLS} operations`, () => {
    // A kill at the very last event may come too late.
    expect(kills).toBeGreaterThanOrEqual(2 * KILLS - 2);
  });
});

test("an up whose API server restarts while Helm installs succeeds or reports the lost connection, and the next up completes the mesh", async () => {
  let restarted = false;
  const restart = async () => {
    mesh.killApiServer();
    await mesh.restartApiServer();
    restarted = true;
  };
  // Helm waits for the pods of this release, so its install takes the longest.
  const record = "linkerd-control-plane pending-install";
  const { finished, errors } = await mesh.attemptWithActionAt(record, (o) => stack.up(o), restart);
  expect(restarted).toBe(true);
  if (!finished) expect(errors).toMatch(/connection refused|connection reset|EOF/);
  const kept = readCertificates();
  const recovered = await runUntilFinished(mesh, (options) => stack.up(options));
  console.log(
    `API server killed: ${finished ? "no error" : recovered.join("; ") || "no runbook command needed"}`,
  );
  expect(readCertificates()).toMatchObject(kept);
  await expectCompleteMesh();
  await stack.destroy();
  expect(await listObjects()).toEqual(objectsWithoutMesh);
});
