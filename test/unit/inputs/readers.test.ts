import { expect, test } from "vitest";
import {
  flag,
  goDuration,
  integer,
  listOf,
  nonEmpty,
  oneOf,
  policyDuration,
  quantity,
  type TextReader,
} from "../../../components/inputs/readers.ts";
import { formatIssue, IssueCollector } from "../../../components/inputs/validation.ts";

/** The text that a reader returns, or the issues that it reports. */
function read(reader: TextReader, value: unknown): unknown {
  const issues = new IssueCollector("test");
  const text = issues.read(["field"], value, reader);
  return text ?? issues.issues.map(formatIssue);
}

test.each<[string, TextReader, unknown, string]>([
  ["oneOf", oneOf("plain", "json"), "json", "json"],
  ["flag", flag("enabled", "disabled"), true, "enabled"],
  ["flag", flag("enabled", "disabled"), false, "disabled"],
  ["integer", integer(1, 3), 3, "3"],
  ["listOf", listOf(oneOf("a", "b")), ["a", "b"], "a,b"],
  ["nonEmpty", nonEmpty, "x", "x"],
  ["quantity", quantity, "100m", "100m"],
  ["goDuration", goDuration, "1m30s", "1m30s"],
  ["policyDuration", policyDuration, "1d", "1d"],
])("the reader %s returns the text of a valid value", (_, reader, value, text) => {
  expect(read(reader, value)).toBe(text);
});

test.each<[string, TextReader, unknown, string]>([
  ["oneOf", oneOf("plain", "json"), "xml", 'field: must be one of plain, json, got "xml".'],
  ["flag", flag("enabled", "disabled"), "yes", 'field: must be true or false, got "yes".'],
  ["integer", integer(1, 3), 4, "field: must be an integer from 1 to 3, got 4."],
  ["integer", integer(1, 3), 1.5, "field: must be an integer from 1 to 3, got 1.5."],
  ["listOf", listOf(nonEmpty), [], "field: must be a list with at least one item, got []."],
  ["nonEmpty", nonEmpty, "", 'field: must be a string that is not empty, got "".'],
  ["nonEmpty", nonEmpty, undefined, "field: must be a string that is not empty, got nothing."],
  [
    "quantity",
    quantity,
    "10 MB",
    'field: must be a Kubernetes quantity, e.g. "100m" or "64Mi", got "10 MB".',
  ],
  ["goDuration", goDuration, "1d", 'field: must be a duration, e.g. "30s" or "1m30s", got "1d".'],
  [
    "policyDuration",
    policyDuration,
    "1m30s",
    'field: must be an integer with a unit ms, s, m, h or d, e.g. "500ms", got "1m30s".',
  ],
])("the reader %s rejects an invalid value with the requirement", (_, reader, value, issue) => {
  expect(read(reader, value)).toEqual([issue]);
});

test("a list reader reports an invalid item with its index", () => {
  expect(read(listOf(integer(1, 3)), [1, 9])).toEqual(["field[1]: must be an integer from 1 to 3, got 9."]);
});
