/** Previews without the charts. */
import * as pulumi from "@pulumi/pulumi";
import { sealSecrets } from "../../components/inputs/sealed-secrets.ts";
import type { ChartName } from "../../components/linkerd/charts/charts.ts";

/**
 * A transform with which Pulumi's provider does not load these charts in a preview. It has no effect in `up`, which needs
 * the charts. The preview shows the same changes: the provider loads a chart only to resolve a range of versions, and the
 * versions of this project are exact.
 *
 * The provider loads no chart for a release with an input that is unknown. It then removes the deprecated input
 * `resourceNames`, so that an unknown value of it changes nothing (pulumi-kubernetes, provider/pkg/provider/helm_release.go,
 * `Check`).
 */
export function previewWithout(charts: readonly ChartName[]): pulumi.ResourceTransform {
  // The engine calls a transform outside of the program's context, where Pulumi does not know what runs.
  const isPreview = pulumi.runtime.isDryRun();
  return async ({ type, props, opts }) => {
    if (!isPreview) return undefined;
    if (type !== "kubernetes:helm.sh/v3:Release" || !charts.includes(props.name)) return undefined;
    return { props: { ...(await sealSecrets(props)), resourceNames: pulumi.output(pulumi.unknown) }, opts };
  };
}
