import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
  LinkerdViz,
  VizAccess,
  type VizAccessArgs,
  type VizAccessSettings,
} from "../../../components/index.ts";
import { outputValue, register } from "../../support/mocks.ts";

const SERVER = "kubernetes:policy.linkerd.io/v1beta3:Server";
const INGRESS = "kubernetes:networking.k8s.io/v1:Ingress";

const traefik = { serviceAccount: "traefik", namespace: "edge" };
const host = "viz.example.com";

/** Registers the access, with the given settings. */
const create = (vizAccess?: VizAccessSettings, args: Partial<VizAccessArgs> = {}) =>
  register(() => new VizAccess("a", { namespace: "linkerd-viz", vizAccess, ...args }));

describe("the lock inside the cluster", () => {
  test.each<[what: string, settings: VizAccessSettings | undefined, accessPolicy: string]>([
    ["without settings, nobody but loopback reaches the dashboard", undefined, "deny"],
    ["without callers, nobody but loopback reaches the dashboard", { restrictPrivileges: true }, "deny"],
    [
      "the dashboard is open to everyone only if the settings say so",
      { allowFrom: "all" },
      "all-unauthenticated",
    ],
  ])("%s", async (_, settings, accessPolicy) => {
    const { resources, find } = await create(settings);
    expect(resources.map(({ name }) => name)).toEqual(["a", "a-server"]);
    expect(find("a-server")).toMatchObject({
      type: SERVER,
      parent: "a",
      inputs: {
        metadata: { name: "viz-access", namespace: "linkerd-viz" },
        spec: {
          podSelector: { matchLabels: { "linkerd.io/extension": "viz", component: "web" } },
          port: "http",
          proxyProtocol: "HTTP/1",
          accessPolicy,
        },
      },
    });
  });

  test("callers are authorized by the identities of their ServiceAccounts, and nobody else is", async () => {
    const { resources, find } = await create({
      allowFrom: [traefik, { serviceAccount: pulumi.output("probe"), namespace: "tools" }],
    });
    expect(resources.map(({ name }) => name).sort()).toEqual(["a", "a-callers", "a-policy", "a-server"]);
    expect(find("a-server").inputs.spec.accessPolicy).toBe("deny");
    expect(find("a-callers").inputs.spec).toEqual({
      identityRefs: [
        { kind: "ServiceAccount", name: "traefik", namespace: "edge" },
        { kind: "ServiceAccount", name: "probe", namespace: "tools" },
      ],
    });
    expect(find("a-policy").inputs.spec).toEqual({
      targetRef: { group: "policy.linkerd.io", kind: "Server", name: "viz-access" },
      requiredAuthenticationRefs: [
        { group: "policy.linkerd.io", kind: "MeshTLSAuthentication", name: "viz-access" },
      ],
    });
  });
});

/** The key that marks a secret value on its way to the engine (@pulumi/pulumi, runtime/rpc.js, `specialSigKey`). */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

const hash = "$2a$10$hash of a-password";

