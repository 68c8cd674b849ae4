/** Runs a real Prometheus on loopback, with a history, or with a configuration of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { end } from "../../../sandbox/processes.ts";
import type { MetricsToolName } from "../../../sandbox/tools/index.ts";
import { type Api, createApi } from "./api.ts";
import type { History } from "./history.ts";
import { writeHistory } from "./remote-write.ts";

export interface PrometheusOptions {
  /** Paths of the two tools. */
  readonly tools: Readonly<Record<MetricsToolName, string>>;
  /** What it has scraped. @default nothing */
  readonly history?: History;
  /** Content of `prometheus.yml`. @default nothing is scraped, and no rule is evaluated */
  readonly config?: string;
  /** More arguments of the command. @default none */
  readonly args?: readonly string[];
}

/** A running server, as another process finds it. */
export interface Server {
  readonly pid: number;
  /** Without a slash at its end. */
  readonly url: string;
  /** For example `3.16.0`. */
  readonly version: string;
  /** Everything that it writes. */
  readonly directory: string;
}

export interface Prometheus extends Api, Server {
  /** Adds to its history, at times after those that it has. */
  write(history: History): Promise<void>;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/** Starts Prometheus, and waits until it answers queries. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), "prometheus-"));
  const config = join(directory, "prometheus.yml");
  writeFileSync(config, options.config ?? "{}");
  const log = join(directory, "messages");
  const address = `127.0.0.1:${await getPort({ host: "127.0.0.1" })}`;
  const server = spawn(
    options.tools.prometheus,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      // The history has fixed times. No retention may delete it.
      "--storage.tsdb.retention.time=100y",
      `--web.listen-address=${address}`,
      "--web.enable-remote-write-receiver",
      ...(options.args ?? []),
    ],
    // Its messages are in a file, and not in a pipe, so that it can run longer than the process that starts it.
    { stdio: ["ignore", "ignore", openSync(log, "w")], detached: true },
  );
  server.unref();
  const url = `http://${address}`;
  const { pid } = server;
  if (pid === undefined) throw new Error(`${options.tools.prometheus}: cannot be run`);
  try {
    await waitUntilReady(url, () => server.exitCode);
    const { version } = (await createApi(url).call("status/buildinfo")) as { version: string };
    const prometheus = connect({ pid, url, version, directory });
    if (options.history !== undefined) await prometheus.write(options.history);
    return prometheus;
  } catch (error) {
    const messages = readFileSync(log, "utf8").slice(-10_000);
    await connect({ pid, url, version: "", directory }).stop();
    throw new Error(`${options.tools.prometheus} fails: ${error}. Its last messages:\n${messages}`);
  }
}

/** Returns a client of a running server. */
export function connect(server: Server): Prometheus {
  const { pid, url, version, directory } = server;
  return {
    ...createApi(url),
    ...server,
    write: (history) => writeHistory(url, history, Number(version.split(".")[0])),
    async stop() {
      await end([{ pid, name: "prometheus" }]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A start with a loaded history takes less than a second, on a busy machine several. */
const START_SECONDS = 60;

async function waitUntilReady(url: string, exitCode: () => number | null): Promise<void> {
  for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end; await sleep(30)) {
    if (exitCode() !== null) throw new Error(`it ended with code ${exitCode()}`);
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
  }
  throw new Error(`it is not ready after ${START_SECONDS} seconds`);
}
