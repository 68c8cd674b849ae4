/** The file of a stack, read without a package. */
import { readFile } from "node:fs/promises";

/** Parts of `Pulumi.<stack>.yaml` that the jobs need. Settings are those that the file has in one line. */
export interface StackFile {
  /** As in `secretsprovider:`, e.g. `awskms://alias/pulumi`. */
  readonly secretsProvider: string | undefined;
  /** @param name with its namespace, e.g. `kubernetes:context` */
  getSetting(name: string): string | undefined;
}

/** Reads the file in the working directory. */
export async function readStackFile(stack: string): Promise<StackFile | undefined> {
  try {
    return parseStackFile(await readFile(`Pulumi.${stack}.yaml`, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function parseStackFile(text: string): StackFile {
  const values = new Map<string, string>();
  const nested = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, indent, key, double, single, plain] = LINE.exec(line) ?? [];
    const value = double ?? single ?? plain;
    if (key !== undefined && value !== undefined) (indent === "" ? values : nested).set(key, value);
  }
  return { secretsProvider: values.get("secretsprovider"), getSetting: (name) => nested.get(name) };
}

/** `key: value`, plain or in quotes, with or without a comment. */
const LINE = /^(\s*)["']?([\w:.-]+?)["']?:\s+(?:"([^"]*)"|'([^']*)'|([^\s#"'{[|>][^#]*?))\s*(?:#.*)?$/;
