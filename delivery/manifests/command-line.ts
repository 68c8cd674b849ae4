/** The command line of `npm run manifests`. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

export const USAGE = `Usage: npm run manifests -- --stack <stack> [--stack <stack>] [<options>]

Renders the objects that a stack creates, from its settings and the charts. Needs no cluster, no credentials and, with
cached charts, no network. Certificates appear by identity, and secrets as [secret].

Options:
  --stack <stack>      Name of a stack with a file Pulumi.<stack>.yaml; several with several --stack
  --against <ref>      Print the differences from the golden file of this commit
  --against cluster    Print the differences from the cluster of the stack, and who caused them
  --charts <dir>       Directory of the charts, as folders or archives (default: LINKERD_CHARTS, else the stack's
                       chartSource by way of the cache)
  --format <format>    text (YAML without --against), markdown or json (default: text)
  --help               Print this text

Exit status: 0 on success, 1 for errors and violations of mandatory policies, 2 if the cluster differs. With
--against <ref>, violations that this commit has too are listed last, and do not fail`;

/** The command line is not one of {@link USAGE}. */
export class UsageError extends Error {
  constructor(requirement: string) {
    super(`manifests: ${requirement}\n\n${USAGE}`);
  }
}

const FORMATS = ["text", "markdown", "json"] as const;
/** A format of the output. */
export type Format = (typeof FORMATS)[number];

/** The options of the command line. */
export interface Command {
  readonly help: boolean;
  readonly stacks: readonly string[];
  /** A commit, or `cluster`. */
  readonly against: string | undefined;
  readonly charts: string | undefined;
  readonly format: Format;
}

const OPTIONS = {
  stack: { type: "string", multiple: true },
  against: { type: "string" },
  charts: { type: "string" },
  format: { type: "string", default: "text" },
  help: { type: "boolean", default: false, short: "h" },
} as const satisfies ParseArgsOptionsConfig;

/** Parses the command line. Throws a {@link UsageError} for options that do not exist or do not fit together. */
export function parseCommand(argv: readonly string[]): Command {
  const { stack = [], against, charts, help, ...rest } = parseOptions(argv);
  const format = FORMATS.find((each) => each === rest.format);
  if (format === undefined) {
    throw new UsageError(`--format: must be one of ${FORMATS.join(", ")}, got ${rest.format}.`);
  }
  const stacks = [...new Set(stack)];
  if (!help && stacks.length === 0)
    throw new UsageError("--stack: must be the name of a stack, got nothing.");
  if (format === "markdown" && against === undefined) {
    throw new UsageError(
      "--format markdown: must have --against, got none. Objects are printed as YAML or JSON.",
    );
  }
  if (charts === "") throw new UsageError("--charts: must be a directory, got nothing.");
  return { help, stacks, against, charts, format };
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
