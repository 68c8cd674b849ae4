/** The types of panels that the dashboards have, as Grafana's panel plugins draw them. */
import {
  type DataFrame,
  dateTime,
  type FieldConfigSource,
  type FieldDisplay,
  type GrafanaTheme2,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type ReduceDataOptions,
  renderTextPanelMarkdown,
  type VizOrientation,
} from "@grafana/data";
import {
  BarGauge,
  type BarGaugeDisplayMode,
  BigValue,
  type BigValueColorMode,
  type BigValueGraphMode,
  type BigValueJustifyMode,
  type BigValueTextMode,
  type TableSortByFieldState,
  TimeSeries,
  type VizLegendOptions,
  VizRepeater,
} from "@grafana/ui";
import { TableNG } from "@grafana/ui/unstable";
import type { JSX } from "react";

export interface Visualization {
  readonly frames: DataFrame[];
  readonly fieldConfig: FieldConfigSource;
  /** The options of the panel, in the form that its type has. */
  // biome-ignore lint/suspicious/noExplicitAny: each type of panel has options of its own.
  readonly options: any;
  readonly width: number;
  readonly height: number;
  /** Of the dashboard, in Unix seconds. */
  readonly start: number;
  readonly end: number;
  readonly theme: GrafanaTheme2;
}

/** By the type of the panel. A panel of another type can't be drawn. */
export const VISUALIZATIONS: Readonly<Record<string, (visualization: Visualization) => JSX.Element>> = {
  timeseries: drawTimeSeries,
  stat: drawStat,
  bargauge: drawBarGauge,
  table: drawTable,
  text: drawText,
};

function drawTimeSeries({ frames, options, width, height, start, end }: Visualization) {
  const [from, to] = [dateTime(start * 1000), dateTime(end * 1000)];
  return (
    <TimeSeries
      frames={frames}
      width={width}
      height={height}
      timeRange={{ from, to, raw: { from, to } }}
      timeZone="utc"
      legend={options.legend as VizLegendOptions}
    />
  );
}

function readValues({ frames, fieldConfig, options, theme }: Visualization): FieldDisplay[] {
  return getFieldDisplayValues({
    data: frames,
    fieldConfig,
    reduceOptions: options.reduceOptions as ReduceDataOptions,
    replaceVariables: (text) => text,
    sparkline: options.graphMode !== "none",
    theme,
    timeZone: "utc",
  });
}

function drawStat(visualization: Visualization) {
  const { frames, options, width, height, theme } = visualization;
  return (
    <VizRepeater
      getValues={() => readValues(visualization)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, width, height, count }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          colorMode={options.colorMode as BigValueColorMode}
          graphMode={options.graphMode as BigValueGraphMode}
          justifyMode={options.justifyMode as BigValueJustifyMode}
          textMode={options.textMode as BigValueTextMode}
          alignmentFactors={alignmentFactors}
          disableWideLayout={!options.wideLayout}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      source={frames}
      renderCounter={0}
      autoGrid
      orientation={options.orientation as VizOrientation}
      width={width}
      height={height}
    />
  );
}

function drawBarGauge(visualization: Visualization) {
  const { frames, options, width, height, theme } = visualization;
  return (
    <VizRepeater
      getValues={() => readValues(visualization)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, orientation, width, height }) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          alignmentFactors={alignmentFactors}
          orientation={orientation}
          displayMode={options.displayMode as BarGaugeDisplayMode}
          showUnfilled={options.showUnfilled}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      source={frames}
      renderCounter={0}
      orientation={options.orientation as VizOrientation}
      minVizWidth={options.minVizWidth}
      minVizHeight={options.minVizHeight}
      maxVizHeight={options.maxVizHeight}
      width={width}
      height={height}
    />
  );
}

function drawTable({ frames, fieldConfig, options, width, height }: Visualization) {
  const [frame] = frames;
  if (frame === undefined || frames.length > 1)
    throw new Error(`a table must have one frame, got ${frames.length}`);
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      sortBy={options.sortBy as TableSortByFieldState[]}
      cellHeight={options.cellHeight}
      fieldConfig={fieldConfig}
      noValue={fieldConfig.defaults.noValue}
      noHeader={!options.showHeader}
      enableVirtualization={false}
    />
  );
}

function drawText({ options }: Visualization) {
  if (options.mode !== "markdown") throw new Error(`a text must be Markdown, got ${options.mode}`);
  return (
    <div
      className="markdown-html"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: Grafana's function sanitizes it.
      dangerouslySetInnerHTML={{ __html: renderTextPanelMarkdown(options.content) }}
    />
  );
}
