/** The block `config` of `Pulumi.yaml`. */
import { stringify } from "yaml";
import type { SettingSchema } from "../../stacks/settings/messages/setting-schema.ts";
import { typeName } from "./setting-list.ts";

const LINE_WIDTH = 110;

/** The file with the settings of this schema in its block `config`; everything else is kept. */
export function generatePulumiConfig(settings: SettingSchema, file: string): string {
  const [before, , after] = splitAtConfig(file);
  const config = Object.fromEntries(
    Object.entries(settings.properties ?? {}).map(([name, schema]) => [name, describeSetting(name, schema)]),
  );
  return `${before}${stringify({ config }, { lineWidth: LINE_WIDTH })}${after}`;
}

function splitAtConfig(file: string): [before: string, config: string, after: string] {
  const [block] = /^config:\n(?:[ \t].*\n|\n)*/m.exec(file) ?? [];
  if (block === undefined) throw new Error("Pulumi.yaml: must have a block config:");
  const start = file.indexOf(block);
  return [file.slice(0, start), block, file.slice(start + block.length)];
}

function describeSetting(name: string, schema: SettingSchema) {
  const { description, default: defaultValue, items } = schema;
  if (description === undefined) throw new Error(`${name}: must have a description`);
  const type = typeName(schema);
  const fields = Object.keys(schema.properties ?? {});
  return {
    type: type === "list" ? "array" : type,
    ...(items === undefined ? {} : { items: { type: typeName(items.anyOf?.[0] ?? items) } }),
    default: defaultValue,
    description: `${toPlainText(description)}${fields.length > 0 ? ` Fields: ${fields.join(", ")}.` : ""}`,
  };
}

/** Markdown without its marks. A link becomes its text and a path from the root of the repository. */
export function toPlainText(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\(\.\.\/([^)]*)\)/g, "$1 ($2)")
    .replaceAll(/\[([^\]]*)\]\(([^)]*)\)/g, "$1 (docs/$2)")
    .replaceAll("`", "")
    .replaceAll("\\|", "|");
}
