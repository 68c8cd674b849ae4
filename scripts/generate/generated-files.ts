/** The files that are generated from the settings. */
import type { SettingSchema } from "../../stacks/settings/messages/setting-schema.ts";
import { generateOwnedValues } from "./owned-values.ts";
import { generatePulumiConfig } from "./pulumi-config.ts";
import { generateSettingsTables } from "./settings-tables.ts";

/** For each file, by its path in the repository, its content for a schema; `current` is the one that it has. */
export const GENERATED_FILES: Readonly<Record<string, (settings: SettingSchema, current: string) => string>> =
  {
    "Pulumi.yaml": generatePulumiConfig,
    "docs/settings.md": generateSettingsTables,
    "components/linkerd/values/owned-values.ts": generateOwnedValues,
  };
