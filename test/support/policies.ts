/** Runs operations of the engine with this project's policy pack. */
import { dirname, join } from "node:path";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";

const PACK = join(import.meta.dirname, "../../policy");
const PLUGINS = join(import.meta.dirname, "plugins");

/** A violation as the engine reports it. */
export interface ReportedViolation {
  readonly policy: string;
  readonly level: string;
  /** Name of the resource. */
  readonly resource: string;
  readonly message: string;
}

interface SummaryEvents {
  policyAnalyzeSummaryEvent?: { passed?: string[] };
  policyAnalyzeStackSummaryEvent?: { passed?: string[] };
}

/** The result of an operation with the pack. */
export interface PolicyRun {
  /** Policies that a resource or the stack passed, sorted. */
  readonly passed: readonly string[];
  /** Violations, sorted by resource, policy and message. */
  readonly violations: readonly ReportedViolation[];
  /** Whether the operation succeeded. */
  readonly succeeded: boolean;
  /** What the CLI prints. */
  readonly output: string;
}

/**
 * Runs a preview or an `up` of a stack with the pack. Only a failure because of a policy is a result; any other error is
 * thrown.
 *
 * @param config paths of files with the configuration of the pack
 */
export async function runWithPolicies(
  stack: Stack,
  operation: "preview" | "up",
  { pack = PACK, config = [] }: { pack?: string; config?: string[] } = {},
): Promise<PolicyRun> {
  // The engine starts the pack with a script and Node, if no language host is installed.
  process.env.PATH = [PLUGINS, dirname(process.execPath), process.env.PATH].join(":");
  const violations: ReportedViolation[] = [];
  const passed = new Set<string>();
  let output = "";
  const onEvent = (event: EngineEvent) => {
    // The SDK has no types for these events (pulumi, sdk/go/common/apitype/events.go).
    const { policyAnalyzeSummaryEvent, policyAnalyzeStackSummaryEvent } = event as SummaryEvents;
    for (const summary of [policyAnalyzeSummaryEvent, policyAnalyzeStackSummaryEvent]) {
      for (const policy of summary?.passed ?? []) passed.add(policy);
    }
    const { policyEvent } = event;
    if (policyEvent === undefined) return;
    const { policyName: policy, enforcementLevel: level, resourceUrn = "", message } = policyEvent;
    // The message has the description of the policy in its first line.
    const [, ...lines] = message.trim().split("\n");
    violations.push({
      policy,
      level,
      resource: resourceUrn.split("::").at(-1) ?? "",
      message: lines.join("\n"),
    });
  };
  const options = {
    policyPacks: [pack],
    policyPackConfigs: config,
    color: "never" as const,
    onEvent,
    onOutput: (text: string) => {
      output += text;
    },
  };
  let succeeded = true;
  try {
    if (operation === "preview") await stack.preview(options);
    else await stack.up(options);
  } catch (error) {
    if (!violations.some(({ level }) => level === "mandatory")) throw error;
    succeeded = false;
  }
  const key = ({ resource, policy, message }: ReportedViolation) => `${resource} ${policy} ${message}`;
  violations.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return { passed: [...passed].sort(), violations, succeeded, output };
}
