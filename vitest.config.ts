import { defineConfig } from "vitest/config";

const scratch = "test/support/scratch.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          globalSetup: [scratch],
          isolate: false,
          maxWorkers: "100%",
          // A unit test takes milliseconds, but on a busy machine openssl may take long to generate an RSA key.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: [scratch],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "metrics",
          include: ["test/metrics/**/*.test.ts"],
          // The files run one after another: each has a Prometheus, which needs the cores of the machine.
          globalSetup: [scratch, "test/support/metrics/tools.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          // Each worker has a sandbox of its own. Most of a test's time is waiting, which does not need a core.
          globalSetup: [scratch, "test/support/sandbox.ts"],
          setupFiles: ["test/support/settled.ts"],
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
