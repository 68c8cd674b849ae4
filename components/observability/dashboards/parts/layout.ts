/** Places panels in rows. */
import type { Dashboard, Panel, PlacedPanel, Row } from "./sdk-types.ts";

const COLUMNS = 24;

/** A panel with its size: columns of 24, and lines of 30 pixels. */
export type SizedPanel = readonly [panel: Panel, width: number, height: number];

/** Panels below a title. */
export interface Section {
  title: string;
  panels: readonly SizedPanel[];
  /** Display only the title. Grafana sends the queries of these panels when a user opens the row. @default false */
  collapsed?: boolean;
}

/** The panels of a dashboard, without its rows. A closed row contains its panels. */
export function listPanels({ panels }: Pick<Dashboard, "panels">): PlacedPanel[] {
  return panels.flatMap((panel) => (panel.type === "row" ? panel.panels : [panel]));
}

/** All sections from top to bottom, each with panels from left to right. IDs are counted, so the same input has the same. */
export function place(sections: readonly Section[]): (PlacedPanel | Row)[] {
  let id = 0;
  let top = 0;
  return sections.flatMap(({ title, panels, collapsed = false }): (PlacedPanel | Row)[] => {
    id += 1;
    const row = {
      type: "row",
      title,
      id,
      collapsed,
      gridPos: { x: 0, y: top, w: COLUMNS, h: 1 },
    } as const;
    top += 1;
    let line = top;
    let left = 0;
    let lineHeight = 0;
    const placed = panels.map(([panel, w, h]): PlacedPanel => {
      if (left + w > COLUMNS) {
        line += lineHeight;
        left = 0;
        lineHeight = 0;
      }
      id += 1;
      const gridPos = { x: left, y: line, w, h };
      left += w;
      lineHeight = Math.max(lineHeight, h);
      return { ...panel, id, gridPos };
    });
    // A closed row contains its panels, and takes one line.
    if (collapsed) return [{ ...row, panels: placed }];
    top = line + lineHeight;
    return [{ ...row, panels: [] }, ...placed];
  });
}
