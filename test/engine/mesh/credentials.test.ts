/** Credentials and values on their way to Helm: the values that reach it, and the files that store credentials. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Deployment } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { SettingSchema } from "../../../stacks/settings/messages/setting-schema.ts";
import { settingJsonSchema } from "../../../stacks/settings/settings-schema.ts";
import { type ChartRepository, serveCharts } from "../../support/chart-repository.ts";
import { helmRecords, read } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { makeIdentity, makeWebhooks } from "../../support/pem.ts";
import { changes, failureOf, openMesh, upVerbosely } from "../../support/stack.ts";

const USER = "robot-4711";
const PASSWORD = "hunter2%41@corp/x";
const VALUE = "correct-horse-battery-staple";
const login = `${USER}:${PASSWORD}`;
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

let repository: ChartRepository;
const stacks: Stack[] = [];
beforeAll(async () => {
  repository = await serveCharts(login);
});
afterEach(async () => {
  for (const stack of stacks.splice(0)) {
    await stack.destroy();
    await stack.workspace.removeStack(stack.name);
  }
});
afterAll(() => repository.close());

/** Opens a stack with secrets, as `pulumi config set --secret --path` stores them. */
async function open(name: string, config: Record<string, unknown>, secrets: Record<string, string>) {
  const stack = await openMesh(name, { ...config });
  stacks.push(stack);
  for (const [path, value] of Object.entries(secrets)) {
    await stack.setConfig(path, { value, secret: true }, true);
  }
  return stack;
}

/** Runs `pulumi stack export`. The Automation API runs it with `--show-secrets`. */
function exportOf(stack: Stack): string {
  const { workDir, envVars, pulumiHome = "" } = stack.workspace;
  const env = { ...process.env, ...envVars, PULUMI_HOME: pulumiHome };
  return execFileSync("pulumi", ["stack", "export", "--stack", stack.name], {
    cwd: workDir,
    env,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
}

/** Reads every file that the engine wrote about a stack: its state, the backups and the history. */
function storedFiles(stack: string): string {
  const root = join(testEngine().directory, "state", ".pulumi");
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && join(entry.parentPath, entry.name).includes(stack),
  );
  const texts = files
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path}\n${readFileSync(path, "utf8")}`);
  for (const folder of ["stacks", "history", "backups"]) {
    expect(texts.some((text) => text.includes(`/${folder}/`))).toBe(true);
  }
  return texts.join("\n");
}

/** A secret in each form in which a file could contain it. */
const formsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  // Without the characters that depend on what precedes and follows them.
  ...[0, 1, 2].map((offset) =>
    Buffer.from(" ".repeat(offset) + secret)
      .toString("base64")
      .slice(4, -4),
  ),
];

function expectNone(text: string, secrets: readonly string[]) {
  for (const form of secrets.flatMap(formsOf)) {
    expect(form.length).toBeGreaterThan(5);
    const at = text.indexOf(form);
    expect(at < 0 ? "" : text.slice(Math.max(0, at - 300), at)).toBe("");
  }
}

/** The settings whose schema marks them as secret, with each optional chart and webhook server. */
function secretSettings(schema: SettingSchema, path: string[] = []): string[] {
  if (schema.secret || schema.file === "key") return [path.join(".")];
  return [...(schema.oneOf ?? schema.anyOf ?? [])]
    .flatMap((alternative) => secretSettings(alternative, path))
    .concat(
      Object.entries(schema.properties ?? {}).flatMap(([key, below]) =>
        secretSettings(below, [...path, key]),
      ),
    );
}

test("no secret setting is in state, history, backups, verbose log or Helm's records", async () => {
  const { issuer, anchor } = await makeIdentity();
  const webhooks = await makeWebhooks();
  const keys: Record<string, string> = { "certificates.issuer.key": issuer.keyPem };
  const publicWebhooks = Object.fromEntries(
    Object.entries(webhooks).map(([server, pair]) => {
      if (typeof pair === "string") return [server, pair];
      keys[`certificates.webhooks.${server}.key`] = pair.key;
      return [server, { certificate: pair.certificate }];
    }),
  );
  const names = ["crds", "controlPlane", "viz", "cni"];
  const source = `http://${repository.host}/charts`;
  const passwords = ["chartCredentials", ...names.map((name) => `charts.${name}.credentials`)].map(
    (path) => `${path}.password`,
  );
  expect(new Set([...Object.keys(keys), ...passwords])).toEqual(new Set(secretSettings(settingJsonSchema())));

  const stack = await open(
    "every-secret",
    {
      cni: true,
      chartSource: source,
      chartCredentials: { username: USER },
      charts: Object.fromEntries(names.map((name) => [name, { source, credentials: { username: USER } }])),
      certificates: {
        mode: "provided",
        trustAnchors: anchor.certPem,
        issuer: { certificate: issuer.certPem },
        webhooks: publicWebhooks,
      },
      extraValues: { viz: { tolerations: [{ key: "a" }] } },
    },
    {
      ...keys,
      ...Object.fromEntries(passwords.map((path) => [path, PASSWORD])),
      "extraValues.controlPlane.commonLabels.token": VALUE,
    },
  );
  const { log } = await upVerbosely(stack);
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  const credentials = [PASSWORD, ...Object.values(keys).map((key) => key.split("\n")[1] as string)];
  for (const text of [exportOf(stack), storedFiles("every-secret"), log]) {
    expectNone(text, [...credentials, VALUE]);
  }
  const records = await helmRecords();
  expect(records.length).toBeGreaterThanOrEqual(4);
  // Helm keeps the values of a release in a Secret of the cluster.
  expectNone(records.join("\n"), credentials);
  expect(repository.requests.filter(({ path }) => path.endsWith(".tgz")).length).toBeGreaterThanOrEqual(4);
  expect(repository.requests.filter(({ status }) => status !== 200)).toEqual([]);
});

