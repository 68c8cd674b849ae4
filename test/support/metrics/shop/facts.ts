/**
 * The shop: a small mesh whose traffic is known. Tests work out what a query has to answer from these numbers alone.
 *
 * Times are minutes from the start of the history. All rates are constant between two times of this file, so that the
 * `rate` of a counter is exactly the number here.
 */

/** The first scrape, in Unix seconds: 2026-01-01T00:48:00Z. */
export const START = Date.UTC(2026, 0, 1, 0, 48) / 1000;

/** The last scrape, in minutes, at which tests ask: 01:58:00Z. */
export const LAST_MINUTE = 70;

/** The last scrape, in Unix seconds. */
export const NOW = START + LAST_MINUTE * 60;

/** Seconds between two scrapes. */
export const SCRAPE_INTERVAL = 30;

/** The proxy stops exporting the metrics of a connection or route that was not used for so long, in minutes. */
export const EXPIRY_MINUTES = 10;

/** When the proxies of a workload restart in their pods: their counters start again at 0. */
export const RESTART = { workload: "shop/carts", minute: 55 };

/** When half of the requests to `invoices` fail. */
export const BURST: readonly [number, number] = [40, 50];

/** The last request to `forgotten`. Its series have expired before the end. */
export const FORGOTTEN_SINCE = 20;

/** The last request to `paused`. Its series are still exported at the end. */
export const PAUSED_SINCE = 62;

/**
 * Which share of requests takes how long: `{ 20: 0.5, 100: 0.5 }` is one half in the bucket that ends at 20 ms, and the
 * other half in the bucket that ends at 100 ms. The keys are bounds of the proxy's buckets.
 */
export type Latency = Readonly<Record<number, number>>;

/** Half below 10 ms; the 95th percentile is in the bucket 20 to 30 ms. */
export const FAST: Latency = { 10: 0.5, 20: 0.4, 30: 0.1 };
/** All from 200 to 300 ms: the median is 250 ms, as Prometheus interpolates. */
const EVEN: Latency = { 300: 1 };
/** Half below 10 ms, and one of ten takes 1 to 2 seconds. */
const SLOW: Latency = { 10: 0.5, 100: 0.4, 2000: 0.1 };
/** All from half a second to a second. */
const SLUGGISH: Latency = { 1000: 1 };

export interface Call {
  /** `namespace/name` of the workload that calls. A workload without a proxy calls without mTLS. */
  readonly from: string;
  /** `namespace/name` of the workload that is called. Its Service has the same name. */
  readonly to: string;
  /** Requests per second of all pods together. They are spread evenly, over callers and callees. */
  readonly rps: number;
  /** Share of each HTTP status, and for gRPC of each status. @default all succeed */
  readonly statuses?: Readonly<Record<string, number>>;
  /** @default FAST */
  readonly latency?: Latency;
  /** @default the complete history, and before it */
  readonly during?: readonly [from: number, to: number];
  /** @default "http" */
  readonly protocol?: "http" | "grpc";
  /** The policy of the callee denies it: the callee's proxy answers 403, and the application sees nothing. */
  readonly denied?: true;
  /** The HTTPRoute or GRPCRoute that the requests match. @default none */
  readonly route?: string;
  /** The route of a ServiceProfile that the requests match. Such a Service has no other routes. @default none */
  readonly profile?: string;
  /**
   * Retries per second, of all pods. Each follows an attempt that failed, with 503 or UNAVAILABLE, and is one more
   * request for the callee. `limitExceeded` are the requests whose retry failed too.
   */
  readonly retries?: {
    readonly requests: number;
    readonly successes: number;
    readonly limitExceeded: number;
  };
  /** Requests per second that exceed the timeout of the route. They are among `rps`, and have no status. */
  readonly timeouts?: number;
}

/**
 * Workloads of every kind that use everything once, so that each panel has something to show for each kind. They call:
 * `orders` by an HTTPRoute, `stock` by a GRPCRoute, `prices` by a ServiceProfile, `cache` over TCP. `stranger` calls them
 * and is denied.
 */
