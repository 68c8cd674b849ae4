/** Places panels in rows. */
import type { Panel, PlacedPanel, Row } from "./sdk-types.ts";

const COLUMNS = 24;

/** A panel with its size: columns of 24, and lines of 30 pixels. */
export type SizedPanel = readonly [panel: Panel, width: number, height: number];

/** Panels below a title. */
export interface Section {
  title: string;
  panels: readonly SizedPanel[];
}

/** All sections from top to bottom, each with panels from left to right. IDs are counted, so the same input has the same. */
export function place(sections: readonly Section[]): (PlacedPanel | Row)[] {
  let id = 0;
  let top = 0;
  return sections.flatMap(({ title, panels }) => {
    id += 1;
    const row: Row = {
      type: "row",
      title,
      id,
      collapsed: false,
      gridPos: { x: 0, y: top, w: COLUMNS, h: 1 },
      panels: [],
    };
    top += 1;
    let left = 0;
    let lineHeight = 0;
    const placed = panels.map(([panel, w, h]): PlacedPanel => {
      if (left + w > COLUMNS) {
        top += lineHeight;
        left = 0;
        lineHeight = 0;
      }
      id += 1;
      const gridPos = { x: left, y: top, w, h };
      left += w;
      lineHeight = Math.max(lineHeight, h);
      return { ...panel, id, gridPos };
    });
    top += lineHeight;
    return [row, ...placed];
  });
}
