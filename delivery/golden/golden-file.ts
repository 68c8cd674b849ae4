/** The text of a golden file: YAML that a reviewer can read, and a diff of which has the changed lines only. */
import { Document, parse, visit, type YAMLMap, type YAMLSeq } from "yaml";
import type { Json, RecordedResource, RecordedStack } from "../program/recorded-stack.ts";

/** A list or a map of plain values is on one line if its JSON is not longer. */
const MAX_LINE_LENGTH = 80;

/** Formats a recording. The same recording has the same text. */
export function formatGolden({ stack, resources, outputs }: RecordedStack): string {
  const document = new Document(
    { stack, resources: resources.map(withoutDefaults), outputs },
    { aliasDuplicateObjects: false },
  );
  visit(document, {
    Seq: (_, list) => formatOnOneLine(list),
    Map: (_, map) => (map.has("type") && map.has("name") ? undefined : formatOnOneLine(map)),
  });
  document.commentBefore = ` What the stack ${stack} registers, written by \`npm run golden\`: docs/pull-requests.md.`;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Parses the text of a golden file. */
export function parseGolden(text: string): RecordedStack {
  const { stack, resources, outputs } = parse(text) as RecordedStack;
  return { stack, resources: resources.map(withDefaults), outputs };
}

function formatOnOneLine(collection: YAMLMap | YAMLSeq): void {
  const json = JSON.stringify(collection);
  collection.flow = json.length <= MAX_LINE_LENGTH && !json.includes("\\n");
}

/** The resource without what {@link withDefaults} adds. */
function withoutDefaults({ type, name, parent, inputs, ...rest }: RecordedResource) {
  const defaults = defaultInputs(type);
  const given = Object.entries(inputs).filter(([key, value]) => defaults[key] !== value);
  const others = { ...rest, inputs: Object.fromEntries(given) };
  return {
    type,
    name,
    ...(parent === "" ? {} : { parent }),
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => Object.keys(value).length > 0)),
  };
}

function withDefaults(given: Pick<RecordedResource, "type" | "name"> & Partial<RecordedResource>) {
  const { type, name, parent = "", dependsOn = [], options = {}, inputs = {} } = given;
  return { type, name, parent, dependsOn, options, inputs: { ...defaultInputs(type), ...inputs } };
}

/** Inputs that follow from the type: `kubernetes:<group>/<version>:<kind>`. */
function defaultInputs(type: string): Record<string, Json> {
  const [, group, version, kind] = /^kubernetes:([^:/]+)\/([^:/]+):(\w+)$/.exec(type) ?? [];
  if (kind === undefined || version === undefined || group === "helm.sh") return {};
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}
