/** Secrets in the results of resource transforms. */
import * as pulumi from "@pulumi/pulumi";
import { isDeferred } from "./outputs.ts";

/**
 * A copy in which each secret Output has its wire format. Pulumi's own serialization of the result of a transform keeps
 * secrets only where the CLI runs the program: in the Automation API, they would be in the state in plain text.
 */
export async function sealSecrets<T>(value: T): Promise<T> {
  return (await seal(value)) as T;
}

async function seal(value: unknown): Promise<unknown> {
  const { specialSigKey, specialSecretSig } = pulumi.runtime;
  if (pulumi.Output.isInstance(value)) {
    const isSecret = await pulumi.isSecret(value);
    return isSecret ? { [specialSigKey]: specialSecretSig, value: pulumi.unsecret(value) } : value;
  }
  if (Array.isArray(value)) return Promise.all(value.map(seal));
  if (value === null || typeof value !== "object" || isDeferred(value)) return value;
  const entries = Object.entries(value).map(async ([key, each]) => [key, await seal(each)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
