/** The outputs of a mesh stack, read with the Pulumi CLI. The selected stack of the project does not change. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VerifyError } from "../verify-error.ts";
import type { StackFacts } from "./mesh-facts.ts";

const FIX = "use --stack with a name from pulumi stack ls";

/**
 * Reads the outputs of `stack`, of the project in `directory` or with its full name. Throws a {@link VerifyError} if the
 * stack does not exist, or is not a mesh of this project.
 */
export async function readStackFacts(stack: string, directory: string): Promise<StackFacts> {
  const outputs = await readOutputs(stack, directory);
  const { linkerdVersion, trustBundlePem = "", trustBundleSha256 = "", certificates = [] } = outputs;
  const { injection = "policy" } = outputs;
  if (typeof linkerdVersion !== "string") {
    const names = Object.keys(outputs).join(", ") || "no outputs";
    throw new VerifyError(
      `stack: must be a mesh stack of linkerd-mesh, which has the output linkerdVersion, got ${stack} with ${names}. Fix: ${FIX}`,
    );
  }
  const { ports, defaultInboundPolicy } = outputs;
  return {
    stack,
    ref: { linkerdVersion, trustBundleSha256, ports, defaultInboundPolicy } as StackFacts["ref"],
    trustBundlePem: trustBundlePem as string,
    certificates: certificates as StackFacts["certificates"],
    injection: injection as StackFacts["injection"],
  };
}

async function readOutputs(stack: string, directory: string): Promise<Record<string, unknown>> {
  const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
  try {
    const { stdout } = await promisify(execFile)("pulumi", args, { cwd: directory, maxBuffer: 64 << 20 });
    return JSON.parse(stdout);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new VerifyError(
      `stack: must be a stack whose outputs can be read, got ${stack}: ` +
        `${(stderr || message).trim().replace(/^error: /, "")}. Fix: ${FIX}`,
      { cause: error },
    );
  }
}

/** Throws a {@link VerifyError} without the Pulumi CLI. */
export async function requirePulumi(): Promise<void> {
  try {
    await promisify(execFile)("pulumi", ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
  } catch (error) {
    throw new VerifyError(
      `pulumi: must be on PATH, got ${(error as Error).message}. It deploys the probe workloads. ` +
        "Fix: https://www.pulumi.com/docs/install/",
      { cause: error },
    );
  }
}
