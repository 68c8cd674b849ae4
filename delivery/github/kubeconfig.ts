/**
 * Writes the kubeconfig of a job, readable by its user only, and checks that the cluster accepts its credentials.
 *
 * Usage: node delivery/github/kubeconfig.ts <stack>
 */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { catalog } from "../../sandbox/tools/catalog.ts";
import { createProgress, obtainTools } from "../../sandbox/tools/index.ts";
import { runCommand } from "./jobs/run-command.ts";
import { readStackFile } from "./jobs/stack-file.ts";
import { readVariables, runMain } from "./jobs/variables.ts";
import { writeKubeconfig } from "./jobs/write-kubeconfig.ts";

await runMain(async () => {
  const { RUNNER_TEMP } = readVariables(["RUNNER_TEMP"]);
  const [stack] = process.argv.slice(2);
  if (!stack) throw new Error("Usage: kubeconfig.ts <stack>");
  const path = join(RUNNER_TEMP, "kubeconfig");
  const context = (await readStackFile(stack))?.getSetting("kubernetes:context");
  await writeKubeconfig(path, process.env.CONTENT ?? "", context);
  if (process.env.GITHUB_ENV) await appendFile(process.env.GITHUB_ENV, `KUBECONFIG=${path}\n`);
  return checkAccess(path, context);
});

async function checkAccess(kubeconfig: string, context: string | undefined): Promise<number> {
  const tools = catalog.filter(({ name }) => name === "kubectl");
  const { paths } = await obtainTools(createProgress(), tools);
  const args = ["auth", "whoami", "--request-timeout=30s", "--kubeconfig", kubeconfig];
  const { code } = await runCommand(paths.kubectl, context ? [...args, "--context", context] : args);
  if (code === 0) return 0;
  console.error(
    "::error::secret KUBECONFIG: must have credentials that the cluster accepts, from a network that reaches it. Fix: see " +
      "the error above; a private cluster needs a runner in its network.",
  );
  return 1;
}