export const COMPLETE = [
  ...["shop/web", "shop/catalog", "shop/mirror", "shop/ancient", "shop/migrate", "shop/debug"],
  ...["billing/agent", "billing/report", "billing/backup"],
] as const;

/** Each of {@link COMPLETE}: 1 request per second, of which 0.1 exceed the timeout, and 0.2 retries. */
const ROUTED = {
  ...{ rps: 1, timeouts: 0.1 },
  retries: { requests: 0.2, successes: 0.1, limitExceeded: 0.1 },
};

/** All HTTP and gRPC traffic. */
export const CALLS: readonly Call[] = [
  // 20 requests per second, 1 % of which fail.
  { from: "edge/ingress", to: "shop/web", rps: 20, statuses: { 200: 0.99, 503: 0.01 } },
  { from: "outside/crawler", to: "edge/ingress", rps: 20, statuses: { 200: 0.99, 503: 0.01 } },
  { from: "shop/web", to: "shop/carts", rps: 10, latency: SLOW, route: "carts-read" },
  { from: "shop/web", to: "shop/catalog", rps: 8, protocol: "grpc", statuses: { 0: 0.95, 14: 0.05 } },
  { from: "shop/migrate", to: "shop/catalog", rps: 1, protocol: "grpc" },
  // Every request fails, while scrapes and probes succeed.
  { from: "shop/web", to: "billing/payments", rps: 2, statuses: { 500: 1 }, latency: EVEN },
  // Half of the requests fail during the burst.
  { from: "billing/agent", to: "billing/invoices", rps: 4, latency: EVEN, during: [-120, BURST[0]] },
  {
    ...{ from: "billing/agent", to: "billing/invoices", rps: 4, latency: EVEN },
    ...{ during: BURST, statuses: { 200: 0.5, 503: 0.5 } },
  },
  {
    ...{ from: "billing/agent", to: "billing/invoices", rps: 4, latency: EVEN },
    during: [BURST[1], Number.POSITIVE_INFINITY],
  },
  { from: "billing/report", to: "billing/invoices", rps: 1, latency: EVEN },
  { from: "billing/agent", to: "billing/report", rps: 0.5 },
  { from: "billing/agent", to: "billing/backup", rps: 0.5 },
  { from: "outside/crawler", to: "billing/agent", rps: 1 },
  { from: "outside/crawler", to: "shop/debug", rps: 0.5 },
  { from: "shop/web", to: "shop/migrate", rps: 0.5 },
  { from: "shop/web", to: "shop/mirror", rps: 0.5, latency: SLUGGISH },
  { from: "shop/web", to: "shop/ancient", rps: 0.5 },
  { from: "shop/web", to: "shop/forgotten", rps: 1, during: [-120, FORGOTTEN_SINCE] },
  { from: "shop/web", to: "shop/paused", rps: 1, during: [-120, PAUSED_SINCE] },
  { from: "shop/carts", to: "linkerd/linkerd-destination", rps: 0.2, protocol: "grpc" },
  ...COMPLETE.flatMap((name): Call[] => [
    { from: name, to: "shop/orders", ...ROUTED, route: "orders-read" },
    { from: name, to: "shop/stock", ...ROUTED, protocol: "grpc", route: "stock-list" },
    { from: name, to: "shop/prices", rps: 1, profile: "GET /prices" },
    { from: "outside/stranger", to: name, rps: 0.5, denied: true },
    { from: "outside/crawler", to: name, rps: 0.1, denied: true },
  ]),
];

/**
 * Scrapes that the proxy of a workload denies: requests of a Prometheus without a proxy, and as many connections of one with
 * a proxy.
 */
export const DENIED_SCRAPES = { workload: "edge/ingress", perSecond: 0.1 };

