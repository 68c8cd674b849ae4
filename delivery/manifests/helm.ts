/** Runs Helm. It connects to nothing but the source of a chart. */
import { execFile } from "node:child_process";
import { catalog, type Tool, type ToolName } from "../../sandbox/tools/catalog.ts";
import { obtainTools, type Progress } from "../../sandbox/tools/index.ts";

/** Runs `helm <args>` with `input` on stdin. Returns stdout; throws a {@link HelmError}. */
export type Helm = (args: readonly string[], input?: string) => Promise<string>;

/** Helm exited with an error. The message is what Helm printed to stderr. */
export class HelmError extends Error {}

/** A rendered chart has less than a megabyte. */
const MAX_OUTPUT_BYTES = 64 << 20;

/** Obtains Helm: an accepted version on PATH, else that of the sandbox's catalog. */
export async function obtainHelm(progress: Progress): Promise<Helm> {
  const tools = catalog.filter((tool): tool is Tool<ToolName & "helm"> => tool.name === "helm");
  const { paths } = await obtainTools(progress, tools);
  return openHelm(paths.helm);
}

/** Runs the Helm at this path. */
export function openHelm(path: string): Helm {
  return (args, input = "") => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // Helm warns of a kubeconfig that others can read, although it reads none here.
    const env = { ...process.env, KUBECONFIG: "" };
    const child = execFile(path, args, { env, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error) reject(new HelmError(stderr.trim() || error.message));
      else resolve(stdout);
    });
    // A Helm that exits early closes its stdin. Its error is the one above.
    child.stdin?.on("error", () => {}).end(input);
    return promise;
  };
}
