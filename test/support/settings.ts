/** Settings of a stack, as the engine hands them to the program. */
import { parseSettings, SettingsError } from "../../stacks/settings.ts";

/** Full keys, everything a text. */
export function config(settings: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `linkerd-mesh:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
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
