import { parseArgs } from "node:util";

/** Parses a command line of positive integers, at most `limit`. Prints an error and exits if it has anything else. */
export function parseCounts(usage: string, limit = Number.POSITIVE_INFINITY): number[] {
  const args = process.argv.slice(2);
  const { values, positionals } = parseArgs({ args, allowPositionals: true, strict: false });
  const areCounts = positionals.every((text) => /^[1-9]\d*$/.test(text));
  if (areCounts && positionals.length <= limit && Object.keys(values).length === 0) {
    return positionals.map(Number);
  }
  const requirement = limit === 1 ? "one positive integer" : "positive integers";
  console.error(`bench: arguments: must be ${requirement}, got ${args.join(" ")}.\n\nUsage: ${usage}`);
  process.exit(2);
}
