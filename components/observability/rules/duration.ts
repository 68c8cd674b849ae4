/** Durations in the form of Prometheus. */

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** The seconds of a duration such as `5m`, `1h30m` or `15d`; `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(text) || text === "") return undefined;
  return [...text.matchAll(/(\d+)([a-z]+)/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (SECONDS[unit] ?? Number.NaN),
    0,
  );
}
