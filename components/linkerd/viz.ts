import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WebhookSources } from "../certificates/certificate-set.ts";
import type { CertificateSummary } from "../certificates/report.ts";
import { mergeValues } from "../inputs/merge.ts";
import { knownValue, mapResolved } from "../inputs/outputs.ts";
import { IssueCollector } from "../inputs/validation.ts";
import { CONTROL_PLANE_SCRAPED_SINCE } from "../observability/scraping/controllers.ts";
import { chartPin, isOlder, type LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { settingIssues } from "./mesh-validation.ts";
import { createVizNamespace, type NamespaceOwnership } from "./namespaces.ts";
import { checkOutputs } from "./output-validation.ts";
import { createRules, withPrometheusConfiguration } from "./prometheus-rules.ts";
import { TRUST_BUNDLE } from "./restart-annotations.ts";
import { createScrapePolicies, type ScrapePolicies } from "./scrape-policies.ts";
import type { TlsSecret } from "./tls-secret.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";
import { deliveredAlerts, hasVizPrometheus } from "./values/monitoring/delivery.ts";
import { withScrapes } from "./values/monitoring/scrape-values.ts";
import { enforcedHostRegexp } from "./values/viz-access/enforced-host.ts";
import { vizValues } from "./values/viz-values.ts";
import { createWebhookServerSecret } from "./webhook-server.ts";

/** {@link LinkerdViz} */
export interface LinkerdVizArgs
  extends Pick<
      MeshSettings,
      | "highAvailability"
      | "replicas"
      | "imageRegistry"
      | "imagePullSecrets"
      | "cni"
      | "injection"
      | "defaultInboundPolicy"
      | "vizAccess"
      | "tap"
      | "monitoring"
      | "extraValues"
    >,
    NamespaceOwnership {
  /** Version and source of the chart. Plain, because Helm locates the chart with it. @default {} */
  charts?: LinkerdCharts | undefined;
  /** Namespace of the extension, which this component creates. */
  namespace: pulumi.Input<string>;
  /** Namespace of the control plane. */
  controlPlaneNamespace: pulumi.Input<string>;
  /** Trust domain of the mesh's identities. @default the cluster domain */
  trustDomain?: pulumi.Input<string> | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: pulumi.Input<string> | undefined;
  /** The certificates of tap and its injector, which the API server verifies. */
  webhooks: WebhookSources<"tap" | "tapInjector">;
  /**
   * SHA-256 of the trust bundle. The extension's pods restart when it changes, because their proxies keep the trust
   * anchors that they started with.
   * @default none, if the bundle is not known
   */
  trustBundleSha256?: pulumi.Input<string> | undefined;
  /** The certificates of the mesh, whose expiry alerts need. @default none */
  certificates?: pulumi.Input<readonly CertificateSummary[]> | undefined;
  /** Resources that the namespace depends on. @default none */
  namespaceDependsOn?: pulumi.Input<pulumi.Resource[]> | undefined;
  /** Resources that the Helm release depends on, but the namespace and the Secrets do not. @default none */
  chartDependsOn?: pulumi.Resource[] | undefined;
}

/** The resources that provide the viz extension's Secrets. Those that someone else creates are absent. */
export interface VizSecrets {
  /** Secret `tap-k8s-tls`. */
  readonly tap: TlsSecret | undefined;
  /** Secret `tap-injector-k8s-tls`. */
  readonly tapInjector: TlsSecret | undefined;
}

/** The viz extension, chart `linkerd-viz`: metrics, tap and the dashboard (Service `web`). */
export class LinkerdViz extends pulumi.ComponentResource {
  /** The namespace of the extension. */
  public readonly namespace: k8s.core.v1.Namespace;
  /** The resources that provide the Secrets of the extension. */
  public readonly secrets: VizSecrets;
  /** The ConfigMap with the rules of viz's Prometheus; `undefined` if it does not evaluate the alerts. */
  public readonly rules: k8s.core.v1.ConfigMap | undefined;
  /**
   * What lets viz's Prometheus scrape the proxies of viz itself; `undefined` without viz's Prometheus, and unless
   * `defaultInboundPolicy` is `deny` as a plain value.
   */
  public readonly scrapePolicies: ScrapePolicies | undefined;
  /** The Helm release. */
  public readonly release: k8s.helm.v3.Release;
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdVizArgs, opts?: pulumi.ComponentResourceOptions) {
    const issues = new IssueCollector(`LinkerdViz "${name}"`);
    issues.add(...settingIssues(args));
    issues.assertValid();

    super("linkerd-mesh:linkerd:LinkerdViz", name, {}, opts);
    issues.attachTo(this);
    const { settings } = checkOutputs(args, issues);
    const { webhooks, charts = {}, clusterDomain = "cluster.local" } = args;
    const host = settings.vizAccess?.host;
    const parent = { parent: this };
    this.namespace = createVizNamespace(
      `${name}-namespace`,
      { ...args, monitoring: settings.monitoring },
      {
        ...parent,
        dependsOn: args.namespaceDependsOn ?? [],
      },
    );
    const namespace = this.namespace.metadata.name;
    const tap = createWebhookServerSecret(name, "tap", webhooks, namespace, parent);
    const tapInjector = createWebhookServerSecret(name, "tapInjector", webhooks, namespace, parent);
    this.secrets = { tap: tap.secret, tapInjector: tapInjector.secret };
    const alerts = deliveredAlerts(settings);
    const rules =
      alerts?.evaluator === "viz"
        ? createRules(
            `${name}-rules`,
            alerts,
            { namespace, owner: args.owner, certificates: args.certificates ?? [] },
            parent,
          )
        : undefined;
    this.rules = rules?.configMap;
    const values = mergeValues(
      vizValues(settings),
      {
        clusterDomain,
        identityTrustDomain: args.trustDomain ?? clusterDomain,
        linkerdNamespace: args.controlPlaneNamespace,
        // The Job labels the namespace. This component has already done so.
        createNamespaceMetadataJob: false,
        tap: tap.values,
        tapInjector: tapInjector.values,
        dashboard: host && {
          enforcedHostRegexp: mapResolved({ host, viz: args.namespace, clusterDomain }, (names) =>
            enforcedHostRegexp(names.host, names.viz, names.clusterDomain),
          ),
        },
        podAnnotations: args.trustBundleSha256 ? { [TRUST_BUNDLE]: args.trustBundleSha256 } : undefined,
      },
      args.extraValues?.viz ?? {},
    );
    const chartDependsOn = args.chartDependsOn ?? [];
    this.scrapePolicies =
      hasVizPrometheus(settings) && knownValue(settings.defaultInboundPolicy) === "deny"
        ? createScrapePolicies(name, namespace, [{ serviceAccount: "prometheus" }], {
            ...parent,
            dependsOn: chartDependsOn,
          })
        : undefined;
    const { prometheus = {} } = settings.monitoring ?? {};
    const scrapes = {
      controlPlaneNamespace: args.controlPlaneNamespace,
      scrapesControlPlane: !isOlder(chartPin("linkerd-viz", charts).version, CONTROL_PLANE_SCRAPED_SINCE),
    };
    this.release = installChart(
      `${name}-release`,
      "linkerd-viz",
      {
        charts,
        namespace,
        values: hasVizPrometheus(settings)
          ? withPrometheusConfiguration(withScrapes(values, scrapes, prometheus.keep), rules?.text)
          : values,
      },
      {
        parent: this,
        dependsOn: [
          ...[...Object.values(this.secrets), this.rules].filter((each) => each !== undefined),
          ...chartDependsOn,
        ],
      },
    );
    this.status = this.release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
