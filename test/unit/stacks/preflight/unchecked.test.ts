import { expect, test } from "vitest";
import { type Unchecked, uncheckedWarnings } from "../../../../stacks/preflight/unchecked.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";

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
