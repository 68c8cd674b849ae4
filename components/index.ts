/** What other stacks import. */
export {
  CertManagerAuthorities,
  type CertManagerAuthoritiesArgs,
  type FromCertManager,
} from "./certificates/cert-manager.ts";
export type {
  AnchorAlgorithm,
  AnchorGeneration,
  CertManagerCertificates,
  GeneratedCertificates,
  MeshCertificates,
  ProvidedCertificates,
  ProvidedPair,
  ValidityYears,
} from "./certificates/certificate-options.ts";
export { IdentityIssuer, type IdentityIssuerArgs } from "./certificates/identity-issuer.ts";
export type { KeyPair } from "./certificates/key-pair.ts";
export type { CertificateSummary } from "./certificates/report.ts";
export type { DeployedTrust } from "./certificates/rotation.ts";
export { TrustAnchor, type TrustAnchorArgs } from "./certificates/trust-anchor.ts";
export {
  type ServingCertificate,
  WebhookCertificates,
  type WebhookCertificatesArgs,
} from "./certificates/webhook-certificates.ts";
export type { MeshedDeploymentArgs, ServiceAccountOptions } from "./deployment/arguments.ts";
export type { AutoscalingOptions } from "./deployment/autoscaling.ts";
export type { DisruptionBudgetOptions } from "./deployment/disruption-budget.ts";
export { MeshedDeployment } from "./deployment/meshed-deployment.ts";
export type { ProbeOptions, ResourceOptions } from "./deployment/pod-spec.ts";
export type { ServiceOptions } from "./deployment/service.ts";
export type { WorkloadIdentity } from "./deployment/traffic/authorization.ts";
export type {
  GrpcRetryCode,
  RetryOptions,
  TimeoutOptions,
} from "./deployment/traffic/timeouts-and-retries.ts";
export type {
  AutoscalerChildArgs,
  DeploymentTransforms,
  DisruptionBudgetChildArgs,
  ServiceAccountChildArgs,
  ServiceChildArgs,
  Transform,
  TransformResult,
} from "./deployment/transform.ts";
export { adoptHelmInstall } from "./linkerd/adoption.ts";
export type { ChartPin, LinkerdCharts } from "./linkerd/charts/charts.ts";
export { LinkerdCni, type LinkerdCniArgs } from "./linkerd/cni.ts";
export { LinkerdControlPlane, type LinkerdControlPlaneArgs } from "./linkerd/control-plane.ts";
export { LinkerdCrds, type LinkerdCrdsArgs } from "./linkerd/crds.ts";
export { MeshSettingsError, type SettingMistake } from "./linkerd/mistakes.ts";
export type { ExtraValues } from "./linkerd/values/extra-values.ts";
export type { MeshSettings } from "./linkerd/values/mesh-settings.ts";
export type { MeshPorts, PortSettings } from "./linkerd/values/ports.ts";
export type { ProxySettings } from "./linkerd/values/proxy.ts";
export { LinkerdViz, type LinkerdVizArgs } from "./linkerd/viz.ts";
export { InjectionByLabel } from "./meshing/injection-by-label.ts";
export type { MeshOptions, MeshRef, PortItem, PortList, ProxyOptions } from "./meshing/mesh-options.ts";
export { MeshedNamespace, type MeshedNamespaceArgs } from "./meshing/meshed-namespace.ts";
export { meshed, meshTransform, type WorkloadArgs, type WorkloadKind } from "./meshing/workload-kinds.ts";
export type {
  WrappedResourceOptions as MeshedDeploymentOptions,
  WrappedResourceOptions as MeshedNamespaceOptions,
} from "./meshing/wrapped-resource-options.ts";
export { ServiceMesh, type ServiceMeshArgs } from "./service-mesh.ts";
