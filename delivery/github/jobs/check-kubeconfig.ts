/** Checks of a kubeconfig before a command uses it: pure. */
import { parse } from "yaml";

interface Named {
  readonly name?: string;
  readonly context?: { readonly user?: string; readonly cluster?: string } | null;
  readonly user?: Readonly<Record<string, unknown>> | null;
}

/** Fields of a user, one of which authenticates. */
const CREDENTIALS = ["token", "tokenFile", "client-certificate", "client-certificate-data", "exec"];

/**
 * Returns the issue of a kubeconfig as one sentence, or `undefined`. A user without credentials is an error,
 * because the provider would prompt for a password without end (pulumi-kubernetes issue 2202).
 *
 * @param context name of the context that the stack selects; the current one by default
 */
export function checkKubeconfig(text: string, context?: string): string | undefined {
  if (text.trim() === "") return "must be a kubeconfig, got nothing";
  let config: { contexts?: Named[]; users?: Named[]; clusters?: Named[]; "current-context"?: string } | null;
  try {
    config = parse(text);
  } catch {
    return "must be YAML, got something else";
  }
  const name = context ?? config?.["current-context"];
  if (!name) return "must have a current-context, got none";
  const find = (list: readonly Named[] | undefined, key: string | undefined) =>
    Array.isArray(list) ? list.find((entry) => entry.name === key) : undefined;
  const selected = find(config?.contexts, name)?.context;
  if (!selected) return `must have the context ${JSON.stringify(name)}, got none of that name`;
  if (!find(config?.clusters, selected.cluster)) return `must have the cluster of ${name}, got none`;
  const user = find(config?.users, selected.user)?.user;
  if (CREDENTIALS.some((field) => user?.[field])) return undefined;
  return `must have credentials for the user of ${name} (${CREDENTIALS.join(", ")}), got none`;
}
