/** What the page draws: a dashboard, and what Prometheus answered to its queries. Times are Unix seconds. */
import type { DataTransformerConfig, FieldConfigSource } from "@grafana/data";

export interface Picture {
  readonly dashboard: Dashboard;
  readonly variables: readonly Variable[];
  /** By the ID of the panel, for each query in order. */
  readonly answers: Readonly<Record<number, readonly Answer[]>>;
  readonly start: number;
  readonly end: number;
  /** Seconds between two points of a line. */
  readonly step: number;
}

export interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly label: string;
  /** The text of the selection, for example `All`. */
  readonly text: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: FieldConfigSource;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: DataTransformerConfig[];
  /** The panels of a collapsed row. */
  readonly panels?: readonly Panel[];
}

export interface Answer {
  readonly refId: string;
  /** The answer has one column for each label, instead of one series for each set of labels. */
  readonly table: boolean;
  readonly series: readonly AnsweredSeries[];
}

export interface AnsweredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly legend: string;
  readonly points: readonly (readonly [time: number, value: number])[];
}
