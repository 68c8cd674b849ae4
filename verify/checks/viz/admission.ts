/** The calls of Linkerd's webhooks that failed during the run. */
import type { AdmissionCounters } from "../../cluster/admission-counters.ts";
import type { Finding } from "../../report/finding.ts";

const INJECTOR = "linkerd-proxy-injector.linkerd.io";
const DOCS = "docs/settings.md#high-availability";

/** Judges the counters from before the workloads were created and from now. */
export function judgeAdmission(
  start: AdmissionCounters | undefined,
  end: AdmissionCounters | undefined,
): Finding {
  if (start === undefined || end === undefined) {
    return skipped("the admission counters: access to /metrics of the API server is denied");
  }
  if (start.processStart !== end.processStart) {
    return skipped(
      "the admission counters: another API server, or one that restarted, answered at the end of the run",
    );
  }
  const increase = (counter: "calls" | "failOpen" | "failClosed") =>
    Object.entries(end[counter])
      .map(([webhook, count]) => ({ webhook, count: count - (start[counter][webhook] ?? 0) }))
      .filter(({ count }) => count > 0);
  const [failOpen, failClosed] = [increase("failOpen"), increase("failClosed")];
  const problems = [
    ...failOpen.map(({ webhook, count }) => ({
      observed: `the API server admitted ${count} objects although it could not call ${webhook}`,
      cause: `The server of ${webhook} did not answer, and its failurePolicy is Ignore: such pods start without a proxy.`,
      docs: DOCS,
    })),
    ...failClosed.map(({ webhook, count }) => ({
      observed: `the API server rejected ${count} objects because it could not call ${webhook}`,
      cause: `The server of ${webhook} did not answer, or another CA than that of its webhook configuration signed its certificate.`,
      docs: DOCS,
    })),
  ];
  const calls = sum(increase("calls").filter(({ webhook }) => webhook === INJECTOR));
  if (calls === 0 && problems.length === 0) {
    return skipped("the admission counters: the API server that answered did not call the injector");
  }
  return {
    observed: [
      `the API server called the injector ${calls} times; calls of all webhooks that failed: ${sum(failOpen)} with Ignore, ${sum(failClosed)} with Fail`,
    ],
    problems,
  };
}

const sum = (counts: readonly { readonly count: number }[]) =>
  counts.reduce((total, { count }) => total + count, 0);

const skipped = (reason: string): Finding => ({ observed: [], problems: [], skipped: [reason] });