describe("basic authentication", () => {
  test.each<
    [
      controller: "traefik" | "f5-nginx" | "haproxy" | "ingress-nginx",
      secret: { type: string; stringData: Record<string, string> },
      annotations: Record<string, string>,
    ]
  >([
    [
      "traefik",
      { type: "Opaque", stringData: { users: `viz:${hash}` } },
      {
        "traefik.ingress.kubernetes.io/router.middlewares": "linkerd-viz-viz-access@kubernetescrd",
        "traefik.ingress.kubernetes.io/router.tls": "true",
      },
    ],
    [
      "f5-nginx",
      { type: "nginx.org/htpasswd", stringData: { htpasswd: `viz:${hash}` } },
      {
        "nginx.org/basic-auth-secret": "a-secret-generated",
        "nginx.org/basic-auth-realm": "linkerd-viz",
        "nginx.org/websocket-services": "web",
        "ingress.kubernetes.io/ssl-redirect": "true",
      },
    ],
    [
      "haproxy",
      { type: "Opaque", stringData: { viz: hash } },
      {
        "haproxy.org/auth-type": "basic-auth",
        "haproxy.org/auth-secret": "linkerd-viz/a-secret-generated",
        "haproxy.org/auth-realm": "linkerd-viz",
        "haproxy.org/ssl-redirect": "true",
      },
    ],
    [
      "ingress-nginx",
      { type: "Opaque", stringData: { auth: `viz:${hash}` } },
      {
        "nginx.ingress.kubernetes.io/auth-type": "basic",
        "nginx.ingress.kubernetes.io/auth-secret": "a-secret-generated",
        "nginx.ingress.kubernetes.io/auth-realm": "linkerd-viz",
        "nginx.ingress.kubernetes.io/ssl-redirect": "true",
      },
    ],
  ])(
    "%s finds the hash where it reads it, and its annotations require the password and TLS",
    async (controller, secret, annotations) => {
      const { find, resources, result } = await create({
        allowFrom: [traefik],
        host,
        ingress: { controller, className: "public", tlsSecret: "viz-tls", annotations: { team: "mesh" } },
      });
      const { stringData, ...inputs } = find("a-secret").inputs;
      expect(inputs).toMatchObject({
        metadata: { namespace: "linkerd-viz" },
        type: secret.type,
      });
      expect(stringData).toEqual({ [SECRET_MARK]: expect.any(String), value: secret.stringData });
      expect(find("a-ingress")).toMatchObject({ type: INGRESS, parent: "a" });
      expect(find("a-ingress").dependsOn).toContain("a-secret");
      const { metadata, spec } = find("a-ingress").inputs;
      const { "pulumi.com/patchForce": force, "pulumi.com/skipAwait": skip, ...rest } = metadata.annotations;
      expect({ force, skip }).toEqual({ force: "true", skip: "true" });
      expect(rest).toEqual({ ...annotations, team: "mesh" });
      expect(spec).toEqual({
        ingressClassName: "public",
        rules: [
          {
            host,
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: "web", port: { number: 8084 } } },
                },
              ],
            },
          },
        ],
        tls: [{ hosts: [host], secretName: "viz-tls" }],
      });
      expect(resources.some(({ type }) => type.endsWith(":Middleware"))).toBe(controller === "traefik");
      expect(await outputValue(result.url ?? pulumi.output(""))).toBe("https://viz.example.com/");
      expect(await outputValue(result.user ?? pulumi.output(""))).toBe("viz");
      expect(await outputValue(result.password ?? pulumi.output(""))).toBe("password of a-password");
    },
  );

  test("the password is short enough for bcrypt, which ignores what follows the 72nd byte", async () => {
    const { find } = await create({
      allowFrom: [traefik],
      host,
      insecure: true,
      ingress: { controller: "haproxy" },
    });
    const { length, special } = find("a-password").inputs;
    expect(length).toBeGreaterThanOrEqual(24);
    expect(length).toBeLessThanOrEqual(64);
    expect(special).toBe(false);
  });

  test("Traefik's Middleware names the Secret, and keeps the password from the dashboard", async () => {
    const { find } = await create({
      allowFrom: [traefik],
      host,
      ingress: { controller: "traefik", tlsSecret: "t" },
    });
    expect(find("a-middleware").inputs).toMatchObject({
      apiVersion: "traefik.io/v1alpha1",
      metadata: { name: "viz-access", namespace: "linkerd-viz" },
      spec: { basicAuth: { secret: "a-secret-generated", realm: "linkerd-viz", removeHeader: true } },
    });
    expect(find("a-ingress").dependsOn).toContain("a-middleware");
  });

  test("with auth external, there is no password, and the Ingress has the given annotations", async () => {
    const { resources, find, result } = await create({
      allowFrom: [traefik],
      host,
      auth: "external",
      insecure: true,
      ingress: {
        controller: "traefik",
        annotations: { "traefik.ingress.kubernetes.io/router.middlewares": "sso" },
      },
    });
    expect(resources.map(({ name }) => name).sort()).toEqual([
      "a",
      "a-callers",
      "a-ingress",
      "a-policy",
      "a-server",
    ]);
    expect(find("a-ingress").inputs.metadata.annotations).toMatchObject({
      "traefik.ingress.kubernetes.io/router.middlewares": "sso",
    });
    expect(find("a-ingress").inputs.spec.tls).toBeUndefined();
    expect([result.user, result.password]).toEqual([undefined, undefined]);
    expect(await outputValue(result.url ?? pulumi.output(""))).toBe("http://viz.example.com/");
  });
});

