/** Panels of each type, with the settings that all of them share. */
import { dataSource, type Query, type Source, withRefIds } from "./queries.ts";
import type { BarGaugePanel, StatPanel, TextPanel, Thresholds, TimeseriesPanel } from "./sdk-types.ts";
import { NEUTRAL } from "./thresholds.ts";

/** What all panels with values have. */
export interface ValuePanel {
  title: string;
  /** What the panel shows and what it does not, for the tooltip of the title. */
  description: string;
  /** A unit of Grafana, such as `reqps`, `percentunit` (0 to 1), `ms` or `bytes`. */
  unit: string;
  queries: readonly Query[];
  /** @default `datasource`, the mesh */
  source?: Source;
  /** Displayed in place of a value where there is no series. @default `no data` */
  noValue?: string;
  thresholds?: Thresholds;
}

/** The fields of {@link ValuePanel} that do not depend on the type. */
function shared({ title, description, queries, source = "datasource" }: ValuePanel) {
  return { title, description, datasource: dataSource(source), targets: withRefIds(queries) };
}

function fieldDefaults({ unit, noValue = "no data", thresholds = NEUTRAL }: ValuePanel) {
  return { unit, noValue, thresholds };
}

const LAST_VALUE = { calcs: ["lastNotNull"], fields: "", values: false };

/** Lines over time. A gap is a time without traffic. */
export function timeseries(panel: ValuePanel & { stacked?: boolean; max?: number }): TimeseriesPanel {
  return {
    type: "timeseries",
    ...shared(panel),
    fieldConfig: {
      defaults: {
        ...fieldDefaults(panel),
        color: { mode: "palette-classic" },
        min: 0,
        ...(panel.max !== undefined && { max: panel.max }),
        custom: {
          drawStyle: "line",
          lineWidth: 1,
          // The areas below many lines would hide each other.
          fillOpacity: panel.stacked ? 30 : 0,
          showPoints: "auto",
          spanNulls: false,
          stacking: { mode: panel.stacked ? "normal" : "none", group: "A" },
        },
      },
      overrides: [],
    },
    options: {
      legend: { showLegend: true, displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}

/** Large numbers. */
export function stat(panel: ValuePanel): StatPanel {
  return {
    type: "stat",
    ...shared(panel),
    fieldConfig: { defaults: { ...fieldDefaults(panel), color: { mode: "thresholds" } }, overrides: [] },
    options: {
      colorMode: "value",
      graphMode: "none",
      justifyMode: "auto",
      orientation: "auto",
      percentChangeColorMode: "standard",
      reduceOptions: LAST_VALUE,
      showPercentChange: false,
      textMode: "auto",
      wideLayout: true,
    },
  };
}

/** Horizontal bars, one for each series. */
export function barGauge(panel: ValuePanel): BarGaugePanel {
  return {
    type: "bargauge",
    ...shared(panel),
    fieldConfig: {
      defaults: { ...fieldDefaults(panel), color: { mode: "thresholds" }, min: 0 },
      overrides: [],
    },
    options: {
      displayMode: "basic",
      legend: { showLegend: false, displayMode: "list", placement: "bottom", calcs: [] },
      maxVizHeight: 300,
      minVizHeight: 16,
      minVizWidth: 8,
      namePlacement: "auto",
      orientation: "horizontal",
      reduceOptions: LAST_VALUE,
      showUnfilled: true,
      sizing: "auto",
      valueMode: "color",
    },
  };
}

/** Markdown, for what can not be measured. */
export function text(title: string, description: string, content: string): TextPanel {
  return { type: "text", title, description, options: { mode: "markdown", content } };
}
