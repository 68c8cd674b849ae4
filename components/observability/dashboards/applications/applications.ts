/** The dashboard *Applications*: one definition for all kinds of workloads. */

import { selectedWorkloads } from "../../promql/selection.ts";
import { dashboard, linkTo, UIDS } from "../parts/dashboard.ts";
import type { Dashboard, Variable } from "../parts/sdk-types.ts";
import { DATA_SOURCES, kindVariable, NAMESPACE, podsVariable, workloadVariable } from "../parts/variables.ts";
import { callers } from "./callers.ts";
import { connections } from "./connections.ts";
import { dependencies } from "./dependencies.ts";
import { goldenSignals } from "./golden-signals.ts";
import { overview } from "./overview.ts";
import { policy } from "./policy.ts";
import { routes } from "./routes.ts";
import { saturation } from "./saturation.ts";

/** How a dashboard selects workloads. */
export interface Selection {
  uid: string;
  title: string;
  /** Variables besides the data sources and the namespace. */
  variables: readonly Variable[];
  /** Matchers with these variables. */
  matchers: string;
}

const ANY_KIND: Selection = {
  uid: UIDS.applications,
  title: "Linkerd: applications",
  variables: [kindVariable(), workloadVariable("workload", "Workload", "$kind")],
  matchers: selectedWorkloads("$kind", "workload"),
};

/**
 * Rows that are closed until a user opens them, so that a refresh of all applications of a large mesh does not load the
 * series of every connection between them.
 */
const DETAILS = [callers, dependencies, routes, connections, policy, saturation];

/** The dashboard, for workloads of any kind or of one. */
export function applicationsDashboard(selection: Selection = ANY_KIND): Dashboard {
  const { uid, title, variables, matchers } = selection;
  return dashboard({
    uid,
    title,
    description:
      "Success, requests, latency, callers, dependencies, TCP, denials and saturation of every application in the mesh.",
    variables: [...DATA_SOURCES, NAMESPACE, ...variables, podsVariable(matchers)],
    links: [linkTo(UIDS.meshHealth, "Mesh health")],
    sections: [
      overview(),
      goldenSignals(matchers),
      ...DETAILS.map((section) => ({ ...section(matchers), collapsed: true })),
    ],
  });
}
