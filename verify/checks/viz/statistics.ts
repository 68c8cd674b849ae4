/** What viz reports about a Deployment. */
import type { HttpAnswer } from "../../cluster/probe-cluster.ts";

/** Time that a report covers. viz's Prometheus scrapes every 10 s, so it has three samples. At least 15 s for viz. */
export const WINDOW_SECONDS = 30;

/** Port of the dashboard (linkerd2, viz/charts/linkerd-viz/templates/web.yaml). */
export const WEB_PORT = 8084;

/** Labels of the dashboard's pods (the same file). */
export const WEB_SELECTOR = "linkerd.io/extension=viz,component=web";

/** Requests that the Deployment's proxies received within the window. */
export interface Statistics {
  readonly successes: number;
  readonly failures: number;
}

/** The dashboard's request for the statistics of a Deployment (linkerd2, web/srv/api_handlers.go, `handleAPIStat`). */
export function statisticsPath(namespace: string, deployment: string): string {
  const query = new URLSearchParams({
    resource_type: "deployment",
    resource_name: deployment,
    namespace,
    window: `${WINDOW_SECONDS}s`,
  });
  return `/api/tps-reports?${query}`;
}

/** A `StatSummaryResponse` as JSON (linkerd2, viz/metrics-api/proto/viz.proto). Its integers are strings. */
interface StatSummary {
  readonly ok?: {
    readonly statTables?: readonly {
      readonly podGroup?: {
        readonly rows?: readonly {
          readonly resource?: { readonly name?: string };
          readonly stats?: { readonly successCount?: string; readonly failureCount?: string } | null;
        }[];
      };
    }[];
  };
  readonly error?: string | { readonly error?: string };
}

/** Reads the statistics of a Deployment from the answer, or a sentence about why it has none. */
export function parseStatistics({ status, body }: HttpAnswer, deployment: string): Statistics | string {
  const summary = parseJson(body) as StatSummary | undefined;
  const error = typeof summary?.error === "object" ? summary.error?.error : summary?.error;
  if (status !== 200 || summary === undefined || error) {
    return `viz answers ${status}: ${(error || body.trim() || "nothing").slice(0, 200)}`;
  }
  const rows = summary.ok?.statTables?.flatMap(({ podGroup }) => podGroup?.rows ?? []) ?? [];
  const row = rows.find(({ resource }) => resource?.name === deployment);
  if (row === undefined) return `viz does not list the Deployment ${deployment}`;
  return {
    successes: Number(row.stats?.successCount ?? 0),
    failures: Number(row.stats?.failureCount ?? 0),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller reports the text.
  }
}

/** Whether two reports, one scrape interval apart, are of a window that was under load from its start to its end. */
export function isSteady(previous: Statistics, current: Statistics): boolean {
  const [a, b] = [previous, current].map(({ successes, failures }) => successes + failures) as [
    number,
    number,
  ];
  return a > 0 && Math.abs(b - a) <= 0.2 * a;
}
