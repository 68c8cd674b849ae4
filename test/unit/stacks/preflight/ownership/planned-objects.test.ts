import { expect, test } from "vitest";
import { ServiceMesh } from "../../../../../components/service-mesh.ts";
import {
  namespaceKey,
  type OwnershipSettings,
  planObjects,
  planWithout,
  releaseKey,
  toKey,
} from "../../../../../stacks/preflight/ownership/planned-objects.ts";
import { type Registered, register } from "../../../../support/mocks.ts";
import { makeIdentity } from "../../../../support/pem.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

const STACK = "organization/linkerd-mesh/test";

/** What the mesh creates in its own namespaces beside charts and Secrets. The check of the namespace covers it. */
const INSIDE = /^kubernetes:(policy\.linkerd\.io\/|monitoring\.coreos\.com\/|core\/v1:ConfigMap$)/;

/** The objects in the cluster that the mesh registers with these settings, by key. */
async function registerObjects(settings: OwnershipSettings): Promise<Map<string, Registered>> {
  const { resources } = await register(() => new ServiceMesh("linkerd", { ...settings, owner: STACK }));
  return new Map(
    resources
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .filter(({ type, inputs }) => {
        const namespace = inputs.metadata?.namespace;
        return !(INSIDE.test(type) && [settings.namespace, settings.vizNamespace].includes(namespace));
      })
      .map((resource) => {
        const { type, inputs } = resource;
        const key = type.endsWith(":Release")
          ? releaseKey(inputs)
          : toKey({ kind: type.split(":").at(-1) ?? "", ...inputs.metadata });
        return [key, resource];
      }),
  );
}

/** The settings with defaults. */
const settingsWith = (settings: Record<string, unknown>) => parseSettings(config(settings));

const { anchor, issuer } = await makeIdentity();
const provided = {
  mode: "provided",
  trustAnchors: anchor.certPem,
  issuer: { certificate: issuer.certPem, key: issuer.keyPem },
};
const certManager = { mode: "certManager" };

test.each<[description: string, settings: Record<string, unknown>]>([
  ["defaults", {}],
  ["a CNI plugin and no viz", { cni: true, viz: false }],
  ["other namespaces", { namespace: "mesh", vizNamespace: "mesh-viz" }],
  ["injection by namespace", { injection: "namespace" }],
  ["dashboards in another namespace", { monitoring: { dashboards: { namespace: "monitoring" } } }],
  [
    "dashboards of Grafana's operator in another namespace, with those for viz's links",
    {
      monitoring: {
        dashboards: { namespace: "monitoring", as: "grafanaDashboard" },
        grafana: { url: "grafana.monitoring:3000" },
      },
    },
  ],
  [
    "the Prometheus Operator",
    { monitoring: { external: { url: "http://prometheus:9090", operator: true } } },
  ],
  ["permissions to tap", { tap: { viewers: [{ namespace: "shop", groups: ["oidc:shop"] }] } }],
  ["no monitoring", { monitoring: { dashboards: false, alerts: false } }],
  ["provided certificates", { certificates: provided }],
  ["certificates of cert-manager", { certificates: certManager }],
  ["cert-manager in another namespace", { certificates: { ...certManager, namespace: "security" } }],
  ["cert-manager without viz", { certificates: certManager, viz: false }],
  [
    "certificates that someone else requests from cert-manager",
    { certificates: { ...certManager, create: false } },
  ],
])("the check of ownership covers every object that a mesh with %s creates", async (_, given) => {
  const settings = settingsWith(given);
  const { namespaces, releases, objects } = planObjects(settings);
  const planned = [
    ...namespaces.map(({ name }) => namespaceKey(name)),
    ...releases.map(releaseKey),
    ...objects.map(toKey),
  ];
  const registered = await registerObjects(settings);
  expect(planned.sort()).toEqual([...registered.keys()].sort());
});

test("every object outside of the mesh's namespaces has the annotation of its stack", async () => {
  for (const certificates of [{ mode: "generated" }, certManager]) {
    const monitoring = { dashboards: { namespace: "monitoring" } };
    const tap = { viewers: [{ namespace: "shop", groups: ["oidc:shop"] }] };
    const settings = settingsWith({ certificates, cni: true, monitoring, tap });
    const { namespaces, releases } = planObjects(settings);
    const own = new Set(namespaces.map(({ name }) => name));
    const registered = await registerObjects(settings);
    for (const release of releases) registered.delete(releaseKey(release));
    for (const [key, { inputs }] of registered) {
      if (own.has(inputs.metadata.namespace)) continue;
      expect(inputs.metadata.annotations?.["linkerd-mesh/stack"], key).toBe(STACK);
    }
  }
});

test("a mesh without an owner has no annotation for it", async () => {
  for (const certificates of [undefined, { mode: "certManager" } as const]) {
    const { resources } = await register(() => new ServiceMesh("linkerd", { cni: true, certificates }));
    expect(JSON.stringify(resources)).not.toContain("linkerd-mesh/stack");
  }
});

test("useExistingNamespaces keeps every namespace of the mesh, and nothing else", async () => {
  const kept = async (useExistingNamespaces: boolean) => {
    const { resources } = await register(
      () => new ServiceMesh("linkerd", { cni: true, keepCrds: false, useExistingNamespaces }),
    );
    return resources.filter(({ options }) => options.retainOnDelete).map(({ name }) => name);
  };
  expect(await kept(false)).toEqual([]);
  expect((await kept(true)).sort()).toEqual([
    "linkerd-cni-namespace",
    "linkerd-namespace",
    "linkerd-viz-namespace",
  ]);
});

test("a plan without the objects of the state is empty once the state has all of them", () => {
  const plan = planObjects(settingsWith({ viz: false }));
  const keys = [
    ...plan.namespaces.map(({ name }) => namespaceKey(name)),
    ...plan.releases.map(releaseKey),
    ...plan.objects.map(toKey),
  ];
  expect(planWithout(plan, new Set())).toEqual(plan);
  expect(planWithout(plan, new Set(keys))).toBeUndefined();
  expect(planWithout(plan, new Set(keys.slice(1)))).toEqual({
    namespaces: plan.namespaces,
    releases: [],
    objects: [],
  });
});
