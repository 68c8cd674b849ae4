/** Settings of a stack, as the engine hands them to the program. */
import { readSettings, type Settings, SettingsError, whole } from "../../stacks/settings/settings.ts";

/** Full keys, everything a text. */
export function config(settings: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `linkerd-mesh:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** What a configuration means, where all of it is good by itself. */
export function parseSettings(configuration: Record<string, string>): Settings {
  const { good, mistakes } = readSettings(configuration);
  return whole(good, mistakes);
}

/** What is wrong with settings; nothing where they are good. */
export function mistakes(settings: Record<string, unknown>): readonly string[] {
  try {
    parseSettings(config(settings));
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}
