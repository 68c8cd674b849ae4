/** Settings that are encrypted in a stack's configuration. Values derived from them stay encrypted. */
import * as pulumi from "@pulumi/pulumi";
import { type ChartValues, isTable } from "../../components/inputs/merge.ts";
import { sealSecrets } from "../../components/inputs/sealed-secrets.ts";
import type { ExtraValues } from "../../components/linkerd/values/extra-values.ts";

// Exported by the SDK, but not declared in its types (@pulumi/pulumi, runtime/config.js).
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** The full keys of a configuration that are secret, entirely or in part. */
export function secretKeys(config: Record<string, string>): ReadonlySet<string> {
  return new Set(Object.keys(config).filter(isConfigSecret));
}

/**
 * The same values, each of them encrypted in the state and hidden in previews. Tables stay tables, because values are
 * validated and merged by their keys.
 */
export function encryptValues(extraValues: ExtraValues): ExtraValues {
  return encryptTable({ ...extraValues });
}

/** A transform that encrypts the sources of charts, which may contain the token of a repository in their path. */
export const encryptChartSources: pulumi.ResourceTransform = async ({ type, props, opts }) => {
  if (type !== "kubernetes:helm.sh/v3:Release") return undefined;
  const { chart, repositoryOpts } = props;
  const location =
    repositoryOpts === undefined
      ? { chart: pulumi.secret(chart) }
      : { repositoryOpts: pulumi.secret(repositoryOpts) };
  return { props: await sealSecrets({ ...props, ...location }), opts };
};

function encryptTable(values: ChartValues): ChartValues {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      isTable(value) ? encryptTable(value) : pulumi.secret(value),
    ]),
  );
}
