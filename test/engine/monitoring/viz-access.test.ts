/** Who may reach viz's dashboard, and who may tap: the objects in the API server, and the password from outside. */
import type {
  KubernetesObject,
  V1ClusterRoleBinding,
  V1CustomResourceDefinition,
  V1Deployment,
  V1Ingress,
  V1Namespace,
  V1Secret,
  V1SubjectAccessReview,
} from "@kubernetes/client-node";
import type { Stack, UpResult } from "@pulumi/pulumi/automation/index.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, inventory, list, read, secretText } from "../../support/cluster.ts";
import { matchInGo } from "../../support/go-regexp.ts";
import { isAcceptedByHtpasswd, startHaproxy, startNginx } from "../../support/password-checks.ts";
import { changes, openMesh, stateOf, stepsOf } from "../../support/stack.ts";

const POLICY = "policy.linkerd.io";
const VIZ = "linkerd-viz";
const HOST = "viz.example.com";
const allowFrom = [{ serviceAccount: "traefik", namespace: "edge" }];
const VIZ_ACCESS = {
  allowFrom,
  host: HOST,
  user: "operator",
  ingress: {
    controller: "traefik",
    className: "public",
    tlsSecret: "viz-tls",
    annotations: { "cert-manager.io/cluster-issuer": "public" },
  },
};

interface Policy extends KubernetesObject {
  spec: Record<string, unknown>;
}

/** Traefik's CRD with the fields of basicAuth (traefik, Middleware of traefik.io/v1alpha1). Others would be lost. */
const MIDDLEWARES: V1CustomResourceDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "middlewares.traefik.io" },
  spec: {
    group: "traefik.io",
    scope: "Namespaced",
    names: { kind: "Middleware", plural: "middlewares", singular: "middleware" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  basicAuth: {
                    type: "object",
                    properties: {
                      secret: { type: "string" },
                      realm: { type: "string" },
                      removeHeader: { type: "boolean" },
                      headerField: { type: "string" },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};
const SHOP: V1Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };

const policy = (version: string, kind: string) =>
  read<Policy>(`${POLICY}/${version}`, kind, "viz-access", VIZ);
const policies = async (kind: string) =>
  (await list(`${POLICY}/v1alpha1`, kind, VIZ)).map(({ metadata }) => metadata?.name);
const argsOf = async (component: string) => {
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", component, VIZ);
  return spec?.template.spec?.containers.find(({ name }) => name === component)?.args ?? [];
};
const enforcedHost = async () => {
  const flag = "-enforced-host=";
  return (await argsOf("web")).find((arg) => arg.startsWith(flag))?.slice(flag.length) ?? "";
};

/** The name of the Secret with the hash, which is generated. There must be exactly one. */
async function secretName(): Promise<string> {
  const names = (await list<V1Secret>("v1", "Secret", VIZ)).map(({ metadata }) => metadata?.name ?? "");
  const [name = "", ...others] = names.filter((each) => each.startsWith("linkerd-viz-access-secret-"));
  expect(others).toEqual([]);
  return name;
}

/** The objects in the cluster, without those of which each upgrade of viz creates new ones. */
const lastingObjects = async () =>
  (await inventory()).filter((object) => !/^(Pod|ReplicaSet)\/|\/sh\.helm\.release\./.test(object));

let stack: Stack;
let fresh: string[];

/** Runs `up` with these settings. */
async function up(settings: Record<string, unknown>): Promise<UpResult> {
  stack = await openMesh("viz-access", { clusterNetworks: ["127.0.0.0/8"], ...settings });
  return stack.up();
}

beforeAll(async () => {
  await client().create(MIDDLEWARES);
  await client().create(SHOP);
  await up({});
  fresh = await lastingObjects();
});

afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
  await client().delete(SHOP);
  await client().delete(MIDDLEWARES);
});

