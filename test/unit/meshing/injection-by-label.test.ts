import { expect, test } from "vitest";
import { InjectionByLabel } from "../../../components/meshing/injection-by-label.ts";
import { outputValue, register } from "../../support/mocks.ts";

const API = "kubernetes:admissionregistration.k8s.io/v1";
const TAKE_OVER = { "pulumi.com/patchForce": "true" };

/** The inputs of the policy that InjectionByLabel registers. */
async function policyInputs() {
  const { find } = await register(() => new InjectionByLabel("label"));
  return find("label-policy", `${API}:MutatingAdmissionPolicy`).inputs;
}

test("InjectionByLabel registers one policy and its binding, and nothing else", async () => {
  const { resources } = await register(() => new InjectionByLabel("label"));
  expect(resources.map(({ type, name, parent }) => [type, name, parent])).toEqual([
    ["linkerd-mesh:injection:InjectionByLabel", "label", ""],
    [`${API}:MutatingAdmissionPolicy`, "label-policy", "label"],
    [`${API}:MutatingAdmissionPolicyBinding`, "label-binding", "label"],
  ]);
});

test("the binding refers to the policy and depends on it", async () => {
  const { find } = await register(() => new InjectionByLabel("label"));
  const binding = find("label-binding");
  expect(binding.dependsOn).toEqual(["label-policy"]);
  expect(binding.inputs).toMatchObject({
    metadata: { name: "linkerd-inject-by-label", annotations: TAKE_OVER },
    spec: { policyName: "linkerd-inject-by-label" },
  });
  // Without a restriction of its own, and so in effect for every pod that the policy selects.
  expect(Object.keys(binding.inputs.spec)).toEqual(["policyName"]);
});

test("the policy and its binding are readable as properties", async () => {
  const { result } = await register(async () => {
    const { policy, binding } = new InjectionByLabel("label");
    return [await outputValue(policy.metadata.name), await outputValue(binding.spec.policyName)];
  });
  expect(result).toEqual(["linkerd-inject-by-label", "linkerd-inject-by-label"]);
});

test("a pod starts even if the policy cannot be evaluated", async () => {
  expect((await policyInputs()).spec.failurePolicy).toBe("Ignore");
});

test("the policy is not evaluated again after other admission plugins change a pod", async () => {
  expect((await policyInputs()).spec.reinvocationPolicy).toBe("Never");
});

test("the policy matches the creation of pods only", async () => {
  expect((await policyInputs()).spec.matchConstraints.resourceRules).toEqual([
    { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
  ]);
});

test("the policy matches only pods that have the inject label, whatever its value", async () => {
  expect((await policyInputs()).spec.matchConstraints.objectSelector).toEqual({
    matchExpressions: [{ key: "linkerd.io/inject", operator: "Exists" }],
  });
});

test("the policy exempts the namespaces that the injector exempts", async () => {
  expect((await policyInputs()).spec.matchConstraints.namespaceSelector).toEqual({
    matchExpressions: [
      { key: "config.linkerd.io/admission-webhooks", operator: "NotIn", values: ["disabled"] },
      { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system", "cert-manager"] },
    ],
  });
});

test("the policy does not match a pod that has the inject annotation", async () => {
  expect((await policyInputs()).spec.matchConditions).toEqual([
    {
      name: "has-no-annotation",
      expression:
        '!has(object.metadata.annotations) || !("linkerd.io/inject" in object.metadata.annotations)',
    },
  ]);
});

test("the policy copies the value of the inject label into the annotation, and changes nothing else", async () => {
  expect((await policyInputs()).spec.mutations).toEqual([
    {
      patchType: "ApplyConfiguration",
      applyConfiguration: {
        expression:
          'Object{metadata: Object.metadata{annotations: {"linkerd.io/inject": object.metadata.labels["linkerd.io/inject"]}}}',
      },
    },
  ]);
});

test("the policy takes over its fields from other field managers", async () => {
  expect((await policyInputs()).metadata).toMatchObject({
    name: "linkerd-inject-by-label",
    annotations: TAKE_OVER,
  });
});
