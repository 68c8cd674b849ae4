import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import log from "@pulumi/pulumi/log/index.js";
import * as tls from "@pulumi/tls";
import { expect, test, vi } from "vitest";
import { containsPrivateKey } from "../../../../policy/rules/keys-in-secrets.ts";
import { hideKeysInDebugLog } from "../../../../stacks/secrets/debug-log.ts";
import { withoutKeys } from "../../../../stacks/secrets/without-keys.ts";
import { register } from "../../../support/mocks.ts";

const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----";

/** Registers a resource with a key in its inputs, and returns the SDK's debug messages about it. */
async function debugMessages(patch: () => void): Promise<string> {
  const { debug } = log;
  const messages: string[] = [];
  log.debug = async (message) => void messages.push(message);
  patch();
  try {
    await register(
      () => new tls.SelfSignedCert("cert", { allowedUses: [], validityPeriodHours: 1, privateKeyPem: key }),
    );
  } finally {
    log.debug = debug;
  }
  return messages.join("\n");
}

// Fails when the SDK redacts keys itself, and stacks/secrets/debug-log.ts is no longer needed.
test("the SDK writes private keys into its debug log", async () => {
  expect(await debugMessages(() => {})).toContain("MIGHAgEA");
});

test("the patched debug log contains no private key", async () => {
  vi.resetModules();
  const patched = await import("../../../../stacks/secrets/debug-log.ts");
  const messages = await debugMessages(patched.hideKeysInDebugLog);
  expect(messages).toContain("RegisterResource RPC finished");
  expect(messages).toContain("[a private key]");
  expect(messages).not.toContain("MIGHAgEA");
});

test("the debug log is patched once, however often the program runs in a process", () => {
  hideKeysInDebugLog();
  const { debug } = log;
  hideKeysInDebugLog();
  expect(log.debug).toBe(debug);
});

test("private keys are removed from a text as PEM and as PEM in base64, and certificates are not", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
  expect(withoutKeys(`a ${key} b ${base64(key)} c`)).toBe("a [a private key] b [a private key] c");
  expect(withoutKeys(`${certificate} ${base64(certificate)}`)).toBe(`${certificate} ${base64(certificate)}`);
});

test("isConfigSecret is exported by the SDK, but is not in its types", () => {
  // @ts-expect-error If this line compiles, stacks/secrets/secret-settings.ts needs no cast.
  expect(pulumi.runtime.isConfigSecret).toBeTypeOf("function");
});

// Fails when Pulumi's host no longer maps stack traces, and index.ts need not turn that off.
test("Pulumi's host maps stack traces with source-map-support", () => {
  const host = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run/index.js");
  expect(readFileSync(host, "utf8")).toContain('require("source-map-support/register")');
});

test("texts with many backslashes take no time", () => {
  const backslashes = "\\".repeat(34);
  const start = performance.now();
  for (const text of [`PRIVATE${backslashes}`, `PRIVATE KEY${backslashes}`]) {
    expect(withoutKeys(`-----BEGIN ${text}!-----END KEY-----`)).toContain(text);
  }
  expect(containsPrivateKey(`PRIVATE KEY-----${backslashes}!`)).toBe(false);
  expect(performance.now() - start).toBeLessThan(500);
});
