import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { formatIssue } from "../../../../components/inputs/validation.ts";
import { locateChart } from "../../../../components/linkerd/charts/charts.ts";
import { credentialIssues } from "../../../../components/linkerd/charts/credential-rules.ts";
import { encryptChartSources } from "../../../../stacks/secrets/secret-settings.ts";
import { toCharts } from "../../../../stacks/settings/chart-settings.ts";
import { findMessages } from "../../../support/settings.ts";

const login = { username: "robot", password: "p@ss/word" };
const source = "https://charts.corp.example/linkerd";

test("a login in a URL is separated from it, and a login of its own precedes it", () => {
  const chartSource = "https://robot:p%40ss%2Fword@charts.corp.example/linkerd";
  expect(toCharts({ chartSource })).toEqual({ version: undefined, source, credentials: login });
  const chartCredentials = { username: "other", password: "secret" };
  expect(toCharts({ chartSource, chartCredentials })).toMatchObject({
    source,
    credentials: chartCredentials,
  });
  expect(toCharts({ charts: { viz: { source: chartSource, version: "2026.8.3" } } })).toMatchObject({
    viz: { source, version: "2026.8.3", credentials: login },
  });
});

test("the login of a repository is secret, and is sent to no other source", async () => {
  const charts = { source, credentials: login, viz: { source: "https://other.example" } };
  const { repositoryOpts } = locateChart("linkerd-crds", charts);
  expect(await pulumi.isSecret(repositoryOpts as pulumi.Output<object>)).toBe(true);
  expect(await new Promise((done) => pulumi.output(repositoryOpts).apply(done))).toEqual({
    repo: source,
    ...login,
  });
  expect(locateChart("linkerd-viz", charts).repositoryOpts).toEqual({ repo: "https://other.example" });
});

test.each([
  ["a repository", { chart: "linkerd-viz", repositoryOpts: { repo: source } }, ["repositoryOpts"]],
  ["a registry or a directory", { chart: "oci://registry.example/linkerd-viz" }, ["chart"]],
])("the source of a release is encrypted: %s", async (_, props, path) => {
  const changed = await encryptChartSources({
    type: "kubernetes:helm.sh/v3:Release",
    custom: true,
    name: "release",
    props,
    opts: {},
  } as pulumi.ResourceTransformArgs);
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<string, unknown>)[key],
    (changed as pulumi.ResourceTransformResult).props,
  );
  expect(value).toHaveProperty([pulumi.runtime.specialSigKey], pulumi.runtime.specialSecretSig);
});

describe("issues with logins", () => {
  test.each([
    [
      "a login in a URL",
      { source: "https://robot:hunter2@charts.corp.example" },
      [
        "charts.source: must not contain a user name and a password. Pulumi stores the source in plain text. Fix: use charts.credentials",
      ],
    ],
    [
      "a login for Linkerd's own repository",
      { credentials: login },
      [
        "charts.credentials: must not be set for Linkerd's own repository. The repository is public, and the password would be sent to it. Fix: remove charts.credentials",
      ],
    ],
    [
      "a login for a registry",
      { source, viz: { source: "oci://registry.example/charts", credentials: login } },
      [
        "charts.viz.credentials: must not be set for an OCI registry. Pulumi's Kubernetes provider reads the logins of " +
          "registries from Docker's and Helm's configuration, into which `helm registry login <registry>` writes. " +
          "Fix: remove charts.viz.credentials",
      ],
    ],
    [
      "a login for a directory",
      { source: "/charts", credentials: login },
      [
        "charts.credentials: must not be set for a directory. A directory has no login. Fix: remove charts.credentials",
      ],
    ],
    ["a login for a repository", { source, credentials: login, cni: { credentials: login } }, []],
  ])("arguments with %s", (_, charts, issues) => {
    expect(credentialIssues(charts).map(formatIssue)).toEqual(issues);
  });

  test("a password in plain text is rejected with the command that encrypts it, and is not shown", () => {
    const settings = {
      chartSource: "https://robot:hunter2@charts.corp.example",
      charts: { viz: { source, credentials: { username: "robot", password: "hunter2" } } },
    };
    expect(findMessages(settings)).toEqual([
      "linkerd-mesh:chartSource: must be a secret, got a password in plain text. Pulumi would store the password in " +
        "plain text in the configuration. Fix: pulumi config set --secret chartSource <value>",
      "linkerd-mesh:charts.viz.credentials.password: must be a secret, got a password in plain text. Pulumi would store " +
        "the password in plain text in the configuration. Fix: pulumi config set --secret --path charts.viz.credentials.password <value>",
    ]);
    expect(findMessages(settings, ["chartSource", "charts"])).toEqual([]);
  });

  test("a login without a password or a user name is rejected", () => {
    expect(findMessages({ chartSource: source, chartCredentials: { username: "robot" } })).toEqual([
      "linkerd-mesh:chartCredentials.password: must be set with username, got nothing. " +
        "Fix: pulumi config set --secret --path chartCredentials.password <value>",
    ]);
    expect(
      findMessages({ chartSource: source, chartCredentials: { password: "hunter2" } }, ["chartCredentials"]),
    ).toEqual([
      "linkerd-mesh:chartCredentials.username: must be set with password, got a secret. " +
        "Fix: pulumi config set --path chartCredentials.username <value>",
    ]);
  });

  test("an invalid password is not shown", () => {
    const messages = findMessages({
      chartSource: source,
      chartCredentials: { username: "robot", password: 4711 },
    });
    expect(messages.join()).toContain(
      "chartCredentials.password: must be a string that is not empty, got a value of type number",
    );
    expect(messages.join()).not.toContain("4711");
  });
});
