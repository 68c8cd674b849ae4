/**
 * Runs `linkerd check` of the version that the stack installed. The CLI comes from Linkerd's release on GitHub, and its
 * SHA-256 is checked, as Linkerd's own installer does.
 *
 * Usage: node delivery/github/linkerd-check.ts <stack>
 */
import { createProgress, obtainRelease } from "../../sandbox/tools/index.ts";
import { locateLinkerdCli } from "../../sandbox/tools/releases.ts";
import { planCheck, requireVersion } from "./jobs/plan-check.ts";
import { runCommand } from "./jobs/run-command.ts";
import { readStackFile } from "./jobs/stack-file.ts";
import { qualifyStack } from "./jobs/stack-name.ts";
import { runMain } from "./jobs/variables.ts";

await runMain(async () => {
  const [stack] = process.argv.slice(2);
  if (!stack) throw new Error("Usage: linkerd-check.ts <stack>");
  const output = await runCommand("pulumi", [
    "stack",
    "output",
    "linkerdVersion",
    "--stack",
    qualifyStack(stack),
  ]);
  const version = requireVersion(output.stdout);
  const cli = await obtainRelease(createProgress(), {
    name: "linkerd",
    version,
    release: locateLinkerdCli(version),
  });
  const { code } = await runCommand(cli, planCheck(version, await readStackFile(stack)));
  return code;
});
