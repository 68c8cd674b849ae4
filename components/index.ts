/**
 * The package: the components, and the reference to the mesh of another stack.
 *
 * Every type that an exported declaration names is exported too. A type token such as
 * `linkerd-mesh:certificates:TrustAnchor` is part of the identity of a deployed resource and is recorded in states. It
 * does not name a folder: tokens stay when files move.
 */
export {
  CertManagerAuthorities,
  type CertManagerAuthoritiesArgs,
  type FromCertManager,
} from "./certificates/cert-manager.ts";
export type {
  AnchorAlgorithm,
  AnchorGeneration,
  CertManagerCertificates,
  CommonCertificateOptions,
  ExternalIssuer,
  ExternalWebhooks,
  GeneratedCertificates,
  GeneratedWebhooks,
  MeshCertificates,
  ProvidedCertificates,
  ProvidedPair,
  ProvidedWebhooks,
  ValidityYears,
} from "./certificates/certificate-options.ts";
export type { WebhookSources } from "./certificates/certificate-set.ts";
export { IdentityIssuer, type IdentityIssuerArgs } from "./certificates/identity-issuer.ts";
export type { KeyPair } from "./certificates/key-pair.ts";
export type { CertificateSummary } from "./certificates/report.ts";
export type { AnchorSpec, DeployedAnchor, DeployedTrust } from "./certificates/rotation.ts";
export { TrustAnchor, type TrustAnchorArgs } from "./certificates/trust-anchor.ts";
export {
  type ServingCertificate,
  WebhookCertificates,
  type WebhookCertificatesArgs,
} from "./certificates/webhook-certificates.ts";
export type { WebhookServer } from "./certificates/webhook-servers.ts";
export { readDeployedTrust } from "./deployed/deployed-trust.ts";
export type { MeshedDeploymentArgs, ServiceAccountOptions } from "./deployment/arguments.ts";
export type { AutoscalingOptions } from "./deployment/autoscaling.ts";
export type { DisruptionBudgetOptions } from "./deployment/disruption-budget.ts";
export { MeshedDeployment } from "./deployment/meshed-deployment.ts";
export type { ProbeOptions, ResourceOptions } from "./deployment/pod-spec.ts";
export type { ServiceOptions } from "./deployment/service.ts";
export type { AllowFrom, PortCallers } from "./deployment/traffic/callers.ts";
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
export type { ChartValues } from "./inputs/merge.ts";
export {
  type ErrorFormat,
  type Fix,
  type Path,
  ValidationError,
  type ValidationIssue,
} from "./inputs/validation.ts";
export type { NamespacedIdentity, WorkloadIdentity } from "./inputs/workload-identity.ts";
export { adoptHelmInstall } from "./linkerd/adoption.ts";
export type { ChartCredentials, ChartPin, LinkerdCharts } from "./linkerd/charts/charts.ts";
export { LinkerdCni, type LinkerdCniArgs } from "./linkerd/cni.ts";
export {
  type ControlPlaneSecrets,
  LinkerdControlPlane,
  type LinkerdControlPlaneArgs,
} from "./linkerd/control-plane.ts";
export { LinkerdCrds, type LinkerdCrdsArgs } from "./linkerd/crds.ts";
export {
  type ControlPlaneNamespaceArgs,
  createControlPlaneNamespace,
  type NamespaceOwnership,
} from "./linkerd/namespaces.ts";
export type { ScrapePolicies } from "./linkerd/scrape-policies.ts";
export type { TlsSecret } from "./linkerd/tls-secret.ts";
export type { ExtraValues } from "./linkerd/values/extra-values.ts";
export type { InboundPolicy, InjectionMode, MeshSettings } from "./linkerd/values/mesh-settings.ts";
export type { AlertOptions } from "./linkerd/values/monitoring/alerts.ts";
export type { DashboardCarrier, DashboardOptions } from "./linkerd/values/monitoring/dashboards.ts";
export type { ExternalPrometheus } from "./linkerd/values/monitoring/external-prometheus.ts";
export type { GrafanaOptions } from "./linkerd/values/monitoring/grafana.ts";
export type { MonitoringSettings } from "./linkerd/values/monitoring/monitoring-settings.ts";
export type {
  KeptSamples,
  VizPrometheusOptions,
  VolumeAccessMode,
  VolumeOptions,
} from "./linkerd/values/monitoring/viz-prometheus.ts";
export type { MeshPorts, PortSettings } from "./linkerd/values/ports.ts";
export type { ProxySettings } from "./linkerd/values/proxy.ts";
export type { TapSettings, TapViewer } from "./linkerd/values/viz-access/tap-settings.ts";
export type {
  GatewayParent,
  IngressControllerName,
  VizAccessSettings,
  VizAuth,
  VizGateway,
  VizIngress,
} from "./linkerd/values/viz-access/viz-access-settings.ts";
export { LinkerdViz, type LinkerdVizArgs, type VizSecrets } from "./linkerd/viz.ts";
export { MeshReference } from "./mesh-reference.ts";
export { InjectionByLabel, type InjectionByLabelArgs } from "./meshing/injection-by-label.ts";
export type { MeshOptions, MeshRef, PortItem, PortList, ProxyOptions } from "./meshing/mesh-options.ts";
export { MeshedNamespace, type MeshedNamespaceArgs } from "./meshing/meshed-namespace.ts";
export { meshed, meshTransform, type WorkloadArgs, type WorkloadKind } from "./meshing/workload-kinds.ts";
export type {
  WrappedResourceOptions as MeshedDeploymentOptions,
  WrappedResourceOptions as MeshedNamespaceOptions,
} from "./meshing/wrapped-resource-options.ts";
export type { AlertSummary } from "./monitoring/alerts.ts";
export type { DashboardSummary } from "./monitoring/dashboards.ts";
export { MeshObservability, type MeshObservabilityArgs } from "./monitoring/mesh-observability.ts";
export type { ApiServerAccess, ReaderAccess } from "./monitoring/prometheus-access.ts";
export type { BasicAuth } from "./monitoring/viz-access/basic-auth.ts";
export type { TapPermission } from "./monitoring/viz-access/tap-permissions.ts";
export { VizAccess, type VizAccessArgs } from "./monitoring/viz-access/viz-access.ts";
export type { WebPolicy } from "./monitoring/viz-access/web-policy.ts";
export type { RuleOptions } from "./observability/rules/rule-options.ts";
export { ServiceMesh } from "./service-mesh.ts";
export type { ServiceMeshArgs } from "./service-mesh-args.ts";
