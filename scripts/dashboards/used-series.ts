/** The metrics of PromQL expressions, and the labels that the expressions need of each, found by parsing them. */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { DERIVED_LABELS } from "../../components/observability/promql/derived-labels.ts";
import { SELECTION_KINDS } from "../../components/observability/promql/selection.ts";

/** For each metric, the labels that the expressions match, group by, join on or read. Both sorted. */
export type UsedSeries = Record<string, string[]>;

/** A label in the place of the variable `kind`, which Grafana replaces by one of many. */
const ANY_KIND = "any_kind";

/** Labels that the queries set, and that no metric has. */
const SET_LABELS = new Set(DERIVED_LABELS.flatMap(({ labels }) => labels));

/** Finds the metrics and labels of these expressions. Throws an error for text that is not PromQL. */
export function findUsedSeries(expressions: readonly string[]): UsedSeries {
  const used = new Map<string, Set<string>>();
  for (const expression of new Set(expressions.map(replaceVariables))) {
    for (const { metric, labels } of findSelectors(expression)) {
      used.set(metric, new Set([...(used.get(metric) ?? []), ...labels]));
    }
  }
  const names = [...used.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, expandKinds([...(used.get(name) ?? [])])]));
}

function replaceVariables(expression: string): string {
  return expression.replaceAll("$__rate_interval", "5m").replaceAll("$kind", ANY_KIND);
}

function expandKinds(labels: readonly string[]): string[] {
  const kinds = labels.includes(ANY_KIND) ? SELECTION_KINDS.map(({ label }) => label) : [];
  return [...new Set([...labels, ...kinds])].filter((label) => label !== ANY_KIND).sort();
}

interface Selector {
  metric: string;
  labels: Set<string>;
}

function findSelectors(expression: string): Selector[] {
  const found: Selector[] = [];
  const text = (node: SyntaxNode) => expression.slice(node.from, node.to);
  parser.parse(expression).iterate({
    enter({ node }) {
      if (node.type.isError) throw new Error(`not PromQL after ${expression.slice(0, node.from)}`);
      if (node.name !== "VectorSelector") return;
      const metric = node.getChild("Identifier");
      if (metric === null) throw new Error(`a selector without a metric: ${text(node)}`);
      found.push({ metric: text(metric), labels: labelsOf(node, text) });
    },
  });
  return found;
}

/**
 * The labels of one selector. From the selector outwards, an aggregation or a join reads the labels that it keeps, and the
 * labels that it drops can not be read by the functions around it.
 */
function labelsOf(selector: SyntaxNode, text: (node: SyntaxNode) => string): Set<string> {
  const read = new Set(namesIn(selector, text));
  let kept: readonly string[] | undefined;
  const use = (labels: readonly string[]) => {
    for (const label of labels) {
      if (!SET_LABELS.has(label) && (kept?.includes(label) ?? true)) read.add(label);
    }
  };
  for (let node = selector; node.parent !== null; node = node.parent) {
    const outer = node.parent;
    if (outer.name === "AggregateExpr") {
      const labels = namesIn(outer.getChild("AggregateModifier"), text);
      use(labels);
      kept = labels.filter((label) => kept?.includes(label) ?? true);
    } else if (outer.name === "BinaryExpr") {
      const clause = outer.getChild("MatchingModifierClause");
      const on = namesIn(clause, text);
      use(on);
      const isRight = outer.lastChild?.from === node.from;
      const onlyFilters = outer.getChild("And") !== null || outer.getChild("Unless") !== null;
      if (isRight && onlyFilters) kept = [];
      else if (isRight && clause?.getChild("GroupLeft")) kept = on;
    } else if (outer.name === "FunctionCall") {
      use(readByFunction(outer, text));
    }
  }
  return read;
}

/** The labels that a function reads, besides its argument. */
function readByFunction(call: SyntaxNode, text: (node: SyntaxNode) => string): string[] {
  const name = call.firstChild === null ? "" : text(call.firstChild);
  const strings = (call.getChild("FunctionCallBody")?.getChildren("StringLiteral") ?? []).map((node) =>
    text(node).slice(1, -1),
  );
  if (name === "histogram_quantile") return ["le"];
  if (name === "label_replace") return strings.slice(2, 3);
  if (name === "label_join") return strings.slice(2);
  return [];
}

/** The label names below a node. */
function namesIn(node: SyntaxNode | null, text: (node: SyntaxNode) => string): string[] {
  const names: string[] = [];
  node?.cursor().iterate((reference) => {
    if (reference.name === "LabelName") names.push(text(reference.node));
  });
  return names;
}
