import * as pulumi from "@pulumi/pulumi";
import { type ChartValues, mergeValues } from "../inputs/merge.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { CNI_NAMESPACE, cniNamespace } from "./namespaces.ts";
import { cniImages } from "./values/images.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";
import { meshPorts } from "./values/ports.ts";

/** {@link LinkerdCni} */
export interface LinkerdCniArgs
  extends Pick<MeshSettings, "ports" | "imageRegistry" | "imagePullSecrets" | "extraValues"> {
  /** Which charts, and where they are. */
  charts: LinkerdCharts;
}

/**
 * The chart's values for these settings. Its port lists are its own, and empty by default: those that a pod's
 * init container would have from the control plane are said again.
 */
export function cniValues(settings: Omit<LinkerdCniArgs, "charts">): ChartValues {
  const { skipOutbound, skipInbound } = meshPorts(settings.ports);
  return mergeValues(cniImages(settings), {
    ignoreOutboundPorts: skipOutbound,
    ignoreInboundPorts: skipInbound,
  });
}

/**
 * Linkerd's CNI plugin, chart `linkerd2-cni`, on every node: it sets up the network of each meshed pod, which
 * otherwise an init container with privileges does. In the namespace `linkerd-cni`, which alone needs them.
 */
export class LinkerdCni extends pulumi.ComponentResource {
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdCniArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:linkerd:LinkerdCni", name, {}, opts);
    const namespace = cniNamespace(`${name}-namespace`, CNI_NAMESPACE, { parent: this }).metadata.name;
    const values = mergeValues(cniValues(args), args.extraValues?.cni ?? {});
    const release = installChart(
      `${name}-release`,
      "linkerd2-cni",
      { charts: args.charts, namespace, values },
      { parent: this },
    );
    this.status = release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
