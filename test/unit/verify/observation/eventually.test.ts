import { expect, test } from "vitest";
import { eventually } from "../../../../verify/observation/eventually.ts";

const never = new AbortController().signal;

/** Observes the values one after the other, and counts the observations. */
function observing<Value>(...values: Value[]) {
  const observe = async () => values[observe.count++] as Value;
  observe.count = 0;
  return observe;
}

test("an observation that is accepted is not repeated", async () => {
  const observe = observing(1, 2);
  expect(await eventually(observe, () => true, { withinMs: 1_000, signal: never })).toBe(1);
  expect(observe.count).toBe(1);
});

test("an observation is repeated until it is accepted", async () => {
  const observe = observing(1, 2, 3, 4);
  const options = { withinMs: 10_000, intervalMs: 1, signal: never };
  expect(await eventually(observe, (value) => value === 3, options)).toBe(3);
  expect(observe.count).toBe(3);
});

test("after the time is over, the last observation is the result, so that none before it hides a broken promise", async () => {
  let count = 0;
  const options = { withinMs: 20, intervalMs: 2, signal: never };
  const last = await eventually(
    async () => ++count,
    () => false,
    options,
  );
  expect(last).toBe(count);
  expect(count).toBeGreaterThan(1);
});

test("an observation runs once if no time is left for another", async () => {
  const observe = observing(1, 2);
  expect(await eventually(observe, () => false, { withinMs: 0, signal: never })).toBe(1);
  expect(observe.count).toBe(1);
});

test("an observation that fails is not repeated", async () => {
  const observe = async () => {
    throw new Error("the API server does not answer");
  };
  await expect(eventually(observe, () => true, { withinMs: 1_000, signal: never })).rejects.toThrow(
    "the API server does not answer",
  );
});

test("an aborted run ends the wait", async () => {
  const controller = new AbortController();
  const waiting = eventually(
    async () => controller.abort(new Error("interrupted")),
    () => false,
    { withinMs: 60_000, intervalMs: 30_000, signal: controller.signal },
  );
  await expect(waiting).rejects.toThrow();
});

test("an aborted run starts no observation", async () => {
  const observe = observing(1);
  const signal = AbortSignal.abort(new Error("interrupted"));
  await expect(eventually(observe, () => true, { withinMs: 1_000, signal })).rejects.toThrow("interrupted");
  expect(observe.count).toBe(0);
});
