/** An hour of history from the recordings: counters keep the rate that they have between two scrapes. */
import { type History, normalizeLabels, type Scrape, type Series } from "../history.ts";
import { describeScrape } from "../shop/exposition/scrape.ts";
import { attach } from "../shop/styles.ts";
import type { ExposedSample } from "./exposition.ts";
import { readScrape } from "./recordings.ts";
import { RECORDED_TARGETS, type RecordedTarget } from "./targets.ts";

/** In seconds. */
export const SCRAPE_INTERVAL = 30;
const MINUTES = 60;

/** Creates the history. It starts with the last scrape that was recorded. */
export function createRecordedHistory(): History {
  const recorded = RECORDED_TARGETS.map((target) => ({ target, samples: readScrape(target.files.last) }));
  const start = Math.ceil(
    Math.max(...recorded.map(({ samples }) => find(samples, STARTED) + find(samples, UPTIME))),
  );
  const scrapes: Scrape[] = Array.from({ length: (MINUTES * 60) / SCRAPE_INTERVAL + 1 }, (_, index) => ({
    time: start + index * SCRAPE_INTERVAL,
    minute: (index * SCRAPE_INTERVAL) / 60,
  }));
  const series = recorded.flatMap(({ target, samples }) => extend(target, samples, start));
  return { scrapes, series: series.map(normalizeLabels) };
}

const STARTED = "process_start_time_seconds";
/** Only proxies and the policy controller have it. */
const UPTIME = "process_uptime_seconds_total";

/** @param start when the history starts, in Unix seconds */
function extend({ files, labels }: RecordedTarget, last: readonly ExposedSample[], start: number): Series[] {
  const first = files.first === undefined ? [] : readScrape(files.first);
  // A process that was scraped once counted from 0 since it started, which a controller in Go does not report the time of.
  const seconds = (find(last, UPTIME) || start - find(last, STARTED)) - find(first, UPTIME);
  const before = new Map(first.map((sample) => [identify(sample), sample.value]));
  const label = attach(labels);
  const series = last.map((sample): Series => {
    const { name, value, counts } = sample;
    const growth = counts ? value - (before.get(identify(sample)) ?? 0) : 0;
    if (growth < 0) throw new Error(`${files.last}: ${identify(sample)} must grow, got ${growth}`);
    const perMinute = growth === 0 ? 0 : (growth / seconds) * 60;
    return { name, labels: label(sample.labels), value: (minute) => value + perMinute * minute };
  });
  return [...series, ...describeScrape([0, Number.POSITIVE_INFINITY], labels, true, last.length)];
}

/** The value of a metric without labels, or 0. */
function find(samples: readonly ExposedSample[], metric: string): number {
  return samples.find(({ name }) => name === metric)?.value ?? 0;
}

function identify({ name, labels }: ExposedSample): string {
  return name + JSON.stringify(Object.entries(labels).sort());
}
