import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { FromCertManager } from "../certificates/cert-manager.ts";
import type { WebhookSources } from "../certificates/certificate-set.ts";
import { mergeValues } from "../inputs/merge.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { tlsSecret } from "./tls-secret.ts";
import { controlPlaneValues } from "./values/control-plane-values.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";
import { webhookServer } from "./webhook-server.ts";

/** {@link LinkerdControlPlane} */
export interface LinkerdControlPlaneArgs extends MeshSettings {
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
  /**
   * Trust anchors, PEM, one or more. Public: every proxy gets them.
   * @default those in the ConfigMap `linkerd-identity-trust-roots`, which is trust-manager's then
   */
  trustBundlePem?: pulumi.Input<string> | undefined;
  /** The identity issuer: its key goes into the Secret `linkerd-identity-issuer` and nowhere else. */
  issuer: { certPem: pulumi.Input<string>; privateKeyPem: pulumi.Input<string> } | FromCertManager;
  /** What the API server checks the injector and the two validators against. */
  webhooks: WebhookSources<"proxyInjector" | "profileValidator" | "policyValidator">;
  /** What the chart waits for, and its Secrets need not: `dependsOn` would hold up all of the component. @default none */
  chartAfter?: pulumi.Resource[] | undefined;
}

/** Linkerd's control plane, chart `linkerd-control-plane`: identity, destination and proxy injector. */
export class LinkerdControlPlane extends pulumi.ComponentResource {
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:linkerd:LinkerdControlPlane", name, {}, opts);
    const { namespace, webhooks } = args;
    const parent = { parent: this };
    const clusterDomain = args.clusterDomain ?? "cluster.local";
    const trustDomain = args.trustDomain ?? clusterDomain;
    const { trustBundlePem } = args;
    const issuer = tlsSecret(
      `${name}-identity-issuer`,
      {
        secretName: "linkerd-identity-issuer",
        namespace,
        certificateName: "linkerd-identity-issuer",
        dnsName: pulumi.interpolate`identity.${namespace}.${trustDomain}`,
        isCa: true,
      },
      "certPem" in args.issuer && trustBundlePem !== undefined
        ? { ...args.issuer, caPem: trustBundlePem }
        : args.issuer,
      parent,
    );
    const proxyInjector = webhookServer(name, "proxyInjector", webhooks, namespace, parent);
    const profileValidator = webhookServer(name, "profileValidator", webhooks, namespace, parent);
    const policyValidator = webhookServer(name, "policyValidator", webhooks, namespace, parent);
    const heartbeatSchedule =
      args.heartbeat === false ? undefined : drawnSchedule(`${name}-heartbeat-minute`, parent);

    const release = installChart(
      `${name}-release`,
      "linkerd-control-plane",
      {
        charts: args.charts,
        namespace,
        values: mergeValues(
          controlPlaneValues(args, args.charts),
          {
            clusterDomain,
            identityTrustDomain: trustDomain,
            clusterNetworks:
              args.clusterNetworks && pulumi.output(args.clusterNetworks).apply((cidrs) => cidrs.join(",")),
            identityTrustAnchorsPEM: trustBundlePem,
            identity: {
              externalCA: trustBundlePem === undefined ? true : undefined,
              issuer: { scheme: "kubernetes.io/tls" },
            },
            proxyInjector: proxyInjector.values,
            profileValidator: profileValidator.values,
            policyValidator: policyValidator.values,
            heartbeatSchedule,
          },
          args.extraValues?.controlPlane ?? {},
        ),
      },
      {
        parent: this,
        dependsOn: [
          ...issuer,
          ...proxyInjector.secrets,
          ...profileValidator.secrets,
          ...policyValidator.secrets,
          ...(args.chartAfter ?? []),
        ],
      },
    );
    this.status = release.status.status;
    this.registerOutputs({ status: this.status });
  }
}

/**
 * When the heartbeat runs, as cron has it. The chart draws the minute from the clock at every render, which would
 * be a change at every upgrade. Drawn once instead: still spread over the day and between clusters.
 */
function drawnSchedule(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const minuteOfDay = new random.RandomInteger(name, { min: 0, max: 24 * 60 - 1 }, opts);
  return minuteOfDay.result.apply((m) => `${m % 60} ${Math.floor(m / 60)} * * *`);
}
