/** The command that mends a setting. Pulumi takes no JSON, and makes no list or object of what is something else. */
import { z } from "zod";
import { isTable } from "../../../components/inputs/merge.ts";
import { keysOf } from "./schema-at.ts";
import { argument, written } from "./setting-path.ts";

type Shape = z.core.$ZodType;

/** Mends what was given for a setting of this shape. */
export function mend(keys: readonly PropertyKey[], shape: Shape | undefined, value: unknown): string {
  // No other value would be right for what is no setting, nor for an object as a whole.
  const hasKeys = isObject(shape) && isTable(value);
  if (shape === undefined || shape instanceof z.ZodUnknown || hasKeys) return remove(keys);
  const isList = shape instanceof z.ZodArray;
  const inTheWay = value !== undefined && (isList ? !Array.isArray(value) : isObject(shape));
  const commands = [...(inTheWay ? [removal(keys)] : []), ...setCommands(keys, shape)];
  const first = isList && Array.isArray(value) && value.length > 0 ? ", where 0 is the first item" : "";
  return `${commands.some(isFromFile) ? "Set" : "Mend"} it with: ${commands.join(" && ")}${first}`;
}

export function remove(keys: readonly PropertyKey[]): string {
  return `Remove it with: ${removal(keys)}`;
}

/** A setting that was stored by its path as a name, since --path was left out. */
export function moveToPath(name: string, keys: readonly PropertyKey[], shape: Shape): string {
  return `Mend it with: ${[removal([name]), ...setCommands(keys, shape)].join(" && ")}`;
}

/** The mode that was forgotten, so that what is there for it was measured by another. */
export function setMode(mode: string): string {
  return `Mend it with: pulumi config set --path certificates.mode ${mode}`;
}

function removal(keys: readonly PropertyKey[]): string {
  return `pulumi config rm ${argument(keys)}`;
}

/** A list is set item by item, and an object key by key: those that it has to have. */
function setCommands(keys: readonly PropertyKey[], shape: Shape): string[] {
  if (shape instanceof z.ZodArray) return [setCommand([...keys, 0])];
  if (!isObject(shape)) return [setCommand(keys)];
  const needed = Object.entries(keysOf(shape) ?? {}).filter(
    ([, below]) => !z.safeParse(below, undefined).success,
  );
  if (needed.length > 0) return needed.flatMap(([key, below]) => setCommands([...keys, key], below));
  return [`pulumi config set --path ${written(keys)}.<key> <value>`];
}

/** From a file, and encrypted, where that is how it is set. */
function setCommand(keys: readonly PropertyKey[]): string {
  const last = keys[0] === "certificates" ? keys.at(-1) : undefined;
  if (last === "key") return `pulumi config set --secret ${argument(keys)} < <file>.key`;
  const isPem = last === "certificate" || last === "ca" || last === "trustAnchors";
  return `pulumi config set ${argument(keys)} ${isPem ? "< <file>.pem" : "<value>"}`;
}

function isFromFile(command: string): boolean {
  return command.includes(" < ");
}

/** A number that may be an object as well is set as a number. */
function isObject(shape: Shape | undefined): boolean {
  return (
    shape instanceof z.ZodObject || shape instanceof z.ZodRecord || shape instanceof z.ZodDiscriminatedUnion
  );
}
