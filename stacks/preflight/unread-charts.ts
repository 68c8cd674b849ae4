/** Previews without the charts. */
import * as pulumi from "@pulumi/pulumi";
import { sealSecrets } from "../../components/inputs/sealed-secrets.ts";
import type { ChartName } from "../../components/linkerd/charts/charts.ts";

/**
 * A transform with which Pulumi's provider does not load these charts in a preview. It loads the chart of each release only
 * to resolve a range of versions, and the versions here are exact.
 *
 * The provider loads no chart for a release with an input that is unknown (pulumi-kubernetes, helm_release.go, `Check`). It
 * then removes the deprecated input `resourceNames`, so this one is not in the difference that the preview shows.
 */
export function previewWithout(charts: readonly ChartName[]): pulumi.ResourceTransform {
  return async ({ type, props, opts }) => {
    if (type !== "kubernetes:helm.sh/v3:Release" || !charts.includes(props.name)) return undefined;
    return { props: { ...(await sealSecrets(props)), resourceNames: pulumi.output(pulumi.unknown) }, opts };
  };
}
