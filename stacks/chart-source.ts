/** Whether the charts can be had, asked before anything is created. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parse } from "yaml";
import { type ChartName, locateChart, sourceKind } from "../components/linkerd/charts.ts";
import { PROJECT } from "./settings.ts";

/** A source that does not answer within this is taken to be out of reach. */
const TIMEOUT_MS = 10_000;

/** One sentence for everything that would keep Helm from its charts; none where all is well. */
export async function chartSourceMistakes(
  source: string,
  version: string,
  charts: ChartName[],
): Promise<string[]> {
  switch (sourceKind(source)) {
    case "directory":
      return directoryMistakes(source, version, charts);
    case "repository":
      return serverMistakes(source, `${source.replace(/\/$/, "")}/index.yaml`, (status) => status === 200);
    case "registry":
      // Any answer will do: most registries ask for a login here (OCI distribution spec, "end-1").
      return serverMistakes(source, `https://${new URL(source).host}/v2/`, () => true);
  }
}

async function serverMistakes(
  source: string,
  url: string,
  ok: (status: number) => boolean,
): Promise<string[]> {
  // Helm goes through the proxy that these name, and fetch does not: leave the finding out to Helm.
  if (process.env.HTTPS_PROXY || process.env.https_proxy || process.env.HTTP_PROXY || process.env.http_proxy)
    return [];
  try {
    const { status } = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return ok(status) ? [] : [mistake(source, `${url} answers with status ${status}`)];
  } catch (error) {
    const { cause, message } = error as Error;
    return [
      mistake(source, `${url} cannot be reached (${cause instanceof Error ? cause.message : message})`),
    ];
  }
}

function directoryMistakes(source: string, version: string, charts: ChartName[]): string[] {
  const directory = resolve(source);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    return [mistake(source, `${directory} is no directory`)];
  }
  return charts.flatMap((name) => {
    const { chart } = locateChart(name, { source, version });
    if (chart.endsWith(".tgz")) return [];
    const manifest = resolve(chart, "Chart.yaml");
    if (!existsSync(manifest)) {
      const there = readdirSync(directory).map((entry) => basename(entry));
      return [
        mistake(
          source,
          `it holds neither ${name}-${version}.tgz nor ${name}/, but ${there.join(", ") || "nothing"}`,
        ),
      ];
    }
    const found = String(parse(readFileSync(manifest, "utf8")).version);
    return found === version
      ? []
      : [mistake(source, `its ${name} is version ${found}, and linkerdVersion is ${version}`)];
  });
}

function mistake(source: string, why: string): string {
  return (
    `${PROJECT}:chartSource: no charts to be had from ${source}: ${why}. Expected a Helm repository, an OCI ` +
    "registry path or a directory with Linkerd's charts. Mend it with: pulumi config set chartSource <source>"
  );
}
