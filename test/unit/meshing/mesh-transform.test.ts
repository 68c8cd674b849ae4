import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { meshTransform } from "../../../components/meshing/workload-kinds.ts";
import { outputValue } from "../../support/mocks.ts";

const ANNOTATIONS = {
  "linkerd.io/inject": "enabled",
  "config.linkerd.io/opaque-ports": "25,587,3306,4444,5432,5433,6379,9300,11211",
};

/** A spec as the engine passes it to a transform: a secret or unknown value is an Output, any other value is plain. */
function specWith(value: unknown) {
  return {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            ports: [{ name: "db", containerPort: 5433 }],
            env: [
              { name: "A", value },
              { name: "B", value: "plain" },
            ],
          },
        ],
      },
    },
  };
}

async function transformed(spec: unknown): Promise<unknown> {
  const props = { spec };
  const type = "kubernetes:apps/v1:Deployment";
  const result = await meshTransform({ opaquePorts: ["db"] })({
    custom: true,
    type,
    name: "x",
    props,
    opts: {},
  });
  return result?.props.spec;
}

/** The value inside the wire format of a secret. The value itself is not a secret Output of the SDK any more. */
async function unwrapSecret(value: unknown): Promise<unknown> {
  const { isRpcSecret, unwrapRpcSecret } = pulumi.runtime;
  expect(isRpcSecret(value)).toBe(true);
  const inner = unwrapRpcSecret(value);
  expect(await pulumi.isSecret(inner)).toBe(false);
  return outputValue(pulumi.output(inner));
}

test("a transform seals a secret value in place and leaves the other values in plain text", async () => {
  const spec = await transformed(specWith(pulumi.secret("swordfish")));
  const env = ["template", "spec", "containers", "0", "env"];
  expect(await unwrapSecret(peekPath(spec, ...env, "0", "value"))).toBe("swordfish");
  expect(peekPath(spec, ...env, "1")).toEqual({ name: "B", value: "plain" });
  expect(peekPath(spec, "template", "metadata", "annotations")).toEqual(ANNOTATIONS);
});

test("a transform seals a spec that is itself a secret", async () => {
  const spec = await unwrapSecret(await transformed(pulumi.secret(specWith("swordfish"))));
  const { metadata } = (spec as ReturnType<typeof specWith>).template;
  expect(metadata).toEqual({
    labels: { app: "web", "linkerd.io/inject": "enabled" },
    annotations: ANNOTATIONS,
  });
});

test("a transform returns an Output that is not secret unchanged", async () => {
  const later = pulumi.output("later");
  const spec = await transformed(specWith(later));
  expect(peekPath(spec, "template", "spec", "containers", "0", "env", "0", "value")).toBe(later);
});

test("a transform leaves resources that are not workloads alone", async () => {
  for (const type of [
    "kubernetes:core/v1:Service",
    "kubernetes:helm.sh/v3:Release",
    "random:index:Deployment",
  ]) {
    const props = { spec: specWith("plain") };
    expect(await meshTransform({ skipSmtp: true })({ custom: true, type, name: "x", props, opts: {} })).toBe(
      undefined,
    );
  }
});

test("a transform reports all issues in one error that names the workload", async () => {
  const transform = meshTransform({ opaquePorts: [0], proxyAwait: "yes" as never });
  const props = { spec: specWith("plain") };
  const type = "kubernetes:apps/v1:Deployment";
  await expect(
    Promise.resolve(transform({ custom: true, type, name: "redis", props, opts: {} })),
  ).rejects.toThrow(
    'meshTransform of Deployment "redis" has 2 invalid arguments:\n' +
      '- mesh.proxyAwait: must be true or false, got "yes".\n' +
      "- mesh.opaquePorts[0]: must be a port",
  );
});
