import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { runAs } from "../../../components/deployment/service-account.ts";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { failing } from "../../support/mocks.ts";
import { create, expectIssue, specWith, TYPES } from "./web-deployment.ts";

test("the pods run as a ServiceAccount whose token is not mounted by default", async () => {
  const { find, pod } = await create({
    metadata: { name: "w", namespace: "shop" },
    spec: specWith(),
    serviceAccount: true,
  });
  expect(find("web", TYPES.serviceAccount)).toMatchObject({
    parent: "web",
    inputs: { metadata: { name: "w", namespace: "shop" }, automountServiceAccountToken: false },
  });
  expect(pod.serviceAccountName).toBe("w");
  expect(find("web", TYPES.deployment).dependsOn).toEqual(["web"]);
});

test("`automountToken` mounts the token of the ServiceAccount", async () => {
  const { find } = await create({ spec: specWith(), serviceAccount: { automountToken: true } });
  expect(find("web", TYPES.serviceAccount).inputs.automountServiceAccountToken).toBe(true);
});

test("the pods run as the ServiceAccount if the name in the spec is an Output without a value", async () => {
  const serviceAccountName = pulumi.output<string | undefined>(undefined);
  const { pod } = await create({ spec: specWith({ serviceAccountName }), serviceAccount: true });
  expect(pod.serviceAccountName).toBe("web");
});

test("an empty name of a ServiceAccount in the spec does not count as a name", async () => {
  const { pod } = await create({ spec: specWith({ serviceAccountName: "" }), serviceAccount: true });
  expect(pod.serviceAccountName).toBe("web");
});

const issue =
  'serviceAccount: must not be set together with spec.template.spec.serviceAccountName, got serviceAccountName "till". ' +
  "Fix: remove serviceAccount, or remove serviceAccountName from the spec";

test.each(["serviceAccountName", "serviceAccount"])(
  "a ServiceAccount is rejected if the spec names another in `%s`",
  (field) => expectIssue({ spec: specWith({ [field]: "till" }), serviceAccount: true }, issue),
);

test.each<[string, k8s.apps.v1.DeploymentArgs["spec"], string[]]>([
  [
    "the name",
    specWith({ serviceAccountName: pulumi.output("till") }),
    ["template", "spec", "serviceAccountName"],
  ],
  ["the spec", pulumi.output(specWith({ serviceAccountName: "till" })), []],
])("another ServiceAccount in the spec is reported when %s resolves", async (_, spec, path) => {
  const issues = new IssueCollector("it");
  issues.assertValid();
  const args = runAs({ spec }, pulumi.output("web"), issues);
  await expect(failing(peekPath(args.spec, ...path))).rejects.toThrow(issue);
});

test("an unknown field of the ServiceAccount is rejected", () =>
  expectIssue(
    { serviceAccount: { token: true } },
    "serviceAccount.token: unknown field. Known fields: automountToken.",
  ));
