/** The probe scripts, as the files that are mounted into the pods. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** Where the pods have the scripts. */
export const SCRIPTS_PATH = "/probe";

const DIRECTORY = join(import.meta.dirname, "..", "probe");

/** `.ts` in the repository, `.js` in the published package. Node runs both. */
const EXTENSION = extname(import.meta.filename);

/** The files: every script, and a manifest by which Node reads them as ES modules. */
export function readScripts(): Record<string, string> {
  const names = readdirSync(DIRECTORY).filter(
    (name) => extname(name) === EXTENSION && !name.endsWith(".d.ts"),
  );
  return {
    "package.json": JSON.stringify({ type: "module" }),
    ...Object.fromEntries(names.map((name) => [name, readFileSync(join(DIRECTORY, name), "utf8")])),
  };
}

/** The command that runs a script in a pod, e.g. `serve-http`. */
export function scriptCommand(script: string, ...args: readonly string[]): string[] {
  // Node 24 warns on stderr that it strips types.
  return ["node", "--disable-warning=ExperimentalWarning", `${SCRIPTS_PATH}/${script}${EXTENSION}`, ...args];
}
