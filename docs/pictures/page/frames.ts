/** From answers to the data frames that Grafana's components draw. */
import {
  applyFieldOverrides,
  applyNullInsertThreshold,
  cacheFieldDisplayNames,
  type DataFrame,
  type Field,
  FieldConfigOptionsRegistry,
  type FieldConfigPropertyItem,
  type FieldConfigSource,
  FieldType,
  type GrafanaTheme2,
  identityOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  thresholdsOverrideProcessor,
  transformDataFrame,
} from "@grafana/data";
import type { Answer, Panel } from "./answers.ts";

/** Those that the dashboards use. Grafana registers all when it starts, with editors and images for its own editor. */
standardTransformersRegistry.setInit(() =>
  [standardTransformers.mergeTransformer, standardTransformers.organizeFieldsTransformer].map(
    (transformer) => ({
      id: transformer.id,
      name: transformer.name,
      transformation: async () => transformer,
      editor: () => null,
      imageDark: "",
      imageLight: "",
    }),
  ),
);

/** The frames of a panel, with its transformations and its field configuration. */
export async function createFrames(
  { transformations = [], fieldConfig = { defaults: {}, overrides: [] } }: Panel,
  answers: readonly Answer[],
  step: number,
  theme: GrafanaTheme2,
): Promise<DataFrame[]> {
  const frames = answers.flatMap((answer) =>
    answer.table ? [createTable(answer, answers.length)] : createSeries(answer, step),
  );
  const transformed = await new Promise<DataFrame[]>((resolve, reject) =>
    transformDataFrame(transformations, frames).subscribe({ next: resolve, error: reject }),
  );
  const overridden = applyFieldOverrides({
    data: transformed,
    fieldConfig,
    fieldConfigRegistry: listProperties(fieldConfig),
    replaceVariables: (text) => text,
    theme,
    timeZone: "utc",
  });
  cacheFieldDisplayNames(overridden);
  return overridden;
}

function createSeries({ refId, series }: Answer, step: number): DataFrame[] {
  return series.map(({ labels, legend, points }) =>
    // Without a point at a step, the line has a gap.
    applyNullInsertThreshold({
      frame: {
        refId,
        length: points.length,
        fields: [
          {
            name: "Time",
            type: FieldType.time,
            config: { interval: step * 1000 },
            values: points.map(([time]) => time * 1000),
          },
          {
            name: "Value",
            type: FieldType.number,
            config: { displayNameFromDS: legend },
            labels: { ...labels },
            values: points.map(([, value]) => value),
          },
        ],
      },
    }),
  );
}

/** As Grafana's data source for Prometheus: the values of several queries have different names. */
function createTable({ refId, series }: Answer, answers: number): DataFrame {
  const names = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const last = series.map(({ points }) => points.at(-1));
  const fields: Field[] = [
    { name: "Time", type: FieldType.time, config: {}, values: last.map((point) => (point?.[0] ?? 0) * 1000) },
    ...names.map((name) => ({
      name,
      type: FieldType.string,
      config: {},
      values: series.map(({ labels }) => labels[name] ?? ""),
    })),
    {
      name: answers > 1 ? `Value #${refId}` : "Value",
      type: FieldType.number,
      config: {},
      values: last.map((point) => point?.[1] ?? null),
    },
  ];
  return { refId, length: series.length, fields };
}

/** Grafana's panels register the properties that they know. Here these are the properties that the panel has. */
function listProperties({ defaults, overrides }: FieldConfigSource): FieldConfigOptionsRegistry {
  const ids = new Set([
    ...Object.keys(defaults).filter((id) => id !== "custom"),
    ...Object.keys(defaults.custom ?? {}).map((name) => `custom.${name}`),
    ...overrides.flatMap(({ properties }) => properties.map(({ id }) => id)),
  ]);
  return new FieldConfigOptionsRegistry(() => [...ids].map(describeProperty));
}

function describeProperty(id: string): FieldConfigPropertyItem {
  const isCustom = id.startsWith("custom.");
  return {
    id,
    path: isCustom ? id.slice("custom.".length) : id,
    isCustom,
    name: id,
    editor: () => null,
    override: () => null,
    process: id === "thresholds" ? processThresholds : identityOverrideProcessor,
    shouldApply: () => true,
  };
}

/** JSON has no `-Infinity`: the value of the lowest step is `null`. */
const processThresholds: typeof thresholdsOverrideProcessor = (thresholds, context, settings) =>
  thresholdsOverrideProcessor(
    thresholds && {
      ...thresholds,
      steps: thresholds.steps.map((step: { value: number | null }) => ({
        ...step,
        value: step.value ?? Number.NEGATIVE_INFINITY,
      })),
    },
    context,
    settings,
  );
