/** The ServiceAccount of a workload, and the outputs that other workloads refer to. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { runAs } from "../../../components/deployment/service-account.ts";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { failing, outputValue } from "../../support/mocks.ts";
import { deployInvalid, deployWeb, messageOf, specWith, TYPES } from "./web-deployment.ts";

const TWO_ACCOUNTS =
  "serviceAccount: must not be set together with spec.template.spec.serviceAccountName, " +
  'got serviceAccountName "till". Fix: remove serviceAccount, or remove serviceAccountName from the spec';

test("serviceAccount creates a ServiceAccount whose token is not mounted unless automountToken is set", async () => {
  const { find, pod } = await deployWeb({
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
  const mounted = await deployWeb({ spec: specWith(), serviceAccount: { automountToken: true } });
  expect(mounted.find("web", TYPES.serviceAccount).inputs.automountServiceAccountToken).toBe(true);
});

test("pods run as the created ServiceAccount if the serviceAccountName of the spec resolves to undefined", async () => {
  const serviceAccountName = pulumi.output<string | undefined>(undefined);
  const { pod } = await deployWeb({ spec: specWith({ serviceAccountName }), serviceAccount: true });
  expect(pod.serviceAccountName).toBe("web");
});

test("pods run as the created ServiceAccount if the serviceAccountName of the spec is empty", async () => {
  const { pod } = await deployWeb({ spec: specWith({ serviceAccountName: "" }), serviceAccount: true });
  expect(pod.serviceAccountName).toBe("web");
});

test.each<[string, object]>([
  [
    "serviceAccount is rejected together with serviceAccountName of the spec",
    { spec: specWith({ serviceAccountName: "till" }), serviceAccount: true },
  ],
  [
    "serviceAccount is rejected together with the deprecated field serviceAccount of the spec",
    { spec: specWith({ serviceAccount: "till" }), serviceAccount: true },
  ],
])("%s", async (_, args) => {
  expect(await deployInvalid(args)).toEqual({ message: messageOf(TWO_ACCOUNTS), resources: [] });
});

test.each<[string, k8s.apps.v1.DeploymentArgs["spec"], string[]]>([
  [
    "serviceAccountName of the spec",
    specWith({ serviceAccountName: pulumi.output("till") }),
    ["template", "spec", "serviceAccountName"],
  ],
  ["a spec with serviceAccountName", pulumi.output(specWith({ serviceAccountName: "till" })), []],
])("serviceAccount together with %s in an Output is rejected when it resolves", async (_, spec, path) => {
  const issues = new IssueCollector('MeshedDeployment "web"');
  issues.assertValid();
  const args = runAs({ ...(spec && { spec }) }, pulumi.output("web"), issues);
  await expect(failing(peekPath(args.spec, ...path))).rejects.toThrow(messageOf(TWO_ACCOUNTS));
});

test("the outputs name, namespace, labels and identity are those of the Deployment", async () => {
  const { result } = await deployWeb({
    metadata: { name: "w", namespace: "shop" },
    spec: specWith({ serviceAccountName: "till" }),
  });
  const { name, namespace, labels, identity } = result;
  const values = await outputValue(pulumi.output({ name, namespace, labels, identity }));
  expect(values).toEqual({
    name: "w",
    namespace: "shop",
    labels: { app: "web" },
    identity: { serviceAccount: "till", namespace: "shop" },
  });
});

test.each([
  [{ serviceAccount: "till" }, "till"],
  [{ serviceAccountName: "" }, "default"],
])(
  "the identity of pods with %o is the ServiceAccount that Kubernetes uses: %s",
  async (account, expected) => {
    const { result } = await deployWeb({ spec: specWith(account) });
    expect(await outputValue(result.identity.serviceAccount)).toBe(expected);
  },
);
