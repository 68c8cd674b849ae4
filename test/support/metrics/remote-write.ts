/**
 * Writes a history to a running Prometheus, by its remote write protocol 1.0
 * (https://prometheus.io/docs/specs/prw/remote_write_spec/): a protocol buffer, compressed with snappy. It is several times
 * faster than `promtool tsdb create-blocks-from openmetrics`, which parses the labels of each sample again.
 */
import type { History, Labels, Scrape, Series } from "./history.ts";

/** Prometheus refuses samples that are an hour older than the newest one, so a history is written in parts. */
const PART_SECONDS = 1800;
/** Size from which a request is sent, in bytes. */
const REQUEST_BYTES = 8_000_000;
/** The marker after the last sample of a series, which Prometheus writes when a scrape has no such series any more. */
const STALE = Buffer.from("020000000000f07f", "hex");

export async function writeHistory(url: string, { scrapes, series }: History, major: number): Promise<void> {
  const encoded = series.map((one) => ({ ...one, labels: encodeLabels(one, major) }));
  let previous: Scrape | undefined;
  for (let first = 0; first < scrapes.length; ) {
    const start = scrapes[first]?.time ?? 0;
    const part = scrapes.slice(first).filter(({ time }) => time < start + PART_SECONDS);
    let pieces: Buffer[] = [];
    let size = 0;
    for (const { labels, value } of encoded) {
      const samples = encodeSamples(value, part, previous);
      if (samples.length === 0) continue;
      const piece = encodeField(1, Buffer.concat([labels, samples]));
      pieces.push(piece);
      size += piece.length;
      if (size > REQUEST_BYTES) {
        await send(url, Buffer.concat(pieces));
        pieces = [];
        size = 0;
      }
    }
    if (pieces.length > 0) await send(url, Buffer.concat(pieces));
    previous = part.at(-1);
    first += part.length;
  }
}

async function send(url: string, request: Buffer): Promise<void> {
  const response = await fetch(`${url}/api/v1/write`, {
    method: "POST",
    body: compress(request),
    headers: {
      "Content-Type": "application/x-protobuf",
      "Content-Encoding": "snappy",
      "X-Prometheus-Remote-Write-Version": "0.1.0",
    },
  });
  if (!response.ok)
    throw new Error(`Prometheus rejects samples: ${response.status} ${await response.text()}`);
}

/** A series that is written again has the same labels. */
const encodedSeries = new WeakMap<Series, Buffer>();

function encodeLabels(series: Series, major: number): Buffer {
  const found = encodedSeries.get(series);
  if (found) return found;
  const { name, labels } = series;
  const all: Labels = { __name__: name, ...labels };
  const entries = Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.concat(
    entries.map(([label, value]) =>
      encodeLabel(label, label === "le" ? normalizeBound(value, major) : value),
    ),
  );
}

/** Most labels are those of many series. */
const encodedLabels = new Map<string, Buffer>();

function encodeLabel(label: string, value: string): Buffer {
  const key = `${label}=${value}`;
  const found = encodedLabels.get(key);
  if (found) return found;
  const pair = Buffer.concat([encodeField(1, Buffer.from(label)), encodeField(2, Buffer.from(value))]);
  const encoded = encodeField(1, pair);
  encodedLabels.set(key, encoded);
  return encoded;
}

/** The value of `le` after a scrape: Prometheus 3 writes integers with a fraction (its docs/migration.md). */
function normalizeBound(bound: string, major: number): string {
  return major >= 3 && /^\d+$/.test(bound) ? `${bound}.0` : bound;
}

function encodeSamples(value: Series["value"], part: readonly Scrape[], previous?: Scrape): Buffer {
  const samples = Buffer.allocUnsafe(SAMPLE_BYTES * part.length);
  let size = 0;
  let present = previous !== undefined && value(previous.minute) !== undefined;
  for (const { time, minute } of part) {
    const current = value(minute);
    if (current !== undefined || present) size = writeSample(samples, size, current, time);
    present = current !== undefined;
  }
  return samples.subarray(0, size);
}

/** Size of an encoded sample: two bytes for the field, nine for the value, seven for the time of this century. */
const SAMPLE_BYTES = 18;

function writeSample(target: Buffer, at: number, value: number | undefined, time: number): number {
  target[at] = (2 << 3) | 2;
  target[at + 1] = SAMPLE_BYTES - 2;
  target[at + 2] = (1 << 3) | 1;
  if (value === undefined) STALE.copy(target, at + 3);
  else target.writeDoubleLE(round(value), at + 3);
  target[at + 11] = 2 << 3;
  encodeTime(time).copy(target, at + 12);
  return at + SAMPLE_BYTES;
}

const times = new Map<number, Buffer>();

function encodeTime(time: number): Buffer {
  const encoded = times.get(time) ?? encodeVarint(time * 1000);
  times.set(time, encoded);
  return encoded;
}

/** Without the noise of binary fractions: 0.3 instead of 0.30000000000000004. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** A field of bytes: https://protobuf.dev/programming-guides/encoding. */
function encodeField(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), encodeVarint(content.length), content]);
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return Buffer.from([...bytes, left]);
}

/** Bytes of one literal in snappy's format, which may stay uncompressed: google/snappy, format_description.txt. */
const LITERAL_BYTES = 65_536;

function compress(content: Buffer): Buffer<ArrayBuffer> {
  const pieces = [encodeVarint(content.length)];
  for (let from = 0; from < content.length; from += LITERAL_BYTES) {
    const literal = content.subarray(from, from + LITERAL_BYTES);
    const length = Buffer.from([61 << 2, 0, 0]);
    length.writeUInt16LE(literal.length - 1, 1);
    pieces.push(length, literal);
  }
  return Buffer.concat(pieces);
}
