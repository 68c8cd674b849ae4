/**
 * Grafana's types for the JSON of a dashboard, from `@grafana/grafana-foundation-sdk`. Imports of types only: the SDK is a
 * development dependency and pre-1.0, and its builders would add modules to every preview.
 */
import type * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import type * as sdk from "@grafana/grafana-foundation-sdk/dashboard";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as text from "@grafana/grafana-foundation-sdk/text";
import type * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

/** A type of the SDK as plain JSON: values of string enums are their texts, and marker methods are left out. */
export type Json<T> = 0 extends 1 & T
  ? unknown
  : T extends string
    ? `${T}`
    : T extends readonly (infer Element)[]
      ? readonly Json<Element>[]
      : T extends object
        ? { readonly [Key in keyof T as Key extends `_${string}` ? never : Key]: Json<T[Key]> }
        : T;

type Replace<T, Fields> = Omit<T, keyof Fields> & Fields;

/** Field settings with the settings of a panel type in `custom`, which the SDK leaves open. */
type Fields<Custom> = Replace<
  Json<sdk.FieldConfigSource>,
  { readonly defaults: Replace<Json<sdk.FieldConfig>, { readonly custom?: Json<Custom> }> }
>;

/** A query of a panel. */
export type Target = Json<prometheus.Dataquery>;

/** A panel without its place, with the options of its type, which the SDK leaves open. */
type PanelOf<Type extends string, Options, Custom> = Replace<
  Omit<Json<sdk.Panel>, "gridPos" | "id">,
  {
    readonly type: Type;
    readonly options: Json<Options>;
    readonly targets?: readonly Target[];
    readonly fieldConfig?: Fields<Custom>;
  }
>;

export type TimeseriesPanel = PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>;
export type StatPanel = PanelOf<"stat", stat.Options, Record<string, never>>;
export type TablePanel = PanelOf<"table", table.Options, table.FieldConfig>;
export type BarGaugePanel = PanelOf<"bargauge", bargauge.Options, Record<string, never>>;
export type TextPanel = PanelOf<"text", text.Options, Record<string, never>>;

/** The panel types in use. All of them exist in current versions of Grafana, which removed `graph` and `singlestat`. */
export type Panel = TimeseriesPanel | StatPanel | TablePanel | BarGaugePanel | TextPanel;

/** A panel with its place. */
export type PlacedPanel = Panel & { readonly id: number; readonly gridPos: Json<sdk.GridPos> };

export type Row = Replace<Json<sdk.RowPanel>, { readonly panels: readonly PlacedPanel[] }>;
export type Thresholds = Json<sdk.ThresholdsConfig>;
export type Variable = Json<sdk.VariableModel>;
export type Link = Json<sdk.DashboardLink>;

/** A dashboard in the classic schema, as Grafana imports it. */
export type Dashboard = Replace<
  Json<sdk.Dashboard>,
  { readonly uid: string; readonly title: string; readonly panels: readonly (PlacedPanel | Row)[] }
>;
