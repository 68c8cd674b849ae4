import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { mergeValues } from "../../../components/inputs/merge.ts";
import { ValidationError } from "../../../components/inputs/validation.ts";
import { meshStack } from "../../../stacks/mesh.ts";
import { encryptValues } from "../../../stacks/secrets/secret-settings.ts";
import { type ApiServer, helmRecord, startApiServer } from "../../support/api-server.ts";
import { register } from "../../support/mocks.ts";
import { config } from "../../support/settings.ts";

/** Empty archives: only their names are read. */
const chartSource = mkdtempSync(join(tmpdir(), "charts-"));
for (const chart of ["linkerd-crds", "linkerd-control-plane", "linkerd-viz"]) {
  writeFileSync(join(chartSource, `${chart}-2026.8.3.tgz`), "");
}

/** A cluster without any object. */
let cluster: ApiServer;
beforeAll(async () => {
  cluster = await startApiServer();
});
afterAll(() => cluster.close());
afterEach(() => pulumi.runtime.setAllConfig({}));

/** Runs the program for a stack that was never deployed. */
function runStack(settings: Record<string, unknown>, secretSettings: string[] = []) {
  return register(() => {
    setConfig(settings, secretSettings);
    return meshStack();
  });
}

function setConfig(settings: Record<string, unknown>, secretSettings: string[] = []): void {
  const keys = secretSettings.map((setting) => `linkerd-mesh:${setting}`);
  const all = config({ chartSource, injection: "off", ...settings });
  pulumi.runtime.setAllConfig({ "kubernetes:kubeconfig": cluster.kubeconfig, ...all }, keys);
}

/** The messages with which the program rejects settings. */
async function rejection(
  settings: Record<string, unknown>,
  secretSettings: string[] = [],
): Promise<string[]> {
  const error = await runStack(settings, secretSettings).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ValidationError);
  const [header, ...messages] = (error as ValidationError).message.split("\n- ");
  expect(header).toBe(
    `The configuration of stack "test" has ${messages.length} invalid setting${messages.length === 1 ? "" : "s"}:`,
  );
  return messages;
}

const settingOf = (message: string) => /^linkerd-mesh:(.+?): /.exec(message)?.[1];

test("a project with another name is rejected, because none of its settings would be read", async () => {
  const run = register(() => meshStack(), { project: "corp-mesh" });
  await expect(run).rejects.toThrow(
    /^Pulumi\.yaml: name: must be "linkerd-mesh", got "corp-mesh"\. .* Fix: pulumi stack rename organization\/linkerd-mesh\/test, then set name: linkerd-mesh in Pulumi\.yaml and replace corp-mesh: with linkerd-mesh: in Pulumi\.test\.yaml$/,
  );
  await expect(run).rejects.toBeInstanceOf(pulumi.RunError);
});

const provided = { mode: "provided", trustAnchors: "./ca.crt", issuer: { certificate: "", key: "" } };
const everyKind = {
  highAvailability: true,
  replicas: 1,
  ports: { opaque: [0] },
  certificates: provided,
  chartSource: "/nowhere/at/all",
};
const everyKindSettings = [
  "replicas",
  "ports.opaque[0]",
  "certificates.trustAnchors",
  "certificates.issuer.certificate",
  "certificates.issuer.key",
  "chartSource",
];

test("issues of every kind are reported in one round: types, conflicts, certificates and chart sources", async () => {
  expect((await rejection({ ...everyKind, cni: "maybe" })).map(settingOf)).toEqual([
    "cni",
    ...everyKindSettings,
  ]);
});

test("issues of a preflight check are reported with those of the components", async () => {
  expect((await rejection(everyKind)).map(settingOf)).toEqual(everyKindSettings);
});

test("issues that the mesh finds in its arguments are reported as settings, with commands", async () => {
  const messages = await rejection({ certificates: provided, replicas: 1, highAvailability: true });
  expect(messages.map(settingOf)).toEqual([
    "replicas",
    "certificates.trustAnchors",
    "certificates.issuer.certificate",
    "certificates.issuer.key",
  ]);
  expect(messages.at(-1)).toMatch(
    /Fix: .*pulumi config set --secret --path certificates\.issuer\.key < issuer\.key$/,
  );
});

