/** The command line of `npm run verify`. */
import { parseArgs } from "node:util";
import { CHECK_NAMES, type CheckName } from "./checks/check.ts";
import { DEFAULT_IMAGE } from "./verify-mesh.ts";

export const USAGE = `Usage: npm run verify [-- <options>]

Deploys probe workloads to a namespace of their own, sends traffic through the mesh, prints what works, and deletes the
namespace.

Options:
  --stack <stack>      The stack of the mesh; without it, checks of its outputs are skipped
  --context <context>  Context of the kubeconfig (default: the current context)
  --image <image>      Image with Node 22.18 or newer (default: ${DEFAULT_IMAGE})
  --only <check>       Run only this check; several with commas, or with several --only
  --keep               Keep the namespace with the workloads
  --json               Print the report as JSON
  --rotation           Also change the trust anchor of the stack, in three steps under load
  --yes                Do not ask before the rotation
  --help               Print this text

Checks: ${CHECK_NAMES.join(", ")}

Exit status: 0 if no check failed, 1 if a check failed or something could not be deleted, 2 if the checks could not run`;

/** The command line is not one of {@link USAGE}. */
export class UsageError extends Error {
  constructor(requirement: string) {
    super(`verify: ${requirement}\n\n${USAGE}`);
  }
}

/** The options of the command line. */
export interface Command {
  readonly help: boolean;
  readonly stack: string | undefined;
  readonly context: string | undefined;
  readonly image: string | undefined;
  readonly only: readonly CheckName[] | undefined;
  readonly keep: boolean;
  readonly json: boolean;
  readonly rotation: boolean;
  readonly yes: boolean;
}

const OPTIONS = {
  stack: { type: "string" },
  context: { type: "string" },
  image: { type: "string" },
  only: { type: "string", multiple: true },
  keep: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  rotation: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" },
} as const;

/** Parses the command line. Throws a {@link UsageError} for options that do not exist or do not fit together. */
export function parseCommand(argv: readonly string[]): Command {
  const values = parseOptions(argv);
  const only = values.only
    ?.flatMap((names) => names.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map(readCheckName);
  const command: Command = {
    help: values.help,
    stack: values.stack,
    context: values.context,
    image: values.image,
    only,
    keep: values.keep,
    json: values.json,
    rotation: values.rotation,
    yes: values.yes,
  };
  if (command.rotation && command.stack === undefined) {
    throw new UsageError(
      "--rotation: must have --stack, got none. The rotation updates the stack of the mesh.",
    );
  }
  if (only?.includes("rotation") && !command.rotation) {
    throw new UsageError(
      "--only rotation: must have --rotation, got none. It changes the trust anchor of the mesh.",
    );
  }
  return command;
}

function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    // Node's message names the argument, e.g. `Unknown option '--foo'`.
    const [sentence] = (error as Error).message.split(". ");
    throw new UsageError(`options: must be those below, got an error: ${sentence}.`);
  }
}

function readCheckName(given: string): CheckName {
  const name = CHECK_NAMES.find((each) => each === given);
  if (name === undefined) {
    throw new UsageError(`--only: must be one of ${CHECK_NAMES.join(", ")}, got ${given}.`);
  }
  return name;
}
