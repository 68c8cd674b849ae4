/** A workload with every kind of child. */
import type { DeploymentTransforms, MeshedDeploymentArgs } from "../../../components/index.ts";

/** The kinds of children, by the names of their transforms, with their types. */
export const CHILD_TYPES: Readonly<Record<keyof DeploymentTransforms, string>> = {
  deployment: "kubernetes:apps/v1:Deployment",
  service: "kubernetes:core/v1:Service",
  serviceAccount: "kubernetes:core/v1:ServiceAccount",
  disruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
  autoscaler: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  server: "kubernetes:policy.linkerd.io/v1beta3:Server",
  authorizationPolicy: "kubernetes:policy.linkerd.io/v1alpha1:AuthorizationPolicy",
  meshTlsAuthentication: "kubernetes:policy.linkerd.io/v1alpha1:MeshTLSAuthentication",
  grpcRoute: "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute",
};

export const CHILD_KINDS = Object.keys(CHILD_TYPES) as (keyof DeploymentTransforms)[];

/** A Deployment with the ports `http` and `grpc`. */
export const deploymentArgs = {
  metadata: { name: "shop-web", namespace: "shop", labels: { team: "shop", tier: "front" } },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "web:1",
            ports: [
              { name: "http", containerPort: 8080 },
              { name: "grpc", containerPort: 9000 },
            ],
          },
        ],
      },
    },
  },
};

/** {@link deploymentArgs} with every companion: one child of each kind, and two that `allowFrom` creates for each port. */
export const completeArgs: MeshedDeploymentArgs = {
  ...deploymentArgs,
  service: true,
  serviceAccount: true,
  disruptionBudget: true,
  autoscaling: { min: 2, max: 10 },
  resources: true,
  allowFrom: [{ serviceAccount: "caller" }],
  retries: { grpc: ["unavailable"] },
};
