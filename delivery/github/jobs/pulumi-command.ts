/** Pulumi's commands of the jobs. */
import { existsSync } from "node:fs";
import { code } from "../../markdown/blocks.ts";
import type { Finding } from "./finding.ts";
import { findNewerDeployment } from "./newer-deployment.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { qualifyStack } from "./stack-name.ts";

/** Arguments of `pulumi`, by the step of a job. No step shows a diff in the log: the summary has it, without keys. */
const STEPS = {
  preview: ["preview", "--policy-pack", "policy"],
  up: ["up", "--yes", "--policy-pack", "policy"],
  // After `up`: a second preview must be empty.
  verify: ["preview", "--expect-no-changes"],
  // Never `pulumi refresh`, which would write: see docs/recovery.md.
  drift: ["preview", "--refresh", "--expect-no-changes"],
} as const;

export type PulumiStep = keyof typeof STEPS;

export function isPulumiStep(step: string | undefined): step is PulumiStep {
  return step !== undefined && Object.hasOwn(STEPS, step);
}

/**
 * Runs a step for a stack.
 *
 * @param events path for the log of the engine's events
 * @returns `same` or `different` only for steps that compare. The Markdown is the summary of the events.
 */
export async function runPulumi(step: PulumiStep, stack: string, events: string): Promise<Finding> {
  const name = qualifyStack(stack);
  const selected = await runCommand("pulumi", ["stack", "select", name, "--non-interactive"]);
  if (selected.code !== 0) return { outcome: "failed", markdown: describeSelection(name, selected) };
  const newer = step === "up" ? await findNewerDeployment(name) : undefined;
  if (newer !== undefined) {
    console.error(`::error::${newer}`);
    return { outcome: "failed", markdown: newer };
  }

  const args = [...STEPS[step], "--stack", name, "--non-interactive", "--event-log", events];
  // `--event-log` is accepted only with this variable (pulumi, pkg/cmd/pulumi/operations/preview.go).
  const result = await runCommand("pulumi", args, { environment: { PULUMI_DEBUG_COMMANDS: "true" } });
  const hasEvents = existsSync(events);
  // A success that nobody can read is a failure: the reviewers of prod approve the summary.
  const outcome = hasEvents ? readOutcome(result) : "failed";
  const parts = hasEvents ? [await summarize(events)] : ["The engine wrote no log of its events."];
  // Errors of the CLI itself, such as of a missing plugin, are not among the events.
  if (outcome === "failed")
    parts.unshift(`\`pulumi ${STEPS[step].join(" ")}\` failed.\n\n${code(result.stderr || result.stdout)}`);
  return { outcome, markdown: parts.filter((part) => part !== "").join("\n\n") };
}

/** `--expect-no-changes` fails with this text (pulumi, pkg/backend/backenderr/backenderr.go). */
const CHANGES = /no changes were expected (?:for \S+ )?but changes were proposed/;

function readOutcome({ code: status, stdout, stderr }: CommandResult): Finding["outcome"] {
  if (status === 0) return "same";
  return CHANGES.test(`${stdout}${stderr}`) ? "different" : "failed";
}

async function summarize(events: string): Promise<string> {
  const head = process.env.HEAD_SHA ? ["--head", process.env.HEAD_SHA] : [];
  const args = ["run", "--silent", "summary", "--", ...head, events];
  const summary = await runCommand("npm", args, { showOutput: false });
  if (summary.code === 0) return summary.stdout.trim();
  return `The events cannot be summarized.\n\n${code(summary.stderr || summary.stdout)}`;
}

function describeSelection(name: string, { stdout, stderr }: CommandResult): string {
  const text = stderr || stdout;
  if (!/no stack named/.test(text)) return `Pulumi cannot open the stack ${name}.\n\n${code(text)}`;
  const command = `pulumi stack init ${name}`;
  return `The stack does not exist. Fix: run this command on your machine, and commit the stack's file.\n\n${code(command)}`;
}
