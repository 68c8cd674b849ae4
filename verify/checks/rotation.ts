/** The three steps of a rotation under load. */
import { setTimeout as sleep } from "node:timers/promises";
import { loadDuring } from "../load/load-during.ts";
import type { Finding } from "../report/finding.ts";
import { listAffectedProxies } from "../rotation/affected-proxies.ts";
import { judgeStep, type StepObservation } from "../rotation/judge-step.ts";
import type { Rotation } from "../rotation/prepare-rotation.ts";
import type { RotationStep } from "../rotation/rotation-steps.ts";
import { handshakeProxies } from "./certificates/handshake.ts";
import type { Check, CheckContext } from "./check.ts";

/**
 * The kubelet updates the Secret in the identity controller's pod within about a minute and a half, and the controller
 * then loads it (linkerd2, pkg/identity/service.go). Each attempt restarts the server.
 */
const ISSUER_ATTEMPTS = 12;
const ISSUER_PAUSE_MS = 15_000;

export const rotation: Check = {
  name: "rotation",
  title: "The three steps of a rotation of the trust anchor lose no request under load",
  workloads: ["client", "echo", "unmeshed"],
  run: async (context) => {
    const { rotation } = context;
    if (rotation === undefined) return skipped("it changes the trust anchor, so it needs --rotation");
    if ("skipped" in rotation) return skipped(rotation.skipped);
    return rotate(rotation, context);
  },
};

const skipped = (reason: string): Finding => ({ observed: [], problems: [], skipped: [reason] });

/**
 * Runs the steps until the first problem. The mesh works after each of them, so a rotation can stop there.
 *
 * @param runUnderLoad @default {@link loadDuring}
 */
export async function rotate(
  rotation: Rotation,
  context: CheckContext,
  runUnderLoad: typeof loadDuring = loadDuring,
): Promise<Finding> {
  const observed: string[] = [];
  for (const step of rotation.steps) {
    const { cluster, mesh, namespace, signal } = context;
    const affected = step.name === "trust" ? [] : await listAffectedProxies(cluster, mesh, namespace);
    if (affected.length > 0 || signal.aborted) {
      const reason =
        affected.length > 0 ? `${affected.join(", ")} started in the meantime` : "the run was ended";
      return {
        observed,
        problems: [
          {
            observed: `the rotation stopped before the step "${step.title}": ${reason}`,
            cause:
              "The mesh works and trusts both anchors. Continue with this step of the guide after all workloads restarted.",
            docs: "docs/rotation.md",
          },
        ],
      };
    }
    context.onProgress?.(`rotation: ${step.title}`);
    const finding = judgeStep(await runStep(step, rotation, context, runUnderLoad));
    observed.push(...finding.observed);
    if (finding.problems.length > 0) return { observed, problems: finding.problems };
  }
  return { observed, problems: [] };
}

/** Runs a step, and restarts the workloads so that they use its result. Requests flow all the time. */
async function runStep(
  step: RotationStep,
  { project }: Rotation,
  context: CheckContext,
  runUnderLoad: typeof loadDuring,
): Promise<StepObservation> {
  const { cluster, signal } = context;
  const issuerBefore = await readIssuer(context);
  const rotateStep = async () => {
    for (const args of step.configCommands) await project.configure(args);
    await project.up();
    return restartServer(step, issuerBefore, context);
  };
  const { load, seconds, result } = await runUnderLoad(cluster, signal, rotateStep, { long: true });
  // The load runs in the client's pod, so the client restarts after it.
  await cluster.restart("client", signal);
  return {
    step,
    load,
    seconds,
    issuerBefore,
    issuerAfter: result,
    trustRootsPem: await readTrustRoots(context),
  };
}

/** Restarts the server. In the step that signs, again until its certificate is of another issuer. Returns the issuer. */
async function restartServer(
  step: RotationStep,
  issuerBefore: string,
  context: CheckContext,
): Promise<string> {
  const { cluster, signal } = context;
  for (let attempt = 1; ; attempt++) {
    await cluster.restart("echo", signal);
    const issuer = await readIssuer(context);
    if (step.name !== "sign" || issuer !== issuerBefore || attempt === ISSUER_ATTEMPTS) return issuer;
    await sleep(ISSUER_PAUSE_MS, undefined, { signal });
  }
}

/** The certificate, PEM, of the issuer that signed for the newest pod of the server. */
async function readIssuer({ cluster, mesh }: CheckContext): Promise<string> {
  const newest = (await cluster.pods("echo")).slice(-1);
  const [served] = await handshakeProxies(cluster, mesh, newest);
  const issuer = served?.chain[1];
  if (issuer === undefined) {
    throw new Error(
      `${served?.server ?? "echo"} sends no issuer: ${served?.error ?? "the chain has one certificate"}`,
    );
  }
  return issuer;
}

async function readTrustRoots({ cluster, mesh }: CheckContext): Promise<string> {
  const path = `/api/v1/namespaces/${mesh.namespace}/configmaps/linkerd-identity-trust-roots`;
  const { status, body } = await cluster.get(path);
  if (status !== 200) throw new Error(`the API server answers ${status} to ${path}`);
  const { data } = JSON.parse(body) as { data?: Record<string, string> };
  return data?.["ca-bundle.crt"] ?? "";
}
