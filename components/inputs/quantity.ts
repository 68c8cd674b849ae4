/** Kubernetes quantities: `100m`, `64Mi`. */

const UNITS = ["", "k", "M", "G", "T", "P", "E"];

/**
 * A quantity as a number of its unit: `100m` is 0.1, `1Mi` is 1,048,576. `undefined` where the text is not a quantity
 * (Kubernetes API conventions, "Resource Quantities"; exponents are not supported).
 */
export function parseQuantity(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(m|[kMGTPE]|[KMGTPE]i)?$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  if (unit === "m") return Number(amount) / 1000;
  const base = unit.endsWith("i") ? 1024 : 1000;
  const power = UNITS.indexOf(unit.replace("Ki", "k").replace("i", ""));
  return Number(amount) * base ** power;
}
