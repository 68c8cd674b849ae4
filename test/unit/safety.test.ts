/**
 * Constants of the mesh on which the safety of a cluster depends. Other tests cover what they are for; these fail if one of
 * them changes.
 */
import { expect, test } from "vitest";
import { ServiceMesh, type ServiceMeshArgs } from "../../components/index.ts";
import { adoptHelmInstall } from "../../components/linkerd/adoption.ts";
import { CONTROL_PLANE_HA } from "../../components/linkerd/values/high-availability.ts";
import { register } from "../support/mocks.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const SECRET = "kubernetes:core/v1:Secret";

async function mesh(args: ServiceMeshArgs = {}) {
  const { resources } = await register(() => new ServiceMesh("m", args));
  return { resources, ofType: (type: string) => resources.filter((resource) => resource.type === type) };
}

test.each<[string, ServiceMeshArgs, string[]]>([
  ["is kept by default", {}, ["m-crds-release"]],
  ["is kept with keepCrds", { keepCrds: true }, ["m-crds-release"]],
  ["is deleted without keepCrds", { keepCrds: false }, []],
])("the release of the CRDs %s, and no other resource is kept", async (_, args, retained) => {
  const { resources } = await mesh({ cni: true, ...args });
  expect(resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name)).toEqual(retained);
});

test("no resource is protected by default, and with `protect` only the anchor that signs and its parts", async () => {
  const isProtected = async (args: ServiceMeshArgs) =>
    (await mesh(args)).resources.filter(({ options }) => options.protect).map(({ name }) => name);
  expect(await isProtected({})).toEqual([]);
  const names = await isProtected({
    certificates: {
      mode: "generated",
      protect: true,
      trustAnchors: [1, 2],
      issuingAnchor: 2,
    },
  });
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !name.includes("trust-anchor-2"))).toEqual([]);
});

test.each<[string, ServiceMeshArgs, Record<string, string>]>([
  ["without the CNI plugin", {}, { linkerd: "privileged", "linkerd-viz": "privileged" }],
  [
    "with the CNI plugin",
    { cni: true },
    { linkerd: "restricted", "linkerd-viz": "restricted", "linkerd-cni": "privileged" },
  ],
])("each namespace of a mesh %s enforces its Pod Security level", async (_, args, levels) => {
  const namespaces = (await mesh(args)).ofType(NAMESPACE).map(({ inputs }) => inputs.metadata);
  const enforced = namespaces.map(({ name, labels }) => [name, labels["pod-security.kubernetes.io/enforce"]]);
  expect(Object.fromEntries(enforced)).toEqual(levels);
});

test("Linkerd's webhooks exempt the namespaces of the control plane and of the CNI plugin, but not that of viz", async () => {
  const namespaces = (await mesh({ cni: true })).ofType(NAMESPACE).map(({ inputs }) => inputs.metadata);
  const exempt = namespaces.filter(
    ({ labels }) => labels["config.linkerd.io/admission-webhooks"] === "disabled",
  );
  expect(exempt.map(({ name }) => name).sort()).toEqual(["linkerd", "linkerd-cni"]);
  expect(namespaces.find(({ name }) => name === "linkerd").annotations["linkerd.io/inject"]).toBe("disabled");
});

test("the label policy does not block pods that it cannot mutate, and exempts the namespaces that the injector exempts", async () => {
  const [policy] = (await mesh()).ofType(
    "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy",
  );
  expect(policy?.inputs.spec).toMatchObject({
    failurePolicy: "Ignore",
    matchConstraints: {
      namespaceSelector: {
        matchExpressions: [
          { key: "config.linkerd.io/admission-webhooks", operator: "NotIn", values: ["disabled"] },
          { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system", "cert-manager"] },
        ],
      },
    },
  });
});

test("the webhooks block pods that they cannot inject with high availability only", async () => {
  expect(CONTROL_PLANE_HA.webhookFailurePolicy).toBe("Fail");
  const failurePolicies = async (highAvailability: boolean) =>
    (await mesh({ highAvailability }))
      .ofType(RELEASE)
      .filter(({ inputs }) => inputs.name === "linkerd-control-plane")
      .map(({ inputs }) => inputs.values.webhookFailurePolicy);
  expect(await failurePolicies(true)).toEqual(["Fail"]);
  expect(await failurePolicies(false)).toEqual([undefined]);
});

test("every release keeps 5 revisions and has 10 minutes, and is neither forced nor skipped", async () => {
  const releases = (await mesh({ cni: true })).ofType(RELEASE);
  expect(releases).toHaveLength(4);
  for (const { inputs } of releases) {
    expect(inputs).toMatchObject({ maxHistory: 5, timeout: 600 });
    expect(inputs.forceUpdate ?? inputs.skipAwait ?? inputs.atomic).toBeUndefined();
  }
});

test("an adopted Secret is kept by Helm, which would delete it with the release that it belonged to", async () => {
  const secrets = (await mesh()).ofType(SECRET);
  expect(secrets.length).toBeGreaterThan(0);
  for (const { name, type, inputs } of secrets) {
    const adopted = await adoptHelmInstall({ custom: true, type, name, props: inputs, opts: {} });
    expect(adopted?.props.metadata.annotations).toMatchObject({
      "helm.sh/resource-policy": "keep",
      "pulumi.com/patchForce": "true",
    });
    expect(adopted?.opts).toEqual({});
  }
});

test("a Secret that is not adopted takes over no field of another installation, and its type is never changed", async () => {
  const secrets = (await mesh()).ofType(SECRET);
  expect(secrets.length).toBeGreaterThan(0);
  for (const { inputs, options } of secrets) {
    expect(inputs.metadata.annotations ?? {}).not.toHaveProperty(["pulumi.com/patchForce"]);
    expect(options.ignoreChanges).toEqual(["type"]);
  }
});
