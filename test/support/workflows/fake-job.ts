/** A job of a workflow with fake commands. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";

export const HEAD = "1".repeat(40);

export interface FakeJob {
  /** An empty directory, which is first on PATH. */
  readonly directory: string;
  /** The lines that the log of the job shows. */
  readonly log: string;
  /** Puts a command on PATH. Returns a function that lists the arguments of its calls. */
  addCommand(name: string, script: string): () => string[];
}

/** Gives each test of a file a job. */
export function useFakeJob(): FakeJob {
  const job = { directory: "", log: "", addCommand };
  beforeEach(() => {
    job.directory = mkdtempSync(join(tmpdir(), "job-"));
    job.log = "";
    vi.stubEnv("PATH", [job.directory, process.env.PATH].join(delimiter));
    vi.stubEnv("PULUMI_ORG", "acme");
    vi.stubEnv("HEAD_SHA", HEAD);
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((text) => {
        job.log += String(text);
        return true;
      });
    }
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  function addCommand(name: string, script: string): () => string[] {
    const path = join(job.directory, name);
    const calls = `${path}.calls`;
    writeFileSync(path, `#!/bin/sh\necho "$*" >> '${calls}'\n${script}\n`);
    chmodSync(path, 0o755);
    return () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
  }
  return job;
}
