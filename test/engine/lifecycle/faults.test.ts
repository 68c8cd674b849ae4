import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { inventory } from "../../support/cluster.ts";
import { attempt, Breakable, type Operation, runToEnd } from "../../support/recovery.ts";
import { changes } from "../../support/stack.ts";

// Each test is several operations of the engine, one after another.
vi.setConfig({ testTimeout: 600_000 });

const KILLS = 10;
// The same points in every run, so that a failure tells of a change and not of the draw. FAULTS_SEED=n draws others.
const SEED = Number(process.env.FAULTS_SEED ?? 7);

/** Where to kill: how far into the operation, and whether the providers go with the engine. */
interface Point {
  percent: number;
  all: boolean;
}

// One in each tenth of the operation.
const drawn = fc.sample(fc.noBias(fc.tuple(fc.nat(99), fc.boolean())), { seed: SEED, numRuns: 2 * KILLS });
const points = drawn.map(([within, all], n): Point => ({ percent: (n % KILLS) * 10 + within / 10, all }));
const rounds = points.slice(0, KILLS).map((up, n) => ({ up, destroy: points[KILLS + n] as Point }));

let broken: Breakable;
let stack: Stack;
let bare: string[];
let whole: string[];
let timeline: { up: number[]; destroy: number[] };
let kills = 0;

/** What is there, but for names that are drawn anew, Helm's revisions, and the Gateway API's definitions, which stay. */
async function objects(): Promise<string[]> {
  const anew = /^(Pod|ReplicaSet|IPAddress)\/|\/sh\.helm\.release\.|\.gateway\.networking\.k8s\.io$/;
  return (await inventory(broken.engine.kubeconfig)).filter((object) => !anew.test(object));
}

/** Calls back for each event about a resource. */
const onResource = (told: () => void) => (event: EngineEvent) => {
  if (event.resourcePreEvent || event.resOutputsEvent) told();
};

/** When the events about resources came, in milliseconds from the first. */
async function record(operation: Operation): Promise<number[]> {
  const times: number[] = [];
  await operation({ onEvent: onResource(() => times.push(Date.now())) });
  return times.map((time) => time - (times[0] ?? 0));
}

/**
 * Runs the operation and kills it at the point: as long after an event as in the undisturbed run, at the latest
 * with the next, as this run may be the faster one.
 */
async function killedAt(point: Point, times: number[], operation: Operation): Promise<void> {
  const at = (point.percent / 100) * (times.at(-1) ?? 0);
  const event = times.findLastIndex((time) => time <= at);
  const kill = () => (point.all ? broken.killAll() : broken.killEngine());
  let seen = 0;
  let timer: NodeJS.Timeout | undefined;
  const count = onResource(() => {
    if (seen === event) timer = setTimeout(kill, at - (times[event] ?? 0));
    if (seen === event + 1) kill();
    seen++;
  });
  const { finished } = await attempt(({ onEvent }) =>
    operation({
      onEvent: (told) => {
        count(told);
        onEvent(told);
      },
    }),
  );
  clearTimeout(timer);
  if (!finished) kills++;
  await broken.endProviders();
}

/** The mesh is up, as the cluster, Helm, the state and the program see it. */
async function isWhole() {
  expect(await objects()).toEqual(whole);
  expect(await broken.releases()).toEqual({
    "linkerd-control-plane": "deployed",
    "linkerd-crds": "deployed",
  });
  expect(broken.state().pending).toEqual([]);
  expect(changes((await stack.preview({ refresh: true })).changeSummary)).toEqual({});
}

/** Each certificate in the state, by its resource. */
function certificates(): Record<string, string> {
  const made = broken.state().resources.filter(({ outputs }) => outputs?.certPem !== undefined);
  return Object.fromEntries(made.map(({ urn, outputs }) => [urn, outputs?.certPem ?? ""]));
}

beforeAll(async () => {
  broken = await Breakable.start();
  stack = await broken.open();
  const up = await record((options) => stack.up(options));
  whole = await objects();
  const destroy = await record((options) => stack.destroy(options));
  bare = await objects();
  timeline = { up, destroy };
});
afterAll(() => broken.delete());

describe(`killed at ten random points each (FAULTS_SEED=${SEED})`, () => {
  const who = ({ all }: Point) => (all ? "with its providers" : "without its providers");

  describe.each(rounds)("round of $up.percent % and $destroy.percent %", ({ up, destroy }) => {
    test(`up, killed ${up.percent} % in, ${who(up)}, ends as an undisturbed one and keeps its certificates`, async () => {
      await killedAt(up, timeline.up, (options) => stack.up(options));
      const kept = certificates();
      const mended = await runToEnd(broken, (options) => stack.up(options));
      console.log(`up ${up.percent} %, ${who(up)}: ${mended.join("; ")}`);
      expect(certificates()).toMatchObject(kept);
      await isWhole();
    });

    test(`destroy, killed ${destroy.percent} % in, ${who(destroy)}, leaves nothing behind`, async () => {
      await killedAt(destroy, timeline.destroy, (options) => stack.destroy(options));
      const mended = await runToEnd(broken, (options) => stack.destroy(options));
      console.log(`destroy ${destroy.percent} %, ${who(destroy)}: ${mended.join("; ")}`);
      expect(await objects()).toEqual(bare);
      expect(broken.state()).toEqual({ resources: [], pending: [] });
    });
  });

  test("the kills came before the end", () => {
    // One at the very last event may come too late.
    expect(kills).toBeGreaterThanOrEqual(2 * KILLS - 2);
  });
});

test("an up whose API server is killed while Helm installs, and started again, tells of it or does not notice, and the next up finishes", async () => {
  let restarted = false;
  const restart = async () => {
    broken.killApiServer();
    await broken.bringBackApiServer();
    restarted = true;
  };
  // Its pods are waited for: of the three releases it is at work for the longest.
  const record = "linkerd-control-plane pending-install";
  const { finished, errors } = await broken.attemptAndAt(record, (o) => stack.up(o), restart);
  expect(restarted).toBe(true);
  if (!finished) expect(errors).toMatch(/connection refused|connection reset|EOF/);
  const kept = certificates();
  const mended = await runToEnd(broken, (options) => stack.up(options));
  console.log(`API server killed: ${finished ? "not noticed" : mended.join("; ") || "by itself"}`);
  expect(certificates()).toMatchObject(kept);
  await isWhole();
  await stack.destroy();
  expect(await objects()).toEqual(bare);
});
