/** Merging of Helm values. */

/** Values of a chart, nested as in its `values.yaml`. Leaves may be Outputs. */
export type ChartValues = { [key: string]: unknown };

/** Whether a value is a plain object, and not an Output, a list or a string. */
export function isTable(value: unknown): value is ChartValues {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * Merges the layers deeply; later layers win. Lists are replaced, as in Helm. A key whose value is `undefined` is
 * ignored, and so is an empty object, which Helm ignores too.
 */
export function mergeValues(...layers: ChartValues[]): ChartValues {
  const merged = new Map<string, unknown>(); // In an object, the key "__proto__" would set the prototype.
  for (const [key, value] of layers.flatMap((layer) => Object.entries(layer))) {
    if (value === undefined) continue;
    if (!isTable(value)) {
      merged.set(key, value);
      continue;
    }
    const below = merged.get(key);
    const table = mergeValues(isTable(below) ? below : {}, value);
    if (Object.keys(table).length > 0) merged.set(key, table);
  }
  return Object.fromEntries(merged);
}
