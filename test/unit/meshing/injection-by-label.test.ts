import { describe, expect, test } from "vitest";
import { InjectionByLabel } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";

describe("InjectionByLabel", () => {
  test("is one policy and its binding, for created pods with the label, outside exempt namespaces", async () => {
    const { find } = await register(() => new InjectionByLabel("label"));
    const policy = find("label-policy");
    expect(policy).toMatchObject({
      type: "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy",
      parent: "label",
    });
    expect(policy.inputs.spec.matchConstraints).toMatchObject({
      resourceRules: [{ operations: ["CREATE"], resources: ["pods"] }],
      objectSelector: { matchExpressions: [{ key: "linkerd.io/inject", operator: "Exists" }] },
    });
    expect(find("label-binding")).toMatchObject({
      parent: "label",
      dependsOn: ["label-policy"],
      inputs: { spec: { policyName: "linkerd-inject-by-label" } },
    });
  });
});
