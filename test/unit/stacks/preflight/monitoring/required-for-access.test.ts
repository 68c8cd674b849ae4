import { expect, test } from "vitest";
import { requiredForAccess } from "../../../../../stacks/preflight/monitoring/required-for-access.ts";
import { formatStackIssue } from "../../../../../stacks/settings/settings-error.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

const allowFrom = [{ serviceAccount: "edge", namespace: "edge" }];
const host = "viz.example.com";
const traefik = { allowFrom, host, ingress: { controller: "traefik", tlsSecret: "t" } };
const gateway = { allowFrom, host, auth: "external", gateway: { parentRefs: [{ name: "public" }] } };
const tap = { viewers: [{ namespace: "shop", groups: ["oidc:shop"] }] };

/** The objects that the settings need, each as `<kind> <name>: <message>`. */
function required(given: Record<string, unknown>, state = {}): string[] {
  const settings = parseSettings(config(given));
  return requiredForAccess(settings, state).map(
    ({ kind, name, issue }) =>
      `${kind} ${name}: ${formatStackIssue(issue, { values: settings, isSecret: () => false })}`,
  );
}

test.each<[what: string, settings: Record<string, unknown>, message: RegExp]>([
  [
    "a password that Traefik requires",
    { vizAccess: traefik },
    /^CustomResourceDefinition middlewares\.traefik\.io: linkerd-mesh:vizAccess\.ingress\.controller: must not be traefik without Traefik's CRDs, got "traefik"\. .* Fix: install Traefik with its CRDs first, or pulumi config set --path vizAccess\.auth external$/,
  ],
  [
    "an HTTPRoute where the mesh does not install the Gateway API",
    { vizAccess: gateway, installGatewayApi: false },
    /^CustomResourceDefinition httproutes\.gateway\.networking\.k8s\.io: linkerd-mesh:vizAccess\.gateway: must not be set .* Fix: pulumi config set installGatewayApi true, or pulumi config rm --path vizAccess\.gateway$/,
  ],
  [
    "permissions to tap a namespace",
    { tap },
    /^Namespace shop: linkerd-mesh:tap\.viewers\[0\]\.namespace: must be a namespace of the cluster, got "shop"\. .* or kubectl create namespace shop$/,
  ],
])("before anything is created, the cluster must have what this needs: %s", (_, settings, message) => {
  expect(required(settings)).toEqual([expect.stringMatching(message)]);
});

test.each<[what: string, settings: Record<string, unknown>, state?: object]>([
  ["nothing", {}],
  ["external authentication with Traefik", { vizAccess: { ...traefik, auth: "external" } }],
  ["another controller", { vizAccess: { ...traefik, ingress: { controller: "haproxy", tlsSecret: "t" } } }],
  ["an HTTPRoute with the Gateway API of the mesh", { vizAccess: gateway }],
  [
    "what the last deployment used",
    { vizAccess: traefik, tap },
    {
      middleware: { type: "kubernetes:traefik.io/v1alpha1:Middleware" },
      role: { outputs: { metadata: { namespace: "shop" } } },
    },
  ],
])("the cluster need not have anything for this: %s", (_, settings, state) => {
  expect(required(settings, state)).toEqual([]);
});
