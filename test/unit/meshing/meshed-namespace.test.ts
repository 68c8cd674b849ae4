import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import type { MeshRef } from "../../../components/meshing/mesh-options.ts";
import { MeshedNamespace, type MeshedNamespaceArgs } from "../../../components/meshing/meshed-namespace.ts";
import type { WrappedResourceOptions } from "../../../components/meshing/wrapped-resource-options.ts";
import { failing, outputValue, type Registered, register } from "../../support/mocks.ts";
import { CONFIG, INJECT } from "./web-workload.ts";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const COMPONENT = "linkerd-mesh:workloads:MeshedNamespace";

/** The resource options of the component and of its Namespace. */
async function optionsOf(given: () => WrappedResourceOptions) {
  const options: Record<string, pulumi.ResourceOptions> = {};
  const { find } = await register(() => {
    const record: pulumi.ResourceTransformation = ({ type, opts }) => {
      options[type] = opts;
      return undefined;
    };
    return new MeshedNamespace("shop", {}, { ...given(), transformations: [record] });
  });
  return { component: options[COMPONENT], namespace: options[NAMESPACE], find };
}

test("a MeshedNamespace has the inject annotation and label, and the mesh options of its pods as annotations", async () => {
  const { find } = await register(
    () => new MeshedNamespace("shop", { metadata: { labels: { team: "shop" } }, mesh: { skipSmtp: true } }),
  );
  expect(find("shop", NAMESPACE)).toMatchObject({
    parent: "shop",
    inputs: {
      metadata: {
        labels: { team: "shop", [INJECT]: "enabled" },
        annotations: {
          [INJECT]: "enabled",
          [`${CONFIG}/skip-outbound-ports`]: "25,465,587,2525,4567,4568",
        },
      },
    },
  });
});

test("a MeshedNamespace adds its ports to those of its mesh, and has no annotation that restarts pods", async () => {
  const ref: MeshRef = {
    linkerdVersion: "edge-26.8.3",
    trustBundleSha256: "ab".repeat(32),
    ports: meshPorts({ skipOutbound: [9092] }),
  };
  const mesh = { ref, skipOutboundPorts: [5671] };
  const { find } = await register(() => new MeshedNamespace("shop", { mesh }));
  expect(find("shop", NAMESPACE).inputs.metadata.annotations).toEqual({
    [INJECT]: "enabled",
    [`${CONFIG}/skip-outbound-ports`]: "25,465,587,2525,4567,4568,5671,9092",
  });
});

test("invalid mesh options of a MeshedNamespace are reported together, and nothing is registered", async () => {
  const { resources, result } = await register(() => {
    try {
      new MeshedNamespace("shop", { mesh: { inject: "yes" as never, opaquePorts: ["http"] } });
    } catch (error) {
      return error as Error;
    }
    return undefined;
  });
  expect(pulumi.RunError.isInstance(result)).toBe(true);
  expect(result?.message).toBe(
    'MeshedNamespace "shop" has 2 invalid arguments:\n' +
      '- mesh.inject: must be one of enabled, ingress, disabled, got "yes".\n' +
      "- mesh.opaquePorts[0]: must be a port, a range of ports, or the name of a container port, " +
      'got "http" (no container port has a name).',
  );
  expect(resources).toEqual([]);
});

test("an invalid value in an Output is reported on the MeshedNamespace when the Output resolves", async () => {
  let reported: Promise<unknown> | undefined;
  const { result } = await register(() => {
    const takeAnnotation: pulumi.ResourceTransformation = ({ type, opts, props }) => {
      if (type !== NAMESPACE) return undefined;
      const { annotations, ...metadata } = props.metadata;
      reported = failing(annotations[`${CONFIG}/skip-inbound-ports`]).catch((error: unknown) => error);
      return { opts, props: { ...props, metadata } };
    };
    const mesh = { skipInboundPorts: [pulumi.output(0)] };
    return new MeshedNamespace("shop", { mesh }, { transformations: [takeAnnotation] });
  });
  const error = (await reported) as pulumi.ResourceError;
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect(error.resource).toBe(result);
  expect(error.message).toContain(
    'MeshedNamespace "shop" has 1 invalid argument:\n- mesh.skipInboundPorts[0]: must be a port from 1 to 65535',
  );
});

