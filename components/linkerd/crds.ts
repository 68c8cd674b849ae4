import * as pulumi from "@pulumi/pulumi";
import { mergeValues } from "../inputs/merge.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";

/** {@link LinkerdCrds} */
export interface LinkerdCrdsArgs extends Pick<MeshSettings, "extraValues"> {
  /** Which charts, and where they are. */
  charts: LinkerdCharts;
  /** Namespace that Helm keeps the release in: the control plane's. */
  namespace: pulumi.Input<string>;
  /**
   * Install the Gateway API's HTTPRoute, GRPCRoute, TLSRoute and TCPRoute too. `linkerd check` fails where
   * the cluster has none; turn it off where something else owns them. Helm keeps them when the release goes.
   * @default true
   */
  installGatewayApi?: boolean | undefined;
  /** Leave the definitions in the cluster when the release goes, and with them everybody's policies. @default true */
  keepCrds?: boolean | undefined;
}

/**
 * Linkerd's custom resource definitions, chart `linkerd-crds`.
 *
 * To delete a definition is to delete every policy in the cluster that is written in it. So they stay when the
 * release goes, and the next one of the same namespace takes them over: Helm knows them by their annotations.
 */
export class LinkerdCrds extends pulumi.ComponentResource {
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdCrdsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:linkerd:LinkerdCrds", name, {}, opts);
    const release = installChart(
      `${name}-release`,
      "linkerd-crds",
      {
        charts: args.charts,
        namespace: args.namespace,
        values: mergeValues(
          { installGatewayAPI: args.installGatewayApi ?? true },
          args.extraValues?.crds ?? {},
        ),
      },
      { parent: this, retainOnDelete: args.keepCrds ?? true },
    );
    this.status = release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
