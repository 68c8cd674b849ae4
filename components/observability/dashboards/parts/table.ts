/** Tables: one row for each combination of labels, one column for each query. */
import { dataSource, instant, type Source, withRefIds } from "./queries.ts";
import type { TablePanel, Thresholds } from "./sdk-types.ts";
import { NEUTRAL } from "./thresholds.ts";

/** A column with a label. */
export interface LabelColumn {
  label: string;
  title: string;
  /** The link of each cell. */
  link?: { title: string; url: string };
}

/** A column with values. */
export interface ValueColumn {
  title: string;
  expr: string;
  unit: string;
  decimals?: number;
  thresholds?: Thresholds;
  /** Displayed in place of a value that a row does not have. */
  noValue?: string;
}

/** A table whose queries have the same labels. */
export interface TableOptions {
  title: string;
  description: string;
  labels: readonly LabelColumn[];
  columns: readonly ValueColumn[];
  /** The title of the column to sort by. Rows without a value are last. */
  sortBy: string;
  /** Sort the smallest value to the top. @default the largest value */
  ascending?: boolean;
  source?: Source;
}

/** In pixels. With Grafana's own, 150, the table of all applications does not fit on a screen. */
const MIN_COLUMN_WIDTH = 100;

const valueField = (index: number) => `Value #${String.fromCharCode(65 + index)}`;

/**
 * Grafana merges the answers of all queries: rows with equal labels become one. The column `Time` is hidden. A single query
 * has the field `Value`, several have `Value #A`, `Value #B`, ….
 */
export function table(options: TableOptions): TablePanel {
  const { title, description, labels, columns, sortBy, ascending = false, source = "datasource" } = options;
  const fields = columns.map((_, index) => (columns.length === 1 ? "Value" : valueField(index)));
  const order = [...labels.map(({ label }) => label), ...fields];
  const titles = [...labels, ...columns].map((column) => column.title);
  return {
    type: "table",
    title,
    description,
    datasource: dataSource(source),
    targets: withRefIds(columns.map(({ expr }) => ({ ...instant(expr, "", source), format: "table" }))),
    transformations: [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(order.map((field, index) => [field, index])),
          renameByName: Object.fromEntries(order.map((field, index) => [field, titles[index]])),
        },
      },
    ],
    fieldConfig: {
      defaults: {
        unit: "short",
        noValue: "-",
        thresholds: NEUTRAL,
        color: { mode: "thresholds" },
        custom: { align: "auto", inspect: false, filterable: true, minWidth: MIN_COLUMN_WIDTH },
      },
      overrides: [...labels.map(labelOverride), ...columns.map(columnOverride)],
    },
    options: {
      frameIndex: 0,
      showHeader: true,
      cellHeight: "sm",
      sortBy: [{ displayName: sortBy, desc: !ascending }],
    },
  };
}

/** Grafana formats a text that is a number as one: port 8080 as `8.08 K`. */
function labelOverride({ title, link }: LabelColumn) {
  const properties: { id: string; value: unknown }[] = [{ id: "unit", value: "string" }];
  if (link !== undefined) properties.push({ id: "links", value: [link] });
  return { matcher: { id: "byName", options: title }, properties };
}

function columnOverride({ title, unit, decimals, thresholds, noValue }: ValueColumn) {
  const properties: { id: string; value: unknown }[] = [{ id: "unit", value: unit }];
  if (decimals !== undefined) properties.push({ id: "decimals", value: decimals });
  if (noValue !== undefined) properties.push({ id: "noValue", value: noValue });
  if (thresholds !== undefined) {
    properties.push({ id: "thresholds", value: thresholds });
    properties.push({ id: "custom.cellOptions", value: { type: "color-text" } });
  }
  return { matcher: { id: "byName", options: title }, properties };
}
