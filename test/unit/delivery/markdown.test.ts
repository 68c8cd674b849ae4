import fc from "fast-check";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { expect, test } from "vitest";
import { code, details, table } from "../../../delivery/markdown/blocks.ts";
import { escapeText, formatMessage, inlineCode, removeInvisible } from "../../../delivery/markdown/escape.ts";
import { fitSections, type Section } from "../../../delivery/markdown/fit-sections.ts";

/** Pieces with a meaning in Markdown, in HTML or on GitHub, between pieces without one. */
const HOSTILE = [
  "@user",
  "@org/team",
  "#123",
  "owner/name#1",
  "GH-7",
  "gh-8",
  "https://example.com/",
  "www.example.com",
  "_www.example.com",
  "a@b.example",
  "</details>",
  "<summary>",
  "<img src=x>",
  "<!--",
  "-->",
  "```",
  "~~~",
  "`",
  "``",
  "|",
  "\\|",
  "\\",
  "**",
  "__",
  "~~",
  "[x](y)",
  "![x](y)",
  "&lt;",
  "&#64;",
  "$x$",
  "- ",
  "+ ",
  "1. ",
  "2)",
  "# ",
  "> ",
  "===",
  "---",
  ":---",
  "\n",
  "\n\n",
  "\r\n",
  "\t",
  "    ",
  " ",
  "[^1]",
  "[ ] ",
  "\u202e",
  "\u200b",
  "\u0007",
  "word",
  "é",
  "😀",
];
/** Runs of each property: few milliseconds. With 6,000 runs, the properties hold as well. */
const RUNS = { numRuns: 40 };

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 4 })), { maxLength: 12 })
  .map((pieces) => pieces.join(""));
const line = (text: string) => removeInvisible(text).replace(/\s+/g, " ").trim();

function render(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
}

/** The text that a browser displays for HTML without elements. */
function decode(html: string): string {
  return html
    .replaceAll(/&#(\d+);/g, (_, digits) => String.fromCodePoint(Number(digits)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** What GitHub changes in rendered text: mentions, references and links. */
const LINKS = /@[\w-]|#\d|(?<![a-z0-9])gh-\d|:\/\/|(?<![a-z0-9])www\./i;

test("an escaped text is displayed as one line, formats nothing, and neither mentions nor links anything", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const html = render(`before ${escapeText(text)} after`);
      const shown = decode(html.replace(/^<p>(.*)<\/p>$/s, "$1"));
      expect(html).not.toMatch(/<(?!\/?p>)/);
      expect(shown.replaceAll("\u200b", "")).toBe(`before ${line(text)} after`);
      expect(shown).not.toMatch(LINKS);
    }),
    RUNS,
  );
});

test("an escaped text at the start of a line does not begin a heading, a list or a quote", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const shown = line(text);
      const html = render(escapeText(text));
      expect(decode(html.replace(/^<p>(.*)<\/p>$/s, "$1")).replaceAll("\u200b", "")).toBe(shown);
    }),
    RUNS,
  );
});

test("a message is displayed as one line, with code in backticks, and neither mentions nor links anything", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const html = render(`before ${formatMessage(text)} after`);
      const shown = html.replace(/^<p>(.*)<\/p>$/s, "$1").replaceAll(/<\/?code>/g, "`");
      expect(shown).not.toMatch(/<(?!\/?p>)/);
      expect(withoutBlanks(decode(shown))).toBe(withoutBlanks(`before ${line(text)} after`));
      expect(decode(html.replaceAll(/<code>.*?<\/code>/gs, ""))).not.toMatch(LINKS);
    }),
    RUNS,
  );
});

/** Code begins and ends without a blank. */
const withoutBlanks = (text: string) => text.replaceAll(/[\u200b\s]/g, "");

test("characters without a meaning are readable in the source", () => {
  const text = "Trust (root \"a\") -> 'b' & c > d: run `pulumi up`.";
  expect(formatMessage(text)).toBe(text);
});

