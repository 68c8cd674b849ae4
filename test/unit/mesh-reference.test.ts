import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { MeshReference, meshOutput } from "../../components/mesh-reference.ts";

const STACK = "acme/linkerd-mesh/prod";

describe("an output of the mesh's stack", () => {
  test("is what the stack wrote, and stays a secret if it was one", async () => {
    expect(meshOutput(STACK, "linkerdVersion", { value: "edge-26.8.3" })).toBe("edge-26.8.3");
    const secret = meshOutput(STACK, "x", { secretValue: "s" }) as unknown as { isSecret: Promise<boolean> };
    expect(await secret.isSecret).toBe(true);
  });

  test("that an older release did not write is told in a sentence with its remedy, without a stack trace", () => {
    const missing = () => meshOutput(STACK, "trustBundleSha256", {});
    expect(missing).toThrow(
      'The stack "acme/linkerd-mesh/prod" has no output "trustBundleSha256": it is not a mesh of linkerd-mesh, or ' +
        "was last updated by a release that did not write that yet. Update linkerd-mesh there and run: " +
        "pulumi up --stack acme/linkerd-mesh/prod",
    );
    try {
      missing();
    } catch (error) {
      expect(pulumi.RunError.isInstance(error)).toBe(true);
    }
  });
});

test("a name that cannot be a stack's is told before it is asked for", () => {
  for (const name of ["prod", "linkerd-mesh/prod", ""]) {
    expect(() => new MeshReference(name)).toThrow(
      `expected <organization>/<project>/<stack>, e.g. "acme/linkerd-mesh/prod"; given "${name}"`,
    );
  }
});
