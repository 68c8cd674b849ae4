import { expect, test } from "vitest";
import { parseCommand, USAGE, UsageError } from "../../../sandbox/command-line.ts";

test("the sandbox starts if no command is given", () => {
  expect(parseCommand([])).toEqual({ command: "start", args: [] });
});

test("kubectl gets everything after its name, options included", () => {
  const args = ["get", "pods", "-A", "--help", "-o=json"];
  expect(parseCommand(["kubectl", ...args])).toEqual({ command: "kubectl", args });
});

test.each([["--help"], ["-h"]])("%s prints the usage", (option) => {
  expect(parseCommand([option])).toEqual({ command: "help", args: [] });
});

test("the usage lists every command that an error about an unknown command lists", () => {
  expect(() => parseCommand(["dance"])).toThrow(
    "sandbox: command: must be one of start, preview, up, destroy, kubectl, kubeconfig, stop, delete, got dance.",
  );
  const listed = [...USAGE.matchAll(/^ {2}(\w+)/gm)].map(([, command]) => command);
  expect(listed).toEqual(["start", "preview", "up", "destroy", "kubectl", "kubeconfig", "stop", "delete"]);
});

test.each([
  { argv: ["up", "twice"], message: "up: must have no arguments, got twice." },
  { argv: ["--force"], message: "option: must be --help, got --force." },
])("the command line $argv is an error with the usage", ({ argv, message }) => {
  expect(() => parseCommand(argv)).toThrow(UsageError);
  expect(() => parseCommand(argv)).toThrow(message);
  expect(() => parseCommand(argv)).toThrow(USAGE);
});
