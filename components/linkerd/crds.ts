import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { mergeValues } from "../inputs/merge.ts";
import { withDefault } from "../inputs/outputs.ts";
import { IssueCollector } from "../inputs/validation.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { extraValueIssues } from "./values/extra-values.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";

/** {@link LinkerdCrds} */
export interface LinkerdCrdsArgs extends Pick<MeshSettings, "extraValues"> {
  /** Version and source of the chart. Plain, because Helm locates the chart with it. @default {} */
  charts?: LinkerdCharts | undefined;
  /** Namespace of the Helm release: the control plane's. */
  namespace: pulumi.Input<string>;
  /**
   * Also install the HTTPRoute, GRPCRoute, TLSRoute and TCPRoute CRDs of the Gateway API, without which
   * `linkerd check` fails. Turn it off if something else installs them. Helm keeps them when the release is deleted.
   * @default true
   */
  installGatewayApi?: pulumi.Input<boolean> | undefined;
  /**
   * Keep the CRDs, and with them all policies in the cluster, when the release is deleted. Plain, because it is a
   * resource option.
   * @default true
   */
  keepCrds?: boolean | undefined;
}

/**
 * Linkerd's CRDs, chart `linkerd-crds`.
 *
 * Deleting a CRD deletes all its objects, so every policy in the cluster. The CRDs are therefore kept when the release
 * is deleted. The next release in the same namespace takes them over, because Helm recognizes their annotations.
 */
export class LinkerdCrds extends pulumi.ComponentResource {
  /** The Helm release. */
  public readonly release: k8s.helm.v3.Release;
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdCrdsArgs, opts?: pulumi.ComponentResourceOptions) {
    const issues = new IssueCollector(`LinkerdCrds "${name}"`);
    issues.add(...extraValueIssues(args.extraValues));
    issues.assertValid();

    super("linkerd-mesh:linkerd:LinkerdCrds", name, {}, opts);
    this.release = installChart(
      `${name}-release`,
      "linkerd-crds",
      {
        charts: args.charts ?? {},
        namespace: args.namespace,
        values: mergeValues(
          { installGatewayAPI: withDefault(args.installGatewayApi, true) },
          args.extraValues?.crds ?? {},
        ),
      },
      { parent: this, retainOnDelete: args.keepCrds ?? true },
    );
    this.status = this.release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
