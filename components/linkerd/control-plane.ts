import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { FromCertManager } from "../certificates/cert-manager.ts";
import type { WebhookSources } from "../certificates/certificate-set.ts";
import { mergeValues } from "../inputs/merge.ts";
import { IssueCollector } from "../inputs/validation.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { settingIssues } from "./mesh-validation.ts";
import { checkOutputs } from "./output-validation.ts";
import { createTlsSecret, type TlsSecret } from "./tls-secret.ts";
import { controlPlaneValues } from "./values/control-plane-values.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";
import { createWebhookServerSecret } from "./webhook-server.ts";

/** {@link LinkerdControlPlane} */
export interface LinkerdControlPlaneArgs extends MeshSettings {
  /** Version and source of the chart. Plain, because the version decides which values the chart has. @default {} */
  charts?: LinkerdCharts | undefined;
  /** An existing namespace with Linkerd's labels. `createControlPlaneNamespace` creates one. */
  namespace: pulumi.Input<string>;
  /** Namespace of viz, from which PodMonitors for the Prometheus Operator select pods too. @default none */
  vizNamespace?: pulumi.Input<string> | undefined;
  /** Trust domain of the mesh's identities. @default the cluster domain */
  trustDomain?: pulumi.Input<string> | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: pulumi.Input<string> | undefined;
  /**
   * CIDRs that contain the addresses of all nodes, pods and Services. `linkerd check` fails if one is missing.
   * @default the chart's: the private ranges of RFC 1918, RFC 6598 and RFC 4193
   */
  clusterNetworks?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Trust anchors, PEM, one or more. Public: every proxy gets them. Plain `undefined` if trust-manager manages them.
   * @default those in the ConfigMap `linkerd-identity-trust-roots`
   */
  trustBundlePem?: pulumi.Input<string> | undefined;
  /** The identity issuer. Its key is stored in the Secret `linkerd-identity-issuer` and nowhere else. */
  issuer: { certPem: pulumi.Input<string>; privateKeyPem: pulumi.Input<string> } | FromCertManager;
  /** The certificates of the proxy injector and the two validators, which the API server verifies. */
  webhooks: WebhookSources<"proxyInjector" | "profileValidator" | "policyValidator">;
  /**
   * Resources that the Helm release depends on, but the Secrets do not. `dependsOn` would delay all children.
   * @default none
   */
  chartDependsOn?: pulumi.Resource[] | undefined;
}

/** The resources that provide the control plane's Secrets. Those that someone else creates are absent. */
export interface ControlPlaneSecrets {
  /** Secret `linkerd-identity-issuer`. */
  readonly identityIssuer: TlsSecret | undefined;
  /** Secret `linkerd-proxy-injector-k8s-tls`. */
  readonly proxyInjector: TlsSecret | undefined;
  /** Secret `linkerd-sp-validator-k8s-tls`. */
  readonly profileValidator: TlsSecret | undefined;
  /** Secret `linkerd-policy-validator-k8s-tls`. */
  readonly policyValidator: TlsSecret | undefined;
}

/**
 * Linkerd's control plane, chart `linkerd-control-plane`: identity, destination and proxy injector.
 *
 * It needs the CRDs of `LinkerdCrds` and a namespace from `createControlPlaneNamespace`. `TrustAnchor`,
 * `IdentityIssuer` and `WebhookCertificates` create its certificates. `ServiceMesh` combines all of them.
 */
export class LinkerdControlPlane extends pulumi.ComponentResource {
  /** The Helm release. */
  public readonly release: k8s.helm.v3.Release;
  /** The resources that provide the Secrets of the control plane. */
  public readonly secrets: ControlPlaneSecrets;
  /** The minute of the day at which the heartbeat runs; `undefined` without a heartbeat. */
  public readonly heartbeatMinute: random.RandomInteger | undefined;
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    const issues = new IssueCollector(`LinkerdControlPlane "${name}"`);
    issues.add(...settingIssues(args));
    issues.assertValid();

    super("linkerd-mesh:linkerd:LinkerdControlPlane", name, {}, opts);
    issues.attachTo(this);
    const { settings } = checkOutputs(args, issues);
    const { namespace, webhooks, trustBundlePem, charts = {}, clusterDomain = "cluster.local" } = args;
    const { trustDomain = clusterDomain } = args;
    const parent = { parent: this };
    const identityIssuer = createTlsSecret(
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
    const proxyInjector = createWebhookServerSecret(name, "proxyInjector", webhooks, namespace, parent);
    const profileValidator = createWebhookServerSecret(name, "profileValidator", webhooks, namespace, parent);
    const policyValidator = createWebhookServerSecret(name, "policyValidator", webhooks, namespace, parent);
    this.secrets = {
      identityIssuer,
      proxyInjector: proxyInjector.secret,
      profileValidator: profileValidator.secret,
      policyValidator: policyValidator.secret,
    };
    this.heartbeatMinute =
      args.heartbeat === false ? undefined : createMinuteOfDay(`${name}-heartbeat-minute`, parent);

    this.release = installChart(
      `${name}-release`,
      "linkerd-control-plane",
      {
        charts,
        namespace,
        values: mergeValues(
          controlPlaneValues(settings, charts, args.vizNamespace),
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
            heartbeatSchedule: this.heartbeatMinute?.result.apply(toCron),
          },
          args.extraValues?.controlPlane ?? {},
        ),
      },
      {
        parent: this,
        dependsOn: [
          ...Object.values(this.secrets).filter((secret) => secret !== undefined),
          ...(args.chartDependsOn ?? []),
        ],
      },
    );
    this.status = this.release.status.status;
    this.registerOutputs({ status: this.status });
  }
}

/**
 * Creates the minute of the day at which the heartbeat runs. The chart derives it from the clock at every render,
 * which would be a change at every upgrade. One random minute also spreads the heartbeats of clusters over the day.
 */
function createMinuteOfDay(name: string, opts: pulumi.CustomResourceOptions): random.RandomInteger {
  return new random.RandomInteger(name, { min: 0, max: 24 * 60 - 1 }, opts);
}

/** A minute of the day as a cron schedule. */
function toCron(minute: number): string {
  return `${minute % 60} ${Math.floor(minute / 60)} * * *`;
}
