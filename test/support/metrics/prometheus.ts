/** Runs a real Prometheus on loopback, with a history, or with a configuration of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

export interface Prometheus extends Api {
  /** For example `3.16.0`. */
  readonly version: string;
  /** URL of the server, without a slash at its end. */
  readonly url: string;
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
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-10_000);
  });
  const url = `http://${address}`;
  const stop = async () => {
    if (server.pid !== undefined) await end([{ pid: server.pid, name: "prometheus" }]);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(url, () => server.exitCode);
    const api = createApi(url);
    const { version } = (await api.call("status/buildinfo")) as { version: string };
    const major = Number(version.split(".")[0]);
    const write = (history: History) => writeHistory(url, history, major);
    if (options.history !== undefined) await write(options.history);
    return { ...api, version, url, write, stop };
  } catch (error) {
    await stop();
    throw new Error(`${options.tools.prometheus} fails: ${error}. Its last messages:\n${log}`);
  }
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
