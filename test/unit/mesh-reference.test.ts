import * as pulumi from "@pulumi/pulumi";
import { disconnect } from "@pulumi/pulumi/runtime/settings.js";
import { describe, expect, test } from "vitest";
import { MeshReference, ValidationError } from "../../components/index.ts";
import { meshOutput } from "../../components/mesh-reference.ts";
import { failing, outputValue } from "../support/mocks.ts";

const STACK = "acme/linkerd-mesh/prod";
const OUTPUTS = {
  linkerdVersion: "edge-26.8.3",
  trustAnchorPem: "anchor",
  trustAnchorSha256: "aa",
  trustBundlePem: "bundle",
  trustBundleSha256: "bb",
  ports: { skipOutbound: "25", skipInbound: "4567", opaque: "3306" },
  defaultInboundPolicy: "deny",
  certificates: [],
};

/** Runs a program in which every stack has these outputs. Returns its result and the StackReferences that it reads. */
async function run<T>(
  program: () => T | Promise<T>,
  outputs: object = OUTPUTS,
  secretOutputNames: string[] = [],
) {
  const reads: [name: string, stack: string][] = [];
  await pulumi.runtime.setMocks({
    call: ({ inputs }) => inputs,
    newResource: async ({ type, name, inputs, id }) => {
      if (type === "pulumi:pulumi:StackReference") {
        reads.push([name, String(id)]);
        return { id, state: { name: id, outputs, secretOutputNames } };
      }
      return { id: `${name}-id`, state: inputs };
    },
  });
  const result = await program();
  await disconnect();
  return { result, reads };
}

describe("MeshReference", () => {
  test("a mesh reference has every output of the mesh stack", async () => {
    const { result } = await run(() => {
      const mesh = new MeshReference(STACK);
      return outputValue(
        pulumi.output({
          linkerdVersion: mesh.linkerdVersion,
          trustAnchorPem: mesh.trustAnchorPem,
          trustAnchorSha256: mesh.trustAnchorSha256,
          trustBundlePem: mesh.trustBundlePem,
          trustBundleSha256: mesh.trustBundleSha256,
          ports: mesh.ports,
          defaultInboundPolicy: mesh.defaultInboundPolicy,
          certificates: mesh.certificates,
        }),
      );
    });
    expect(result).toEqual(OUTPUTS);
  });

  test("the trust bundle and its hash are empty if the stack has no trust anchor", async () => {
    const { result } = await run(
      () => {
        const mesh = new MeshReference(STACK);
        return outputValue(pulumi.all([mesh.trustBundlePem, mesh.trustBundleSha256]));
      },
      { linkerdVersion: "edge-26.8.3" },
    );
    expect(result).toEqual(["", ""]);
  });

  test("a trust bundle that only an older release did not write is an error", async () => {
    await run(
      async () => {
        const mesh = new MeshReference(STACK);
        await expect(failing(mesh.trustBundlePem)).rejects.toThrow('has no output "trustBundlePem"');
      },
      { trustAnchorPem: "anchor" },
    );
  });

  test("the default inbound policy of a stack that an older release updated last is not known, which is not an error", async () => {
    const { result } = await run(() => outputValue(new MeshReference(STACK).defaultInboundPolicy), {
      linkerdVersion: "edge-26.8.3",
    });
    expect(result).toBeUndefined();
  });

  test("an output that is missing fails only when it is read", async () => {
    const { result } = await run(() => outputValue(new MeshReference(STACK).linkerdVersion), {
      linkerdVersion: "edge-26.8.3",
    });
    expect(result).toBe("edge-26.8.3");
  });
});

describe("several mesh references in one program", () => {
  test("references to one stack share one StackReference with the stack's name", async () => {
    const { result, reads } = await run(() => {
      const [first, second] = [new MeshReference(STACK), new MeshReference(STACK, {})];
      return outputValue(pulumi.all([first.linkerdVersion, second.linkerdVersion]));
    });
    expect(result).toEqual(["edge-26.8.3", "edge-26.8.3"]);
    expect(reads).toEqual([[STACK, STACK]]);
  });

  test("references to one stack with different options have StackReferences of different names", async () => {
    const { result, reads } = await run(() => {
      const parents = ["a", "b"].map((name) => new pulumi.ComponentResource("test:index:Team", name));
      const references = [...parents, ...parents].map((parent) => new MeshReference(STACK, { parent }));
      return outputValue(pulumi.all(references.map((mesh) => mesh.linkerdVersion)));
    });
    expect(result).toEqual(Array(4).fill("edge-26.8.3"));
    expect(reads.sort()).toEqual([
      [STACK, STACK],
      [`${STACK}-2`, STACK],
    ]);
  });

  test("references to different stacks have StackReferences of their own", async () => {
    const { reads } = await run(() => {
      new MeshReference(STACK);
      new MeshReference("acme/linkerd-mesh/dev");
    });
    expect(reads.map(([name]) => name).sort()).toEqual(["acme/linkerd-mesh/dev", STACK]);
  });

  test("a second program of the same process reads the stack again", async () => {
    const program = () => outputValue(new MeshReference(STACK).linkerdVersion);
    await run(program);
    const { result, reads } = await run(program, { linkerdVersion: "edge-26.9.1" });
    expect(result).toBe("edge-26.9.1");
    expect(reads).toEqual([[STACK, STACK]]);
  });
});

describe("an output of the mesh's stack", () => {
  test("an output has the value that the stack wrote, and a secret stays a secret", async () => {
    expect(meshOutput(STACK, "linkerdVersion", { value: "edge-26.8.3" })).toBe("edge-26.8.3");
    const secret = meshOutput(STACK, "x", { secretValue: "s" }) as unknown as { isSecret: Promise<boolean> };
    expect(await secret.isSecret).toBe(true);
  });

  test("an output that an older release did not write fails with one sentence and its fix, without a stack trace", () => {
    const missing = () => meshOutput(STACK, "trustBundleSha256", {});
    expect(missing).toThrow(
      'The stack "acme/linkerd-mesh/prod" has no output "trustBundleSha256". It is not a mesh of linkerd-mesh, or an ' +
        "older release of linkerd-mesh updated it last. Fix: update linkerd-mesh in that stack, then run " +
        "pulumi up --stack acme/linkerd-mesh/prod",
    );
    try {
      missing();
    } catch (error) {
      expect(pulumi.RunError.isInstance(error)).toBe(true);
    }
  });

  test("a missing trust anchor may belong to cert-manager, and the error states that", () => {
    expect(() => meshOutput(STACK, "trustAnchorPem", {})).toThrow(
      "cert-manager manages its trust anchor, or an older",
    );
  });
});

test("a name that cannot be a stack's is rejected before the stack is read", () => {
  for (const name of ["prod", "linkerd-mesh/prod", ""]) {
    const create = () => new MeshReference(name);
    expect(create).toThrow(ValidationError);
    expect(create).toThrow(
      'MeshReference has 1 invalid argument:\n- stack: must be <organization>/<project>/<stack>, e.g. "acme/linkerd-mesh/prod", ' +
        `got "${name}". Fix: use a name from the output of pulumi stack ls --all`,
    );
  }
});
