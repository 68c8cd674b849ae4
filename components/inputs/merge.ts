/** Helm values, layer over layer. */

/** Values of a chart, as `values.yaml` nests them. Leaves may be Outputs. */
export type ChartValues = { [key: string]: unknown };

/** Whether a value is a table of values: no Output, no list, no text. */
export function isTable(value: unknown): value is ChartValues {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * The layers, deep-merged, later ones winning. Lists are replaced whole, as Helm does it. What is `undefined`
 * says nothing, nor does a table of such: Helm would ignore an empty one as well.
 */
export function mergeValues(...layers: ChartValues[]): ChartValues {
  const merged = new Map<string, unknown>(); // An object would take the key "__proto__" for its prototype.
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
