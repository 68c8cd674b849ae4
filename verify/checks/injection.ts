/** Injection: the label alone is enough, and `disabled` is respected. */
import type { V1Pod } from "@kubernetes/client-node";
import type { InjectionMode } from "../../components/linkerd/values/mesh-settings.ts";
import { nameOf, type ProxyKind, podsOf, proxyOf } from "../observation/pods.ts";
import { missingProxies } from "../observation/problems.ts";
import type { Finding, Problem } from "../report/finding.ts";
import type { Check, CheckContext } from "./check.ts";

const ANNOTATION = "linkerd.io/inject";

export interface InjectedPod {
  readonly pod: string;
  readonly proxy: ProxyKind;
  /** The annotation that the injector reads; `undefined` without it. */
  readonly annotation: string | undefined;
}

export interface InjectionObservation {
  readonly client: readonly InjectedPod[];
  readonly labelOnly: readonly InjectedPod[];
  readonly unmeshed: readonly InjectedPod[];
  /** Whether the cluster has this project's policy. */
  readonly injectsByLabel: boolean;
  /** The setting `injection` of the stack; `undefined` without a stack. */
  readonly injection: InjectionMode | undefined;
}

export const injection: Check = {
  name: "injection",
  title: "The label injects a proxy, and `disabled` injects none",
  workloads: ["client", "label-only", "unmeshed"],
  run: async (context) => judgeInjection(await observe(context)),
};

async function observe({ cluster, mesh }: CheckContext): Promise<InjectionObservation> {
  const [client, labelOnly, unmeshed] = await Promise.all([
    podsOf(cluster, "client"),
    podsOf(cluster, "label-only"),
    podsOf(cluster, "unmeshed"),
  ]);
  return {
    client: client.map(describe),
    labelOnly: labelOnly.map(describe),
    unmeshed: unmeshed.map(describe),
    injectsByLabel: mesh.injectsByLabel,
    injection: mesh.stack?.injection,
  };
}

function describe(pod: V1Pod): InjectedPod {
  return { pod: nameOf(pod), proxy: proxyOf(pod), annotation: pod.metadata?.annotations?.[ANNOTATION] };
}

export function judgeInjection(observation: InjectionObservation): Finding {
  const { client, labelOnly, unmeshed, injectsByLabel, injection } = observation;
  const isExpected = injection === "policy" || injectsByLabel;
  const parts = [
    judgeAnnotated(client),
    isExpected || labelOnly.some(({ proxy }) => proxy !== undefined)
      ? judgeLabel(labelOnly, injectsByLabel)
      : { observed: [], problems: [], skipped: [skipReason(injection)] },
    judgeDisabled(unmeshed),
  ];
  const skipped = parts.flatMap(({ skipped = [] }) => skipped);
  return {
    observed: parts.flatMap(({ observed }) => observed),
    problems: parts.flatMap(({ problems }) => problems),
    ...(skipped.length > 0 && { skipped }),
  };
}

function skipReason(injection: InjectionMode | undefined): string {
  return injection === undefined
    ? "label-only: the cluster does not have this project's policy, and Linkerd itself reads only the annotation"
    : `label-only: the setting injection of the stack is ${injection}, so the label alone has no effect`;
}

function judgeAnnotated(pods: readonly InjectedPod[]): Finding {
  const { observed, problems } = judgeProxies(pods, () => missingProxies(["client"]));
  return { observed: observed.map((text) => `client, a MeshedDeployment: ${text}`), problems };
}

function judgeLabel(pods: readonly InjectedPod[], injectsByLabel: boolean): Finding {
  const { observed, problems } = judgeProxies(pods, ({ pod, annotation }) => ({
    observed: `label-only: pod ${pod} with the label alone has no proxy`,
    cause: labelCause(annotation, injectsByLabel),
    docs: "docs/settings.md#injection",
  }));
  return { observed: observed.map((text) => `label-only, a pod with the label alone: ${text}`), problems };
}

function labelCause(annotation: string | undefined, injectsByLabel: boolean): string {
  if (annotation !== undefined) {
    return "The policy wrote the annotation, but the proxy injector did not handle the pod: it did not answer, or its webhook does not select the namespace.";
  }
  return injectsByLabel
    ? "The policy linkerd-inject-by-label did not change the pod: its binding is missing or does not select the pod."
    : "The policy linkerd-inject-by-label or its binding is missing from the cluster.";
}

function judgeDisabled(pods: readonly InjectedPod[]): Finding {
  const meshed = pods.filter(({ proxy }) => proxy !== undefined);
  if (meshed.length === 0) return { observed: ["unmeshed, with `disabled`: no proxy"], problems: [] };
  const { pod, annotation = "absent" } = meshed[0] as InjectedPod;
  const problem: Problem = {
    observed: `unmeshed: pod ${pod} has a proxy although its template has \`disabled\`; its annotation is ${annotation}`,
    cause:
      "An admission webhook or policy of the cluster replaced the annotation linkerd.io/inject of the pod.",
    docs: "docs/workloads.md#mesh-options-mesh",
  };
  return { observed: [], problems: [problem] };
}

/** The proxies of the pods, or the problem of the first pod without one. */
function judgeProxies(pods: readonly InjectedPod[], explain: (pod: InjectedPod) => Problem): Finding {
  const without = pods.find(({ proxy }) => proxy === undefined);
  if (without) return { observed: [], problems: [explain(without)] };
  const kinds = new Set(pods.map(({ proxy }) => (proxy === "native" ? "a native sidecar" : "a container")));
  return { observed: [`the proxy is ${[...kinds].join(" or ")}`], problems: [] };
}