test("a secret chartSource with a user name and a password is used and stored without them", async () => {
  const [user, password] = [USER, PASSWORD].map(encodeURIComponent);
  repository.requests.length = 0;
  const stack = await open(
    "secret-source",
    { viz: false },
    { chartSource: `http://${user}:${password}@${repository.host}/charts` },
  );
  await stack.up();
  expectNone(storedFiles("secret-source"), [PASSWORD, USER]);
  expect(exportOf(stack)).not.toContain(repository.host);
  expect(repository.requests.map(({ status }) => status)).not.toContain(401);
  expect(repository.requests.map(({ path }) => path)).toContain("/charts/index.yaml");
});

test("the credentials are not sent to another host that has the charts", async () => {
  const elsewhere = await serveCharts(undefined);
  const index = await serveCharts(login, elsewhere.host);
  const stack = await open(
    "other-host",
    { chartSource: `http://${index.host}`, chartCredentials: { username: USER } },
    { "chartCredentials.password": PASSWORD },
  );
  await stack.preview();
  expect(index.requests.map(({ authorization }) => authorization)).toContain(basic(login));
  expect(elsewhere.requests.length).toBeGreaterThan(0);
  expect(elsewhere.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  index.close();
  elsewhere.close();
});

test("a login that the repository rejects, a missing login and a plain password fail before anything is created", async () => {
  const chartSource = `http://${repository.host}/charts`;
  const stack = await open("no-login", { chartSource }, {});
  expect(await failureOf((options) => stack.up(options))).toMatch(
    /linkerd-mesh:chartSource: .* its index\.yaml answers with status 401 without credentials\. Fix: pulumi config set --path chartCredentials\.username <value> && pulumi config set --secret --path chartCredentials\.password <value>/,
  );
  await stack.setConfig("chartCredentials.username", { value: USER }, true);
  await stack.setConfig("chartCredentials.password", { value: "wrong-password" }, true);
  const plain = await failureOf((options) => stack.up(options));
  expect(plain).toMatch(
    /linkerd-mesh:chartCredentials\.password: must be a secret, got a password in plain text\. .* Fix: pulumi config set --secret --path chartCredentials\.password <value>/,
  );
  expect(plain).not.toContain("wrong-password");
  await stack.setConfig("chartCredentials.password", { value: "wrong-password", secret: true }, true);
  expect(await failureOf((options) => stack.up(options))).toMatch(/status 401 to the credentials/);
});

test("numbers reach the cluster as written, or are rejected before anything is created", async () => {
  const toleration = {
    key: "maintenance",
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 1000680000,
  };
  const values = (uid: number) => ({
    controlPlane: { proxy: { uid }, tolerations: [toleration] },
    viz: { defaultUID: 999999, tolerations: [toleration] },
  });
  const rejected = await open("large-number", { extraValues: values(1000680000) }, {});
  expect(await failureOf((options) => rejected.preview(options))).toMatch(
    /linkerd-mesh:extraValues\.controlPlane\.proxy\.uid: must be 0, or a number of at least 0\.0001 and less than 1000000, got 1000680000\. .* Fix: use an ID below 1000000 .*oc adm policy add-scc-to-group/,
  );
  const stack = await open("numbers", { extraValues: values(999999) }, {});
  await stack.up();
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "linkerd-identity", "linkerd");
  expect(JSON.stringify(spec?.template.spec)).toContain('"--proxy-uid","999999"');
  for (const [name, namespace] of [
    ["linkerd-identity", "linkerd"],
    ["web", "linkerd-viz"],
  ] as const) {
    const found = await read<V1Deployment>("apps/v1", "Deployment", name, namespace);
    expect(found.spec?.template.spec?.tolerations).toContainEqual(toleration);
  }
  const web = await read<V1Deployment>("apps/v1", "Deployment", "web", "linkerd-viz");
  expect(web.spec?.template.spec?.containers.map((c) => c.securityContext?.runAsUser)).toContain(999999);
});
