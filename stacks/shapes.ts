/** Shapes that the settings have in common. */
import { z } from "zod";

export const flag = z.boolean("expected true or false");

/** An object with these keys and no others. */
export const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "expected an object" : undefined),
  });