test("an HTTPRoute leads from the given Gateways to the dashboard, with the given filters", async () => {
  const filter = { type: "ExtensionRef", extensionRef: { group: "g", kind: "Auth", name: "sso" } };
  const { find, resources } = await create({
    allowFrom: [traefik],
    host,
    auth: "external",
    gateway: { parentRefs: [{ name: "public", namespace: "edge", sectionName: "https" }], filters: [filter] },
  });
  expect(find("a-route").inputs).toMatchObject({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    spec: {
      parentRefs: [{ name: "public", namespace: "edge", sectionName: "https" }],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          filters: [filter],
          backendRefs: [{ name: "web", port: 8084 }],
        },
      ],
    },
  });
  expect(resources.some(({ type }) => type === INGRESS)).toBe(false);
});

test("groups may tap the workloads of the given namespaces only", async () => {
  const { resources } = await create(undefined, {
    owner: "o/p/s",
    tap: { viewers: [{ namespace: "shop", groups: ["oidc:shop", "oidc:support"] }] },
  });
  const [binding, role] = resources
    .filter(({ name }) => name === "a-tap-shop")
    .sort((a, b) => (a.type < b.type ? 1 : -1))
    .map(({ inputs }) => inputs);
  expect(role).toMatchObject({
    metadata: {
      name: "linkerd-tap-viewer",
      namespace: "shop",
      annotations: { "linkerd-mesh/stack": "o/p/s" },
    },
    rules: [{ apiGroups: ["tap.linkerd.io"], resources: ["*"], verbs: ["watch"] }],
  });
  expect(binding).toMatchObject({
    metadata: { namespace: "shop" },
    roleRef: { kind: "Role", name: "linkerd-tap-viewer" },
    subjects: [
      { kind: "Group", name: "oidc:shop" },
      { kind: "Group", name: "oidc:support" },
    ],
  });
});

describe("the host", () => {
  const webhook = { caPem: "ca", certPem: "cert", privateKeyPem: "key" };
  const viz = (vizAccess?: VizAccessSettings, clusterDomain?: pulumi.Input<string>) =>
    register(
      () =>
        new LinkerdViz("v", {
          namespace: pulumi.output("mesh-viz"),
          controlPlaneNamespace: "linkerd",
          clusterDomain,
          webhooks: { tap: webhook, tapInjector: webhook },
          vizAccess,
        }),
    );

  test("without a host, the chart's check of Host is kept", async () => {
    const { find } = await viz({ allowFrom: "all" });
    expect(find("v-release").inputs.values.dashboard).toBeUndefined();
  });

  test("a host that is an Output is added to the hosts of the chart", async () => {
    const { find } = await viz(
      { allowFrom: "all", host: pulumi.output(host), auth: "external" },
      pulumi.output("corp.example"),
    );
    expect(find("v-release").inputs.values.dashboard.enforcedHostRegexp).toBe(
      "(?i)^(localhost|127\\.0\\.0\\.1|\\[::1\\]|web\\.mesh-viz\\.svc|web\\.mesh-viz\\.svc\\.corp\\.example|viz\\.example\\.com)(:\\d+)?$",
    );
  });
});
