/** The settings of a stack. */
import { z } from "zod";
import { certificateShape } from "./certificate-settings.ts";
import { chartShape } from "./chart-settings.ts";
import { clusterShape } from "./cluster-settings.ts";
import { installationShape } from "./installation-settings.ts";
import { meshShape } from "./mesh-settings.ts";
import type { SettingSchema } from "./messages/setting-schema.ts";
import { vizAccessShape } from "./viz-access/viz-access-settings.ts";

/** Every setting of `Pulumi.<stack>.yaml`, without the prefix `linkerd-mesh:`, in the order of `Pulumi.yaml`. */
export const settingsSchema = z.strictObject({
  ...chartShape,
  ...clusterShape,
  ...certificateShape,
  ...installationShape,
  ...meshShape,
  ...vizAccessShape,
});

/** Valid settings, with defaults. */
export type Settings = z.output<typeof settingsSchema>;

/** The JSON Schema of settings, with their metadata and defaults. */
export function toJsonSchema(schema: z.ZodType): SettingSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    // Zod leaves out the default of a value that is transformed, because the default is of the output's type.
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === "default") jsonSchema.default = def.defaultValue as z.core.JSONSchema._JSONSchema;
    },
  }) as SettingSchema;
}

let jsonSchema: SettingSchema | undefined;

/** The JSON Schema of {@link settingsSchema}. Computed on first use, because a preview without messages needs none. */
export function settingJsonSchema(): SettingSchema {
  jsonSchema ??= toJsonSchema(settingsSchema);
  return jsonSchema;
}
