/** A document of sections that fits into a comment. GitHub rejects a comment of more than 65,536 characters. */
import { details } from "./blocks.ts";
import { escapeText } from "./escape.ts";

/** Characters that a comment may have, with a reserve for what a workflow adds. */
export const COMMENT_BUDGET = 60_000;

/** A part of a document. */
export interface Section {
  /** Text of any origin. */
  readonly title: string;
  /** Markdown, most important first. A block is shown completely, or not at all. */
  readonly blocks: readonly string[];
  /** Text between two blocks: `"\n"` for items of one list. @default a blank line */
  readonly separator?: "\n" | "\n\n";
  /** Whether a reader has to open the section. @default false */
  readonly folded?: boolean;
}

export interface SectionDocument {
  /** Markdown at the top, always shown. */
  readonly lead: string;
  /** Most important first. */
  readonly sections: readonly Section[];
  /** Markdown that refers to the rest. It is added only if blocks are left out. */
  readonly pointer: string;
}

/**
 * Formats a document with at most `budget` characters. If it is too long, blocks of the last sections are left out first,
 * and each section reports how many of its blocks are missing.
 *
 * @throws RangeError if not even the lead and the titles fit
 */
export function fitSections(document: SectionDocument, budget = COMMENT_BUDGET): string {
  const sections = document.sections.filter(({ blocks }) => blocks.length > 0);
  const counts = sections.map(({ blocks }) => blocks.length);
  const complete = render(document, sections, counts);
  if (complete.length <= budget) return complete;

  const shown = sections.map(() => 0);
  let length = render(document, sections, shown).length;
  if (length > budget) {
    throw new RangeError(
      `budget: must be at least ${length} characters for this document, got ${budget}. Fix: pass a larger budget.`,
    );
  }
  for (const [index, section] of sections.entries()) {
    let sizes = formatSection(section, 0).length;
    for (let count = 1; count <= section.blocks.length; count++) {
      const size = formatSection(section, count).length;
      if (length - sizes + size > budget) break;
      length += size - sizes;
      sizes = size;
      shown[index] = count;
    }
  }
  return render(document, sections, shown);
}

function render(
  { lead, pointer }: SectionDocument,
  sections: readonly Section[],
  shown: readonly number[],
): string {
  const isShortened = sections.some(({ blocks }, index) => shown[index] !== blocks.length);
  const parts = [lead.trim(), ...sections.map((section, index) => formatSection(section, shown[index] ?? 0))];
  return `${[...parts, ...(isShortened ? [pointer.trim()] : [])].join("\n\n")}\n`;
}

/** Formats a section with its first `count` blocks. */
function formatSection(
  { title, blocks, separator = "\n\n", folded = false }: Section,
  count: number,
): string {
  const missing = blocks.length - count;
  const note =
    missing === 0 ? [] : [`_${missing === blocks.length ? missing : `${missing} more`} not shown._`];
  const body = [...(count > 0 ? [blocks.slice(0, count).join(separator)] : []), ...note].join("\n\n");
  return folded ? details(title, body) : `### ${escapeText(title)}\n\n${body}`;
}
