/** Queries of panels. */
import type { Target } from "./sdk-types.ts";

/** The data source with the series of the mesh, and the one with those of containers and of the API server. */
export type Source = "datasource" | "cluster";

/** A query before it has the letter that identifies it in its panel. */
export type Query = Omit<Target, "refId">;

/** A reference to the variable that holds a data source. */
export function dataSource(source: Source) {
  return { type: "prometheus", uid: `\${${source}}` } as const;
}

/** A query for lines over time. Without a legend, Grafana displays all labels. */
export function range(expr: string, legendFormat: string, source: Source = "datasource"): Query {
  return { datasource: dataSource(source), expr, legendFormat, range: true, instant: false, exemplar: false };
}

/** A query for the values at the end of the time range, one for each series. */
export function instant(expr: string, legendFormat: string, source: Source = "datasource"): Query {
  return { datasource: dataSource(source), expr, legendFormat, range: false, instant: true, exemplar: false };
}

/** The queries with `refId` A, B, …. */
export function withRefIds(queries: readonly Query[]): Target[] {
  return queries.map((query, index) => ({ refId: String.fromCharCode(65 + index), ...query }));
}
