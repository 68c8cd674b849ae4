/** Keeps private keys out of what `pulumi up --debug` and `-v` print of a program. */
import log from "@pulumi/pulumi/log/index.js";

/**
 * The SDK writes every answer of the engine into its debug log, the keys of a TLS provider's resource in
 * plain among them (`RegisterResource RPC finished … resp`, @pulumi/pulumi, runtime/resource.js). Engines print it
 * with `--debug`, and from `-v=1` on in their own log. What `-v=9` prints besides, every message between
 * engine and providers, is the engine's and cannot be hidden from here.
 */
export function hideKeysInDebugLog(): void {
  if (hidden) return;
  hidden = true;
  const { debug } = log;
  log.debug = (message, ...rest) => debug(withoutKeys(message), ...rest);
}

let hidden = false;

/** The text without private keys: PEM, and PEM in base64 as the data of a Secret. */
export function withoutKeys(text: string): string {
  return text
    .replace(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, "[a private key]")
    .replace(/LS0tLS1CRUdJTi[A-Za-z0-9+/]+=*/g, (base64) =>
      Buffer.from(base64, "base64").includes("PRIVATE KEY") ? "[a private key]" : base64,
    );
}
