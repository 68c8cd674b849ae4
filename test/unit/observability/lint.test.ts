/** Rules for every dashboard. */
import { describe, expect, test } from "vitest";
import { allDashboards } from "../../../components/observability/dashboards/dashboards.ts";
import { listPanels } from "../../../components/observability/dashboards/parts/layout.ts";
import { targetsOf, valuesOf } from "./panels.ts";

/** The types that current versions of Grafana have and that the tests know. */
const PANEL_TYPES = ["timeseries", "stat", "table", "bargauge", "text", "row"];

/** Units of Grafana that the dashboards use: a misspelled one would be displayed as text. */
const UNITS = ["percentunit", "reqps", "ms", "s", "short", "bytes", "Bps", "cps", "string"];

describe.each(allDashboards().map((dashboard) => [dashboard.uid, dashboard] as const))(
  "%s",
  (_, dashboard) => {
    const panels = listPanels(dashboard);
    const queries = panels.flatMap(targetsOf);

    test("every panel has a type that current versions of Grafana have", () => {
      expect(panels.length).toBeGreaterThan(20);
      const types = [...dashboard.panels, ...panels].map(({ type }) => type);
      expect(types.filter((type) => !PANEL_TYPES.includes(type))).toEqual([]);
    });

    test("every panel has a title, a description and a known unit", () => {
      for (const { title, description, type, fieldConfig } of panels) {
        expect(title).toMatch(/^\S.+\S$/);
        expect(description, title).toMatch(/^[A-Z].{20,}$/);
        if (type === "text") continue;
        const units = [
          fieldConfig?.defaults.unit,
          ...valuesOf(fieldConfig?.overrides, "properties").flatMap(unitsOf),
        ];
        for (const unit of units) expect(UNITS, title).toContain(unit);
      }
    });

    test("every panel with a query has an expression for each", () => {
      const withoutQuery = panels.filter((panel) => panel.type !== "text" && targetsOf(panel).length === 0);
      expect(withoutQuery.map(({ title }) => title)).toEqual([]);
      for (const { expr } of queries) expect(expr).not.toBe("");
    });

    test("every range is Grafana's rate interval, and no rate is that of the last two samples", () => {
      const ranges = queries.flatMap(({ expr }) =>
        [...expr.matchAll(/[\w}]\[(\$?\w+)\]/g)].map(([, range]) => range),
      );
      expect(new Set(ranges)).toEqual(new Set(["$__rate_interval"]));
      for (const { expr } of queries) expect(expr).not.toMatch(/irate|delta\(|or vector\(1\)/);
    });

    test("no data source is fixed", () => {
      const sources = [...valuesOf(dashboard, "datasource")] as { type: string; uid: string }[];
      expect(sources.length).toBeGreaterThan(panels.length);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces these variables.
      const variables = ["${datasource}", "${cluster}"];
      expect(sources.filter(({ type, uid }) => type !== "prometheus" || !variables.includes(uid))).toEqual(
        [],
      );
      for (const panel of panels) {
        for (const { datasource } of targetsOf(panel)) expect(datasource).toEqual(panel.datasource);
      }
    });

    test("every variable of a query is defined, and every defined variable is in use", () => {
      const defined = (dashboard.templating.list ?? []).map(({ name }) => name);
      const text = JSON.stringify(dashboard);
      const used = [...text.matchAll(/\$(?:\{([a-z]+)(?::\w+)?\}|([a-z]+))/g)].map(
        ([, braced, bare]) => braced ?? bare,
      );
      expect([...new Set(used)].filter((name) => !defined.includes(name ?? ""))).toEqual([]);
      expect(defined.filter((name) => !used.includes(name))).toEqual([]);
    });

    test("all panels and rows have different IDs", () => {
      const ids = dashboard.panels.flatMap((panel) => [
        panel.id,
        ...(panel.type === "row" ? panel.panels.map(({ id }) => id) : []),
      ]);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test("panels fill 24 columns without overlap and without a hole, in the dashboard and in each closed row", () => {
      const closed = dashboard.panels.flatMap((panel) => (panel.type === "row" ? [panel.panels] : []));
      for (const places of [dashboard.panels, ...closed]) {
        const taken = new Set<string>();
        for (const { gridPos, title } of places) {
          const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
          expect(x + w, title).toBeLessThanOrEqual(24);
          for (let column = x; column < x + w; column++) {
            for (let line = y; line < y + h; line++) {
              expect(taken.has(`${column},${line}`), `${title} at ${column},${line}`).toBe(false);
              taken.add(`${column},${line}`);
            }
          }
        }
        const lines = new Set([...taken].map((place) => place.split(",")[1]));
        expect(taken.size, `holes beside ${places.at(-1)?.title}`).toBe(24 * lines.size);
      }
    });

    test("a row is closed if it contains its panels, as Grafana stores rows", () => {
      const rows = dashboard.panels.filter((panel) => panel.type === "row");
      for (const { title, collapsed, panels: inside } of rows) {
        expect(inside.length > 0, title).toBe(collapsed);
      }
    });

    test("users cannot edit it, its crosshair is shared, and it refreshes every 30 seconds", () => {
      expect(dashboard).toMatchObject({
        schemaVersion: 42,
        editable: false,
        graphTooltip: 1,
        refresh: "30s",
      });
      expect(dashboard.links).toMatchObject([{ includeVars: true, keepTime: true }]);
    });

    test("the columns of a table have settings of their own, and it is sorted by one of them", () => {
      for (const panel of panels) {
        if (panel.type !== "table") continue;
        const renamed = valuesOf(panel.transformations, "renameByName") as Record<string, string>[];
        const names = renamed.flatMap((columns) => Object.values(columns));
        const matched = (panel.fieldConfig?.overrides ?? []).map(({ matcher }) => matcher.options);
        expect(matched.filter((name) => !names.includes(String(name)))).toEqual([]);
        expect(names, panel.title).toContain(panel.options.sortBy?.[0]?.displayName);
      }
    });

    test("a table of what expires has the first at the top, and other tables have the largest", () => {
      for (const panel of panels) {
        if (panel.type !== "table") continue;
        const [sort] = panel.options.sortBy ?? [];
        expect(sort?.desc, panel.title).toBe(sort?.displayName !== "Expires in");
      }
    });

    test("the columns with labels are text, because Grafana would print the port 8080 as 8.08 K", () => {
      for (const panel of panels) {
        if (panel.type !== "table") continue;
        const renamed = valuesOf(panel.transformations, "renameByName") as Record<string, string>[];
        const columns = renamed.flatMap((fields) => Object.entries(fields));
        const labels = columns.filter(([field]) => !field.startsWith("Value")).map(([, title]) => title);
        const texts = (panel.fieldConfig?.overrides ?? [])
          .filter(({ properties }) => unitsOf(properties).includes("string"))
          .map(({ matcher }) => matcher.options);
        expect(texts, panel.title).toEqual(labels);
        expect(labels.length, panel.title).toBeGreaterThan(0);
      }
    });
  },
);

function unitsOf(properties: unknown): string[] {
  return (properties as { id: string; value: string }[])
    .filter(({ id }) => id === "unit")
    .map(({ value }) => value);
}
