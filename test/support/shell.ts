/** Runs documented commands and the fixes of messages as a user does. */
import { execFileSync } from "node:child_process";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { inject } from "vitest";

/** Opens a shell in which `pulumi` acts on this stack, and `kubectl` and `helm` act on its cluster. */
export function openShell({ name, workspace }: Stack): (line: string) => string {
  const env = {
    ...process.env,
    ...workspace.envVars,
    PATH: inject("tools").searchPath,
    PULUMI_HOME: workspace.pulumiHome,
  };
  const runLine = (line: string) =>
    execFileSync("sh", ["-c", line], { cwd: workspace.workDir, env, encoding: "utf8", stdio: "pipe" });
  runLine(`pulumi stack select ${name}`);
  return runLine;
}
