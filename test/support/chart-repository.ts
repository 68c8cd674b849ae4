/** A Helm repository on loopback that requires a login. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { inject } from "vitest";
import { CHART_KEYS } from "../../components/linkerd/charts/charts.ts";
import { standInArchives } from "./charts.ts";

/** A request that the repository received. */
export interface ChartRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly status: number;
}

/** A running repository. */
export interface ChartRepository {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly requests: ChartRequest[];
  close(): void;
}

/**
 * Serves the stand-in charts.
 *
 * @param login `user:password` that every request must have; `undefined` for a public repository
 * @param chartHost host of the archives in the index; the repository's own by default
 */
export async function serveCharts(login: string | undefined, chartHost?: string): Promise<ChartRepository> {
  const { chartVersion } = inject("charts");
  const directory = standInArchives([chartVersion]);
  const requests: ChartRequest[] = [];
  const required = login && `Basic ${Buffer.from(login).toString("base64")}`;
  let host = "";
  const server = createServer(({ url = "", headers: { authorization } }, response) => {
    const answer = (status: number, body: string | Buffer = "") => {
      requests.push({ path: url, authorization, status });
      response.writeHead(status).end(body);
    };
    if (required && authorization !== required) return answer(401);
    if (url.endsWith("/index.yaml")) return answer(200, index(chartHost ?? host, chartVersion));
    const archive = url.split("/").at(-1) ?? "";
    return archive.endsWith(".tgz") ? answer(200, readFileSync(join(directory, archive))) : answer(404);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  host = `127.0.0.1:${address.port}`;
  return { host, requests, close: () => server.close() };
}

function index(host: string, version: string): string {
  const entries = Object.keys(CHART_KEYS).map((name) => [
    name,
    [{ apiVersion: "v2", name, version, urls: [`http://${host}/charts/${name}-${version}.tgz`] }],
  ]);
  return JSON.stringify({ apiVersion: "v1", entries: Object.fromEntries(entries) });
}
