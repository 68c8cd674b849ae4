/** The workload of these tests: a MeshedDeployment `web` whose first container has three TCP ports and one UDP port. */
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { ValidationError } from "../../../components/inputs/validation.ts";
import { type Registered, register } from "../../support/mocks.ts";

/** Type tokens of the resources that a MeshedDeployment creates. */
export const TYPES = {
  deployment: "kubernetes:apps/v1:Deployment",
  service: "kubernetes:core/v1:Service",
  serviceAccount: "kubernetes:core/v1:ServiceAccount",
  budget: "kubernetes:policy/v1:PodDisruptionBudget",
  autoscaler: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  server: "kubernetes:policy.linkerd.io/v1beta3:Server",
  policy: "kubernetes:policy.linkerd.io/v1alpha1:AuthorizationPolicy",
  authentication: "kubernetes:policy.linkerd.io/v1alpha1:MeshTLSAuthentication",
  route: "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute",
};

export const selector = { matchLabels: { app: "web" } };

export const ports = [
  { name: "http", containerPort: 8080 },
  { name: "grpc-api", containerPort: 9000 },
  { containerPort: 5432 },
  { name: "dns", containerPort: 53, protocol: "UDP" },
];

/** The spec, with these fields of the pods and of the first container. */
// biome-ignore lint/suspicious/noExplicitAny: the fields may be Outputs or invalid
export function specWith(podSpec: any = {}, container: any = {}) {
  const containers = [
    { name: "web", image: "web:1", ports, ...container },
    { name: "log", image: "log:1" },
  ];
  return {
    replicas: 3,
    selector,
    template: { metadata: { labels: { app: "web" } }, spec: { containers, ...podSpec } },
  };
}

/** The spec, with these annotations of the pod template. */
export function specWithAnnotations(annotations: Record<string, string>) {
  const spec = specWith();
  return { ...spec, template: { ...spec.template, metadata: { labels: { app: "web" }, annotations } } };
}

/** Creates the MeshedDeployment `web` under mocks. `pod` is the pod spec of its Deployment. */
export async function deployWeb(args: MeshedDeploymentArgs) {
  const { resources, find, result } = await register(() => new MeshedDeployment("web", args));
  return { resources, find, result, pod: find("web", TYPES.deployment).inputs.spec.template.spec };
}

export function ofType(resources: readonly Registered[], type: string): Registered[] {
  return resources.filter((resource) => resource.type === type);
}

/**
 * Creates the MeshedDeployment `web`, with {@link specWith} unless `args` has a `spec`, from arguments that it rejects.
 * Returns the error message, and the resources that were registered nevertheless.
 */
export async function deployInvalid(args: object): Promise<{ message: string; resources: Registered[] }> {
  const { resources, result } = await register(() => {
    try {
      new MeshedDeployment("web", { spec: specWith(), ...args });
    } catch (error) {
      if (error instanceof ValidationError) return error.message;
      throw error;
    }
    return "no error";
  });
  return { message: result, resources };
}

/** The error message of a MeshedDeployment `web` whose arguments have these issues. */
export function messageOf(...issues: readonly string[]): string {
  const header = `MeshedDeployment "web" has ${issues.length} invalid argument${issues.length === 1 ? "" : "s"}:`;
  return [header, ...issues].join("\n- ");
}
