import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as library from "@kubernetes/client-node";
import { afterEach, expect, test, vi } from "vitest";
import { loadKubeConfig, type StackConfig } from "../../../../stacks/cluster/kubeconfig.ts";
import { formatKubeconfig } from "../../../support/api-server.ts";

const directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));

afterEach(() => vi.unstubAllEnvs());

/** Writes a kubeconfig with contexts of these names, the first of which is the current one. */
function write(name: string, ...contexts: [name: string, port: number][]): string {
  const parts = contexts.map(([context, port]) => JSON.parse(formatKubeconfig(port, context)));
  const merge = (field: string) => parts.flatMap((part) => part[field]);
  const text = JSON.stringify({
    "current-context": contexts[0]?.[0],
    contexts: merge("contexts"),
    clusters: merge("clusters"),
    users: merge("users"),
  });
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

/** The API server and the user that a configuration selects. */
function select(config: StackConfig = {}): { server: string; user: string | undefined } {
  const { kubeConfig, server } = loadKubeConfig(library, config);
  return { server, user: kubeConfig.getCurrentUser()?.token };
}
const at = (port: number, name: string) => ({ server: `http://127.0.0.1:${port}`, user: `token-${name}` });

test("kubernetes:kubeconfig is a path, or the text itself", () => {
  const file = write("given", ["given", 1]);
  vi.stubEnv("KUBECONFIG", write("other", ["other", 2]));
  expect(select({ "kubernetes:kubeconfig": file })).toEqual(at(1, "given"));
  expect(select({ "kubernetes:kubeconfig": formatKubeconfig(3) })).toEqual(at(3, "test"));
  expect(select({ "kubernetes:kubeconfig": "" })).toEqual(at(2, "other"));
});

test("a tilde in kubernetes:kubeconfig is the home directory", () => {
  vi.stubEnv("HOME", directory);
  write("at-home", ["at-home", 4]);
  expect(select({ "kubernetes:kubeconfig": "~/at-home" })).toEqual(at(4, "at-home"));
});

test("kubernetes:context and kubernetes:cluster select from the kubeconfig", () => {
  const kubeconfig = write("two", ["first", 5], ["second", 6]);
  expect(select({ "kubernetes:kubeconfig": kubeconfig, "kubernetes:context": "second" })).toEqual(
    at(6, "second"),
  );
  expect(select({ "kubernetes:kubeconfig": kubeconfig, "kubernetes:cluster": "second" })).toEqual({
    server: "http://127.0.0.1:6",
    user: "token-first",
  });
});

test("of several files in KUBECONFIG, the first with a name and the first with a current context apply", () => {
  const first = write("first", ["a", 7]);
  const second = write("second", ["b", 8], ["a", 9]);
  vi.stubEnv("KUBECONFIG", [join(directory, "missing"), first, second].join(delimiter));
  expect(select()).toEqual(at(7, "a"));
  expect(select({ "kubernetes:context": "b" })).toEqual(at(8, "b"));
  vi.stubEnv("KUBECONFIG", [second, first].join(delimiter));
  expect(select({ "kubernetes:context": "a" })).toEqual(at(9, "a"));
});

test("files that are missing or empty are left out, and an error names them if there is no other", () => {
  const missing = join(directory, "missing");
  const empty = join(directory, "empty");
  writeFileSync(empty, "\n");
  vi.stubEnv("KUBECONFIG", [missing, empty, write("filled", ["filled", 11])].join(delimiter));
  expect(select()).toEqual(at(11, "filled"));
  vi.stubEnv("KUBECONFIG", [missing, empty].join(delimiter));
  expect(() => select()).toThrow(`the kubeconfig ${missing}:${empty} does not exist or is empty`);
});

test("without KUBECONFIG, the file in the home directory applies", () => {
  vi.stubEnv("KUBECONFIG", undefined);
  vi.stubEnv("HOME", directory);
  mkdirSync(join(directory, ".kube"), { recursive: true });
  write(join(".kube", "config"), ["home", 10]);
  expect(select()).toEqual(at(10, "home"));
});

test("a context that the kubeconfig does not have is an error that names it", () => {
  expect(() =>
    select({ "kubernetes:kubeconfig": formatKubeconfig(1), "kubernetes:context": "prod" }),
  ).toThrow('the kubeconfig has no context "prod" with a cluster');
});

test("a proxy of the environment applies, unless the kubeconfig has one", () => {
  vi.stubEnv("HTTP_PROXY", "http://proxy.example:3128");
  const kubeconfig = JSON.parse(formatKubeconfig(1));
  const { cluster } = kubeconfig.clusters[0];
  cluster.server = "http://api.example";
  const proxyOf = () => {
    const config = { "kubernetes:kubeconfig": JSON.stringify(kubeconfig) };
    return loadKubeConfig(library, config).kubeConfig.getCurrentCluster()?.proxyUrl;
  };
  expect(proxyOf()).toBe("http://proxy.example:3128");
  cluster["proxy-url"] = "http://own.example:3128";
  expect(proxyOf()).toBe("http://own.example:3128");
});
