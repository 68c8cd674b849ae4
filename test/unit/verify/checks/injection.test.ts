import { expect, test } from "vitest";
import {
  type InjectedPod,
  type InjectionObservation,
  injection,
  judgeInjection,
} from "../../../../verify/checks/injection.ts";
import { contextOn, meshedPod, unmeshedPod } from "../../../support/probe-cluster.ts";

const meshed = (pod: string): InjectedPod => ({ pod, proxy: "native", annotation: "enabled" });
const bare = (pod: string, annotation?: string): InjectedPod => ({ pod, proxy: undefined, annotation });

const healthy: InjectionObservation = {
  client: [meshed("client-1")],
  labelOnly: [meshed("label-only")],
  unmeshed: [bare("unmeshed-1", "disabled")],
  injectsByLabel: true,
  injection: "policy",
};

test("pods with the label or the annotation have a proxy, and pods with `disabled` do not", () => {
  expect(judgeInjection(healthy)).toEqual({
    observed: [
      "client, a MeshedDeployment: the proxy is a native sidecar",
      "label-only, a pod with the label alone: the proxy is a native sidecar",
      "unmeshed, with `disabled`: no proxy",
    ],
    problems: [],
  });
});

test("a proxy that is not a native sidecar is a proxy too", () => {
  const { observed, problems } = judgeInjection({
    ...healthy,
    client: [{ ...meshed("client-1"), proxy: "container" }],
  });
  expect(problems).toEqual([]);
  expect(observed[0]).toBe("client, a MeshedDeployment: the proxy is a container");
});

test.each<[broken: string, change: Partial<InjectionObservation>, observed: RegExp, cause: RegExp]>([
  [
    "a MeshedDeployment without a proxy",
    { client: [bare("client-1", "enabled")] },
    /no proxy in the pods of client/,
    /injector did not handle the pods/,
  ],
  [
    "a deleted policy",
    { labelOnly: [bare("label-only")], injectsByLabel: false },
    /pod label-only with the label alone has no proxy/,
    /policy linkerd-inject-by-label or its binding is missing/,
  ],
  [
    "a policy without binding",
    { labelOnly: [bare("label-only")] },
    /pod label-only with the label alone has no proxy/,
    /its binding is missing/,
  ],
  [
    "an injector that does not answer",
    { labelOnly: [bare("label-only", "enabled")] },
    /pod label-only with the label alone has no proxy/,
    /The policy wrote the annotation, but the proxy injector did not handle the pod/,
  ],
  [
    "a pod with `disabled` that is injected",
    { unmeshed: [meshed("unmeshed-1")] },
    /pod unmeshed-1 has a proxy although its template has `disabled`; its annotation is enabled/,
    /replaced the annotation/,
  ],
])("%s is one problem", (_, change, observed, cause) => {
  const { problems } = judgeInjection({ ...healthy, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
});

test("the label alone is skipped in a mesh of another tool, which does not have the policy", () => {
  const { observed, problems, skipped } = judgeInjection({
    ...healthy,
    labelOnly: [bare("label-only")],
    injectsByLabel: false,
    injection: undefined,
  });
  expect(problems).toEqual([]);
  expect(observed).toHaveLength(2);
  expect(skipped).toEqual([expect.stringContaining("does not have this project's policy")]);
});

test("the label alone is skipped if the stack injects by namespace", () => {
  const { problems, skipped } = judgeInjection({
    ...healthy,
    labelOnly: [bare("label-only")],
    injectsByLabel: false,
    injection: "namespace",
  });
  expect(problems).toEqual([]);
  expect(skipped).toEqual([expect.stringContaining("the setting injection of the stack is namespace")]);
});

test("the label alone is reported in a mesh of another tool if it works there", () => {
  const finding = judgeInjection({ ...healthy, injectsByLabel: false, injection: undefined });
  expect(finding.skipped).toBeUndefined();
  expect(finding.observed).toHaveLength(3);
});

test("the check reads the proxies and annotations of the pods", async () => {
  const pods = (workload: string) => [
    workload === "client"
      ? meshedPod("client-1", {
          spec: { containers: [{ name: "main" }, { name: "linkerd-proxy" }] },
        })
      : unmeshedPod(workload),
  ];
  const { observed, problems } = await injection.run(contextOn({ pods }, { injectsByLabel: true }));
  expect(observed).toEqual([
    "client, a MeshedDeployment: the proxy is a container",
    "unmeshed, with `disabled`: no proxy",
  ]);
  expect(problems.map(({ cause }) => cause)).toEqual([expect.stringContaining("its binding is missing")]);
});

test("a workload that was not deployed ends the check with an error", async () => {
  await expect(injection.run(contextOn({ pods: () => [] }))).rejects.toThrow(
    "workload client: must have a pod, got none",
  );
});
