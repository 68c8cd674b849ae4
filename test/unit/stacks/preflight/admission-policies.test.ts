import { expect, test } from "vitest";
import type { DeployedState } from "../../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../../components/inputs/validation.ts";
import type { Cluster, OpenCluster } from "../../../../stacks/cluster/cluster.ts";
import { ClusterError, CredentialsTimeout } from "../../../../stacks/cluster/connection.ts";
import { capabilityIssues, checkAdmissionPolicies } from "../../../../stacks/preflight/admission-policies.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";
import type { Settings } from "../../../../stacks/settings/settings-schema.ts";
import { register } from "../../../support/mocks.ts";

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

const answering: OpenCluster = async () => ({}) as Cluster;
const failing = async (): Promise<never> => {
  throw new ClusterError("https://cluster.example does not answer");
};
// A request for capabilities fails in a unit test, because there is no engine.
const check = (injection: Settings["injection"], open: OpenCluster, state: DeployedState = {}) =>
  checkAdmissionPolicies({ injection, adopt: false }, state, open);

test("a cluster that does not answer rejects up, and a preview does without the check", async () => {
  const up = await check("policy", failing);
  expect(format([...up.issues])).toEqual([
    expect.stringMatching(
      /^kubernetes:context: must select a cluster that answers\. .*cluster\.example does not answer.*kubectl get --raw \/readyz$/,
    ),
  ]);
  const preview = await register(() => check("policy", failing), { preview: true });
  expect(preview.result).toMatchObject({
    issues: [],
    unchecked: [
      {
        what: [
          'whether it serves MutatingAdmissionPolicy of admissionregistration.k8s.io/v1, which `injection` "policy" needs',
        ],
      },
    ],
  });
});

test("credentials that do not arrive reject a preview too, because the provider would wait for them", async () => {
  const hanging = async (): Promise<never> => {
    throw new CredentialsTimeout("the kubeconfig has no credentials after 30 s");
  };
  const { result } = await register(() => check("policy", hanging), { preview: true });
  expect(result.issues.map(({ because }) => because)).toEqual([
    expect.stringContaining("(the kubeconfig has no credentials after 30 s)"),
  ]);
});

test("the cluster is read in mode policy only, unless the policy is deployed already", async () => {
  const type = "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy";
  const nothing = { issues: [], unchecked: [] };
  for (const injection of ["namespace", "off"] as const) {
    expect(await check(injection, failing)).toEqual(nothing);
  }
  expect(await check("policy", failing, { urn: { type, outputs: {} } })).toEqual(nothing);
  await expect(check("policy", answering)).rejects.toThrow();
});
