/** Where the panels are. Grafana's grid has 24 columns, and rows of 30 pixels with gaps of 8. */
import type { Panel } from "./answers.ts";

const COLUMNS = 24;
const ROW_HEIGHT = 30;
const GAP = 8;

export interface Placed {
  readonly panel: Panel;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Opens collapsed rows, as Grafana does on a click: the rows below move down. */
export function openRows(panels: readonly Panel[]): Panel[] {
  let offset = 0;
  return panels.flatMap((panel) => {
    const moved = move(panel, offset);
    const [first] = panel.panels ?? [];
    if (first === undefined) return [moved];
    const top = panel.gridPos.y + panel.gridPos.h;
    const inner = (panel.panels ?? []).map((one) => move(one, top - first.gridPos.y + offset));
    const bottom = Math.max(...inner.map(({ gridPos }) => gridPos.y + gridPos.h));
    offset = bottom - top;
    return [moved, ...inner];
  });
}

const move = (panel: Panel, rows: number): Panel => ({
  ...panel,
  gridPos: { ...panel.gridPos, y: panel.gridPos.y + rows },
});

export function placePanels(panels: readonly Panel[], width: number): Placed[] {
  const column = (width + GAP) / COLUMNS;
  return panels.map((panel) => {
    const { x, y, w, h } = panel.gridPos;
    return {
      panel,
      left: Math.round(x * column),
      top: y * (ROW_HEIGHT + GAP),
      width: Math.round((x + w) * column) - GAP - Math.round(x * column),
      height: h * (ROW_HEIGHT + GAP) - GAP,
    };
  });
}
