import { parseArgs } from "node:util";

export const USAGE = `Usage: npm run --silent summary -- [options] <events.jsonl>…

Prints Markdown for a comment on a pull request. Write the event log of a stack with:
  PULUMI_DEBUG_COMMANDS=true pulumi preview --stack <stack> --event-log <stack>.jsonl

Options:
  --head <commit>   Commit that the operations are about
  --budget <n>      Longest Markdown in characters (default 60000)
  --help            Print this text`;

/** The command line is not one of {@link USAGE}. */
export class UsageError extends Error {
  constructor(requirement: string) {
    super(`summary: ${requirement}\n\n${USAGE}`);
  }
}

export interface Command {
  readonly files: readonly string[];
  readonly head: string | undefined;
  readonly budget: number | undefined;
  readonly help: boolean;
}

export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const { head, budget, help = false } = values;
  if (!help && positionals.length === 0) throw new UsageError("events: must be at least one file, got none.");
  if (budget !== undefined && !/^[1-9]\d*$/.test(budget)) {
    throw new UsageError(`--budget: must be a number of characters, got ${budget}.`);
  }
  return { files: positionals, head, budget: budget === undefined ? undefined : Number(budget), help };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        head: { type: "string" },
        budget: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
