/** A version as far as it matters here: major, minor, patch. */
export type Version = readonly [number, number, number];

/** The first `1.2.3` in a text such as `kwok version v0.8.0 go1.26.8 (linux/amd64)`. */
export function findVersion(text: string): Version | undefined {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

/** A range that holds its lower end and not its upper one. */
export interface Range {
  readonly from: string;
  readonly below: string;
}

export function within(version: Version, range: Range): boolean {
  return compare(version, parse(range.from)) >= 0 && compare(version, parse(range.below)) < 0;
}

function parse(text: string): Version {
  const version = findVersion(text);
  if (!version) throw new Error(`not a version: ${text}`);
  return version;
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
