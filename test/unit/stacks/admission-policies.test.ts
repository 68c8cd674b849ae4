import { expect, test } from "vitest";
import { admissionPolicyIssues, capabilityIssues } from "../../../stacks/preflight/admission-policies.ts";

const found = { reached: "true", kubernetes: "v1.35.4", mutatingAdmissionPolicy: "true" } as const;

test("a cluster that has the policies is good", () => {
  expect(capabilityIssues(found, false)).toEqual([]);
});

test("a cluster without them is told with its version and the mode that mends it", () => {
  expect(capabilityIssues({ ...found, mutatingAdmissionPolicy: "false" }, false)).toEqual([
    expect.stringMatching(
      /^linkerd-mesh:injection: the cluster runs Kubernetes v1\.35\.4 and has no MutatingAdmissionPolicy .*; given "policy", expected there "namespace" \(.*\) or "off" \(.*\)\. Mend it with: pulumi config set injection namespace$/,
    ),
  ]);
});

test("a mesh that is adopted goes by the annotation, which a cluster without them has to keep to", () => {
  expect(capabilityIssues({ ...found, mutatingAdmissionPolicy: "false" }, true)).toEqual([
    expect.stringMatching(/pulumi config set injection off$/),
  ]);
});

test("no cluster is told as that, and not as one without them", () => {
  expect(capabilityIssues({ ...found, reached: "false", mutatingAdmissionPolicy: "false" }, false)).toEqual([
    expect.stringMatching(/^kubernetes:context: no cluster answers, .*kubectl get --raw \/readyz$/),
  ]);
});

// There is no engine here: a question would fail.
test.each(["namespace", "off"] as const)("nobody is asked for the mode %s", async (injection) => {
  expect(await admissionPolicyIssues({ injection, adopt: false }, {})).toEqual([]);
});

test("nobody is asked where the policy runs already", async () => {
  const type = "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy";
  expect(
    await admissionPolicyIssues({ injection: "policy", adopt: false }, { urn: { type, outputs: {} } }),
  ).toEqual([]);
  await expect(admissionPolicyIssues({ injection: "policy", adopt: false }, {})).rejects.toThrow();
});
