/**
 * Metrics in the Prometheus text format, as proxies and API servers serve them
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). Only samples are read: names, labels
 * and values, without types and help.
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { "\\n": "\n", "\\\\": "\\", '\\"': '"' };
const INFINITIES: Readonly<Record<string, number>> = { "+Inf": Infinity, "-Inf": -Infinity };

/** Reads all samples. Rejects text that has a line which is neither a sample nor a comment. */
export function parseMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error(
        `metrics of the proxy: line ${index + 1} must be a sample, got ${JSON.stringify(line)}`,
      );
    }
    return [{ name, labels: parseLabels(labels), value: INFINITIES[value] ?? Number(value) }];
  });
}

function parseLabels(text: string): Record<string, string> {
  const labels = [...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [
    name,
    value.replaceAll(/\\[n\\"]/g, (escaped) => ESCAPES[escaped] ?? escaped),
  ]);
  return Object.fromEntries(labels);
}

/** The sum of all samples of this name that have these labels. 0 without any: a counter appears with its first event. */
export function sumSamples(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>>,
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
