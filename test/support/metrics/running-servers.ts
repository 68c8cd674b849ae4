/** The servers that the tests of a run share, in the temporary directory of the run. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import type { Server } from "./prometheus.ts";

const getDirectory = () => join(tmpdir(), "running-servers");

export function rememberServer(key: string, { pid, url, version, directory }: Server): void {
  mkdirSync(getDirectory(), { recursive: true });
  writeFileSync(join(getDirectory(), `${key}.json`), JSON.stringify({ pid, url, version, directory }));
}

export function findServers(): ReadonlyMap<string, Server> {
  if (!existsSync(getDirectory())) return new Map();
  return new Map(
    readdirSync(getDirectory()).map((file) => [
      parse(file).name,
      JSON.parse(readFileSync(join(getDirectory(), file), "utf8")) as Server,
    ]),
  );
}
