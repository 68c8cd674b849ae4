/** What other stacks import. */
export {
  CertManagerAuthorities,
  type CertManagerAuthoritiesArgs,
  type FromCertManager,
} from "./certificates/cert-manager.ts";
export { IdentityIssuer, type IdentityIssuerArgs } from "./certificates/identity-issuer.ts";
export type { KeyPair } from "./certificates/key-pair.ts";
export type {
  AnchorAlgorithm,
  AnchorGeneration,
  CertManagerCertificates,
  GeneratedCertificates,
  MeshCertificates,
  ProvidedCertificates,
  ProvidedPair,
  ValidityYears,
} from "./certificates/modes.ts";
export type { CertificateSummary } from "./certificates/report.ts";
export type { DeployedTrust } from "./certificates/rotation.ts";
export { TrustAnchor, type TrustAnchorArgs } from "./certificates/trust-anchor.ts";
export {
  type ServingCertificate,
  WebhookCertificates,
  type WebhookCertificatesArgs,
} from "./certificates/webhook-certificates.ts";
export { InjectionByLabel } from "./injection-by-label.ts";
export { adoptHelmInstall } from "./linkerd/adoption.ts";
export type { ChartPin, LinkerdCharts } from "./linkerd/charts.ts";
export { LinkerdCni, type LinkerdCniArgs } from "./linkerd/cni.ts";
export { LinkerdControlPlane, type LinkerdControlPlaneArgs } from "./linkerd/control-plane.ts";
export { LinkerdCrds, type LinkerdCrdsArgs } from "./linkerd/crds.ts";
export type { ExtraValues } from "./linkerd/extra-values.ts";
export type { MeshSettings } from "./linkerd/mesh-settings.ts";
export { MeshSettingsError, type SettingMistake } from "./linkerd/mistakes.ts";
export type { MeshPorts, PortSettings } from "./linkerd/ports.ts";
export type { ProxySettings } from "./linkerd/proxy.ts";
export { LinkerdViz, type LinkerdVizArgs } from "./linkerd/viz.ts";
export { MeshedDeployment } from "./meshed-deployment.ts";
export { ServiceMesh, type ServiceMeshArgs } from "./service-mesh.ts";
export type { WorkloadIdentity } from "./workloads/access.ts";
export type { AutoscalingOptions } from "./workloads/autoscaling.ts";
export type { MeshedDeploymentArgs, ServiceAccountOptions } from "./workloads/deployment-args.ts";
export type { DisruptionBudgetOptions } from "./workloads/disruption-budget.ts";
export type { MeshInfo, MeshIntent, PortItem, PortList, ProxyIntent } from "./workloads/intent.ts";
export { meshed, meshTransform, type WorkloadArgs, type WorkloadKind } from "./workloads/kinds.ts";
export { MeshedNamespace, type MeshedNamespaceArgs } from "./workloads/meshed-namespace.ts";
export type { ProbeOptions, ResourceOptions } from "./workloads/pod-spec.ts";
export type { RetryOptions, ServiceOptions, TimeoutOptions } from "./workloads/service.ts";
export type {
  StandInOptions as MeshedDeploymentOptions,
  StandInOptions as MeshedNamespaceOptions,
} from "./workloads/stand-in-options.ts";
