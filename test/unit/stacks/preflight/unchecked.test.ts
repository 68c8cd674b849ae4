import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { type Unchecked, uncheckedWarnings } from "../../../../stacks/preflight/unchecked.ts";
import { previewWithout } from "../../../../stacks/preflight/unread-charts.ts";
import { reportUnanswered, withoutRepeatedFailures } from "../../../../stacks/preflight/unread-cluster.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";
import { register } from "../../../support/mocks.ts";

const format = (unchecked: Unchecked[]) =>
  uncheckedWarnings(unchecked).map((issue) => formatStackIssue(issue, readSettings({}).given));

const cluster = (failure: string): Unchecked["cause"] => ({
  path: ["kubernetes:context"],
  reason: "should select a cluster that answers",
  failure,
  fixes: [{ kind: "instruction", text: "set KUBECONFIG" }],
});

test("checks with one cause share one warning, which names each of them once", () => {
  const cause = cluster("https://a.example does not answer");
  expect(
    format([
      { cause, what: ["whether the cluster has a mesh", "whether it has viz"] },
      { cause, what: ["whether it has viz"] },
      { cause: { ...cause }, what: ["whether it serves the API"] },
    ]),
  ).toEqual([
    "kubernetes:context: should select a cluster that answers. https://a.example does not answer. This preview does not " +
      "check whether the cluster has a mesh, whether it has viz, or whether it serves the API. `pulumi up` checks it before " +
      "it changes anything, and fails without an answer. Fix: set KUBECONFIG",
  ]);
});

test("each cause has a warning of its own, and a failure begins a sentence", () => {
  const messages = format([
    { cause: cluster("the kubeconfig has no context"), what: ["whether it has viz"] },
    { cause: cluster("access is denied"), what: ["whether it has viz"] },
  ]);
  expect(messages).toEqual([
    expect.stringContaining(
      "answers. The kubeconfig has no context. This preview does not check whether it has viz. `pulumi",
    ),
    expect.stringContaining("answers. Access is denied. This"),
  ]);
  expect(format([])).toEqual([]);
});

test("a cluster that several checks cannot read is one issue of up, and other issues stay", async () => {
  const { result } = await register(
    () =>
      ["the first check", "the second check"].map((because) => reportUnanswered("no", { what: [], because })),
    { preview: false },
  );
  const [first, second] = result.flatMap(({ issues }) => issues);
  const others = ["injection", "viz"].map((setting) => ({ path: [setting], reason: "must be another" }));
  const issues = [first, second, ...others].filter((issue) => issue !== undefined);
  expect(issues).toHaveLength(4);
  expect(withoutRepeatedFailures(issues)).toEqual([first, ...others]);
});

test("only a preview, and only for the charts that do not answer, gives the provider an unknown input", async () => {
  const inputsOf = async (name: string, preview: boolean) => {
    const release = { type: "kubernetes:helm.sh/v3:Release", name, custom: true, opts: {} };
    const { result } = await register(
      () => previewWithout(["linkerd-crds"])({ ...release, props: { name, version: "2026.8.3" } }),
      { preview },
    );
    return result?.props;
  };
  const inputs = await inputsOf("linkerd-crds", true);
  expect(Object.keys(inputs ?? {})).toEqual(["name", "version", "resourceNames"]);
  const unknown = pulumi.output(inputs?.resourceNames) as unknown as { isKnown: Promise<boolean> };
  expect(await unknown.isKnown).toBe(false);
  expect(await inputsOf("linkerd-viz", true)).toBeUndefined();
  expect(await inputsOf("linkerd-crds", false)).toBeUndefined();
});
