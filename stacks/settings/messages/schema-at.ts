/** The shape of the setting at a path: it says how that one is set. */
import { z } from "zod";

type Shape = z.core.$ZodType;

/** Without its default; none where there is no such setting. Of several modes the one that is given comes first. */
export function schemaAt(schema: Shape, keys: readonly PropertyKey[], value?: unknown): Shape | undefined {
  const shape = bare(schema);
  const [key, ...rest] = keys;
  // Below a chart's values there may be anything.
  if (key === undefined || shape instanceof z.ZodUnknown) return shape;
  if (shape instanceof z.ZodUnion) {
    return alternatives(shape, value)
      .map((alternative) => schemaAt(alternative, keys, value))
      .find((found) => found !== undefined);
  }
  const below = shapeBelow(shape, key);
  return below && schemaAt(below, rest, (value as Record<PropertyKey, unknown> | undefined | null)?.[key]);
}

function shapeBelow(shape: Shape, key: PropertyKey): Shape | undefined {
  if (shape instanceof z.ZodObject)
    return Object.hasOwn(shape.shape, key) ? shape.shape[String(key)] : undefined;
  if (shape instanceof z.ZodArray) return typeof key === "number" ? shape.element : undefined;
  return shape instanceof z.ZodRecord ? shape.valueType : undefined;
}

/** What an object has to be like: the keys that it may have. None where none is expected. */
export function keysOf(schema: Shape, value?: unknown): Record<string, Shape> | undefined {
  const shape = bare(schema);
  if (shape instanceof z.ZodObject) return shape.shape;
  if (shape instanceof z.ZodRecord) return {};
  if (!(shape instanceof z.ZodUnion)) return undefined;
  return alternatives(shape, value)
    .map((alternative) => keysOf(alternative))
    .find((keys) => keys !== undefined);
}

function alternatives(union: z.ZodUnion, value: unknown): Shape[] {
  const mode = (value as { mode?: unknown } | undefined | null)?.mode;
  const ofMode = (shape: Shape) =>
    shape instanceof z.ZodObject && z.safeParse(shape.shape.mode ?? z.never(), mode).success;
  return [...union.options].sort((a, b) => Number(ofMode(b)) - Number(ofMode(a)));
}

function bare(schema: Shape): Shape {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.unwrap());
  if (schema instanceof z.ZodPipe) return bare(schema.out instanceof z.ZodTransform ? schema.in : schema.out);
  return schema;
}
