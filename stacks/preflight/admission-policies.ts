/** Whether the cluster has what `injection: policy` is made of, asked before anything is created. */
import { join } from "node:path";
import { getVersion } from "@pulumi/kubernetes/utilities.js";
import * as pulumi from "@pulumi/pulumi";
import type { DeployedState } from "../../components/deployed/deployed-state.ts";
import { PROJECT, type Settings } from "../settings/settings.ts";

const POLICY = "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy";
const API = "MutatingAdmissionPolicy of admissionregistration.k8s.io/v1";

/** What the chart in `capabilities/` says of a cluster. */
interface Capabilities {
  /** Whether there was a cluster to ask. */
  reached: "true" | "false";
  /** Version of its API server. */
  kubernetes: string;
  /** Whether it serves that kind, in v1. */
  mutatingAdmissionPolicy: "true" | "false";
}

/**
 * One sentence where the cluster cannot inject by policy; none where it can, need not, or does already. Left to
 * the provider, a preview takes the kind for one whose definition is still to come, and `up` fails after a minute
 * of waiting for it, with the rest of the mesh in place.
 */
export async function admissionPolicyIssues(
  { injection, adopt }: Pick<Settings, "injection" | "adopt">,
  state: DeployedState,
): Promise<string[]> {
  const runs = Object.values(state).some(({ type }) => type === POLICY);
  return injection !== "policy" || runs ? [] : capabilityIssues(await askCluster(), adopt);
}

/**
 * Asks through the stack's own Kubernetes provider, so that whatever configures it counts. It has no call for
 * this, but renders charts with what the cluster's discovery tells, in previews too (pulumi-kubernetes,
 * provider/pkg/provider/invoke_helm_template.go), and warns where there is none.
 */
async function askCluster(): Promise<Capabilities> {
  const jsonOpts = JSON.stringify({
    path: join(import.meta.dirname, "capabilities"),
    release_name: "capabilities",
  });
  // The SDK's version, as resources ask for it: another one would be another provider.
  const version = getVersion();
  const { result } = await pulumi.runtime.invoke("kubernetes:helm:template", { jsonOpts }, { version });
  return result[0].data;
}

/**
 * Pure: what is wrong with a cluster for a policy. A mesh that is adopted has pods with the annotation alone, which
 * `namespace` would no longer inject.
 */
export function capabilityIssues(found: Capabilities, adopt: boolean): string[] {
  if (found.reached === "false") {
    return [
      `kubernetes:context: no cluster answers, and it has to be asked for the ${API} that injection "policy" needs. ` +
        "Expected kubernetes:context, kubernetes:kubeconfig or KUBECONFIG to lead to one: kubectl get --raw /readyz",
    ];
  }
  if (found.mutatingAdmissionPolicy === "true") return [];
  return [
    `${PROJECT}:injection: the cluster runs Kubernetes ${found.kubernetes} and has no ${API}, which came with 1.36; ` +
      'given "policy", expected there "namespace" (no pod without the label is injected, whatever its annotation) or ' +
      `"off" (the annotation, as Linkerd has it). Mend it with: pulumi config set injection ${adopt ? "off" : "namespace"}`,
  ];
}
