/** The tables of `docs/settings.md`. */
import { stringify } from "yaml";
import { joinKeys } from "../../stacks/settings/messages/setting-path.ts";
import type { SettingSchema } from "../../stacks/settings/messages/setting-schema.ts";
import { type ListedSetting, listSettings, typeName } from "./setting-list.ts";

const HEADER = ["| Setting | Type | Default | Description |", "|---|---|---|---|"];
const TABLE = /(<!-- settings: ([\w-]+) -->\n)[\s\S]*?(<!-- \/settings -->)/g;

/** The page with its tables, which are between `<!-- settings: <table> -->` and `<!-- /settings -->`. */
export function generateSettingsTables(settings: SettingSchema, page: string): string {
  const tables = Map.groupBy(Object.entries(settings.properties ?? {}), ([, { table }]) => table);
  const markers = [...page.matchAll(TABLE)].map(([, , name = ""]) => name);
  for (const [table, [first]] of tables) {
    if (table === undefined) throw new Error(`${first?.[0]}: must have a table of docs/settings.md`);
    if (!markers.includes(table))
      throw new Error(`docs/settings.md: must have the marker <!-- settings: ${table} -->`);
  }
  return page.replaceAll(TABLE, (_, begin: string, name: string, end: string) => {
    const rows = [...tables].find(([table]) => table === name)?.[1] ?? [];
    const lines = rows.flatMap(([setting, schema]) => rowsOf(setting, schema));
    return `${begin}\n${[...HEADER, ...lines].join("\n")}\n\n${end}`;
  });
}

/** A row for each field that has a description, or else one for the setting. */
function rowsOf(setting: string, schema: SettingSchema): string[] {
  const fields = listSettings(schema, [setting]).filter(({ schema: { description } }) => description);
  return (fields.length > 0 ? fields : [{ path: [setting], schema }]).map(formatRow);
}

function formatRow({ path, schema }: ListedSetting): string {
  const fields = Object.keys(schema.properties ?? {}).map((name) => `\`${name}\``);
  const description = [schema.description, ...(fields.length > 0 ? [`Fields: ${fields.join(", ")}.`] : [])];
  const cells = [`\`${joinKeys(path)}\``, typeName(schema), formatDefault(schema), description.join(" ")];
  return `| ${cells.join(" | ")} |`;
}

function formatDefault({ default: value, defaultText }: SettingSchema): string {
  if (defaultText !== undefined) return defaultText;
  return value === undefined ? "" : `\`${stringify(value, { collectionStyle: "flow" }).trim()}\``;
}
