/** Reads the golden file of a stack from a commit, without running any code of it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { goldenPath } from "../golden/files.ts";
import { ROOT } from "../program/stack-files.ts";
import { ManifestsError } from "./manifests-error.ts";

/** Golden files and dashboards have less than a megabyte. */
const MAX_BYTES = 16 << 20;

/** A commit of this clone. */
export interface Commit {
  /** Its full SHA. */
  readonly sha: string;
  /** Reads a file of the commit; `undefined` if the commit does not have it. */
  read(path: string): Promise<string | undefined>;
}

/** Finds the commit of a branch, tag or SHA. Throws a {@link ManifestsError} if this clone does not have it. */
export async function findCommit(ref: string, root: string = ROOT): Promise<Commit> {
  const sha = await runGit(root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (sha === undefined) throw await describeMissing(ref, root);
  const commit = sha.trim();
  return { sha: commit, read: (path) => runGit(root, "show", `${commit}:${path}`) };
}

/** The SHA of the commit of the working tree. `undefined` if the working tree has changes that no commit has. */
export async function findHead(root: string = ROOT): Promise<string | undefined> {
  const changes = await runGit(root, "status", "--porcelain");
  return changes === "" ? (await runGit(root, "rev-parse", "HEAD"))?.trim() : undefined;
}

/** Reads the golden file of a stack. Throws a {@link ManifestsError} if the commit does not have it. */
export async function readGolden(stack: string, ref: string, commit: Commit): Promise<string> {
  const path = goldenPath(stack);
  const text = await commit.read(path);
  if (text !== undefined) return text;
  throw new ManifestsError(
    "--against",
    {
      reason: `must be a commit with ${path}`,
      got: `${JSON.stringify(ref)}, which does not have the file`,
      because: "The comparison reads this file instead of running code of the commit",
    },
    [`compare with a commit after the one that added ${path}: git log --diff-filter=A -- ${path}`],
  );
}

async function describeMissing(ref: string, root: string): Promise<ManifestsError> {
  const isShallow = (await runGit(root, "rev-parse", "--is-shallow-repository"))?.trim() === "true";
  const [, branch] = /^origin\/(.+)$/.exec(ref) ?? [];
  const fetch =
    branch === undefined
      ? `git fetch --unshallow origin`
      : `git fetch --depth=1 origin ${branch}:refs/remotes/origin/${branch}`;
  return new ManifestsError(
    "--against",
    {
      reason: 'must be a commit of this clone, or "cluster"',
      got: JSON.stringify(ref),
      because: isShallow ? "This clone is shallow, so it has only the newest commits" : undefined,
    },
    isShallow
      ? [fetch, "set fetch-depth: 0 of actions/checkout"]
      : [branch === undefined ? "git fetch --all --tags" : `git fetch origin ${branch}`],
  );
}

/** Runs Git. `undefined` if it exits with an error. */
async function runGit(root: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)("git", args, { cwd: root, maxBuffer: MAX_BYTES })).stdout;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === "number") return undefined;
    throw error;
  }
}
