/** What viz reports about the workloads, whom its dashboard answers, and what the API server counts about Linkerd's webhooks. */
import { setTimeout as sleep } from "node:timers/promises";
import { readAdmissionCounters } from "../cluster/admission-counters.ts";
import { isReady } from "../cluster/conditions.ts";
import { type LoadedWork, loadDuring } from "../load/load-during.ts";
import { nameOf, withoutProxy } from "../observation/pods.ts";
import { missingProxies } from "../observation/problems.ts";
import type { Finding, Problem } from "../report/finding.ts";
import type { Check, CheckContext } from "./check.ts";
import { judgeAdmission } from "./viz/admission.ts";
import { judgeLock, observeLock } from "./viz/lock.ts";
import {
  isSteady,
  parseStatistics,
  type Statistics,
  statisticsPath,
  WEB_PORT,
  WEB_SELECTOR,
  WINDOW_SECONDS,
} from "./viz/statistics.ts";

/** Scrape interval of viz's Prometheus (linkerd2, viz/charts/linkerd-viz/values.yaml). */
const SCRAPE_MS = 10_000;

/** No report is read after this time: seven reports of a dashboard that answers at once, three of one that does not answer. */
const READ_WITHIN_MS = 75_000;

const DOCS = "docs/verify.md#viz";

export const viz: Check = {
  name: "viz",
  title: "viz reports the requests of the workloads, its dashboard is locked, and no webhook fails open",
  workloads: ["client", "echo"],
  run: async (context) => {
    const statistics = await checkStatistics(context);
    const lock = await checkLock(context);
    const admission = judgeAdmission(
      context.mesh.admissionAtStart,
      await readAdmissionCounters(context.cluster),
    );
    const findings = [statistics, lock, admission];
    return {
      observed: findings.flatMap(({ observed }) => observed),
      problems: findings.flatMap(({ problems }) => problems),
      skipped: findings.flatMap(({ skipped = [] }) => skipped),
    };
  },
};

async function checkLock({ cluster, mesh }: CheckContext): Promise<Finding> {
  if (mesh.vizNamespace === undefined) return { observed: [], problems: [] };
  return judgeLock(await observeLock(cluster, mesh.vizNamespace));
}

async function checkStatistics({ cluster, mesh, namespace, signal }: CheckContext): Promise<Finding> {
  if (mesh.vizNamespace === undefined) {
    return { observed: [], problems: [], skipped: ["the statistics: viz is not installed"] };
  }
  const vizNamespace = mesh.vizNamespace;
  const unmeshed = await withoutProxy(cluster, ["client", "echo"]);
  if (unmeshed.length > 0) return { observed: [], problems: [missingProxies(unmeshed)] };
  const [web] = (await cluster.listPods(vizNamespace, WEB_SELECTOR)).filter(isReady);
  if (web === undefined) return { observed: [], problems: [noDashboard(vizNamespace)] };
  const path = statisticsPath(namespace, "echo");
  const pod = nameOf(web);
  const read = async () => {
    // A dashboard that does not answer is an observation. The admission counters explain more.
    const answer = await cluster
      .getFromPod(vizNamespace, pod, WEB_PORT, path)
      .catch(({ message }: Error) => `viz does not answer: ${message}`);
    return typeof answer === "string" ? answer : parseStatistics(answer, "echo");
  };
  return judgeStatistics(await loadDuring(cluster, signal, () => readUntilSteady(read, signal)));
}

/** Reads until the report covers a window under load, or until `withinMs` are over. Returns the last report. */
export async function readUntilSteady(
  read: () => Promise<Statistics | string>,
  signal: AbortSignal,
  { withinMs = READ_WITHIN_MS, intervalMs = SCRAPE_MS } = {},
): Promise<Statistics | string> {
  const end = performance.now() + withinMs;
  let previous: Statistics | string = "no report";
  while (performance.now() + intervalMs < end) {
    await sleep(intervalMs, undefined, { signal });
    const current = await read();
    if (typeof previous === "object" && typeof current === "object" && isSteady(previous, current)) {
      return current;
    }
    previous = current;
  }
  return previous;
}

/** Judges the last report: it has the requests that were sent, and none of them failed. */
export function judgeStatistics({ load, seconds, result }: LoadedWork<Statistics | string>): Finding {
  if (typeof result === "string") {
    return {
      observed: [],
      problems: [
        {
          observed: result,
          cause: /^viz answers 400/.test(result)
            ? "The chart value dashboard.enforcedHostRegexp does not admit localhost, so `linkerd viz dashboard` does not work either."
            : "The Deployment metrics-api or its Prometheus does not run, or a policy denies the dashboard's access.",
          docs: DOCS,
        },
      ],
    };
  }
  const { successes, failures } = result;
  const sent = load.sent / seconds;
  const reported = (successes + failures) / WINDOW_SECONDS;
  const rate = successes + failures === 0 ? 0 : successes / (successes + failures);
  const observed = `viz reports ${reported.toFixed(1)} requests/s with a success rate of ${formatPercent(rate)}, while ${sent.toFixed(1)} requests/s were sent`;
  return { observed: [observed], problems: [...judgeRate(sent, reported), ...judgeSuccess(result)] };
}

/**
 * At least half: rates over 30 s are extrapolated from three samples, and a busy client sends fewer requests at times. More are
 * expected, because other checks call echo at the same time: 46 requests/s while this check sent 28, in a run that passed.
 */
function judgeRate(sent: number, reported: number): Problem[] {
  if (reported === 0) {
    return [
      {
        observed: `viz reports no request, while ${sent.toFixed(1)} requests/s were sent`,
        cause:
          "viz's Prometheus does not scrape the proxies: the default inbound policy denies it, or another Prometheus replaced it.",
        docs: "docs/settings.md#proxies",
      },
    ];
  }
  if (reported >= sent / 2) return [];
  return [
    {
      observed: `viz reports ${reported.toFixed(1)} requests/s, while ${sent.toFixed(1)} requests/s were sent`,
      cause: "viz's Prometheus scrapes only a part of the proxies, or is overloaded.",
      docs: DOCS,
    },
  ];
}

function judgeSuccess({ successes, failures }: Statistics): Problem[] {
  if (failures === 0) return [];
  return [
    {
      observed: `viz reports ${failures} failed of ${successes + failures} requests`,
      cause: "The proxies of echo answered with errors: its pods are overloaded, or their probes fail.",
      docs: DOCS,
    },
  ];
}

const formatPercent = (ratio: number) => `${(ratio * 100).toFixed(2)} %`;

function noDashboard(vizNamespace: string): Problem {
  return {
    observed: `the namespace ${vizNamespace} has no ready pod of the dashboard`,
    cause: "The Deployment web is scaled to 0, or its pods do not start.",
    docs: DOCS,
  };
}
