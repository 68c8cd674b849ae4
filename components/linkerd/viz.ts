import * as pulumi from "@pulumi/pulumi";
import type { WebhookSources } from "../certificates/certificate-set.ts";
import { mergeValues } from "../inputs/merge.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { vizNamespace } from "./namespaces.ts";
import { TRUST_BUNDLE } from "./restart-annotations.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";
import { vizValues } from "./values/viz-values.ts";
import { webhookServer } from "./webhook-server.ts";

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
    | "extraValues"
  > {
  /** Which charts, and where they are. */
  charts: LinkerdCharts;
  /** The extension's own namespace, which this component makes. */
  namespace: pulumi.Input<string>;
  /** Namespace of the control plane. */
  controlPlaneNamespace: pulumi.Input<string>;
  /** Trust domain of the mesh's identities. @default the cluster domain */
  trustDomain?: pulumi.Input<string> | undefined;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: pulumi.Input<string> | undefined;
  /** What the API server checks tap and its injector against. */
  webhooks: WebhookSources<"tap" | "tapInjector">;
  /**
   * SHA-256 of the trust bundle: the extension's pods restart with it, whose proxies would keep the old anchors.
   * @default nothing, where the bundle is not known
   */
  trustBundleSha256?: pulumi.Input<string> | undefined;
  /** What the namespace waits for. @default nothing */
  namespaceAfter?: pulumi.Input<pulumi.Resource[]> | undefined;
  /** What the chart waits for; its namespace and Secrets need not. @default none */
  chartAfter?: pulumi.Resource[] | undefined;
}

/** The viz extension, chart `linkerd-viz`: metrics, tap and the dashboard (Service `web`). */
export class LinkerdViz extends pulumi.ComponentResource {
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdVizArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:linkerd:LinkerdViz", name, {}, opts);
    const { webhooks } = args;
    const parent = { parent: this };
    const namespace = vizNamespace(`${name}-namespace`, args, {
      ...parent,
      dependsOn: args.namespaceAfter ?? [],
    }).metadata.name;
    const tap = webhookServer(name, "tap", webhooks, namespace, parent);
    const tapInjector = webhookServer(name, "tapInjector", webhooks, namespace, parent);
    const clusterDomain = args.clusterDomain ?? "cluster.local";
    const release = installChart(
      `${name}-release`,
      "linkerd-viz",
      {
        charts: args.charts,
        namespace,
        values: mergeValues(
          vizValues(args),
          {
            clusterDomain,
            identityTrustDomain: args.trustDomain ?? clusterDomain,
            linkerdNamespace: args.controlPlaneNamespace,
            // The Job would label the namespace, which is ours and labelled already.
            createNamespaceMetadataJob: false,
            tap: tap.values,
            tapInjector: tapInjector.values,
            podAnnotations: args.trustBundleSha256 ? { [TRUST_BUNDLE]: args.trustBundleSha256 } : undefined,
          },
          args.extraValues?.viz ?? {},
        ),
      },
      { parent: this, dependsOn: [...tap.secrets, ...tapInjector.secrets, ...(args.chartAfter ?? [])] },
    );
    this.status = release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
