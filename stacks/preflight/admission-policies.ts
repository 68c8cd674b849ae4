/** Whether the cluster supports `injection: policy`. */
import { join } from "node:path";
import { getVersion } from "@pulumi/kubernetes/utilities.js";
import * as pulumi from "@pulumi/pulumi";
import type { DeployedState } from "../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../components/inputs/validation.ts";
import type { OpenCluster } from "../cluster/cluster.ts";
import type { Settings } from "../settings/settings-schema.ts";
import { type CheckReport, NOTHING_FOUND } from "./unchecked.ts";
import { type ClusterNeed, reportUnanswered, reportUnreadCluster } from "./unread-cluster.ts";

const POLICY = "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy";
const API = "MutatingAdmissionPolicy of admissionregistration.k8s.io/v1";

/** The data of the ConfigMap in the chart `capabilities/`. */
interface Capabilities {
  /** Whether a cluster answered. */
  reached: "true" | "false";
  /** Version of its API server. */
  kubernetes: string;
  /** Whether it serves {@link API}. */
  mutatingAdmissionPolicy: "true" | "false";
}

const NEED: ClusterNeed = {
  what: [`whether it serves ${API}, which \`injection\` "policy" needs`],
  because: `injection "policy" needs ${API}, and the program looks for it in the cluster before it creates anything`,
};

/**
 * An issue if the cluster cannot inject by policy, unless it need not, or does so already.
 *
 * Without this check a preview would succeed, because the provider expects the missing kind to be created later, and
 * `up` would fail after a minute, with the rest of the mesh installed. The provider waits for a cluster that drops packets
 * longer than this program does, and for credentials without a limit, so it is called only if the cluster answers.
 */
export async function checkAdmissionPolicies(
  { injection, adopt }: Pick<Settings, "injection" | "adopt">,
  state: DeployedState,
  openCluster: OpenCluster,
): Promise<CheckReport> {
  const isDeployed = Object.values(state).some(({ type }) => type === POLICY);
  if (injection !== "policy" || isDeployed) return NOTHING_FOUND;
  try {
    await openCluster();
  } catch (error) {
    return reportUnreadCluster(error, NEED);
  }
  const found = await readCapabilities();
  if (found.reached === "false")
    return reportUnanswered("Pulumi's Kubernetes provider reaches no cluster", NEED);
  return { issues: capabilityIssues(found, adopt), unchecked: [] };
}

/**
 * Reads the capabilities through the stack's own Kubernetes provider, so that its configuration applies. The provider
 * has no call for this, but it renders charts with the cluster's discovery data, in previews too, and warns where there
 * is no cluster (pulumi-kubernetes, provider/pkg/provider/invoke_helm_template.go).
 */
async function readCapabilities(): Promise<Capabilities> {
  const jsonOpts = JSON.stringify({
    path: join(import.meta.dirname, "capabilities"),
    release_name: "capabilities",
  });
  // The version that resources request, because another version would start a second provider.
  const version = getVersion();
  const { result } = await pulumi.runtime.invoke("kubernetes:helm:template", { jsonOpts }, { version });
  return result[0].data;
}

/**
 * Pure: an issue for a cluster without the API. The pods of an adopted mesh may have the annotation alone, which
 * `namespace` would no longer inject.
 */
export function capabilityIssues(found: Capabilities, adopt: boolean): ValidationIssue[] {
  if (found.mutatingAdmissionPolicy === "true") return [];
  return [
    {
      path: ["injection"],
      reason: 'must be "namespace" or "off" on this cluster',
      got: '"policy"',
      because:
        `It runs Kubernetes ${found.kubernetes}, and "policy" needs ${API}, new in Kubernetes 1.36. ` +
        'With "namespace", only pods with the label are injected; with "off", those with the annotation',
      fixes: [{ kind: "set", path: ["injection"], value: adopt ? "off" : "namespace" }],
    },
  ];
}
