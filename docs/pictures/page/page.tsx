/**
 * The page of one picture. It draws `window.picture`, and sets `window.drawn` when everything is on the page.
 */
import "uplot/dist/uPlot.min.css";
import { createTheme, type DataFrame, ThemeContext } from "@grafana/data";
import { GlobalStyles, Icon, InlineLabel, PanelChrome } from "@grafana/ui";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import type { Panel, Picture, Variable } from "./answers.ts";
import { createFrames } from "./frames.ts";
import { openRows, type Placed, placePanels } from "./layout.ts";
import { VISUALIZATIONS } from "./visualizations.tsx";

declare global {
  interface Window {
    picture: Picture;
    drawn?: boolean;
  }
}

const MARGIN = 16;
const FONTS = ["400 12px Inter", "500 12px Inter", "400 12px Roboto Mono"];
const theme = createTheme({ colors: { mode: "dark" } });

function Styles() {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
    </ThemeContext.Provider>
  );
}

function Header({ title, variables }: { title: string; variables: readonly Variable[] }) {
  return (
    <header style={{ padding: MARGIN, display: "flex", flexWrap: "wrap", alignItems: "center", gap: 8 }}>
      <h1 style={{ fontSize: 18, margin: 0, width: "100%" }}>{title}</h1>
      {variables.map(({ label, text }) => (
        <div key={label} style={{ display: "flex" }}>
          <InlineLabel width="auto">{label}</InlineLabel>
          <span
            style={{
              padding: "0 8px",
              lineHeight: "30px",
              border: `1px solid ${theme.colors.border.medium}`,
              borderRadius: 2,
              background: theme.components.input.background,
            }}
          >
            {text} <Icon name="angle-down" />
          </span>
        </div>
      ))}
      <span style={{ marginLeft: "auto", color: theme.colors.text.secondary }}>
        <Icon name="clock-nine" /> Last 1 hour
      </span>
    </header>
  );
}

function Row({ title }: { title: string }) {
  return (
    <h2 style={{ fontSize: 16, margin: 0, lineHeight: "30px" }}>
      <Icon name="angle-down" /> {title}
    </h2>
  );
}

function Visualization({ placed, frames }: { placed: Placed; frames: DataFrame[] }) {
  const { panel, width, height } = placed;
  const draw = VISUALIZATIONS[panel.type];
  if (draw === undefined) throw new Error(`${panel.title}: panels of type ${panel.type} are unknown`);
  const { options = {}, fieldConfig = { defaults: {}, overrides: [] } } = panel;
  const { start, end } = window.picture;
  return (
    <PanelChrome
      title={panel.title ?? ""}
      description={panel.description ?? ""}
      width={width}
      height={height}
    >
      {(width, height) => draw({ frames, options, fieldConfig, width, height, start, end, theme })}
    </PanelChrome>
  );
}

function Page({ panels, frames }: { panels: readonly Placed[]; frames: ReadonlyMap<Panel, DataFrame[]> }) {
  const { dashboard, variables } = window.picture;
  const height = Math.max(...panels.map(({ top, height }) => top + height));
  return (
    <ThemeContext.Provider value={theme}>
      <main id="picture" style={{ background: theme.colors.background.canvas }}>
        <Header title={dashboard.title} variables={variables} />
        <div style={{ position: "relative", margin: MARGIN, marginTop: 0, height }}>
          {panels.map((placed) => (
            <div
              key={placed.panel.id}
              style={{
                position: "absolute",
                left: placed.left,
                top: placed.top,
                width: placed.width,
                height: placed.height,
              }}
            >
              {placed.panel.type === "row" ? (
                <Row title={placed.panel.title ?? ""} />
              ) : (
                <Visualization placed={placed} frames={frames.get(placed.panel) ?? []} />
              )}
            </div>
          ))}
        </div>
        <div style={{ height: MARGIN }} />
      </main>
    </ThemeContext.Provider>
  );
}

async function draw(): Promise<void> {
  // A canvas draws a font only if it is loaded already. The styles of Grafana define them.
  flushSync(() => createRoot(document.head.appendChild(document.createElement("div"))).render(<Styles />));
  await Promise.all(FONTS.map((font) => document.fonts.load(font)));
  const { dashboard, answers, step } = window.picture;
  const panels = placePanels(openRows(dashboard.panels), document.body.clientWidth - 2 * MARGIN);
  const frames = new Map(
    await Promise.all(
      panels.map(
        async ({ panel }) =>
          [panel, await createFrames(panel, answers[panel.id] ?? [], step, theme)] as const,
      ),
    ),
  );
  const root = document.createElement("div");
  document.body.append(root);
  createRoot(root, {
    onUncaughtError: (error) => {
      throw error;
    },
  }).render(<Page panels={panels} frames={frames} />);
}

await draw();
window.drawn = true;
