/** The parts of a dashboard's JSON that decide which queries Grafana sends to Prometheus. */

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly panels: readonly PanelJson[];
}

export interface VariableJson {
  readonly name: string;
  readonly type: string;
  /** The text of a custom variable, or the query of one that Prometheus answers. */
  readonly query?: string | { readonly query?: string };
  readonly regex?: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly options?: readonly { readonly value: string | readonly string[] }[];
}

export interface PanelJson {
  readonly type: string;
  readonly title?: string;
  readonly targets?: readonly TargetJson[];
  /** The panels of a collapsed row. */
  readonly panels?: readonly PanelJson[];
}

export interface TargetJson {
  readonly refId: string;
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly format?: string;
  readonly instant?: boolean;
}

/** A query of a panel. */
export interface PanelQuery {
  readonly panel: PanelJson;
  readonly target: TargetJson;
  readonly expr: string;
  /** `<dashboard> / <row> / <panel> <letter>`, for messages. */
  readonly path: string;
}

/** All queries of a dashboard's panels. Every target must be a query: one without text would show nothing. */
export function listQueries({ uid, panels }: DashboardJson): PanelQuery[] {
  let row = "";
  return panels
    .flatMap((panel) => (panel.type === "row" ? [panel, ...(panel.panels ?? [])] : [panel]))
    .flatMap((panel) => {
      if (panel.type === "row") row = panel.title ?? "";
      const where = `${uid} / ${row} / ${panel.title}`;
      return (panel.targets ?? []).map((target) => {
        const path = `${where} ${target.refId}`;
        if (!target.expr) throw new Error(`${path}: has no query`);
        return { panel, target, expr: target.expr, path };
      });
    });
}
