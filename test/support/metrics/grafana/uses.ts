/** Which metrics and labels a query reads, according to Prometheus' own parser. */
import type { Api } from "../api.ts";

export interface Uses {
  readonly metrics: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
  /** Labels that the query itself creates with `label_replace` and `label_join`. */
  readonly made: ReadonlySet<string>;
}

/** A node of the tree that `/api/v1/parse_query` returns: prometheus, web/api/v1/translate_ast.go. */
interface Node {
  readonly type: string;
  /** The metric of a selector. */
  readonly name?: string;
  readonly matchers?: readonly { readonly name: string; readonly value: string }[];
  readonly grouping?: readonly string[] | null;
  readonly matching?: {
    readonly labels?: readonly string[] | null;
    readonly include?: readonly string[] | null;
  } | null;
  readonly func?: { readonly name: string };
  readonly args?: readonly Node[];
  readonly val?: string;
  readonly expr?: Node;
  readonly param?: Node | null;
  readonly lhs?: Node;
  readonly rhs?: Node;
}

/** Needs Prometheus 3. */
export async function findUses(api: Api, expr: string): Promise<Uses> {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const made = new Set<string>();
  const visit = (node: Node) => {
    if (node.type === "vectorSelector" || node.type === "matrixSelector") {
      if (node.name) metrics.add(node.name);
      for (const { name, value } of node.matchers ?? []) {
        if (name === "__name__") metrics.add(value);
        else labels.add(name);
      }
    }
    for (const label of node.grouping ?? []) labels.add(label);
    for (const label of [...(node.matching?.labels ?? []), ...(node.matching?.include ?? [])])
      labels.add(label);
    for (const label of findArguments(node)) labels.add(label);
    if (node.func?.name === "label_replace" || node.func?.name === "label_join")
      made.add(node.args?.[1]?.val ?? "");
    for (const child of [node.expr, node.param, node.lhs, node.rhs, ...(node.args ?? [])]) {
      if (child) visit(child);
    }
  };
  visit((await api.call("parse_query", { query: expr })) as Node);
  return { metrics, labels, made };
}

/** The labels that a function reads by its arguments. Those that it writes are not among them. */
function findArguments({ func, args = [] }: Node): string[] {
  const text = (index: number) => args[index]?.val ?? "";
  if (func?.name === "histogram_quantile") return ["le"];
  if (func?.name === "label_replace") return [text(3)];
  if (func?.name === "label_join") return args.slice(3).map(({ val = "" }) => val);
  return [];
}
