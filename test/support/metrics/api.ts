/** A client of Prometheus' HTTP API. It returns what the API answers: data, warnings and infos. */

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in Unix seconds, and the value. An instant vector has one, a range vector or matrix several. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Answer {
  readonly samples: readonly Sample[];
  readonly warnings: readonly string[];
  /** Prometheus 3 reports questionable queries here, such as a rate of something that is not a counter. */
  readonly infos: readonly string[];
  /** How many samples the query loaded. */
  readonly loadedSamples: number;
}

export interface Api {
  /** Answers an instant query. @param time Unix seconds */
  query(expr: string, time: number): Promise<Answer>;
  /** Answers a range query. Times are Unix seconds, the step is in seconds. */
  queryRange(expr: string, start: number, end: number, step: number): Promise<Answer>;
  /** Finds the label sets of the series that match, at any time of the history. */
  series(match: string): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Finds the values of a label, of all series or of those that match. */
  labelValues(label: string, match?: string): Promise<readonly string[]>;
  /** Calls another endpoint below `/api/v1`, and returns its `data`. */
  call(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
}

interface Envelope {
  readonly status: "success" | "error";
  readonly data: unknown;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

interface QueryData {
  readonly resultType: "scalar" | "string" | "vector" | "matrix";
  readonly result: unknown;
  readonly stats?: { readonly samples?: { readonly totalQueryableSamples?: number } };
}

export function createApi(url: string): Api {
  async function request(
    path: string,
    parameters: Record<string, string>,
    method = "POST",
  ): Promise<Envelope> {
    const content = new URLSearchParams(parameters);
    const address = `${url}/api/v1/${path}`;
    const response =
      method === "POST"
        ? await fetch(address, { method, body: content })
        : await fetch(`${address}?${content}`);
    const envelope = (await response.json()) as Envelope;
    if (envelope.status !== "success") {
      throw new Error(`Prometheus rejects ${path} ${JSON.stringify(parameters)}: ${envelope.error}`);
    }
    return envelope;
  }
  async function ask(path: string, parameters: Record<string, string>): Promise<Answer> {
    const { data, warnings = [], infos = [] } = await request(path, { ...parameters, stats: "all" });
    const { stats } = data as QueryData;
    return {
      samples: readSamples(data as QueryData),
      warnings,
      infos,
      loadedSamples: stats?.samples?.totalQueryableSamples ?? 0,
    };
  }
  return {
    query: (expr, time) => ask("query", { query: expr, time: String(time) }),
    queryRange: (expr, start, end, step) =>
      ask("query_range", { query: expr, start: String(start), end: String(end), step: String(step) }),
    async series(match) {
      return (await request("series", { "match[]": match })).data as Record<string, string>[];
    },
    async labelValues(label, match) {
      const parameters: Record<string, string> = match === undefined ? {} : { "match[]": match };
      return (await request(`label/${label}/values`, parameters, "GET")).data as string[];
    },
    call: async (path, parameters = {}) => (await request(path, parameters, "GET")).data,
  };
}

type Point = readonly [number, string];

function readSamples({ resultType, result }: QueryData): Sample[] {
  if (resultType === "scalar" || resultType === "string") {
    return [{ metric: {}, points: [readPoint(result as Point)] }];
  }
  return (result as { metric: Record<string, string>; value?: Point; values?: Point[] }[]).map(
    ({ metric, value, values }) => ({ metric, points: (value ? [value] : (values ?? [])).map(readPoint) }),
  );
}

/** Prometheus writes values as text, with `+Inf`, `-Inf` and `NaN`. */
function readPoint([time, text]: Point): [number, number] {
  return [time, text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text)];
}
