import { expect, test } from "vitest";
import { parseCommand, UsageError } from "../../../../delivery/manifests/command-line.ts";

const messageOf = (...argv: string[]) => {
  try {
    parseCommand(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split("\n")[0];
    throw error;
  }
  return undefined;
};

test("all options are read, and a stack that is named twice is rendered once", () => {
  const argv = ["--stack", "prod", "--stack=dev", "--stack", "prod", "--against", "origin/main"];
  expect(parseCommand([...argv, "--charts", "charts", "--format", "json"])).toEqual({
    help: false,
    stacks: ["prod", "dev"],
    against: "origin/main",
    charts: "charts",
    format: "json",
  });
});

test("a command line that does not fit is rejected with the usage", () => {
  expect(messageOf()).toBe("manifests: --stack: must be the name of a stack, got nothing.");
  expect(messageOf("--help")).toBeUndefined();
  expect(messageOf("--stack", "prod", "--format", "xml")).toBe(
    "manifests: --format: must be one of text, markdown, json, got xml.",
  );
  expect(messageOf("--stack", "prod", "--format", "markdown")).toBe(
    "manifests: --format markdown: must have --against, got none. Objects are printed as YAML or JSON.",
  );
  expect(messageOf("--stack", "prod", "--charts", "")).toBe(
    "manifests: --charts: must be a directory, got nothing.",
  );
  expect(messageOf("--stacks", "prod")).toBe(
    "manifests: options: must be those below, got an error: Unknown option '--stacks'.",
  );
});
