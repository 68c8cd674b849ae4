import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeValues } from "../../../components/inputs/merge.ts";

test("merged layers of values merge objects, replace lists and keep Outputs as they are", () => {
  const output = pulumi.output("later");
  const merged = mergeValues({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3], e: output }, d: undefined });
  expect(merged).toEqual({ a: { b: 1, c: [3], e: output }, d: 1 });
  expect((merged.a as { e: unknown }).e).toBe(output);
});

test("merged layers of values keep a key of any name beside the others", () => {
  const below = JSON.parse('{ "a": { "__proto__": [], "b": 1 } }');
  expect(JSON.stringify(mergeValues(below, { a: { c: 2 } }))).toBe('{"a":{"__proto__":[],"b":1,"c":2}}');
});

test("merging changes none of the layers, and the result contains the last layer", () => {
  const values = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue());
  fc.assert(
    fc.property(values, values, (below, above) => {
      const before = JSON.stringify([below, above]);
      const merged = mergeValues(below, above);
      expect(JSON.stringify([below, above])).toBe(before);
      expect(mergeValues(merged, above)).toEqual(merged);
    }),
  );
});
