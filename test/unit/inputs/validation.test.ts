import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
  formatIssue,
  formatPath,
  IssueCollector,
  type Path,
  type Reader,
  ValidationError,
  type ValidationIssue,
} from "../../../components/inputs/validation.ts";
import { failing, outputValue, register } from "../../support/mocks.ts";

const even: Reader<number, number> = (value, reject) =>
  value % 2 === 0 ? value : reject({ reason: "must be even", got: String(value) });
const SUBJECT = 'Component "c"';

/** The error that a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("the form of an issue", () => {
  test.each<[Path, string]>([
    [["ports", "opaque", 0], "ports.opaque[0]"],
    [["annotations", "linkerd.io/inject"], 'annotations["linkerd.io/inject"]'],
    [["replicas"], "replicas"],
    [[], ""],
  ])("the path %j is written %s", (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  test.each<[string, Partial<ValidationIssue>, string]>([
    ["a requirement", {}, "replicas: must be even."],
    ["the given value", { got: "1" }, "replicas: must be even, got 1."],
    ["a reason", { because: "Odd is odd" }, "replicas: must be even. Odd is odd."],
    ["a change as the fix", { fixes: [{ kind: "change" }] }, "replicas: must be even."],
    [
      "several fixes",
      {
        got: "1",
        because: "Odd is odd",
        fixes: [
          { kind: "remove" },
          { kind: "set", path: ["cni"], value: true },
          { kind: "instruction", text: "read the docs" },
        ],
      },
      "replicas: must be even, got 1. Odd is odd. Fix: remove replicas, or set cni to true, or read the docs",
    ],
  ])("an issue is printed with %s", (_, issue, text) => {
    expect(formatIssue({ path: ["replicas"], reason: "must be even", ...issue })).toBe(text);
  });

  test("a ValidationError is a RunError that lists all issues and keeps them", () => {
    const issues = [
      { path: ["a"], reason: "must be even" },
      { path: ["b"], reason: "must be odd" },
    ];
    const error = new ValidationError(SUBJECT, issues);
    expect(error.message).toBe(`${SUBJECT} has 2 invalid arguments:\n- a: must be even.\n- b: must be odd.`);
    expect(new ValidationError(SUBJECT, issues.slice(1)).message).toContain("has 1 invalid argument:");
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(error.issues).toBe(issues);
  });
});

describe("IssueCollector", () => {
  test("a collector reports all issues with plain values in one error", () => {
    const issues = new IssueCollector(SUBJECT);
    expect(issues.read(["a"], 2, even)).toBe(2);
    expect(issues.read(["b"], 1, even)).toBeUndefined();
    expect(issues.read(["c"], 3, even)).toBeUndefined();
    expect(thrown(() => issues.assertValid())).toMatchObject({
      message: `${SUBJECT} has 2 invalid arguments:\n- b: must be even, got 1.\n- c: must be even, got 3.`,
    });
  });

  test("a collector without issues throws nothing", () => {
    const issues = new IssueCollector(SUBJECT);
    issues.read(["a"], 2, even);
    expect(() => issues.assertValid()).not.toThrow();
  });

  test("an unknown key is reported with the known ones, and a renamed key with its new name", () => {
    const issues = new IssueCollector(SUBJECT);
    issues.addUnknownKeys(["mesh"], { inject: 1, foo: 1, from: 1 }, ["inject", "ref"], { from: "ref" });
    expect(issues.issues.map(formatIssue)).toEqual([
      "mesh.foo: unknown field. Known fields: inject, ref. Fix: remove mesh.foo",
      "mesh.from: renamed to ref. Fix: use ref",
    ]);
  });

  test("a value with an Output inside it is read when it resolves", async () => {
    const issues = new IssueCollector(SUBJECT);
    const sum: Reader<number[], number> = (values) => values.reduce((a, b) => a + b);
    const read = issues.read<number[], number>(["a"], [1, pulumi.output(2)], sum);
    expect(pulumi.Output.isInstance(read)).toBe(true);
    expect(await outputValue(read as pulumi.Output<number>)).toBe(3);
  });

  test("an invalid Output fails as a ResourceError, whose message the SDK cannot prefix", async () => {
    await register(async () => {
      const resource = new pulumi.ComponentResource("test:index:Component", "c");
      const issues = new IssueCollector(SUBJECT);
      issues.assertValid();
      issues.attachTo(resource);
      const read = failing(issues.read(["a"], pulumi.output(1), even));
      const error = (await read.catch((reason) => reason)) as pulumi.ResourceError;
      expect(pulumi.ResourceError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ resource, hideStack: true });
      error.message = `error serializing property "spec": ${error.message}`;
      expect(error.message).toBe(`${SUBJECT} has 1 invalid argument:\n- a: must be even, got 1.`);
    });
  });

  test("an issue that is added after the report throws at once", () => {
    const issues = new IssueCollector(SUBJECT);
    issues.assertValid();
    expect(() => issues.add({ path: ["a"], reason: "must be even" })).toThrow(`${SUBJECT} has 1 invalid`);
  });
});
