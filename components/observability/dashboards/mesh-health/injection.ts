/** Injection: pods that got a proxy, and pods that did not. */

import {
  failedOpen,
  injections,
  labelPolicyErrors,
  refusedPods,
  skippedInjections,
} from "../../promql/mesh/injection.ts";
import { unmeshedPods } from "../../promql/mesh/watchdog.ts";
import { NAMESPACES } from "../../promql/selection.ts";
import type { Section, SizedPanel } from "../parts/layout.ts";
import { stat, timeseries } from "../parts/panels.ts";
import { instant, range } from "../parts/queries.ts";
import { table } from "../parts/table.ts";
import { NONE_EXPECTED } from "../parts/thresholds.ts";

const API_SERVER = "Needs a Prometheus that scrapes the API server: viz's own does not.";

/** A number of events that only the API server counts. */
function apiServerCount(title: string, description: string, expr: string): SizedPanel {
  const panel = stat({
    title,
    description: `${description} Within the interval. ${API_SERVER}`,
    unit: "short",
    source: "cluster",
    thresholds: NONE_EXPECTED,
    noValue: "not scraped",
    queries: [instant(expr, title, "cluster")],
  });
  return [panel, 4, 8];
}

export function injection(): Section {
  return {
    title: "Injection",
    panels: [
      apiServerCount(
        "Admitted without a proxy",
        "Pods that were created without a proxy because the injector did not answer.",
        failedOpen(),
      ),
      apiServerCount(
        "Refused pods",
        "Pods that were refused because the injector did not answer (`highAvailability`).",
        refusedPods(),
      ),
      apiServerCount(
        "Label policy errors",
        "Failed evaluations of the admission policy that injects by label. Kubernetes 1.36 and later.",
        labelPolicyErrors(),
      ),
      [
        table({
          title: "Pods without a proxy",
          description:
            "Running pods without a proxy, in the selected namespaces that have pods with one. From the kubelets (cAdvisor). " +
            "Pods of Jobs are left out where kube-state-metrics is scraped.",
          labels: [
            { label: "namespace", title: "Namespace" },
            { label: "pod", title: "Pod" },
          ],
          columns: [{ title: "Pods", expr: unmeshedPods(NAMESPACES), unit: "short", decimals: 0 }],
          sortBy: "Pods",
          source: "cluster",
        }),
        12,
        8,
      ],
      [
        timeseries({
          title: "Injections",
          description: "Pods and workloads that received a proxy within the interval, by namespace.",
          unit: "short",
          queries: [range(injections({ by: ["namespace"] }), "{{namespace}}")],
        }),
        12,
        8,
      ],
      [
        timeseries({
          title: "Skipped injections",
          description:
            "Pods and workloads that were to receive a proxy and did not, within the interval, by reason. Those without a " +
            "request for injection are excluded.",
          unit: "short",
          noValue: "none",
          queries: [
            range(skippedInjections({ by: ["namespace", "skip_reason"] }), "{{namespace}} {{skip_reason}}"),
          ],
        }),
        12,
        8,
      ],
    ],
  };
}