/** The registered policy resources by kind, and all inputs of each. */
const policyOf = (resources: Registered[], kind: string) =>
  resources.find(({ inputs }) => inputs?.kind === kind && inputs.apiVersion.startsWith("policy.linkerd.io/"));

test("a MeshedNamespace with scrapedBy lets only those ServiceAccounts call the admin port of its proxies", async () => {
  const namespace = pulumi.output("monitoring");
  const { resources, result } = await register(
    () =>
      new MeshedNamespace("shop", {
        metadata: { name: "shop" },
        scrapedBy: [{ serviceAccount: "prometheus", namespace }, { serviceAccount: "scraper" }],
      }),
  );
  const server = policyOf(resources, "Server");
  const policy = policyOf(resources, "AuthorizationPolicy");
  const authentication = policyOf(resources, "MeshTLSAuthentication");
  const { metadata } = server?.inputs ?? {};
  expect(metadata).toEqual({
    name: "linkerd-mesh-scrapes",
    namespace: "shop",
    annotations: { "pulumi.com/deletionPropagationPolicy": "background" },
  });
  expect(server?.inputs.spec).toEqual({
    podSelector: { matchExpressions: [{ key: "linkerd.io/control-plane-ns", operator: "Exists" }] },
    port: "linkerd-admin",
    proxyProtocol: "HTTP/1",
  });
  expect(policy?.inputs.spec).toEqual({
    targetRef: { group: "policy.linkerd.io", kind: "Server", name: metadata.name },
    requiredAuthenticationRefs: [
      {
        group: "policy.linkerd.io",
        kind: "MeshTLSAuthentication",
        name: authentication?.inputs.metadata.name,
      },
    ],
  });
  expect(authentication?.inputs.spec.identityRefs).toEqual([
    { kind: "ServiceAccount", name: "prometheus", namespace: "monitoring" },
    { kind: "ServiceAccount", name: "scraper" },
  ]);
  for (const resource of [server, policy, authentication]) expect(resource?.parent).toBe("shop");
  expect(Object.keys(result.scrapePolicies ?? {}).sort()).toEqual([
    "authorizationPolicy",
    "meshTlsAuthentication",
    "server",
  ]);
});

test("the Server for scrapes is created after its policy, because it denies all callers without one", async () => {
  const { resources } = await register(
    () => new MeshedNamespace("shop", { scrapedBy: [{ serviceAccount: "prometheus" }] }),
  );
  expect(policyOf(resources, "Server")?.dependsOn).toContain("shop-scrapes");
  expect(policyOf(resources, "AuthorizationPolicy")?.dependsOn).toContain("shop-scrapers");
});

test("a MeshedNamespace without scrapedBy has no policies", async () => {
  const { resources, result } = await register(() => new MeshedNamespace("shop"));
  expect(resources.map(({ name }) => name)).toEqual(["shop", "shop"]);
  expect(result.scrapePolicies).toBeUndefined();
});

