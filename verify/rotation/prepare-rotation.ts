/** Everything that must hold before a rotation begins, and its confirmation. */
import { bundleSha256 } from "../../components/certificates/modes/mesh-certificates.ts";
import type { MeshFacts, StackFacts } from "../cluster/mesh-facts.ts";
import type { ProbeCluster } from "../cluster/probe-cluster.ts";
import { VerifyError } from "../verify-error.ts";
import { listAffectedProxies } from "./affected-proxies.ts";
import type { MeshProject } from "./pulumi-project.ts";
import { planRotation, type RotationSteps } from "./rotation-steps.ts";

/** A rotation that is checked and confirmed. */
export interface Rotation extends RotationSteps {
  readonly project: MeshProject;
}

export interface RotationRequest {
  readonly project: MeshProject;
  readonly cluster: Pick<ProbeCluster, "get">;
  readonly mesh: Pick<MeshFacts, "namespace" | "vizNamespace" | "trustRootsPem" | "stack">;
  /** Resolves to whether the operator confirms the text. */
  confirm(text: string): Promise<boolean>;
}

/** Number of proxies that a message names. */
const MAX_NAMED = 10;

/**
 * Checks a rotation and has it confirmed, before anything is created or changed. Resolves to the reason if the stack does
 * not generate its certificates.
 *
 * Throws a {@link VerifyError} with one line for each issue, or if the operator declines.
 */
export async function prepareRotation(request: RotationRequest): Promise<Rotation | { skipped: string }> {
  const { project, mesh, cluster } = request;
  const { stack } = mesh;
  if (stack === undefined) {
    throw new VerifyError(
      "--rotation: must be used with --stack, got none. Only the stack of the mesh can change its trust anchor. Fix: --stack <stack>",
    );
  }
  const certificates = await project.readCertificates();
  if (certificates === "secret") {
    return { skipped: "the setting certificates is a secret, so its mode is not visible" };
  }
  const plan = planRotation(certificates);
  if ("kind" in plan && plan.kind === "skip") return { skipped: plan.reason };
  const issues = [
    ...("kind" in plan ? [plan.reason] : []),
    ...findForeignCluster(mesh.trustRootsPem, stack),
    ...findAffected(await listAffectedProxies(cluster, mesh, undefined), mesh.namespace),
  ];
  if (issues.length > 0 || "kind" in plan) throw new VerifyError(issues.join("\n"));
  try {
    await project.expectNoChanges();
  } catch (error) {
    throw new VerifyError(
      `--rotation: must start from a stack without changes, got a preview that fails or has changes. Each step deploys all of them. Fix: pulumi up --stack ${stack.stack}`,
      { cause: error },
    );
  }
  if (!(await request.confirm(describeRotation(plan, stack.stack)))) {
    throw new VerifyError("--rotation: must be confirmed, got another answer than yes. Nothing was changed");
  }
  return { ...plan, project };
}

/** `--context` and the stack must select one cluster, else the check would look at one mesh and change another. */
function findForeignCluster(trustRootsPem: string, { stack, trustBundlePem }: StackFacts): string[] {
  if (bundleSha256(trustRootsPem) === bundleSha256(trustBundlePem)) return [];
  return [
    `--rotation: must run in the cluster of the stack ${stack}, got a cluster with other trust anchors than the stack. Fix: set --context to the context of the stack`,
  ];
}

function findAffected(proxies: readonly string[], meshNamespace: string): string[] {
  if (proxies.length === 0) return [];
  const more = proxies.length > MAX_NAMED ? ` and ${proxies.length - MAX_NAMED} more` : "";
  return [
    `--rotation: must run in a mesh without other workloads, got ${proxies.length}: ${proxies.slice(0, MAX_NAMED).join(", ")}${more}. ` +
      "Their proxies lose their connections, because they must restart after the first step, and before and after the third. " +
      `Fix: take them out of the mesh (kubectl get pods -A -l linkerd.io/control-plane-ns=${meshNamespace} lists them), or rotate by docs/rotation.md`,
  ];
}

/** What the operator confirms. */
export function describeRotation({ steps, from, to }: RotationSteps, stack: string): string {
  return [
    `This rotates the trust anchor of the stack ${stack} from generation ${from} to ${to}, in three steps with \`pulumi up\`:`,
    ...steps.map(({ title }, index) => `  ${index + 1}. ${title}`),
    "The change remains: commit the settings file of the stack afterwards. Steps 1 and 3 restart the control plane and viz.",
    `The key of generation ${from} is deleted from the state. Back it up first: pulumi stack export --stack ${stack} --file before.json`,
    "Do not deploy other workloads to the mesh until the last step is complete.",
  ].join("\n");
}
