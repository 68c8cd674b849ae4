import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DEFAULT_SKIP_PORTS,
  MAIL_PORTS,
  unionPorts,
  withoutPorts,
} from "../../../components/linkerd/values/ports.ts";

const port = fc.integer({ min: 1, max: 65535 });
const item = fc.oneof(
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);
const list = fc.array(item, { maxLength: 8 }).map((items) => items.join(","));

/** Every port of a list, one by one: the slow and obvious meaning of it. */
function expand(text: string): Set<number> {
  const ports = new Set<number>();
  for (const part of text.split(",").filter(Boolean)) {
    const [from = 0, to = from] = part.split("-").map(Number);
    for (let p = from; p <= to; p++) ports.add(p);
  }
  return ports;
}

describe("port lists", () => {
  test("mail and Linkerd's defaults are skipped together, in order", () => {
    expect(unionPorts(MAIL_PORTS, DEFAULT_SKIP_PORTS)).toBe("25,465,587,2525,4567,4568");
  });

  test("a union holds exactly the ports of its lists", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(expand(unionPorts(a, b))).toEqual(new Set([...expand(a), ...expand(b)]));
      }),
      { numRuns: 60 },
    );
  });

  test("what is taken from a list is exactly the ports of the other", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const taken = expand(b);
        const left = [...expand(a)].filter((port) => !taken.has(port));
        expect(expand(withoutPorts(unionPorts(a), b))).toEqual(new Set(left));
      }),
      { numRuns: 60 },
    );
  });

  test("equal sets give equal text, whatever the order and however often it is asked", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const union = unionPorts(a, b);
        expect(unionPorts(b, a, a)).toBe(union);
        expect(unionPorts(union)).toBe(union);
      }),
    );
  });

  test.each(["0", "65536", "70000", "http", "-1", "25,,26", "1.5", "25 26"])(
    "%j is refused with the list it stands in",
    (text) => {
      expect(() => unionPorts("25", text)).toThrow(`in the port list "${text}" is no port`);
    },
  );

  test.each(["80-20", "1-2-3"])("%j is refused as a range", (text) => {
    expect(() => unionPorts(text)).toThrow("is no range");
  });
});
