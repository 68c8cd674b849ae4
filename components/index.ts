/** What other stacks import. */
export type { CertificateSummary } from "./certificates/certificate.ts";
export { IdentityIssuer, type IdentityIssuerArgs } from "./certificates/identity-issuer.ts";
export type { KeyPair } from "./certificates/key-pair.ts";
export { TrustAnchor, type TrustAnchorArgs } from "./certificates/trust-anchor.ts";
export {
  type ServingCertificate,
  WebhookCertificates,
  type WebhookCertificatesArgs,
} from "./certificates/webhook-certificates.ts";
export { InjectionByLabel } from "./injection-by-label.ts";
export type { LinkerdCharts } from "./linkerd/charts.ts";
export { LinkerdControlPlane, type LinkerdControlPlaneArgs } from "./linkerd/control-plane.ts";
export { LinkerdCrds, type LinkerdCrdsArgs } from "./linkerd/crds.ts";
export { LinkerdViz, type LinkerdVizArgs } from "./linkerd/viz.ts";
export { MeshedDeployment, type MeshedDeploymentArgs } from "./meshed-deployment.ts";
export { ServiceMesh, type ServiceMeshArgs } from "./service-mesh.ts";
