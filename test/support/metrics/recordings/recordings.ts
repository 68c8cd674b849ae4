/** The recordings of a real mesh, which are beside the repository and not in it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ExposedSample, parseExposition } from "./exposition.ts";

/** `LINKERD_RECORDINGS`, or `../shared/metrics` from the root of the repository. */
export const RECORDINGS = resolve(
  process.env.LINKERD_RECORDINGS ?? join(import.meta.dirname, "../../../../../shared/metrics"),
  "edge-26.8.3",
);

/** On most machines they do not exist. */
export function hasRecordings(): boolean {
  return existsSync(RECORDINGS);
}

export function readScrape(file: string): ExposedSample[] {
  return parseExposition(readFileSync(join(RECORDINGS, file), "utf8"));
}

/** What viz's Prometheus has: the names of the labels of each metric, with those of its targets. */
export function readScrapedLabels(): ReadonlyMap<string, ReadonlySet<string>> {
  const content = readFileSync(join(RECORDINGS, "as-viz-scrapes-it.json"), "utf8");
  const metrics = JSON.parse(content) as Record<string, { labels: Record<string, string[]> }>;
  return new Map(
    Object.entries(metrics).map(([metric, { labels }]) => [metric, new Set(Object.keys(labels))]),
  );
}

/** The labels of each metric in any recording. A scrape has those with empty values too, which Prometheus drops. */
export function readAllLabels(): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map([...readScrapedLabels()].map(([metric, labels]) => [metric, new Set(labels)]));
  const scrapes = readdirSync(RECORDINGS).filter((file) => file.endsWith(".prom"));
  for (const { name, labels } of scrapes.flatMap(readScrape)) {
    const known = all.get(name) ?? new Set();
    for (const label of Object.keys(labels)) known.add(label);
    all.set(name, known);
  }
  return all;
}