test("issues that depend on an invalid setting are reported once that is valid", async () => {
  const names = { trustDomain: "corp..example", certificates: provided, chartSource: "/nowhere/at/all" };
  expect((await rejection(names)).map(settingOf)).toEqual(["trustDomain", "chartSource"]);
  expect(
    (await rejection({ chartVersion: "2026.8", chartSource: "/nowhere/at/all" })).map(settingOf),
  ).toEqual(["chartVersion"]);
});

test("a namespace of someone else is reported with the other issues, and no resource is registered", async () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "linkerd" } };
  const used = await startApiServer([namespace]);
  const registered: string[] = [];
  const run = register(() => {
    pulumi.runtime.registerResourceTransform(({ name }) => void registered.push(name));
    setConfig({ chartSource: "/nowhere/at/all", replicas: 1, highAvailability: true });
    pulumi.runtime.setConfig("kubernetes:kubeconfig", used.kubeconfig);
    return meshStack();
  });
  await expect(run).rejects.toThrow(
    /has 3 invalid settings:\n- linkerd-mesh:replicas: .*\n- linkerd-mesh:chartSource: .*\n- linkerd-mesh:namespace: must be a namespace that this stack created, or that does not exist, got "linkerd"\./,
  );
  expect(registered).toEqual([]);
  await used.close();
});

const operators = {
  dashboards: { as: "grafanaDashboard" },
  external: { url: "http://prometheus:9090", operator: true },
};

test("each kind that operators do not serve is reported, with the issues of the components", async () => {
  const messages = await rejection({ monitoring: operators, replicas: 1, highAvailability: true });
  expect(messages.map(settingOf)).toEqual([
    "replicas",
    "monitoring.external.operator",
    "monitoring.external.operator",
    "monitoring.dashboards.as",
  ]);
});

test("a cluster that does not answer is reported once", async () => {
  const stopped = await startApiServer();
  await stopped.close();
  const run = register(() => {
    setConfig({ monitoring: operators });
    pulumi.runtime.setConfig("kubernetes:kubeconfig", stopped.kubeconfig);
    return meshStack();
  });
  await expect(run).rejects.toThrow(
    /has 1 invalid setting:\n- kubernetes:context: must select a cluster that answers\. .*$/,
  );
});

test("the checks of an adoption read the cluster over one connection", async () => {
  const releases = ["linkerd-crds", "linkerd-control-plane"].map((name) =>
    helmRecord({ name, namespace: "linkerd" }),
  );
  const running = await startApiServer(releases);
  const run = register(() => {
    setConfig({ adopt: true, viz: false, certificates: { mode: "certManager", create: false } });
    pulumi.runtime.setConfig("kubernetes:kubeconfig", running.kubeconfig);
    return meshStack();
  });
  await expect(run).rejects.toThrow("linkerd-mesh:certificates.webhooks: must not be external");
  const paths = running.requests.map(({ path }) => path);
  // Of the check of ownership, and of the comparison.
  expect(paths).toContain("/api/v1/namespaces/linkerd");
  expect(paths).toContain("/api/v1/namespaces/linkerd/configmaps/linkerd-config");
  expect(paths.filter((path) => path === "/api/v1")).toHaveLength(1);
  await running.close();
});

test("an invalid configuration registers no resource", async () => {
  const registered: string[] = [];
  const run = register(() => {
    pulumi.runtime.registerResourceTransform(({ name }) => void registered.push(name));
    pulumi.runtime.setAllConfig(config({ chartSource, injection: "off", certificates: provided }));
    return meshStack();
  });
  await expect(run).rejects.toBeInstanceOf(ValidationError);
  expect(registered).toEqual([]);
});

