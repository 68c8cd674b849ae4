/** The order of texts in reports and recordings. */

/** Compares by code units. The order of `localeCompare` depends on the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
