/** Readers of dashboards, for tests. */
import type { PlacedPanel, Target } from "../../../components/observability/dashboards/parts/sdk-types.ts";

/** The queries of a panel. A text has none. */
export function targetsOf(panel: PlacedPanel): readonly Target[] {
  return panel.targets ?? [];
}

/** All values of a key, at any depth. */
export function valuesOf(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => [
    ...(name === key ? [below] : []),
    ...valuesOf(below, key),
  ]);
}
