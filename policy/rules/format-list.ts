/** Lists in messages. */

/** `P256, P384 or P521` */
export function formatChoice(items: readonly (string | number)[]): string {
  return joinItems(items, "or");
}

/** `25, 465 and 587` */
export function formatAll(items: readonly (string | number)[]): string {
  return joinItems(items, "and");
}

function joinItems(items: readonly (string | number)[], word: string): string {
  const [last, ...rest] = items.map(String).toReversed();
  return rest.length === 0 ? `${last ?? ""}` : `${rest.toReversed().join(", ")} ${word} ${last}`;
}