test("the certificate rules run once in a run of valid settings", async () => {
  const modes = "../../../components/certificates/modes/mesh-certificates.ts";
  const planCertificates = vi.fn();
  vi.resetModules();
  vi.doMock(import("../../../components/certificates/modes/mesh-certificates.ts"), async (original) => {
    const actual = await original();
    planCertificates.mockImplementation(actual.planCertificates);
    return { ...actual, planCertificates };
  });
  const { meshStack } = await import("../../../stacks/mesh.ts");
  vi.doUnmock(modes);
  vi.resetModules();
  await register(() => {
    setConfig({});
    return meshStack();
  });
  expect(planCertificates).toHaveBeenCalledTimes(1);
});

const extraValues = {
  viz: { prometheus: { args: { "log.level": "hunter2" } }, tolerations: [{ key: "hunter2" }] },
};
/** A secret on the wire (@pulumi/pulumi, runtime/rpc.js); mocks receive an input with secrets as one secret. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

test("secret extra values reach Helm as secrets, merged like others", async () => {
  const { find } = await runStack({ extraValues }, ["extraValues"]);
  expect(find("linkerd-viz-release").inputs.values).toEqual(
    secret(
      expect.objectContaining({
        tolerations: extraValues.viz.tolerations,
        prometheus: expect.objectContaining({
          args: expect.objectContaining(extraValues.viz.prometheus.args),
        }),
        createNamespaceMetadataJob: false,
      }),
    ),
  );
  expect(find("linkerd-crds-release").inputs.values).not.toHaveProperty("value");
});

test("secret extra values are secret one by one, so that the values beside them are shown", async () => {
  const { viz } = encryptValues(extraValues);
  const merged = mergeValues({ prometheus: { args: { other: "shown" } } }, viz ?? {});
  const leaf = expect.toSatisfy(pulumi.Output.isInstance);
  expect(merged).toEqual({
    prometheus: { args: { other: "shown", "log.level": leaf } },
    tolerations: leaf,
  });
  expect(await pulumi.isSecret(merged.tolerations as pulumi.Output<unknown>)).toBe(true);
});

test("extra values that are not secret stay plain", async () => {
  const { find } = await runStack({ extraValues }, ["certificates"]);
  expect(find("linkerd-viz-release").inputs.values).toMatchObject(extraValues.viz);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "that another setting owns",
    { extraValues: { viz: { defaultRegistry: "hunter2" } } },
    /^linkerd-mesh:extraValues\.viz\.defaultRegistry: must be set with imageRegistry instead, got a secret\. Fix: /,
  ],
  [
    "in the place of an object",
    { extraValues: "hunter2" },
    /^linkerd-mesh:extraValues: must be an object, got a secret\./,
  ],
  [
    "for a chart that is not installed",
    { viz: false, extraValues: { viz: { a: { b: ["hunter2"] } } } },
    /^linkerd-mesh:extraValues\.viz: must not be set without viz\./,
  ],
  [
    "that is not a DNS label",
    { namespace: "hunter2!" },
    /^linkerd-mesh:namespace: must be a DNS label: .*, got a secret\./,
  ],
  [
    "that is not a port",
    { ports: { opaque: ["hunter2"] } },
    /^linkerd-mesh:ports\.opaque\[0\]: must be a port .*, got a secret\./,
  ],
  [
    "that is not a directory with charts",
    { chartSource: "/hunter2" },
    /^linkerd-mesh:chartSource: must be a Helm repository .*, got a secret\. Cannot read charts from it: it is not a directory\./,
  ],
  [
    "that is not a directory with one chart",
    { charts: { viz: { source: "/hunter2" } } },
    /^linkerd-mesh:charts\.viz\.source: must be a Helm repository .*, got a secret\. Cannot read charts from it: /,
  ],
])("a secret value %s is not shown", async (_, settings, pattern) => {
  const messages = await rejection(settings, Object.keys(settings));
  expect(messages).toEqual([expect.stringMatching(pattern)]);
  expect(messages.join()).not.toContain("hunter2");
});
