/**
 * The first step of a job that logs in: reports missing parts, before anything is installed. The imports are limited to
 * Node and to this folder.
 */
import { findMissing } from "./jobs/find-missing.ts";
import { readStackFile } from "./jobs/stack-file.ts";
import { readVariables, runMain } from "./jobs/variables.ts";

/** Prefix of the variables that are true if a secret has a value. */
const HAS = "HAS_";

await runMain(async () => {
  const { STACK, COMMAND, ENVIRONMENT } = readVariables(["STACK", "COMMAND", "ENVIRONMENT"]);
  const secrets = Object.entries(process.env)
    .filter(([name, value]) => name.startsWith(HAS) && value === "true")
    .map(([name]) => name.slice(HAS.length));
  const issues = findMissing({
    stack: STACK,
    command: COMMAND,
    environment: ENVIRONMENT,
    variables: process.env,
    secrets: new Set(secrets),
    stackFile: await readStackFile(STACK),
  });
  for (const issue of issues) console.error(`::error::${issue}`);
  return issues.length === 0 ? 0 : 1;
});
