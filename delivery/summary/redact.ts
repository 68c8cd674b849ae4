/** Texts of the engine without secrets: private keys removed, certificates by their identity, without colors. */
import { stripVTControlCharacters } from "node:util";
import { redactText } from "../redaction/redact-text.ts";

/** Colors that the engine's diagnostics may have: `<{%fg 1%}>`. */
const COLOR = /<\{%[^%]*%\}>/g;

/** A text as a summary may show it. */
export function redact(text: string): string {
  return redactText(stripVTControlCharacters(text).replace(COLOR, ""));
}
