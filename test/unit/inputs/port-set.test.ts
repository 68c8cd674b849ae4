import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortSet, readPortItem } from "../../../components/inputs/port-set.ts";
import { formatIssue, type ValidationIssue } from "../../../components/inputs/validation.ts";

const port = fc.integer({ min: 1, max: 65535 });
const item = fc.oneof(
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);
const list = fc.array(item, { maxLength: 8 }).map((items) => items.join(","));

/** For every port, whether it is in the list: the slow and obvious meaning of the list. */
function expand(text: string): Uint8Array {
  const ports = new Uint8Array(65_536);
  for (const part of text.split(",").filter(Boolean)) {
    const [from = 0, to = from] = part.split("-").map(Number);
    ports.fill(1, from, to + 1);
  }
  return ports;
}

/** Expects that a set contains exactly the ports for which the rule holds, given the meaning of two lists. */
function expectPorts(set: PortSet, a: string, b: string, rule: (inA: number, inB: number) => number): void {
  const [inA, inB] = [expand(a), expand(b)];
  const wanted = inA.map((one, port) => rule(one, inB[port] ?? 0));
  expect(Buffer.compare(expand(`${set}`), wanted), `${a} and ${b}: ${set}`).toBe(0);
}

/** Reads one item; the set, or the text of the issue. */
function read(given: unknown): string {
  let issue: ValidationIssue | undefined;
  const set = readPortItem(given as number | string, (found) => {
    issue = { path: ["port"], ...found };
    return undefined;
  });
  return issue ? formatIssue(issue) : `${set}`;
}

describe("PortSet", () => {
  test("a set of ports contains single ports, ranges and comma-separated lists of both", () => {
    expect(`${PortSet.of(25, "587", "4000-4010", "80, 443", "")}`).toBe("25,80,443,587,4000-4010");
    expect(`${PortSet.EMPTY}`).toBe("");
    expect([PortSet.EMPTY.isEmpty, PortSet.of(25).isEmpty]).toEqual([true, false]);
  });

  test("a union of port sets contains exactly the ports of its sets", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        expectPorts(PortSet.of(a).union(PortSet.of(b)), a, b, (inA, inB) => inA | inB);
      }),
    );
  });

  test("a difference of port sets contains exactly the ports that are not in the other set", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        expectPorts(PortSet.of(a).without(PortSet.of(b)), a, b, (inA, inB) => inA & (1 - inB));
      }),
    );
  });

  test("an intersection of port sets contains exactly the ports that both sets have", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        expectPorts(PortSet.of(a).intersection(PortSet.of(b)), a, b, (inA, inB) => inA & inB);
      }),
    );
  });

  test("a port set has a port if and only if the list contains it", () => {
    fc.assert(
      fc.property(list, port, (a, p) => {
        expect(PortSet.of(a).has(p)).toBe(expand(a)[p] === 1);
      }),
    );
  });

  test("equal port sets print equal text, whatever the order and the number of operations", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const union = PortSet.of(a).union(PortSet.of(b));
        expect(`${PortSet.of(b).union(PortSet.of(a), PortSet.of(a))}`).toBe(`${union}`);
        expect(`${PortSet.of(`${union}`)}`).toBe(`${union}`);
      }),
    );
  });

  test("operations on a port set do not change it", () => {
    const set = PortSet.of("10-20");
    set.union(PortSet.of(30));
    set.without(PortSet.of(15));
    expect(`${set}`).toBe("10-20");
  });

  test.each(["0", "65536", "http", "80-20", "1-2-3"])("PortSet.of(%j) throws and quotes the item", (text) => {
    expect(() => PortSet.of("25", text)).toThrow(`not a port or a range of ports: ${text}`);
  });
});

describe("readPortItem", () => {
  test.each<[unknown, string]>([
    [25, "25"],
    ["25", "25"],
    [" 4000-4010 ", "4000-4010"],
    [65535, "65535"],
  ])("a caller's port item %j is read as %s", (given, text) => {
    expect(read(given)).toBe(text);
  });

  test.each([
    ...["0", "65536", "70000", "http", "-1", "25,,26", "1.5", "25 26", "1-2-3", ""],
    ...[0, 65536, 1.5, Number.NaN, null, undefined, {}, [25]],
  ])("a caller's port item %j is rejected with the requirement and the item", (given) => {
    const got = given === undefined ? "nothing" : JSON.stringify(given);
    expect(read(given)).toBe(
      `port: must be a port from 1 to 65535 or a range such as "4000-4010", got ${got}.`,
    );
  });

  test("a caller's reversed range is rejected with the order of its ports as the fix", () => {
    expect(read("80-20")).toBe(
      'port: must be a port from 1 to 65535 or a range such as "4000-4010", got "80-20". Fix: put the lower port first',
    );
  });
});
