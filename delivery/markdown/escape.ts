/** Text of any origin in Markdown that GitHub renders. */

/**
 * Characters with a meaning in Markdown or HTML. `$` begins a formula on GitHub. Within a word, `_` has no meaning. Without `<`,
 * neither quotes nor `>` have one, except for `>` at the start of a line.
 */
const SPECIAL = /&(?=[#A-Za-z])|[<`*[\]|~\\$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** Control characters, and the characters that change the direction of text, which can hide the meaning of a text. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/**
 * The place inside a mention (`@user`, `user@host`), a reference (`#1`, `owner/name#1`, `GH-1`) or a link (`https://…`,
 * `www.…`) where a zero-width space ends it. GitHub finds these in the rendered text, so that an entity alone does not
 * hide them. Renovate uses the same character (lib/modules/platform/github, "massageMarkdown").
 */
const LINKED = /@|#(?=\d)|(?<![a-z0-9])gh-(?=\d)|:(?=\/\/)|(?<![a-z0-9])www(?=\.)/gi;
/** What begins a heading, list, quote, underline or definition at the start of a line. */
const LINE_START = /^(?:[#+\-=:>]|\d+[.)])/;

/**
 * Escapes a text as one line of Markdown: in a paragraph, a list item, a table cell or an HTML element. GitHub renders
 * the text itself, with white space as single spaces, and neither notifies a user nor links anything.
 */
export function escapeText(text: string): string {
  return escapeLine(toLine(text));
}

/** A part of a message in backticks, such as a command. Without a backtick beside it, these are its ends. */
const CODE = /((?<!`)`[^`]+`(?!`))/;

/**
 * Formats a message as one line of Markdown, as {@link escapeText} does, and its parts in backticks as code. Use it in a
 * paragraph or a list item, not in an element of HTML, where Markdown has no meaning.
 */
export function formatMessage(text: string): string {
  return toLine(text)
    .split(CODE)
    .map((part, index) => (index % 2 === 1 ? inlineCode(part.slice(1, -1)) : escapeLine(part)))
    .join("");
}

function escapeLine(line: string): string {
  return escapeCharacters(line.replace(LINKED, "$&\u200b"))
    .replace(LINE_START, (start) => `${start.slice(0, -1)}${toEntity(start.slice(-1))}`)
    .replaceAll("\u200b", "&#8203;");
}

/** Formats a text as code within a line. GitHub neither formats nor links anything in code. */
export function inlineCode(text: string): string {
  const line = toLine(text);
  // Backticks are easier to read in the source, but a table splits cells at `|`, also inside them.
  if (/^[^`|]+$/.test(line)) return `\`${line}\``;
  return `<code>${escapeCharacters(line).replaceAll(/[:@.]/g, toEntity)}</code>`;
}

/** Removes characters that a reader cannot see, except line breaks and tabs. */
export function removeInvisible(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replace(INVISIBLE, "");
}

function toLine(text: string): string {
  return removeInvisible(text).replace(/\s+/g, " ").trim();
}

function escapeCharacters(text: string): string {
  return text.replace(SPECIAL, toEntity);
}

function toEntity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
