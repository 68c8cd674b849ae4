import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import {
  findPromptingUser,
  type Kubeconfig,
  selectPromptingUser,
} from "../../../../stacks/cluster/prompting-user.ts";
import { promptingUserIssues } from "../../../../stacks/preflight/prompting-user-issues.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";

afterEach(() => vi.unstubAllEnvs());

/** A kubeconfig with one context, whose user has these fields. */
const kubeconfig = (user: object | undefined, server = "https://api.example", name = "ci"): Kubeconfig => ({
  "current-context": name,
  contexts: [{ name, context: { cluster: name, ...(user ? { user: name } : {}) } }],
  clusters: [{ name, cluster: { server } }],
  users: user ? [{ name, user: { ...user } }] : [],
});

const select = (file: Kubeconfig, context?: string, cluster?: string) =>
  selectPromptingUser([file], context, cluster);

test.each([
  ["no field", {}],
  ["a password alone", { password: "secret" }],
  ["an empty token", { token: "" }],
  ["a key without a certificate", { "client-key-data": "a2V5" }],
  ["the name of another user", { as: "admin" }],
])("the provider prompts for a user with %s", (_, user) => {
  expect(select(kubeconfig(user))).toEqual({ context: "ci", user: "ci" });
});

test.each([
  { token: "t" },
  { username: "admin" },
  { "client-certificate": "ci.crt" },
  { "client-certificate-data": "Y3J0" },
  { "auth-provider": { name: "oidc" } },
  { exec: { command: "aws" } },
])("the provider does not prompt for a user with %s", (user) => {
  expect(select(kubeconfig(user))).toBeUndefined();
});

test("the provider prompts for a context without a user, and reports a user that does not exist by itself", () => {
  expect(select(kubeconfig(undefined))).toEqual({ context: "ci", user: undefined });
  expect(select({ ...kubeconfig({}), users: [] })).toBeUndefined();
});

test("the provider does not prompt without a context, without a cluster, and for a server without TLS", () => {
  expect(select({})).toBeUndefined();
  expect(select(kubeconfig({}), "prod")).toBeUndefined();
  expect(select(kubeconfig({}, "http://127.0.0.1:8001"))).toBeUndefined();
  expect(select(kubeconfig({}, "api.example:6443"))).toBeUndefined();
});

test("kubernetes:context and kubernetes:cluster select the user and the server, in all files", () => {
  const files = [kubeconfig({ token: "t" }), kubeconfig({}, "https://prod.example", "prod")];
  expect(selectPromptingUser(files, undefined, undefined)).toBeUndefined();
  expect(selectPromptingUser(files, "prod", undefined)).toEqual({ context: "prod", user: "prod" });
  const plain = [kubeconfig({}, "http://api.example"), ...files];
  expect(selectPromptingUser(plain, undefined, "prod")).toEqual({ context: "ci", user: "ci" });
});

test("the kubeconfig is read from KUBECONFIG, and a token from its file", () => {
  const directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const write = (name: string, content: string) => writeFileSync(join(directory, name), content);
  write("config", JSON.stringify(kubeconfig({ tokenFile: "token" })));
  write("broken", "{");
  const paths = ["missing", "broken", "config"].map((name) => join(directory, name));
  vi.stubEnv("KUBECONFIG", paths.join(delimiter));
  // The provider reports a file that does not exist.
  expect(findPromptingUser({})).toBeUndefined();
  write("token", "");
  expect(findPromptingUser({})).toEqual({ context: "ci", user: "ci" });
  write("token", "t");
  expect(findPromptingUser({})).toBeUndefined();
  write("config", JSON.stringify(kubeconfig({})));
  expect(findPromptingUser({ "kubernetes:kubeconfig": "{}" })).toBeUndefined();
  const [issue] = promptingUserIssues({});
  expect(issue && formatStackIssue(issue, readSettings({}).given)).toBe(
    'kubernetes:context: must select a user with credentials, got the user "ci" of the context "ci" without credentials. ' +
      "Pulumi's Kubernetes provider would prompt for a name and a password, and never end (pulumi-kubernetes#2202). Fix: kubectl config set-credentials ci --token=<token>, or select another context: " +
      "pulumi config set kubernetes:context <context>",
  );
});
