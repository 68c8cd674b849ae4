import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ChartValues, mergeValues } from "../inputs/merge.ts";
import { IssueCollector } from "../inputs/validation.ts";
import type { LinkerdCharts } from "./charts/charts.ts";
import { installChart } from "./charts/release.ts";
import { settingIssues } from "./mesh-validation.ts";
import { createCniNamespace, type NamespaceOwnership } from "./namespaces.ts";
import { checkOutputs } from "./output-validation.ts";
import { cniImages } from "./values/images.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";
import { mapPortLists, meshPorts } from "./values/ports.ts";

/** {@link LinkerdCni} */
export interface LinkerdCniArgs
  extends Pick<MeshSettings, "ports" | "imageRegistry" | "imagePullSecrets" | "extraValues">,
    NamespaceOwnership {
  /** Version and source of the chart. Plain, because Helm locates the chart with it. @default {} */
  charts?: LinkerdCharts | undefined;
}

/**
 * The chart's values for these settings. The chart has port lists of its own, which are empty by default, so the lists
 * that the control plane gives to init containers are repeated here.
 */
export function cniValues(settings: Omit<LinkerdCniArgs, "charts" | keyof NamespaceOwnership>): ChartValues {
  const ports = mapPortLists(settings.ports, (resolved, list) => meshPorts(resolved)[list]);
  return mergeValues(cniImages(settings), {
    ignoreOutboundPorts: ports.skipOutbound,
    ignoreInboundPorts: ports.skipInbound,
  });
}

/**
 * Linkerd's CNI plugin, chart `linkerd2-cni`, on every node. It configures the network of each meshed pod, which a
 * privileged init container does otherwise. Only its own namespace, `linkerd-cni`, allows privileges.
 */
export class LinkerdCni extends pulumi.ComponentResource {
  /** The namespace `linkerd-cni`. */
  public readonly namespace: k8s.core.v1.Namespace;
  /** The Helm release. */
  public readonly release: k8s.helm.v3.Release;
  /** Status of the Helm release, e.g. `deployed`. */
  public readonly status: pulumi.Output<string>;

  constructor(name: string, args: LinkerdCniArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const issues = new IssueCollector(`LinkerdCni "${name}"`);
    issues.add(...settingIssues({ ...args, cni: true }));
    issues.assertValid();

    super("linkerd-mesh:linkerd:LinkerdCni", name, {}, opts);
    issues.attachTo(this);
    const { settings } = checkOutputs(args, issues);
    this.namespace = createCniNamespace(`${name}-namespace`, args, { parent: this });
    this.release = installChart(
      `${name}-release`,
      "linkerd2-cni",
      {
        charts: args.charts ?? {},
        namespace: this.namespace.metadata.name,
        values: mergeValues(cniValues(settings), args.extraValues?.cni ?? {}),
      },
      { parent: this },
    );
    this.status = this.release.status.status;
    this.registerOutputs({ status: this.status });
  }
}
