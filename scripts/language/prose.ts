/** Finds the text in a file that people read: comments, messages, names of tests, and documents. */
import ts from "typescript";

/** Text that belongs together, such as a comment or a message. */
export interface Passage {
  readonly text: string;
  /** Where each character of `text` is in the file. */
  readonly offsets: readonly number[];
}

/** A range of offsets in a file. */
type Span = readonly [start: number, end: number];

/** Stands for a value inside a message, such as `${name}`. */
const PLACEHOLDER = "…";

/** Returns the passages of a file. Those of a test are its comments and the names of its tests. */
export function findProse(path: string, content: string): Passage[] {
  if (/\.[mc]?[jt]s$/.test(path)) return findInCode(path, content);
  const text = path.endsWith(".md") ? content : hideKeys(content);
  return [toPassage(text, [[0, text.length]])];
}

/** Hides the keys of YAML. The length stays. */
function hideKeys(content: string): string {
  return content.replaceAll(
    /^([ \t]*(?:- )?)([\w./-]+)(?=:(\s|$))/gm,
    (_, indent: string, key: string) => indent + "_".repeat(key.length),
  );
}

function findInCode(path: string, content: string): Passage[] {
  const file = ts.createSourceFile(path, content, ts.ScriptTarget.Latest, false);
  const isTest = /\.test\.ts$/.test(path);
  const comments = new Map<number, Span>();
  const passages: Passage[] = [];

  const visit = (node: ts.Node): void => {
    for (const { pos, end } of [
      ...(ts.getLeadingCommentRanges(content, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(content, node.end) ?? []),
    ]) {
      comments.set(pos, [pos, end]);
    }
    const text = isTest ? testName(node) : isText(node) ? node : undefined;
    // A string without a space is a name or a key.
    if (text && / /.test(text.getText(file))) passages.push(toPassage(content, partsOf(text, file)));
    for (const child of text === node ? valuesIn(node, file) : node.getChildren(file)) visit(child);
  };
  visit(file);
  const sorted = [...comments.values()].sort(([a], [b]) => a - b);
  return [...passages, ...joinComments(content, sorted).map((span) => toPassage(content, [span]))];
}

/** Whether the node is a string, a template or a concatenation of them. */
function isText(node: ts.Node): boolean {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  return isConcatenation(node) && [node.left, node.right].some(isText);
}

function isConcatenation(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** The text of a string, a template or a concatenation, and the expressions in it, in their order. */
function partsOf(node: ts.Node, file: ts.SourceFile): (Span | ts.Node)[] {
  const between = (literal: ts.Node, closing: number): Span => [
    literal.getStart(file) + 1,
    literal.end - closing,
  ];
  if (ts.isStringLiteralLike(node)) return [between(node, 1)];
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.flatMap(({ expression, literal }) => [
      expression,
      between(literal, ts.isTemplateTail(literal) ? 1 : 2),
    ]);
    return [between(node.head, 2), ...spans];
  }
  if (isConcatenation(node)) return [...partsOf(node.left, file), ...partsOf(node.right, file)];
  return [node];
}

function valuesIn(node: ts.Node, file: ts.SourceFile): ts.Node[] {
  return partsOf(node, file).filter((part) => !Array.isArray(part)) as ts.Node[];
}

/** The name of a test, if the node is a call of `test`, `describe` or one of their variants. */
function testName(node: ts.Node): ts.Node | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  let callee: ts.Node = node.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression;
  return ts.isIdentifier(callee) && /^(test|it|describe)$/.test(callee.text) ? node.arguments[0] : undefined;
}

/** Comments on consecutive lines are one. */
function joinComments(content: string, comments: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const [start, end] of comments) {
    const last = joined.at(-1);
    if (last && /^[ \t]*\n[ \t]*$/.test(content.slice(last[1], start))) joined.splice(-1, 1, [last[0], end]);
    else joined.push([start, end]);
  }
  return joined;
}

/**
 * One passage from the parts of a text. Lines of a paragraph are joined, so that a phrase is found where it is wrapped.
 * Code in backticks and values are replaced by characters that are part of no word.
 */
function toPassage(content: string, parts: readonly (Span | ts.Node)[]): Passage {
  let text = "";
  const offsets: number[] = [];
  for (const part of parts) {
    if (!Array.isArray(part)) {
      text += PLACEHOLDER;
      offsets.push((part as ts.Node).pos);
      continue;
    }
    const [start, end] = part as Span;
    text += content.slice(start, end);
    for (let offset = start; offset < end; offset++) offsets.push(offset);
  }
  return joinLines(hideCode(text), offsets);
}

/** Hides code in backticks. The length stays. */
function hideCode(text: string): string {
  return text
    .replaceAll(/\\[nrt]/g, "\n ")
    .replaceAll(/```[\s\S]*?```/g, (block) => block.replaceAll("`", "_"))
    .replaceAll(/`[^`\n]*(\n[^`\n]+)?`/g, (code) => code.replaceAll(/[^`\n]/g, "_"));
}

const CONTINUED_LINE = /\n[ \t]*(?:(?:\*(?!\/)|\/\/|#|>)[ \t]*)?(?=[\p{L}\p{P}\d`(])(?![-*|#])/gu;

/** Replaces the line break in a paragraph, and the comment marker after it, by a space. */
function joinLines(text: string, offsets: readonly number[]): Passage {
  let joined = "";
  const kept: number[] = [];
  let from = 0;
  for (const { index, 0: found } of text.matchAll(CONTINUED_LINE)) {
    joined += `${text.slice(from, index)} `;
    kept.push(...offsets.slice(from, index + 1));
    from = index + found.length;
  }
  return { text: joined + text.slice(from), offsets: [...kept, ...offsets.slice(from)] };
}
