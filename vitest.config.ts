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
          // Each takes moments; on a busy machine, openssl may look long for an RSA key.
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
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          // One sandbox serves all engine tests, one file after another: they share 2 cores.
          globalSetup: [scratch, "test/support/sandbox.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