describe("a mesh with default settings", () => {
  test("the dashboard denies everyone, and no policy authorizes anybody", async () => {
    const { spec } = await policy("v1beta3", "Server");
    expect(spec).toMatchObject({ port: "http", proxyProtocol: "HTTP/1", accessPolicy: "deny" });
    const all = await list<Policy>(`${POLICY}/v1alpha1`, "AuthorizationPolicy");
    expect(all.filter((each) => (each.spec.targetRef as { name?: string }).name === "viz-access")).toEqual(
      [],
    );
    expect(all.length).toBeGreaterThan(0);
  });

  test("the lock selects the dashboard's port and no other port of viz", async () => {
    const { spec } = await policy("v1beta3", "Server");
    const { matchLabels } = spec.podSelector as { matchLabels: Record<string, string> };
    const deployments = await list<V1Deployment>("apps/v1", "Deployment", VIZ);
    const selected = deployments.flatMap(({ metadata, spec: deployment }) => {
      const { metadata: pod, spec: template } = deployment?.template ?? {};
      const isSelected = Object.entries(matchLabels).every(([key, value]) => pod?.labels?.[key] === value);
      const ports = (template?.containers ?? []).flatMap(({ ports = [] }) => ports);
      return ports
        .filter(({ name }) => isSelected && name === spec.port)
        .map(({ containerPort }) => [metadata?.name, containerPort]);
    });
    expect(selected).toEqual([["web", 8084]]);
  });

  test("tap does not show the headers that carry credentials", async () => {
    expect(await argsOf("tap")).toContain(
      "-ignore-headers=authorization,proxy-authorization,cookie,set-cookie,x-api-key",
    );
  });

  test("the chart's own check of Host is kept, and there is no URL", async () => {
    expect(await enforcedHost()).toMatch(/^\^\(localhost\|/);
    const { vizUrl, vizUser, vizPassword } = await stack.outputs();
    expect([vizUrl?.value, vizUser?.value, vizPassword?.value]).toEqual([null, null, null]);
  });
});

describe("a dashboard behind Traefik", () => {
  let outputs: UpResult["outputs"];
  let users: string;

  beforeAll(async () => {
    outputs = (await up({ vizAccess: VIZ_ACCESS })).outputs;
    users = await secretText(await secretName(), VIZ, "users");
  });

  test("only the controller's ServiceAccount may call the dashboard", async () => {
    expect((await policy("v1beta3", "Server")).spec.accessPolicy).toBe("deny");
    expect((await policy("v1alpha1", "MeshTLSAuthentication")).spec).toEqual({
      identityRefs: [{ kind: "ServiceAccount", name: "traefik", namespace: "edge" }],
    });
    expect((await policy("v1alpha1", "AuthorizationPolicy")).spec).toEqual({
      targetRef: { group: POLICY, kind: "Server", name: "viz-access" },
      requiredAuthenticationRefs: [{ group: POLICY, kind: "MeshTLSAuthentication", name: "viz-access" }],
    });
  });

  test("the Ingress routes the host with TLS to the dashboard, through the Middleware that requires the password", async () => {
    const ingress = await read<V1Ingress>("networking.k8s.io/v1", "Ingress", "viz-access", VIZ);
    expect(ingress.metadata.annotations).toMatchObject({
      "cert-manager.io/cluster-issuer": "public",
      "traefik.ingress.kubernetes.io/router.middlewares": `${VIZ}-viz-access@kubernetescrd`,
      "traefik.ingress.kubernetes.io/router.tls": "true",
    });
    expect(ingress.spec).toMatchObject({
      ingressClassName: "public",
      tls: [{ hosts: [HOST], secretName: "viz-tls" }],
      rules: [
        { host: HOST, http: { paths: [{ backend: { service: { name: "web", port: { number: 8084 } } } }] } },
      ],
    });
    const middleware = await read<Policy>("traefik.io/v1alpha1", "Middleware", "viz-access", VIZ);
    expect(middleware.spec).toEqual({
      basicAuth: { secret: await secretName(), realm: "linkerd-viz", removeHeader: true },
    });
    // Traefik accepts a Secret with one key only.
    const secret = await read<V1Secret>("v1", "Secret", await secretName(), VIZ);
    expect(Object.keys(secret.data ?? {})).toEqual(["users"]);
  });

  test("the URL and the user are outputs, and the password is a secret output", () => {
    expect(outputs.vizUrl).toEqual({ value: `https://${HOST}/`, secret: false });
    expect(outputs.vizUser).toEqual({ value: "operator", secret: false });
    expect(outputs.vizPassword).toEqual({ value: expect.stringMatching(/^[A-Za-z0-9]{32}$/), secret: true });
  });

  test("neither the password nor its hash is in the state in plain text", () => {
    const state = stateOf("linkerd-mesh", stack.name);
    const hash = users.split(":")[1] ?? "";
    expect(hash).toMatch(/^\$2a\$10\$/);
    for (const secret of [outputs.vizPassword?.value, hash, users]) {
      expect(state).not.toContain(secret);
      expect(state).not.toContain(Buffer.from(secret).toString("base64"));
    }
  });

  test("htpasswd accepts the password for the user in the Secret, and no other password", async () => {
    const password = outputs.vizPassword?.value;
    expect(await isAcceptedByHtpasswd(users, "operator", password)).toBe(true);
    expect(await isAcceptedByHtpasswd(users, "operator", `${password}x`)).toBe(false);
  });

  test("nginx answers 200 to the user with the password, and 401 to everyone else", async () => {
    const password = outputs.vizPassword?.value;
    const server = await startNginx(users);
    try {
      expect(await server.statusFor()).toBe(401);
      expect(await server.statusFor("operator:wrong")).toBe(401);
      expect(await server.statusFor(`viz:${password}`)).toBe(401);
      expect(await server.statusFor(`operator:${password}`)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  test("a second up changes nothing, and keeps the hash", async () => {
    const { summary, outputs: again } = await stack.up();
    expect(changes(summary.resourceChanges)).toEqual({});
    expect(again.vizPassword?.value).toBe(outputs.vizPassword?.value);
    expect(await secretText(await secretName(), VIZ, "users")).toBe(users);
  });

  test("the documented command replaces the password and the Secret, which exists without a gap, and no other resource", async () => {
    const steps = await stepsOf((options) =>
      stack.up({ ...options, replace: ["**::linkerd-viz-access-password"] }),
    );
    const names = (pattern: RegExp) => steps.filter(({ op }) => pattern.test(op)).map(({ name }) => name);
    expect(names(/^create-replacement$/)).toEqual([
      "linkerd-viz-access-password",
      "linkerd-viz-access-secret",
    ]);
    expect(names(/^update$/)).toEqual(["linkerd-viz-access-middleware"]);
    // The former Secret is deleted after the Middleware names the new one.
    const order = steps.map(({ op, name }) => `${op} ${name}`);
    expect(order.indexOf("delete-replaced linkerd-viz-access-secret")).toBeGreaterThan(
      order.indexOf("update linkerd-viz-access-middleware"),
    );
    const { vizPassword } = await stack.outputs();
    expect(vizPassword?.value).not.toBe(outputs.vizPassword?.value);
    const changed = await secretText(await secretName(), VIZ, "users");
    expect(await isAcceptedByHtpasswd(changed, "operator", vizPassword?.value)).toBe(true);
  });

  describe("the check of Host, in Go", () => {
    /** Hosts that the dashboard must accept: those of the chart, and the given one. */
    const hosts = ["localhost", "127.0.0.1", "[::1]", `web.${VIZ}.svc`, `web.${VIZ}.svc.cluster.local`, HOST];

    test("accepts the hosts of the chart and the given one, with and without a port, in any case", async () => {
      const accepted = [...hosts, ...hosts.map((host) => `${host}:50750`)].flatMap((host) => [
        host,
        host.toUpperCase(),
        host.replace(/[a-z]/, (letter) => letter.toUpperCase()),
      ]);
      const matches = await matchInGo(await enforcedHost(), accepted);
      expect(accepted.filter((_, index) => !matches[index])).toEqual([]);
    });

    test("rejects every host that only looks like one of them", async () => {
      const host = fc.constantFrom(...hosts);
      const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
      const letter = fc.stringMatching(/^[a-z0-9-]$/);
      const lookAlike = fc
        .oneof(
          fc.tuple(label, fc.constantFrom("", ".", "-"), host).map((parts) => parts.join("")),
          fc.tuple(host, fc.constantFrom("", ".", "-"), label).map((parts) => parts.join("")),
          // Another character instead of a dot, or of any other.
          fc.tuple(host, fc.nat(), letter).map(([text, at, other]) => {
            const dots = [...text.matchAll(/[.[\]:]/g)].map(({ index }) => index);
            const index = (dots.length > 0 ? dots[at % dots.length] : undefined) ?? at % text.length;
            return text.slice(0, index) + other + text.slice(index + 1);
          }),
          fc
            .tuple(host, fc.constantFrom(":", ":http", ":80:80", "/", "\n", " ", ".", "@evil.org", "%00"))
            .map((parts) => parts.join("")),
          fc.tuple(fc.constantFrom("http://", "a@", " ", "\n", "."), host).map((parts) => parts.join("")),
          fc.constantFrom("", "0.0.0.0", "[::]", `web.default.svc`, "example.com"),
        )
        .filter((text) => !hosts.includes(text.toLowerCase()));
      const rejected = [
        `evil-${HOST}`,
        `${HOST}.evil.org`,
        "vizXexample.com",
        "viz.example.community",
        ...fc.sample(lookAlike, { numRuns: 3000, seed: 15 }),
      ];
      const matches = await matchInGo(await enforcedHost(), rejected);
      expect(rejected.filter((_, index) => matches[index])).toEqual([]);
    });
  });
});

describe("a dashboard behind another controller", () => {
  test("after a change to HAProxy without TLS, the password is the same, and nothing of Traefik is left", async () => {
    const before = (await stack.outputs()).vizPassword?.value;
    const { controller: _, tlsSecret: __, ...ingress } = VIZ_ACCESS.ingress;
    const { outputs } = await up({
      vizAccess: { ...VIZ_ACCESS, insecure: true, ingress: { ...ingress, controller: "haproxy" } },
    });
    expect(outputs.vizPassword?.value).toBe(before);
    expect(outputs.vizUrl?.value).toBe(`http://${HOST}/`);
    const added = (await lastingObjects()).filter((object) => !fresh.includes(object));
    expect(added).toEqual([
      `AuthorizationPolicy/${VIZ}/viz-access`,
      `Ingress/${VIZ}/viz-access`,
      `MeshTLSAuthentication/${VIZ}/viz-access`,
      `Secret/${VIZ}/${await secretName()}`,
    ]);
    const { metadata, spec } = await read<V1Ingress>("networking.k8s.io/v1", "Ingress", "viz-access", VIZ);
    expect(metadata.annotations?.["haproxy.org/auth-secret"]).toBe(`${VIZ}/${await secretName()}`);
    expect(spec?.tls).toBeUndefined();
  });

  test("HAProxy answers 200 to the user with the password, and 401 to everyone else", async () => {
    const password = (await stack.outputs()).vizPassword?.value;
    const server = await startHaproxy({ operator: await secretText(await secretName(), VIZ, "operator") });
    try {
      expect(await server.statusFor()).toBe(401);
      expect(await server.statusFor("operator:wrong")).toBe(401);
      expect(await server.statusFor(`operator:${password}`)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  test("an HTTPRoute leads from a Gateway to the dashboard, with external authentication and no password", async () => {
    const filter = {
      type: "ExtensionRef",
      extensionRef: { group: "auth.example", kind: "Login", name: "sso" },
    };
    const { outputs } = await up({
      vizAccess: {
        allowFrom,
        host: HOST,
        auth: "external",
        restrictPrivileges: true,
        gateway: {
          parentRefs: [{ name: "public", namespace: "edge", sectionName: "https" }],
          filters: [filter],
        },
      },
    });
    const route = await read<Policy>("gateway.networking.k8s.io/v1", "HTTPRoute", "viz-access", VIZ);
    expect(route.spec).toMatchObject({
      parentRefs: [{ name: "public", namespace: "edge", sectionName: "https" }],
      hostnames: [HOST],
      rules: [{ filters: [filter], backendRefs: [{ name: "web", port: 8084 }] }],
    });
    expect([outputs.vizUser?.value, outputs.vizPassword?.value]).toEqual([null, null]);
    const left = (await inventory()).filter((object) => /^(Ingress|Secret)\/.*viz-access/.test(object));
    expect(left).toEqual([]);
  });

  test("with restrictPrivileges, the dashboard may neither tap nor check", async () => {
    const bindings = await list<V1ClusterRoleBinding>("rbac.authorization.k8s.io/v1", "ClusterRoleBinding");
    const ofWeb = bindings.filter(({ subjects = [] }) =>
      subjects.some(({ name, namespace }) => name === "web" && namespace === VIZ),
    );
    expect(ofWeb.map(({ metadata }) => metadata?.name)).toEqual([]);
  });
});

test("allowFrom all opens the dashboard to every pod, and authorizes no identity", async () => {
  await up({ vizAccess: { allowFrom: "all" } });
  expect((await policy("v1beta3", "Server")).spec.accessPolicy).toBe("all-unauthenticated");
  expect(await policies("AuthorizationPolicy")).not.toContain("viz-access");
  expect(await policies("MeshTLSAuthentication")).not.toContain("viz-access");
});

test("the given groups may tap the given namespace, and the given headers are not shown", async () => {
  await up({
    tap: { ignoreHeaders: ["cookie", "x-token"], viewers: [{ namespace: "shop", groups: ["oidc:shop"] }] },
  });
  expect(await argsOf("tap")).toContain("-ignore-headers=cookie,x-token");
  /** The review that tap requests from the API server (linkerd2, pkg/k8s/authz.go). */
  const mayTap = async (namespace: string, group: string) => {
    const review = await client().create<V1SubjectAccessReview>({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: "someone",
        groups: [group],
        resourceAttributes: {
          namespace,
          verb: "watch",
          group: "tap.linkerd.io",
          version: "v1alpha1",
          resource: "deployments",
          subresource: "tap",
          name: "till",
        },
      },
    });
    return review.status?.allowed;
  };
  expect(await mayTap("shop", "oidc:shop")).toBe(true);
  expect(await mayTap("default", "oidc:shop")).toBe(false);
  expect(await mayTap("shop", "oidc:others")).toBe(false);
});

test("without its settings, nothing of access and tap is left in any namespace, and the dashboard is locked", async () => {
  await up({});
  expect(await lastingObjects()).toEqual(fresh);
  expect((await policy("v1beta3", "Server")).spec.accessPolicy).toBe("deny");
});
