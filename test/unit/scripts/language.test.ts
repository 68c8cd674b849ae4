import { expect, test } from "vitest";
import { findWords, formatFinding } from "../../../scripts/language/find-words.ts";
import { WORDS } from "../../../scripts/language/vocabulary.ts";

const findIn = (path: string, content: string) => findWords(path, content).map(({ found }) => found);

/** At least one sentence for each row of the vocabulary. */
const PLANTED: readonly (readonly [sentence: string, ...found: string[]])[] = [
  ["Mistakes in them are told together.", "Mistakes", "told"],
  ["Mend it with: pulumi up", "Mend"],
  ["Pods that bear the label", "bear"],
  ["Pulumi says nothing of it.", "says"],
  ["The mesh is not asked for its ports.", "asked"],
  ["Each is there for the asking.", "asking", "for the asking"],
  ["No charts are to be had from here.", "be had"],
  ["The setting stands in a file.", "stands"],
  ["A default yields to the spec.", "yields to"],
  ["The mesh lets its probes in.", "lets its probes in"],
  ["The chart makes five certificates.", "makes"],
  ["Upstream vouches for it.", "vouches for"],
  ["A leaf lives 100 years.", "lives"],
  ["The one that ends first is at the top.", "ends first"],
  ["Days until it ends", "until it ends"],
  ["Report when a certificate ends.", "certificate ends"],
  ["The policy goes after the Server.", "goes after"],
  ["Its pods roll, and no other pod rolls back.", "roll"],
  ["A self-signed authority", "authority"],
  ["Linkerd's definitions, not type definitions", "definitions"],
  ["A whole number", "whole"],
  ["The key is in plain here.", "in plain"],
  ["Reports what is wrong.", "what is"],
  ["The name is no label, and there is no other.", "is no"],
  ["The release is there already.", "is there already"],
  ["A value that is known only later", "known only later"],
  ["It is open where nobody asks.", "asks", "nobody asks"],
  ["It is created anew.", "anew"],
  ["ports.opaque: it is out of range; expected 1 to 65535", "; expected"],
  ["The value is too long. Expected one character.", ". Expected"],
  ["The names that are known are a and b.", "known are"],
];

test.each(PLANTED)("the scan finds the planted sentence %j", (sentence, ...found) => {
  expect(findIn("docs/page.md", `# Title\n\n${sentence}\n`).sort()).toEqual(found.sort());
});

test("every row of the vocabulary finds a planted sentence", () => {
  const used = new Set(PLANTED.flatMap(([sentence]) => findWords("a.md", sentence).map(({ use }) => use)));
  expect([...used].sort()).toEqual([...new Set(WORDS.map(([, use]) => use))].sort());
});

test.each([
  "A stand-in chart is no longer used, 0 stands for the default, and understanding it takes no authorization.",
  "kubectl rollout restart and a rolling update restart pods; Helm rolls back.",
  "Custom resource definitions and type definitions are in plain text.",
  "There is no label, there are no pods, and the makers recommend it.",
  "What you get: `whole`, `authority`, `told` and `made` are code.",
])("the scan accepts %j", (sentence) => {
  expect(findIn("docs/page.md", sentence)).toEqual([]);
});

test("the scan reports the path, the line, the word and a better one", () => {
  const findings = findWords("docs/page.md", "# Title\n\nFine.\nMend it.\n");
  expect(findings.map(formatFinding)).toEqual(['docs/page.md:4: "Mend". Use: fix']);
});

test("a phrase is found where a comment or a paragraph is wrapped", () => {
  expect(findIn("a.ts", "/**\n * It reports what\n * is wrong.\n */\n")).toEqual(["what is"]);
  expect(findIn("a.ts", "  // It reports what\n  // is wrong.\n")).toEqual(["what is"]);
  expect(findIn("a.md", "> It reports what\n> is wrong.\n")).toEqual(["what is"]);
});

test("items of a list are not read as one sentence", () => {
  expect(findIn("a.md", "- It reports what\n- is wrong.\n")).toEqual([]);
});

test("the scan reads comments and messages of code, and not its identifiers", () => {
  const code = [
    "const made = told(stands);",
    "/** It is made here. */",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the code of a template
    'throw new Error(`The pod ${name} is ` + "no pod of the mesh.");',
    'report("The mesh " + name + " is whole" /* and told */);',
  ].join("\n");
  expect(findWords("components/a.ts", code).map(({ line, found }) => [line, found])).toEqual([
    [2, "made"],
    [3, "is no"],
    [4, "whole"],
    [4, "told"],
  ]);
});

test("the scan reads comments and values of YAML, and not its keys", () => {
  const yaml = "made:\n  # It is made here.\n  - told: It is whole.\n";
  expect(findWords("Pulumi.yaml", yaml).map(({ line, found }) => [line, found])).toEqual([
    [2, "made"],
    [3, "whole"],
  ]);
});

test("a string without a space is not read as a sentence", () => {
  expect(findIn("components/a.ts", 'write("made");')).toEqual([]);
});

test("the scan reads the names and the comments of tests, and not their other strings", () => {
  const code = [
    'describe("a mesh", () => {',
    '  test.each(["told"])("%s is told", () => expect("said").toBe("said"));',
    "  // It is made here.",
    "});",
  ].join("\n");
  expect(findWords("test/unit/a.test.ts", code).map(({ line, found }) => [line, found])).toEqual([
    [2, "told"],
    [3, "made"],
  ]);
});

test("a former name is found in code and in backticks, and not in a table of renamed fields", () => {
  expect(findIn("components/a.ts", "options.waitForProxy = true;")).toEqual(["waitForProxy"]);
  expect(findIn("docs/a.md", "Set `signedBy`.")).toEqual(["signedBy"]);
  expect(findIn("components/a.ts", 'const RENAMED = { waitForProxy: "mesh.proxyAwait" };')).toEqual([]);
  expect(findIn("stacks/a.ts", 'setting(generation, { renamedFrom: "signedBy" })')).toEqual([]);
  expect(findIn("test/unit/a.test.ts", "options.waitForProxy = true;")).toEqual([]);
});