test.for<[string, MeshedNamespaceArgs, string]>([
  [
    "an empty list",
    { scrapedBy: [] },
    'scrapedBy: must be a list with at least one ServiceAccount, e.g. [{ serviceAccount: "prometheus" }], got []. Fix: remove scrapedBy',
  ],
  [
    "a name that no ServiceAccount has",
    { scrapedBy: [{ serviceAccount: "system:serviceaccount:monitoring:prometheus" }] },
    'scrapedBy[0].serviceAccount: must be the name of a ServiceAccount, got "system:serviceaccount:monitoring:prometheus".',
  ],
  [
    "a name that no namespace has",
    { scrapedBy: [{ serviceAccount: "prometheus", namespace: "Monitoring" }] },
    'scrapedBy[0].namespace: must be the name of a namespace, got "Monitoring".',
  ],
  [
    "a field that identities do not have",
    { scrapedBy: [{ serviceAccount: "prometheus", name: "prometheus" } as never] },
    "scrapedBy[0].name: unknown field. Known fields: serviceAccount, namespace. Fix: remove scrapedBy[0].name",
  ],
  [
    "a namespace outside the mesh",
    { mesh: { inject: "disabled" }, scrapedBy: [{ serviceAccount: "prometheus" }] },
    "scrapedBy: must be used with a namespace that is meshed, got linkerd.io/inject: disabled. " +
      "Pods without a proxy have no metrics of Linkerd. Fix: remove scrapedBy, or enable injection",
  ],
])("scrapedBy is rejected with %s, and nothing is registered", async ([, args, message]) => {
  const { resources, result } = await register(() => {
    try {
      new MeshedNamespace("shop", args);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  });
  expect(result).toBe(`MeshedNamespace "shop" has 1 invalid argument:\n- ${message}`);
  expect(resources).toEqual([]);
});

test("an invalid ServiceAccount in an Output of scrapedBy is reported when the Output resolves", async () => {
  let reported: Promise<unknown> | undefined;
  await register(() => {
    const takeIdentities: pulumi.ResourceTransformation = ({ props, opts }) => {
      if (props.kind !== "MeshTLSAuthentication") return undefined;
      const [identity] = props.spec.identityRefs;
      reported = failing(identity.name).catch((error: unknown) => error);
      return { opts, props: { ...props, spec: { identityRefs: [] } } };
    };
    const scrapedBy = [{ serviceAccount: pulumi.output("Prometheus") }];
    return new MeshedNamespace("shop", { scrapedBy }, { transformations: [takeIdentities] });
  });
  expect(((await reported) as Error).message).toContain(
    'scrapedBy[0].serviceAccount: must be the name of a ServiceAccount, got "Prometheus".',
  );
});

/** Compiles only if the outputs of the argument are those of a Namespace. */
async function readOutputs(namespace: Pick<k8s.core.v1.Namespace, "id" | "metadata" | "spec" | "status">) {
  return {
    id: await outputValue(namespace.id),
    name: await outputValue(namespace.metadata.name),
    team: await outputValue(namespace.metadata.labels.apply((labels) => labels?.team)),
    finalizers: await outputValue(namespace.spec.finalizers),
    status: await outputValue(namespace.status.apply((status) => status)),
  };
}

test("a MeshedNamespace has the id, metadata, spec and status of a Namespace", async () => {
  const args = {
    metadata: { name: "shop", labels: { team: "shop" } },
    spec: { finalizers: ["kubernetes"] },
  };
  const { result } = await register(async () => [
    await readOutputs(new MeshedNamespace("meshed", args)),
    await readOutputs(new k8s.core.v1.Namespace("plain", args)),
  ]);
  const [meshed, plain] = result;
  expect(meshed).toEqual({ ...plain, id: "meshed-id" });
  expect(meshed).toMatchObject({ name: "shop", team: "shop", finalizers: ["kubernetes"] });
});

test("a MeshedNamespace adopts a plain Namespace by an alias, which the component does not get", async () => {
  const { component, namespace } = await optionsOf(() => ({
    aliases: [{ type: NAMESPACE }, { name: "old" }],
  }));
  expect(component?.aliases).toEqual([{ name: "old" }]);
  expect(namespace?.aliases).toContainEqual({
    type: NAMESPACE,
    name: "shop",
    parent: pulumi.rootStackResource,
  });
});

test("options that require a provider go to the Namespace, and the other options stay on the component", async () => {
  const given = {
    import: "shop",
    ignoreChanges: ["metadata.labels"],
    customTimeouts: { delete: "30m" },
  };
  const { component, namespace } = await optionsOf(() => ({ ...given, protect: true }));
  expect(namespace).toMatchObject(given);
  expect(component).toMatchObject({ protect: true });
  for (const option of Object.keys(given)) expect(component).not.toHaveProperty(option);
});

test("the Namespace depends on the resources in dependsOn", async () => {
  const { find } = await optionsOf(() => ({ dependsOn: [new k8s.core.v1.ConfigMap("first", {})] }));
  expect(find("shop", NAMESPACE)).toMatchObject({ parent: "shop", dependsOn: ["first"] });
});
