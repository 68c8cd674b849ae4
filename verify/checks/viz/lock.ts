/** The lock of viz's dashboard, as a pod of the run finds it. */
import { POLICY_NAME } from "../../../components/monitoring/viz-access/viz-access.ts";
import type { ProbeCluster } from "../../cluster/probe-cluster.ts";
import { formatAnswers, isDenied } from "../../observation/requests.ts";
import type { LoadResult } from "../../probe/protocol.ts";
import type { Finding } from "../../report/finding.ts";
import { WEB_PORT } from "./statistics.ts";

const DOCS = "docs/viz-access.md";
const REQUESTS = 5;

/** The policy of the dashboard, and its effect. */
export interface LockObservation {
  /** Status with which the API server answers the request for the Server: 404 if it does not exist. */
  readonly status: number;
  /** `accessPolicy` of the Server; `undefined` if it cannot be read. */
  readonly accessPolicy: string | undefined;
  /** Requests of a pod that no setting allows. `undefined` if they were not sent, because nothing denies them. */
  readonly answers: LoadResult | undefined;
}

/** Reads the Server of the dashboard. If it denies other pods, sends requests from `client`. */
export async function observeLock(cluster: ProbeCluster, vizNamespace: string): Promise<LockObservation> {
  const path = `/apis/policy.linkerd.io/v1beta3/namespaces/${vizNamespace}/servers/${POLICY_NAME}`;
  const { status, body } = await cluster.get(path);
  if (status !== 200) return { status, accessPolicy: undefined, answers: undefined };
  const { spec } = JSON.parse(body) as { spec?: { accessPolicy?: string } };
  const accessPolicy = spec?.accessPolicy ?? "deny";
  if (accessPolicy !== "deny") return { status, accessPolicy, answers: undefined };
  const url = `http://web.${vizNamespace}.svc:${WEB_PORT}/api/version`;
  const load = { url, count: REQUESTS, timeoutMs: 8_000, newConnections: true };
  return { status, accessPolicy, answers: await cluster.run("client", "http-requests", load) };
}

/** Judges that the dashboard denies a pod that may not call it. A dashboard that a setting opens is not a problem. */
export function judgeLock({ status, accessPolicy, answers }: LockObservation): Finding {
  if (accessPolicy === undefined) {
    const reason =
      status === 404
        ? `no Server ${POLICY_NAME} denies other pods`
        : `the Server ${POLICY_NAME} cannot be read, status ${status}`;
    return { observed: [], problems: [], skipped: [`the lock of the dashboard: ${reason}`] };
  }
  if (answers === undefined) {
    return {
      observed: [`every pod may call the dashboard: its accessPolicy is ${accessPolicy}`],
      problems: [],
    };
  }
  const observed = `client, which may not call the dashboard: ${formatAnswers(answers)}`;
  if (isDenied(answers)) return { observed: [observed], problems: [] };
  const isAnswered = Object.keys(answers.statuses).length > 0;
  return {
    observed: [],
    problems: [
      {
        observed,
        cause: isAnswered
          ? "The pod of the dashboard has no proxy, so that its Server has no effect, or a policy of yours allows every pod."
          : "The requests did not reach the dashboard, for example because of a network policy or DNS.",
        docs: DOCS,
      },
    ],
  };
}
