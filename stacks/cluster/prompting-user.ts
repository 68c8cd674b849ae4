/** Users of a kubeconfig without credentials, for whom Pulumi's provider prompts. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { listKubeconfigs, type StackConfig } from "./kubeconfig.ts";

/** The part of a kubeconfig that selects a user and a server. */
export interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly Entry[];
  readonly clusters?: readonly Entry[];
  readonly users?: readonly Entry[];
}

/** An entry of one of the lists. Its value has the name of the list, in the singular. */
interface Entry {
  readonly name: string;
  readonly context?: { readonly cluster?: string; readonly user?: string };
  readonly cluster?: { readonly server?: string };
  readonly user?: Readonly<Record<string, unknown>>;
}

/** A context whose user has no credentials. */
export interface PromptingUser {
  readonly context: string;
  /** `undefined` if the context has no user. */
  readonly user: string | undefined;
}

/** Fields of a user that identify it (client-go, tools/clientcmd/client_config.go: `canIdentifyUser`). */
const CREDENTIALS = [
  "token",
  "client-certificate",
  "client-certificate-data",
  "username",
  "auth-provider",
  "exec",
];

/**
 * Finds the user of the stack's cluster if it has no credentials. Pulumi's provider then prompts for a name and a password
 * on its standard input, which nobody closes, so previews and updates do not end (pulumi-kubernetes#2202; `os.Stdin` in
 * provider/pkg/provider/provider.go). It does not prompt with `kubernetes:kubeconfig`, and not for a server without TLS.
 *
 * Every run reads the kubeconfig for this, so it is parsed without `@kubernetes/client-node`, whose import takes 0.4 s.
 */
export function findPromptingUser(config: StackConfig): PromptingUser | undefined {
  if (config["kubernetes:kubeconfig"]) return undefined;
  const files = listKubeconfigs()
    .filter((path) => existsSync(path))
    .map(readKubeconfig);
  return selectPromptingUser(files, config["kubernetes:context"], config["kubernetes:cluster"]);
}

/** Pure: the same for these kubeconfigs, of which the first with an entry or a current context applies. */
export function selectPromptingUser(
  files: readonly Kubeconfig[],
  givenContext: string | undefined,
  givenCluster: string | undefined,
): PromptingUser | undefined {
  const context = givenContext || files.map((file) => file["current-context"]).find(Boolean);
  if (context === undefined) return undefined;
  const selected = firstOf(files, "contexts", context)?.context;
  const cluster = firstOf(files, "clusters", givenCluster || selected?.cluster)?.cluster;
  if (!cluster?.server?.startsWith("https:")) return undefined;
  const name = selected?.user || undefined;
  const entry = firstOf(files, "users", name);
  // The provider reports a name without an entry.
  if (name !== undefined && entry === undefined) return undefined;
  const user = entry?.user ?? {};
  return CREDENTIALS.some((field) => user[field]) ? undefined : { context, user: name };
}

function firstOf(
  files: readonly Kubeconfig[],
  list: "contexts" | "clusters" | "users",
  name: string | undefined,
): Entry | undefined {
  return files.flatMap((file) => file[list] ?? []).find((entry) => entry.name === name);
}

/** Reads a kubeconfig. One that cannot be read is empty here, and reported where the cluster is read. */
function readKubeconfig(path: string): Kubeconfig {
  try {
    const file = (parse(readFileSync(path, "utf8")) ?? {}) as Kubeconfig;
    return { ...file, users: file.users?.map((entry) => readToken(entry, dirname(path))) ?? [] };
  } catch {
    return {};
  }
}

/** The entry with the content of its `tokenFile` as its token. The provider reports a file that does not exist. */
function readToken(entry: Entry, directory: string): Entry {
  const { token, tokenFile } = entry.user ?? {};
  if (token || typeof tokenFile !== "string" || tokenFile === "") return entry;
  const path = resolve(directory, tokenFile);
  return {
    ...entry,
    user: { ...entry.user, token: existsSync(path) ? readFileSync(path, "utf8") : tokenFile },
  };
}
