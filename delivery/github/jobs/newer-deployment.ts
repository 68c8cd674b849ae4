/** Whether a stack already has a newer commit than the one that a job deploys. */
import { runCommand } from "./run-command.ts";

/** The fields of `pulumi stack history --json` that are read (pulumi, pkg/cmd/pulumi/stack/stack_history.go). */
interface Update {
  readonly kind: string;
  /** `git.head` is the commit (pulumi, pkg/backend/updates.go). */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Finds out whether `up` would deploy an older commit over a newer one: a run that is repeated, or whose checks took
 * longer than those of the next commit. GitHub runs jobs of a concurrency group in any order (docs.github.com, "Control the
 * concurrency of workflows and jobs"). The checkout must have the history of its commit.
 *
 * @param name the stack, with its organization
 * @returns one sentence, or `undefined` if the commit is not an ancestor of the deployed one
 */
export async function findNewerDeployment(name: string): Promise<string | undefined> {
  const args = ["stack", "history", "--stack", name, "--json", "--page-size", "20", "--non-interactive"];
  const history = await runCommand("pulumi", args, { showOutput: false });
  if (history.code !== 0) throw new Error(`${name}: must have a history that Pulumi can read.`);
  const updates = JSON.parse(history.stdout) as readonly Update[];
  // Newest first. A failed `up` counts too: it may have changed everything. After `destroy`, no commit is deployed.
  const last = updates.find(({ kind }) => kind === "update" || kind === "destroy");
  const deployed = last?.kind === "update" ? last.environment?.["git.head"] : undefined;
  if (!deployed || !/^[0-9a-f]{40,64}$/.test(deployed)) return undefined;

  const head = await runCommand("git", ["rev-parse", "HEAD"], { showOutput: false });
  if (head.code !== 0 || head.stdout.trim() === deployed) return undefined;
  // A commit that this clone does not have was deployed from another branch or machine.
  const known = await runCommand("git", ["rev-parse", "--quiet", "--verify", `${deployed}^{commit}`], {
    showOutput: false,
  });
  if (known.code !== 0) return undefined;
  const isOlder = await runCommand("git", ["merge-base", "--is-ancestor", "HEAD", deployed]);
  if (isOlder.code !== 0) return undefined;
  return (
    `The commit must not be older than the deployed one, got ${head.stdout.trim()}. The stack ${name} has ${deployed}. Fix: ` +
    "run the workflow `up` of the newest commit again. To return to an older state, revert the commits on `main`."
  );
}