test("code in a line is displayed as it is, in a paragraph and in a cell", () => {
  fc.assert(
    fc.property(
      hostileText.filter((text) => line(text) !== ""),
      (text) => {
        expect(decode(render(`before ${inlineCode(text)} after`))).toBe(
          `<p>before <code>${line(text)}</code> after</p>`,
        );
        const cells = render(table(["a", "b"], [[inlineCode(text), "last"]]));
        expect(decode(/<td>(.*)<\/td>\n<td>last<\/td>/s.exec(cells)?.[1] ?? "")).toBe(
          `<code>${line(text)}</code>`,
        );
      },
    ),
    RUNS,
  );
});

test("a block of code keeps its lines and ends with its own fence, whatever is in it", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const clean = removeInvisible(text).replace(/\n+$/, "");
      const html = render(`${code(text, "yaml")}\n\nafter`);
      expect(html).toMatch(/<\/code><\/pre>\n<p>after<\/p>$/);
      expect(decode(/<code class="language-yaml">(.*)<\/code>/s.exec(html)?.[1] ?? "").trimEnd()).toBe(
        clean.trimEnd(),
      );
    }),
    RUNS,
  );
});

test("a folded part is closed by nothing in its title or its body", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const html = render(details(text, `${code(text)}\n\n${escapeText(text)}`));
      expect(html.match(/<\/?(details|summary)>/g)).toEqual([
        "<details>",
        "<summary>",
        "</summary>",
        "</details>",
      ]);
      expect(html.trimEnd().endsWith("</details>")).toBe(true);
    }),
    RUNS,
  );
});

test("values in a table change neither the number of its cells nor that of its rows", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostileText, hostileText), { minLength: 1, maxLength: 4 }), (rows) => {
      const html = render(
        table(
          ["a", "b"],
          rows.map((row) => row.map(escapeText)),
        ),
      );
      expect(html.match(/<td>/g)).toHaveLength(2 * rows.length);
      expect(html.match(/<(table|p)>/g)).toEqual(["<table>"]);
    }),
    RUNS,
  );
});

const sections = fc.array(
  fc.record<Section>({
    title: hostileText,
    blocks: fc.array(
      hostileText.map((text) => code(text)),
      { maxLength: 6 },
    ),
    folded: fc.boolean(),
  }),
  { maxLength: 5 },
);

test("a document fits into its budget, shows every title, and leaves out the last blocks of each section", () => {
  fc.assert(
    fc.property(sections, fc.integer({ min: 1200, max: 3000 }), (all, budget) => {
      const document = { lead: "lead", sections: all, pointer: "The rest is in the summary of the run." };
      const complete = fitSections(document, Number.MAX_SAFE_INTEGER);
      const fitted = fitSections(document, budget);
      expect(fitted.length).toBeLessThanOrEqual(budget);
      expect(fitted === complete).toBe(complete.length <= budget);
      expect(fitted.includes(document.pointer)).toBe(fitted !== complete);
      for (const { title, blocks } of all) if (blocks.length > 0) expect(fitted).toContain(escapeText(title));
      const html = render(fitted);
      expect(html.match(/<details>/g)?.length).toBe(html.match(/<\/details>/g)?.length);
    }),
    RUNS,
  );
});

test("a document that is too long leaves out blocks of its last section first, and reports their number", () => {
  const block = "x".repeat(100);
  const section = (title: string) => ({ title, blocks: [block, block, block] });
  const document = {
    lead: "lead",
    sections: [section("first"), section("second")],
    pointer: "See the rest.",
  };
  const fitted = fitSections(document, 420);
  const [first = "", second = ""] = fitted.split("### second");
  expect(first.split(block)).toHaveLength(4);
  expect(first).not.toContain("not shown");
  expect(second.split(block)).toHaveLength(1);
  expect(second).toContain("_3 not shown._\n\nSee the rest.");
});

test("a budget that has no space for the titles is rejected with the smallest one", () => {
  const document = { lead: "lead", sections: [{ title: "t", blocks: ["x".repeat(99)] }], pointer: "rest" };
  expect(() => fitSections(document, 10)).toThrow(
    "budget: must be at least 34 characters for this document, got 10.",
  );
});
