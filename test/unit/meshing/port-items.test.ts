import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { IssueCollector, type ValidationIssue } from "../../../components/inputs/validation.ts";
import {
  isPortName,
  isTcp,
  parseAnnotation,
  readPortItems,
  requireKnownPorts,
} from "../../../components/meshing/port-items.ts";

const ports = [{ name: "http", containerPort: 8080 }, { containerPort: 9090 }];

test("numbers, ranges and names of container ports are read into one set", () => {
  const set = readPortItems([25, "4000-4010", "http"], ports, () => expect.unreachable());
  expect(`${set}`).toBe("25,4000-4010,8080");
});

test("every invalid item is rejected with its index", () => {
  const rejected: Partial<ValidationIssue>[] = [];
  const set = readPortItems([0, 25, "nope", "9-8"], ports, (issue) => void rejected.push(issue));
  expect(set).toBeUndefined();
  expect(rejected.map(({ path, got }) => [path, got])).toEqual([
    [[0], "0"],
    [[2], '"nope" (container ports: http)'],
    [[3], '"9-8"'],
  ]);
});

test("a port name is rejected if no container port has a name", () => {
  const rejected: Partial<ValidationIssue>[] = [];
  readPortItems(["http"], [{ containerPort: 8080 }], (issue) => void rejected.push(issue));
  expect(rejected).toMatchObject([{ path: [0], got: '"http" (no container port has a name)' }]);
});

test("an item with a letter is a port name, any other item is not", () => {
  expect(["http", "8x", "80", "80-90", 80].filter(isPortName)).toEqual(["http", "8x"]);
});

test("an annotation is parsed without its spaces and empty items, as Linkerd does", () => {
  expect(parseAnnotation(" 25 ,, 4000-4010,http ,")).toEqual(["25", "4000-4010", "http"]);
});

test("a container port without a protocol is TCP", () => {
  expect(
    [{}, { protocol: "TCP" }, { protocol: "UDP" }].map((port) => isTcp({ containerPort: 1, ...port })),
  ).toEqual([true, true, false]);
});

test("container ports that are plain values are returned as known", () => {
  const issues = new IssueCollector("it");
  expect(requireKnownPorts(["allowFrom"], ports, "", issues)).toBe(ports);
  issues.assertValid();
});

test.each([
  ["an Output", pulumi.output(ports)],
  ["a list with an Output", [{ containerPort: pulumi.output(1) as unknown as number }]],
])("container ports that are %s are rejected with the purpose", (_, given) => {
  const issues = new IssueCollector("it");
  expect(
    requireKnownPorts(["allowFrom"], given, "A Server is created for each port", issues),
  ).toBeUndefined();
  expect(() => issues.assertValid()).toThrow(
    "- allowFrom: must be used with container ports that are plain values, got an Output. " +
      "A Server is created for each port. Fix: declare the ports of the containers as plain values",
  );
});
