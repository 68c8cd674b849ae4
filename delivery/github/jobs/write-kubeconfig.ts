/** The kubeconfig of a job. */
import { rm, writeFile } from "node:fs/promises";
import { checkKubeconfig } from "./check-kubeconfig.ts";

/**
 * Writes a kubeconfig that only the user of the job can read.
 *
 * @param context that the stack selects; the current one by default
 * @throws Error for a kubeconfig that cannot be used
 */
export async function writeKubeconfig(path: string, content: string, context?: string): Promise<void> {
  const issue = checkKubeconfig(content, context);
  if (issue !== undefined) {
    throw new Error(
      `secret KUBECONFIG: ${issue}. Fix: gh secret set KUBECONFIG --env <environment> < kubeconfig`,
    );
  }
  // A file of an earlier job on the same runner would keep its permissions.
  await rm(path, { force: true });
  await writeFile(path, content, { mode: 0o600 });
}
