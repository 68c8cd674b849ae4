import { expect, test } from "vitest";
import { parseQuantity } from "../../../components/inputs/quantity.ts";

test.each<[string, number | undefined]>([
  ["100m", 0.1],
  ["1", 1],
  ["0.5", 0.5],
  ["1k", 1000],
  ["1Ki", 1024],
  ["250Mi", 250 * 1024 ** 2],
  ["2G", 2e9],
  ["1Ei", 1024 ** 6],
  ["", undefined],
  ["1 Gi", undefined],
  ["1mi", undefined],
  ["1K", undefined],
  ["-1", undefined],
])("the Kubernetes quantity %j is %s", (text, amount) => {
  expect(parseQuantity(text)).toBe(amount);
});
