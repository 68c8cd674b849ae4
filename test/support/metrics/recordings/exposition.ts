/** Reads what an exporter answered to a scrape: https://prometheus.io/docs/instrumenting/exposition_formats. */
import type { Labels } from "../history.ts";

export interface ExposedSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** Whether it only grows: a counter, or a part of a histogram or summary that counts. */
  readonly counts: boolean;
}

/** Parses the text format. Throws an error for a line that is neither a comment nor a sample. */
export function parseExposition(text: string): ExposedSample[] {
  const types = new Map<string, string>();
  const samples: ExposedSample[] = [];
  for (const line of text.split("\n")) {
    const [, family, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (family !== undefined && type !== undefined) types.set(family, type);
    if (line === "" || line.startsWith("#")) continue;
    const [, name, labels = "", value] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    samples.push({
      ...{ name, labels: parseLabels(labels), value: parseValue(value) },
      counts: isCounter(name, types),
    });
  }
  return samples;
}

function parseLabels(text: string): Labels {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)",?/g);
  return Object.fromEntries(Array.from(pairs, ([, name = "", value = ""]) => [name, unescapeValue(value)]));
}

function unescapeValue(value: string): string {
  return value.replace(/\\(.)/g, (_whole, character: string) => (character === "n" ? "\n" : character));
}

function parseValue(text = ""): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}

function isCounter(name: string, types: ReadonlyMap<string, string>): boolean {
  const type = types.get(name);
  if (type !== undefined) return type === "counter";
  const [, family = "", suffix] = /^(.*)_(bucket|sum|count|total)$/.exec(name) ?? [];
  const known = types.get(family);
  if (known === undefined || suffix === undefined) throw new Error(`${name}: has no type`);
  return known !== "gauge";
}
