/** What the selected workloads call. */
import { balancerEndpoints, balancerQueueSeconds } from "../../promql/applications/balancers.ts";
import { OUTBOUND, successRate } from "../../promql/applications/traffic.ts";
import type { Section } from "../parts/layout.ts";
import { timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";
import { trafficTable } from "./traffic-table.ts";

const ATTEMPTS = "Each attempt of a retried request counts.";

export function dependencies(matchers: string): Section {
  const services = { traffic: OUTBOUND, by: ["dependency"], matchers };
  const backends = ["backend_name", "backend_namespace"];
  return {
    title: "Called by it",
    panels: [
      [
        trafficTable({
          title: "Dependencies",
          description:
            "Services that the selected workloads call, and the workloads that answer. Without a Service: the host of the " +
            `request, else the address. Outside the mesh, the workload is not known. ${ATTEMPTS}`,
          labels: [
            { label: "dependency", title: "Service" },
            { label: "destination", title: "Workload" },
          ],
          traffic: { ...services, by: ["dependency", "destination"] },
        }),
        24,
        8,
      ],
      [
        timeseries({
          title: "Success by Service",
          description: `The share of responses that succeed. ${ATTEMPTS}`,
          unit: "percentunit",
          max: 1,
          queries: [range(successRate(services), "{{dependency}}")],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Endpoints",
          description:
            "Endpoints in the load balancers of the callers, each caller counted on its own. Pending: not connected, or " +
            "excluded because it fails.",
          unit: "short",
          queries: [
            range(
              balancerEndpoints({ by: [...backends, "endpoint_state"], matchers }),
              "{{backend_name}}.{{backend_namespace}} {{endpoint_state}}",
            ),
          ],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Wait for an endpoint",
          description:
            "Seconds that a request waits in the queue of a Service until an endpoint is ready, on average.",
          unit: "s",
          queries: [
            range(balancerQueueSeconds({ by: backends, matchers }), "{{backend_name}}.{{backend_namespace}}"),
          ],
        }),
        8,
        8,
      ],
    ],
  };
}
