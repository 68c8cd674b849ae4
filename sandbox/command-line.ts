import { parseArgs } from "node:util";

const COMMANDS = ["start", "preview", "up", "destroy", "kubectl", "kubeconfig", "stop", "delete"] as const;
type Command = (typeof COMMANDS)[number] | "help";

export const USAGE = `Usage: npm run sandbox [-- <command>]

Commands:
  start            Start a cluster, install the mesh and an example workload (default)
  preview          Show what \`up\` would change
  up               Run the program again
  destroy          Remove the example workload and the mesh, keep the cluster
  kubectl <args>   Run kubectl on the cluster
  kubeconfig       Print the path of the kubeconfig
  stop             End all processes, keep the data
  delete           End all processes, delete the data`;

/** The command line is not one of {@link USAGE}. */
export class UsageError extends Error {
  constructor(requirement: string) {
    super(`sandbox: ${requirement}\n\n${USAGE}`);
  }
}

/** Parses the command line. Everything after `kubectl` is passed to kubectl, options included. */
export function parseCommand(argv: readonly string[]): { command: Command; args: readonly string[] } {
  if (argv[0] === "kubectl") return { command: "kubectl", args: argv.slice(1) };
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
    // Unknown options get an error with the usage below.
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find((token) => token.kind === "option" && token.name !== "help");
  if (unknown?.kind === "option") throw new UsageError(`option: must be --help, got ${unknown.rawName}.`);
  if (values.help) return { command: "help", args: [] };
  const [given = "start", ...args] = positionals;
  const command = COMMANDS.find((name) => name === given);
  if (!command) throw new UsageError(`command: must be one of ${COMMANDS.join(", ")}, got ${given}.`);
  if (args.length > 0) throw new UsageError(`${command}: must have no arguments, got ${args.join(" ")}.`);
  return { command, args };
}
