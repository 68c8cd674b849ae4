/** The check of ownership, before the first change. */
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import type { DeployedState } from "../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import type { ChangedCluster } from "../../cluster/recorded-cluster.ts";
import { type CheckReport, NOTHING_FOUND } from "../unchecked.ts";
import { type ClusterNeed, reportUnreadCluster } from "../unread-cluster.ts";
import { type FoundObjects, readFoundObjects } from "./found-objects.ts";
import { currentStack, readOwnership } from "./owned-objects.ts";
import { findLeftoverRelease, findOwnershipIssues } from "./ownership.ts";
import { type OwnershipSettings, type Plan, planObjects, planWithout } from "./planned-objects.ts";

/** The result of a check. */
export interface OwnershipReport extends CheckReport {
  /** A release of this stack that `up` imports. */
  readonly leftover?: ReleaseRef | undefined;
}

/**
 * Compares the objects that the program would create with the cluster, and finds those that do not belong to this stack.
 * A stack whose state contains all objects causes no call, unless its configuration selects another cluster than before.
 * A preview does without the check if the cluster cannot be read, unless it adopts a mesh, which it has to read.
 *
 * @param changed the change of the cluster since the last deployment
 */
export async function checkOwnership(
  settings: OwnershipSettings,
  state: DeployedState,
  deployed: DeployedTrust,
  openCluster: OpenCluster,
  changed: ChangedCluster | undefined,
): Promise<OwnershipReport> {
  const recorded = readOwnership(currentStack(), state, deployed);
  // The objects of the state are in the other cluster. In this one, only annotated objects belong to the stack.
  const ownership = changed ? { ...recorded, keys: new Set<string>() } : recorded;
  const plan = planWithout(planObjects(settings), ownership.keys);
  if (plan === undefined) return NOTHING_FOUND;
  let found: FoundObjects;
  try {
    found = await readFoundObjects(await openCluster(), plan, settings.installGatewayApi);
  } catch (error) {
    return reportUnreadCluster(error, describeNeed(settings, plan, changed));
  }
  const issues = findOwnershipIssues(found, ownership, settings);
  return {
    issues: changed && issues.length > 0 ? [otherClusterIssue(changed), ...issues] : issues,
    unchecked: [],
    leftover: findLeftoverRelease(found, ownership, settings),
  };
}

/** The stack was deployed to another cluster, and this one has objects of someone else. */
function otherClusterIssue({ recorded, selected }: ChangedCluster): ValidationIssue {
  return {
    path: ["kubernetes:context"],
    reason: "must select the cluster to which this stack was deployed",
    got: `${selected ?? "no cluster"} instead of ${recorded ?? "the cluster of the last deployment"}`,
    because: "`up` would change objects of the same names in this cluster, which belong to someone else",
    fixes: [
      { kind: "instruction", text: "set kubernetes:context, kubernetes:kubeconfig or KUBECONFIG as before" },
      { kind: "instruction", text: "use another stack for this cluster: pulumi stack init <name>" },
    ],
  };
}

/** What the program needs the cluster for, with these settings. */
function describeNeed(
  settings: OwnershipSettings,
  plan: Plan,
  changed: ChangedCluster | undefined,
): ClusterNeed {
  if (settings.adopt) {
    return {
      what: ["whether the mesh in the cluster can be adopted"],
      because: "`adopt` compares the mesh in the cluster with the settings and imports it, in a preview too",
      isDecisive: true,
    };
  }
  const hasCrds = ({ releases }: Plan) => releases.some(({ name }) => name === "linkerd-crds");
  return {
    what: [
      "whether the cluster has a mesh, namespaces or policies that this stack does not own",
      ...(changed ? [formatChange(changed)] : []),
      ...(settings.useExistingNamespaces && hasCrds(plan)
        ? [
            "whether `up` imports the release linkerd-crds, which an earlier `destroy` of this stack may have kept",
          ]
        : []),
    ],
    because: "Before it changes anything, `up` checks that the cluster has no mesh of someone else",
  };
}

function formatChange({ recorded, selected }: ChangedCluster): string {
  const [from, to] = [recorded ?? "the cluster of the last deployment", selected ?? "the selected cluster"];
  return `whether ${to}, which takes the place of ${from}, has objects of the same names that belong to someone else`;
}
