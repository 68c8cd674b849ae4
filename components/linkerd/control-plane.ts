import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { WebhookCertificates } from "../certificates/webhook-certificates.ts";
import type { LinkerdCharts } from "./charts.ts";
import { CONTROL_PLANE_HA } from "./high-availability.ts";
import { DEFAULT_SKIP_OUTBOUND_PORTS, MAIL_PORTS, unionPorts } from "./ports.ts";
import { installChart } from "./release.ts";
import { externalServingCertificate, tlsSecret } from "./tls-secret.ts";

/** {@link LinkerdControlPlane} */
export interface LinkerdControlPlaneArgs {
  /** Which charts, and where they are. */
  charts: LinkerdCharts;
  /** An existing namespace that bears Linkerd's labels: `ServiceMesh` makes one. */
  namespace: pulumi.Input<string>;
  /** Trust domain of the mesh's identities. @default the cluster domain */
  trustDomain?: pulumi.Input<string> | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: pulumi.Input<string> | undefined;
  /**
   * CIDRs that hold every address of a node, pod or Service; `linkerd check` fails otherwise.
   * @default the chart's: the private ranges of RFC 1918, RFC 6598 and RFC 4193
   */
  clusterNetworks?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Trust anchors, PEM, one or more. Public: every proxy gets them. */
  trustAnchorsPem: pulumi.Input<string>;
  /** The identity issuer: its key goes into the Secret `linkerd-identity-issuer` and nowhere else. */
  issuer: { certPem: pulumi.Input<string>; privateKeyPem: pulumi.Input<string> };
  /** What the API server checks the injector and the two validators against. */
  webhooks: Pick<WebhookCertificates, "proxyInjector" | "profileValidator" | "policyValidator">;
  /** Upstream's `values-ha.yaml`: needs three nodes. @default false */
  highAvailability?: boolean | undefined;
}

/** Linkerd's control plane, chart `linkerd-control-plane`: identity, destination and proxy injector. */
export class LinkerdControlPlane extends pulumi.ComponentResource {
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:linkerd:LinkerdControlPlane", name, {}, opts);
    const { namespace, webhooks } = args;
    const parent = { parent: this };
    const inNamespace = (secretName: string) => ({ name: secretName, namespace });
    const secrets = [
      tlsSecret(
        `${name}-identity-issuer`,
        inNamespace("linkerd-identity-issuer"),
        { ...args.issuer, caPem: args.trustAnchorsPem },
        parent,
      ),
      tlsSecret(
        `${name}-proxy-injector-tls`,
        inNamespace("linkerd-proxy-injector-k8s-tls"),
        webhooks.proxyInjector,
        parent,
      ),
      tlsSecret(
        `${name}-profile-validator-tls`,
        inNamespace("linkerd-sp-validator-k8s-tls"),
        webhooks.profileValidator,
        parent,
      ),
      tlsSecret(
        `${name}-policy-validator-tls`,
        inNamespace("linkerd-policy-validator-k8s-tls"),
        webhooks.policyValidator,
        parent,
      ),
    ];
    // The chart draws the heartbeat's minute from the clock at every render, which would be a change at
    // every upgrade. Drawn once instead: still spread over the day and between clusters.
    const minuteOfDay = new random.RandomInteger(
      `${name}-heartbeat-minute`,
      { min: 0, max: 24 * 60 - 1 },
      parent,
    );
    const heartbeatSchedule = minuteOfDay.result.apply((m) => `${m % 60} ${Math.floor(m / 60)} * * *`);

    const clusterDomain = args.clusterDomain ?? "cluster.local";
    const release = installChart(
      `${name}-release`,
      "linkerd-control-plane",
      {
        charts: args.charts,
        namespace,
        values: {
          ...(args.highAvailability ? CONTROL_PLANE_HA : {}),
          clusterDomain,
          identityTrustDomain: args.trustDomain ?? clusterDomain,
          ...(args.clusterNetworks === undefined
            ? {}
            : { clusterNetworks: pulumi.output(args.clusterNetworks).apply((cidrs) => cidrs.join(",")) }),
          identityTrustAnchorsPEM: args.trustAnchorsPem,
          identity: { issuer: { scheme: "kubernetes.io/tls" } },
          proxyInjector: externalServingCertificate(webhooks.proxyInjector),
          profileValidator: externalServingCertificate(webhooks.profileValidator),
          policyValidator: externalServingCertificate(webhooks.policyValidator),
          proxyInit: { ignoreOutboundPorts: unionPorts(MAIL_PORTS, DEFAULT_SKIP_OUTBOUND_PORTS) },
          heartbeatSchedule,
        },
      },
      { parent: this, dependsOn: secrets },
    );
    this.status = release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
