/**
 * What the scripts in the pods exchange. Each client script gets its arguments as one JSON value and prints its result as
 * one JSON value. The HTTP server answers:
 *
 * - `GET /?ms=<n>`: 200 and an {@link Echo}, after `n` ms, 0 by default
 * - `GET /flaky?id=<id>`: 503 to the first request with this ID, then 200; both count as attempts
 * - `GET /slow?ms=<n>`: 200 after `n` ms
 * - `GET /attempts?id=<id>`: 200 and `{ "attempts": <n> }`, the number of requests to `/flaky` with this ID
 * - `GET /ready`, `GET /live`: 200
 */

/** The answer of `GET /`. */
export interface Echo {
  /** Name of the pod that answers. */
  readonly pod: string;
  /** The header `l5d-client-id`, which the server's proxy sets to the identity of the caller; null without one. */
  readonly clientIdentity: string | null;
}

/** Arguments of `http-requests`: sends requests one after the other over one keep-alive connection, or over several. */
export interface RequestLoad {
  readonly url: string;
  /** Number of requests. With `durationMs`, the first limit that is reached ends the load. */
  readonly count?: number;
  readonly durationMs?: number;
  /** Number of connections. Each sends one request at a time. @default 1 */
  readonly connections?: number;
  /** Pause between two requests of a connection. @default 0 */
  readonly intervalMs?: number;
  /** A request without an answer within this time is an error. @default 10000 */
  readonly timeoutMs?: number;
  /** Open a connection for each request. @default false */
  readonly newConnections?: boolean;
}

/** The result of `http-requests`. */
export interface LoadResult {
  readonly sent: number;
  /** Number of answers by status, e.g. `{ "200": 199, "503": 1 }`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Number of requests without an answer by error, e.g. `{ "ECONNRESET": 1 }`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Number of answers by the pod in an {@link Echo}. */
  readonly pods: Readonly<Record<string, number>>;
  /** Number of answers by the caller's identity in an {@link Echo}; `none` for null. */
  readonly clientIdentities: Readonly<Record<string, number>>;
  /** Number of TCP connections that the client opened. */
  readonly connections: number;
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly max: number };
  /** Body of the last answer. */
  readonly lastBody: string;
}

/** Arguments of `greetings`: connects to each address at the same time and waits for the first line. */
export interface GreetingTargets {
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  readonly timeoutMs: number;
}

/** A result of `greetings`. */
export interface Greeting {
  readonly host: string;
  readonly port: number;
  /** Time from the start of the connection to the first line, or to the error. */
  readonly ms: number;
  /** The first line, without its end. */
  readonly line?: string;
  /** `timeout`, `closed` or an error code such as `ECONNREFUSED`. */
  readonly error?: string;
}

/** Arguments of `certificates`: the servers whose certificates are read, in one TLS handshake each. */
export interface CertificateTargets {
  readonly targets: readonly { readonly host: string; readonly port: number; readonly serverName: string }[];
  readonly timeoutMs: number;
}

/** A result of `certificates`. */
export interface ServerCertificates {
  readonly host: string;
  readonly port: number;
  /** The certificates that the server sent, leaf first, PEM. Empty with an error. */
  readonly chain: readonly string[];
  readonly error?: string;
}

/** The client scripts, with the types of their arguments and results. */
export interface ProbeScripts {
  "http-requests": { args: RequestLoad; result: LoadResult };
  greetings: { args: GreetingTargets; result: Greeting[] };
  certificates: { args: CertificateTargets; result: ServerCertificates[] };
  /** The metrics of the pod's own proxy in the Prometheus text format. */
  "proxy-metrics": { args: null; result: string };
}

export type ProbeScript = keyof ProbeScripts;
