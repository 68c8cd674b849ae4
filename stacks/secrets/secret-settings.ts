/** Settings that a stack's configuration holds encrypted: what the program makes of them stays so. */
import * as pulumi from "@pulumi/pulumi";
import { type ChartValues, isTable } from "../../components/inputs/merge.ts";
import type { ExtraValues } from "../../components/linkerd/values/extra-values.ts";

// The SDK has it, and keeps it out of its types.
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** The full keys of a configuration that are secret, as a whole or in any part. */
export function secretKeys(config: Record<string, string>): ReadonlySet<string> {
  return new Set(Object.keys(config).filter(isConfigSecret));
}

/**
 * The same values, each encrypted in the state and hidden in previews. Tables stay tables: values are checked and
 * merged by their keys.
 */
export function secretValues(extra: ExtraValues): ExtraValues {
  return encrypted({ ...extra });
}

function encrypted(values: ChartValues): ChartValues {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      isTable(value) ? encrypted(value) : pulumi.secret(value),
    ]),
  );
}
