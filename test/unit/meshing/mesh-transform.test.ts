import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { meshTransform } from "../../../components/index.ts";
import { peekPath } from "../../../components/inputs/outputs.ts";
import { outputValue } from "../../support/mocks.ts";

const ANNOTATIONS = {
  "linkerd.io/inject": "enabled",
  "config.linkerd.io/opaque-ports": "25,587,3306,4444,5432,5433,6379,9300,11211",
};

/** As the engine gives properties to a transform: what is secret or not known yet is an Output, all else is plain. */
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

/** What is on the wire to the engine, whatever the SDK knows of that. */
async function unsealed(value: unknown): Promise<unknown> {
  const { isRpcSecret, unwrapRpcSecret } = pulumi.runtime;
  expect(isRpcSecret(value)).toBe(true);
  const inner = unwrapRpcSecret(value);
  expect(await pulumi.isSecret(inner)).toBe(false);
  return outputValue(pulumi.output(inner));
}

describe("a transform", () => {
  test("seals what is secret where it is, and leaves the rest in plain", async () => {
    const spec = await transformed(specWith(pulumi.secret("swordfish")));
    const env = ["template", "spec", "containers", "0", "env"];
    expect(await unsealed(peekPath(spec, ...env, "0", "value"))).toBe("swordfish");
    expect(peekPath(spec, ...env, "1")).toEqual({ name: "B", value: "plain" });
    expect(peekPath(spec, "template", "metadata", "annotations")).toEqual(ANNOTATIONS);
  });

  test("seals a spec that is secret as a whole", async () => {
    const spec = await unsealed(await transformed(pulumi.secret(specWith("swordfish"))));
    const { metadata } = (spec as ReturnType<typeof specWith>).template;
    expect(metadata).toEqual({
      labels: { app: "web", "linkerd.io/inject": "enabled" },
      annotations: ANNOTATIONS,
    });
  });

  test("leaves an Output that is not secret to Pulumi", async () => {
    const later = pulumi.output("later");
    const spec = await transformed(specWith(later));
    expect(peekPath(spec, "template", "spec", "containers", "0", "env", "0", "value")).toBe(later);
  });
});
