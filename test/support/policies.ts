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

/** The result of an operation with the pack. */
export interface PolicyRun {
  /** Version of the pack that the engine ran. */
  readonly pack: string | undefined;
  /** Violations, sorted by resource and policy. */
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
  let version: string | undefined;
  let output = "";
  const onEvent = ({ policyEvent, summaryEvent }: EngineEvent) => {
    version ??= Object.values(summaryEvent?.policyPacks ?? {})[0];
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
  const key = ({ resource, policy }: ReportedViolation) => `${resource} ${policy}`;
  violations.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return { pack: version, violations, succeeded, output };
}