/** Requests of `shop/web` to the outside: to a host, and to an address without a name. Linkerd knows neither. */
export const EXTERNAL = [
  { authority: "api.example.com", ip: "203.0.113.10", rps: 3 },
  { authority: "", ip: "203.0.113.20", rps: 1 },
];

/** Scrapes per second that viz's Prometheus sends to each proxy through its own: not the traffic of an application. */
export const SCRAPES_THROUGH_PROXY = 0.1;

/** Requests per second of the kubelet's probes to each pod: one to the application, and one to the proxy. */
export const PROBES = 0.2;

/** Connections without HTTP. */
export interface Connections {
  readonly from: string;
  readonly to: string;
  /** New connections per second, of all pods together. Each is closed at once, but for `open`. */
  readonly perSecond: number;
  /** Connections that stay open, of all pods together. */
  readonly open: number;
  /** Bytes per second that the caller sends, of all pods together. The callee answers twice as much. */
  readonly bytes: number;
  /** Share of connections that end with the error `ECONNRESET`. */
  readonly reset: number;
  /** Connections per second that the policy of the callee denies. @default 0 */
  readonly denied?: number;
}

/** The traffic of an opaque port. */
export const CONNECTIONS: readonly Connections[] = [
  {
    from: "billing/invoices",
    to: "billing/cache",
    perSecond: 2,
    open: 4,
    bytes: 1000,
    reset: 0.1,
    denied: 0.1,
  },
  ...COMPLETE.map((from) => ({ from, to: "billing/cache", perSecond: 0.5, open: 2, bytes: 100, reset: 0.1 })),
];

/**
 * Connections that carry HTTP. A pod has as many with each workload that calls it, and with each pod that it calls. Bytes
 * are per second, new connections too.
 */
export const HTTP_CONNECTIONS = { open: 1, perSecond: 0.1, bytes: 500 };

/** What each container of a pod uses. */
export const USAGE = {
  application: { cpu: 0.1, memory: 100_000_000 },
  proxy: { cpu: 0.01, memory: 20_000_000 },
  /** Bytes per second of a pod. */
  network: { receive: 10_000, transmit: 20_000 },
  /** Periods of the CPU quota per second, and in how many of them a container waits. */
  quota: { periods: 10, application: 1, proxy: 0.5 },
};

/** Certificates of proxies are valid for a day, the issuer of the stack for a hundred years. */
export const CERTIFICATES = {
  /** Minute at which a proxy obtained its certificate, if it started before: 1 hour before the history. */
  issued: -60,
  lifetimeSeconds: 86_400,
  /** Renewals per hour that fail, of the proxy of `billing/payments` alone. */
  failedRenewalsPerHour: 6,
  /** Seconds that the issuer has left at the start of the history. */
  issuerSeconds: 3_153_500_000,
};

/** Calls of each proxy to each of the three controllers per second, and how many fail at `policy`. */
export const CONTROL_CALLS = { rps: 0.1, failedAtPolicy: 0.1, latency: { 10: 1 } as Latency };

/** The certificates that the stack's own rules know, and the days that they have left. */
export const INSTALLATION_CERTIFICATES: Readonly<Record<string, number>> = {
  ...{ "trust-anchor": 36_500, "identity-issuer": 36_500 },
  ...{ "proxy-injector": 36_500, "policy-validator": 36_500, "profile-validator": 36_500 },
  ...{ tap: 60, "tap-injector": 36_500 },
};

/** Counters of the injector, per minute. */
export const INJECTIONS = {
  /** Injected pods of Deployments in the namespace `shop`. */
  injected: 1,
  /** Pods in `shop` that use the host's network and are skipped. */
  skipped: 0.5,
  /** Pods in `outside` that did not request injection. */
  notRequested: 2,
};

/**
 * Counters of the API server, per minute. `rejected` are pods for which the injector did not answer, `denied` those that the
 * injector itself rejected.
 */
export const ADMISSION = { failOpen: 0.2, rejected: 0.1, denied: 0.3, policyChecks: 2, policyErrors: 0.1 };
