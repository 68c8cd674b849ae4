/** Keeps private keys out of the debug log, which `pulumi up --debug` and `-v` print. */
import log from "@pulumi/pulumi/log/index.js";
import { withoutKeys } from "./without-keys.ts";

/**
 * Redacts private keys in the debug messages of the SDK.
 *
 * The SDK logs every response of the engine in plain text, including the keys of the TLS provider's resources
 * (`RegisterResource RPC finished: … resp: …`, @pulumi/pulumi 3.270, runtime/resource.js). Engines print these messages with
 * `--debug`, and in their own log from `-v=1` on. At `-v=9` the engine also prints every message between itself and
 * the providers; a program cannot prevent that.
 */
export function hideKeysInDebugLog(): void {
  if (isPatched) return;
  isPatched = true;
  const { debug } = log;
  log.debug = (message, ...rest) => debug(withoutKeys(message), ...rest);
}

let isPatched = false;
