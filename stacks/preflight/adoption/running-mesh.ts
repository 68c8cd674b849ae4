/** A mesh that Helm installed, as far as adoption compares it with the settings. It contains no private key. */
import type { WebhookServer } from "../../../components/certificates/webhook-servers.ts";
import type { MeshPorts } from "../../../components/linkerd/values/ports.ts";
import type { InstalledPrometheus } from "../monitoring/viz-prometheus.ts";
import type { ChartVersions } from "../upgrade-report.ts";

/** Who creates an object and changes it back. */
export interface Manager {
  /** `helm`: the object belongs to a release, which deletes it when the chart no longer renders it. */
  readonly kind: "helm" | "other";
  /** As messages name it, e.g. `cert-manager (Certificate linkerd-identity-issuer)`. */
  readonly name: string;
}

/** The ConfigMap that every proxy reads its trust anchors from. */
export interface RunningBundle {
  /** PEM. */
  readonly pem: string;
  readonly manager: Manager | undefined;
}

/** The Secret `linkerd-identity-issuer`. */
export interface RunningIssuer {
  /** Names of its entries, e.g. `tls.crt`. */
  readonly entries: readonly string[];
  /** The issuer's certificate, PEM. */
  readonly certPem: string | undefined;
  readonly manager: Manager | undefined;
}

/** The Secret of a webhook server, and the CA that the API server verifies it with. */
export interface RunningWebhook {
  /** `undefined` if the Secret does not exist. */
  readonly secret: { readonly manager: Manager | undefined } | undefined;
  /** PEM. Empty if the API server has no CA. */
  readonly caPem: string;
  /** The Certificate whose CA cert-manager injects, as `<namespace>/<name>`. */
  readonly injectCaFrom: string | undefined;
  /** Whether cert-manager injects a CA, from a Certificate or from a Secret. */
  readonly isCaInjected: boolean;
}

/** The values of the control plane's release. A value that the chart does not have is `undefined`. */
export interface RunningConfig {
  readonly trustDomain: string | undefined;
  readonly clusterDomain: string | undefined;
  readonly clusterNetworks: readonly string[];
  readonly cni: boolean;
  readonly defaultInboundPolicy: string | undefined;
  readonly ports: MeshPorts;
}

/** A running mesh. What could not be read is `undefined`, and is not compared. */
export interface RunningMesh {
  /** Versions of the installed charts. */
  readonly versions: ChartVersions;
  /** From the ConfigMap `linkerd-config`. */
  readonly config: RunningConfig | undefined;
  readonly bundle: RunningBundle | undefined;
  readonly issuer: RunningIssuer | undefined;
  /** viz's own Prometheus; absent without one. */
  readonly prometheus?: InstalledPrometheus | undefined;
  /** The servers of the installed charts. */
  readonly webhooks: { readonly [server in WebhookServer]?: RunningWebhook };
}
