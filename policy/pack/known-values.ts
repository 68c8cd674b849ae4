/** Properties as Pulumi passes them to a policy, as plain values. */
import { UnknownValueError } from "@pulumi/policy";
import { UNKNOWN, type Value } from "../rules/values.ts";

/**
 * A plain copy of the properties of a resource, with {@link UNKNOWN} for each value that a preview does not know. Pulumi
 * throws an `UnknownValueError` when a policy reads such a value, which would end the policy for the complete resource.
 */
export function readKnownValues(
  properties: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.keys(properties).map((key) => [key, readKnown(properties, key)]));
}

function readKnown(container: Readonly<Record<string | number, unknown>>, key: string | number): Value {
  let value: unknown;
  try {
    value = container[key];
  } catch (error) {
    if (error instanceof UnknownValueError) return UNKNOWN;
    throw error;
  }
  if (Array.isArray(value)) {
    const items = value as unknown as Record<number, unknown>;
    return Array.from({ length: value.length }, (_, index) => readKnown(items, index));
  }
  if (typeof value === "object" && value !== null) return readKnownValues(value as Record<string, unknown>);
  return value as Value;
}
