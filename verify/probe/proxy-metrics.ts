/** `proxy-metrics null`: prints the metrics of the pod's own proxy as a JSON string. Fails if the pod has no proxy. */
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** The admin port of the proxy (linkerd-control-plane, values.yaml, `proxy.ports.admin`). */
const METRICS = "http://127.0.0.1:4191/metrics";

const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
get(METRICS, { signal: AbortSignal.timeout(10_000) }, resolve).on("error", reject);
const response = await promise;
const body = await text(response);
if (response.statusCode !== 200) throw new Error(`${METRICS}: status ${response.statusCode}`);
console.log(JSON.stringify(body));
