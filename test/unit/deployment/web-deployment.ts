/** A Deployment named web with four ports and two containers, and the ways in which tests of its options create it. */
import type * as k8s from "@pulumi/kubernetes";
import { expect } from "vitest";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { type Registered, register } from "../../support/mocks.ts";

/** Types of the children. */
export const TYPES = {
  deployment: "kubernetes:apps/v1:Deployment",
  service: "kubernetes:core/v1:Service",
  serviceAccount: "kubernetes:core/v1:ServiceAccount",
  disruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
  autoscaler: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  server: "kubernetes:policy.linkerd.io/v1beta3:Server",
  authorizationPolicy: "kubernetes:policy.linkerd.io/v1alpha1:AuthorizationPolicy",
  meshTlsAuthentication: "kubernetes:policy.linkerd.io/v1alpha1:MeshTLSAuthentication",
  grpcRoute: "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute",
} as const;

export const selector = { matchLabels: { app: "web" } };

export const ports = [
  { name: "http", containerPort: 8080 },
  { name: "grpc-api", containerPort: 9000 },
  { containerPort: 5432 },
  { name: "dns", containerPort: 53, protocol: "UDP" },
];

/** The only caller in most tests of `allowFrom`. */
export const allowFrom = [{ serviceAccount: "worker" }];

/** The spec, with other fields of the pod, of its first container, and of the spec itself. */
// biome-ignore lint/suspicious/noExplicitAny: specs of every shape
export function specWith(podSpec: any = {}, container: any = {}, rest: any = {}) {
  const containers = [
    { name: "web", image: "web:1", ports, ...container },
    { name: "log", image: "log:1" },
  ];
  return {
    replicas: 3,
    selector,
    template: { metadata: { labels: { app: "web" } }, spec: { containers, ...podSpec } },
    ...rest,
  };
}

/** The spec with annotations on its pod template. */
export function specWithAnnotations(annotations: Record<string, string>) {
  const spec = specWith();
  return { ...spec, template: { ...spec.template, metadata: { labels: { app: "web" }, annotations } } };
}

/** The spec without `replicas`. */
export function specWithoutReplicas() {
  const { replicas: _, ...spec } = specWith();
  return spec;
}

/** Arguments that enable every child: 3 Servers, 3 AuthorizationPolicies, and one of each other type. */
export const allOptions: MeshedDeploymentArgs = {
  spec: specWith(),
  service: true,
  serviceAccount: true,
  disruptionBudget: true,
  resources: true,
  autoscaling: { min: 2, max: 3 },
  allowFrom,
  retries: { grpc: ["unavailable"] },
};

/** Creates a MeshedDeployment named web and returns what it registers, and the spec of its pods. */
export async function create(args: MeshedDeploymentArgs) {
  const { resources, find, result } = await register(() => new MeshedDeployment("web", args));
  const pod = find("web", TYPES.deployment).inputs.spec.template.spec;
  return { resources, find, web: result, pod };
}

/** The Service of a MeshedDeployment. */
export async function createService(args: Partial<MeshedDeploymentArgs>) {
  const { find } = await create({ spec: specWith(), service: true, ...args });
  return find("web", TYPES.service).inputs as k8s.types.input.core.v1.Service & {
    metadata: { name: string; annotations: Record<string, string>; labels?: Record<string, string> };
    // biome-ignore lint/suspicious/noExplicitAny: the inputs as they reach the engine
    spec: any;
  };
}

/** The resources of one type. */
export function ofType(resources: readonly Registered[], type: string): Registered[] {
  return resources.filter((resource) => resource.type === type);
}

/** Expects an error with this issue, before anything is registered. `args` replace the default ones, without types. */
export async function expectIssue(args: object, issue: string): Promise<void> {
  const { resources, result } = await register(() => {
    try {
      new MeshedDeployment("web", { spec: specWith(), ...args });
    } catch (error) {
      return (error as Error).message;
    }
    return "no error";
  });
  expect(result).toMatch(/^MeshedDeployment "web" has \d+ invalid arguments?:\n- /);
  expect(result.split("\n- ").slice(1)).toContainEqual(expect.stringContaining(issue));
  expect(resources).toEqual([]);
}
