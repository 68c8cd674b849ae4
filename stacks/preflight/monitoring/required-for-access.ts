/** Pure: the objects that access to viz needs, and that someone else creates. */
import type { DeployedState } from "../../../components/deployed/deployed-state.ts";
import { vizAuth } from "../../../components/linkerd/values/viz-access/viz-access-settings.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { definitionOf, hasType, isUsed, type RequiredObject } from "./required-objects.ts";

/** The settings that decide which objects are needed. */
export type AccessSettings = Pick<Settings, "viz" | "vizAccess" | "tap" | "installGatewayApi">;

const MIDDLEWARE = "traefik.io/v1alpha1";

/** The objects that must be in the cluster before anything is created, except those that the last deployment used. */
export function requiredForAccess(settings: AccessSettings, state: DeployedState): RequiredObject[] {
  if (!settings.viz) return [];
  return [
    ...middlewareKind(settings, state),
    ...routeKind(settings, state),
    ...tappedNamespaces(settings, state),
  ];
}

function middlewareKind({ vizAccess }: AccessSettings, state: DeployedState): RequiredObject[] {
  const isNeeded = vizAccess.ingress?.controller === "traefik" && vizAuth(vizAccess) === "basic";
  if (!isNeeded || hasType(state, `kubernetes:${MIDDLEWARE}:Middleware`)) return [];
  return [
    definitionOf("middlewares.traefik.io", {
      path: ["vizAccess", "ingress", "controller"],
      reason: "must not be traefik without Traefik's CRDs",
      got: '"traefik"',
      because: `The cluster does not serve Middleware of ${MIDDLEWARE}, with which Traefik requires the password`,
      fixes: [
        { kind: "instruction", text: "install Traefik with its CRDs first" },
        { kind: "set", path: ["vizAccess", "auth"], value: "external" },
      ],
    }),
  ];
}

function routeKind({ vizAccess, installGatewayApi }: AccessSettings, state: DeployedState): RequiredObject[] {
  const isNeeded = vizAccess.gateway !== undefined && !installGatewayApi;
  if (!isNeeded || hasType(state, "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute")) return [];
  return [
    definitionOf("httproutes.gateway.networking.k8s.io", {
      path: ["vizAccess", "gateway"],
      reason: "must not be set without the Gateway API",
      because: "The cluster does not serve HTTPRoute of gateway.networking.k8s.io/v1",
      fixes: [{ kind: "set", path: ["installGatewayApi"], value: true }, { kind: "remove" }],
    }),
  ];
}

function tappedNamespaces({ tap }: AccessSettings, state: DeployedState): RequiredObject[] {
  return (tap.viewers ?? [])
    .map(({ namespace }, index) => ({ namespace, index }))
    .filter(({ namespace }) => !isUsed(state, namespace))
    .map(({ namespace, index }) => ({
      apiVersion: "v1",
      kind: "Namespace",
      name: namespace,
      issue: {
        path: ["tap", "viewers", index, "namespace"],
        reason: "must be a namespace of the cluster",
        got: JSON.stringify(namespace),
        because: "The program creates only the namespaces of the mesh",
        fixes: [{ kind: "change" }, { kind: "command", text: `kubectl create namespace ${namespace}` }],
      },
    }));
}
