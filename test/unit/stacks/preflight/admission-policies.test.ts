import { expect, test } from "vitest";
import type { ValidationIssue } from "../../../../components/inputs/validation.ts";
import { admissionPolicyIssues, capabilityIssues } from "../../../../stacks/preflight/admission-policies.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";

const capabilities = { reached: "true", kubernetes: "v1.35.4", mutatingAdmissionPolicy: "true" } as const;
const format = (issues: ValidationIssue[]) =>
  issues.map((issue) => formatStackIssue(issue, readSettings({}).given));

test("a cluster with the admission policy API is accepted", () => {
  expect(capabilityIssues(capabilities, false)).toEqual([]);
});

test("a cluster without the admission policy API is rejected with its version and the command that selects another mode", () => {
  const messages = format(capabilityIssues({ ...capabilities, mutatingAdmissionPolicy: "false" }, false));
  expect(messages).toEqual([
    expect.stringMatching(
      /^linkerd-mesh:injection: must be "namespace" or "off" on this cluster, got "policy"\. It runs Kubernetes v1\.35\.4, and "policy" needs MutatingAdmissionPolicy of admissionregistration\.k8s\.io\/v1, new in Kubernetes 1\.36\. .* Fix: pulumi config set injection namespace$/,
    ),
  ]);
});

test("an adopted mesh on a cluster without the API is to use mode off, because its pods may have the annotation alone", () => {
  const messages = format(capabilityIssues({ ...capabilities, mutatingAdmissionPolicy: "false" }, true));
  expect(messages).toEqual([expect.stringMatching(/Fix: pulumi config set injection off$/)]);
});

test("an unreachable cluster is reported as such, and not as one without the API", () => {
  const found = { ...capabilities, reached: "false", mutatingAdmissionPolicy: "false" } as const;
  expect(format(capabilityIssues(found, false))).toEqual([
    expect.stringMatching(
      /^kubernetes:context: must select a cluster that answers\. .*kubectl get --raw \/readyz$/,
    ),
  ]);
});

// A request for capabilities fails in a unit test, because there is no engine.
test.each(["namespace", "off"] as const)(
  "the capabilities of the cluster are not read in mode %s",
  async (injection) => {
    expect(await admissionPolicyIssues({ injection, adopt: false }, {})).toEqual([]);
  },
);

test("the capabilities of the cluster are read unless the policy is deployed already", async () => {
  const type = "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy";
  expect(
    await admissionPolicyIssues({ injection: "policy", adopt: false }, { urn: { type, outputs: {} } }),
  ).toEqual([]);
  await expect(admissionPolicyIssues({ injection: "policy", adopt: false }, {})).rejects.toThrow();
});
