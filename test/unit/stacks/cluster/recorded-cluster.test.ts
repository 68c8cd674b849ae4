import { afterEach, expect, test, vi } from "vitest";
import { findChangedCluster } from "../../../../stacks/cluster/recorded-cluster.ts";
import { formatKubeconfig } from "../../../support/api-server.ts";

afterEach(() => vi.unstubAllEnvs());

/** A state with a provider of each of these configurations. */
const stateWith = (...providers: object[]) =>
  Object.fromEntries(
    providers.map((outputs, index) => [
      `provider-${index}`,
      { type: "pulumi:providers:kubernetes", outputs },
    ]),
  );
const both = JSON.stringify({
  "current-context": "a",
  contexts: ["a", "b", "a-too"].map((name) => ({ name, context: { cluster: name, user: "" } })),
  clusters: [
    { name: "a", cluster: { server: "https://a.example" } },
    { name: "b", cluster: { server: "https://b.example" } },
    { name: "a-too", cluster: { server: "https://a.example/" } },
  ],
  users: [],
});

test("a state without a provider, or with the same configuration, is of the same cluster", async () => {
  vi.stubEnv("KUBECONFIG", "/nowhere");
  expect(await findChangedCluster({}, { "kubernetes:context": "a" })).toBeUndefined();
  expect(await findChangedCluster(stateWith({ version: "4.34.2" }), {})).toBeUndefined();
  expect(
    await findChangedCluster(stateWith({ context: "a" }), { "kubernetes:context": "a" }),
  ).toBeUndefined();
  const upgraded = stateWith({ context: "b" }, { context: "a" });
  expect(await findChangedCluster(upgraded, { "kubernetes:context": "a" })).toBeUndefined();
});

test("another context with another API server is another cluster", async () => {
  const state = stateWith({ kubeconfig: both });
  const config = { "kubernetes:kubeconfig": both };
  expect(await findChangedCluster(state, { ...config, "kubernetes:context": "b" })).toEqual({
    recorded: "https://a.example",
    selected: "https://b.example",
  });
  expect(await findChangedCluster(state, { ...config, "kubernetes:cluster": "b" })).toEqual({
    recorded: "https://a.example",
    selected: "https://b.example",
  });
});

test("another context with the same API server is the same cluster", async () => {
  const state = stateWith({ kubeconfig: both, context: "a" });
  expect(
    await findChangedCluster(state, { "kubernetes:kubeconfig": both, "kubernetes:context": "a-too" }),
  ).toBeUndefined();
});

test("a recorded context that the kubeconfig no longer has is another cluster", async () => {
  const state = stateWith({ kubeconfig: both, context: "deleted" });
  expect(await findChangedCluster(state, { "kubernetes:kubeconfig": formatKubeconfig(2) })).toEqual({
    recorded: undefined,
    selected: "http://127.0.0.1:2",
  });
});
