import { expect, test } from "vitest";
import { CHECK_NAMES } from "../../../verify/checks/check.ts";
import { parseCommand, USAGE, UsageError } from "../../../verify/command-line.ts";

test("without options, all checks run in the current context and nothing is kept", () => {
  expect(parseCommand([])).toEqual({
    help: false,
    stack: undefined,
    context: undefined,
    image: undefined,
    only: undefined,
    keep: false,
    json: false,
    rotation: false,
    yes: false,
  });
});

test("each option is read", () => {
  const argv =
    "--stack prod --context production --image registry.local/node:24 --keep --json --rotation --yes";
  expect(parseCommand(argv.split(" "))).toEqual({
    help: false,
    stack: "prod",
    context: "production",
    image: "registry.local/node:24",
    only: undefined,
    keep: true,
    json: true,
    rotation: true,
    yes: true,
  });
});

test.each([[["--only", "mail", "--only", "jobs"]], [["--only", "mail,jobs"]], [["--only=mail, jobs"]]])(
  "%j selects two checks",
  (argv) => {
    expect(parseCommand(argv).only).toEqual(["mail", "jobs"]);
  },
);

test("a check that does not exist is an error that lists the checks", () => {
  expect(() => parseCommand(["--only", "mial"])).toThrow(
    `verify: --only: must be one of ${CHECK_NAMES.join(", ")}, got mial.`,
  );
});

test.each([
  [["--dance"], "verify: options: must be those below, got an error: Unknown option '--dance'."],
  [["prod"], "verify: options: must be those below, got an error: Unexpected argument 'prod'."],
  [
    ["--stack"],
    "verify: options: must be those below, got an error: Option '--stack <value>' argument missing.",
  ],
  [["--rotation"], "verify: --rotation: must have --stack, got none."],
  [["--only", "rotation", "--stack", "prod"], "verify: --only rotation: must have --rotation, got none."],
])("%j is an error with the usage", (argv, message) => {
  const parse = () => parseCommand(argv);
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
  expect(parse).toThrow(USAGE);
});
