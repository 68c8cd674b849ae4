import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseGolden } from "../../../delivery/golden/golden-file.ts";
import { checkResources, type RecordedInputs } from "../../../policy/rules/index.ts";
import { root } from "../../support/package.ts";
import { makeCertificate } from "../../support/pem.ts";

const STACKS = ["dev", "prod", "sandbox"];

const recorded = new Map(
  STACKS.map((stack) => [
    stack,
    parseGolden(readFileSync(join(root, `test/golden/${stack}.yaml`), "utf8")).resources,
  ]),
);

/** A copy of the resources of a stack of this project. */
const readStack = (stack: string): RecordedInputs[] => structuredClone([...(recorded.get(stack) ?? [])]);

test.each(STACKS)("the stack %s passes every rule", (stack) => {
  const resources = readStack(stack);
  expect(resources.length).toBeGreaterThan(40);
  expect(checkResources(resources)).toEqual([]);
});

describe("a change of a stack of this project", () => {
  /** A change of the inputs of one resource. */
  type Change = [rule: string, resource: string, change: (inputs: Record<string, unknown>) => void];

  const values = (inputs: Record<string, unknown>) => inputs.values as Record<string, unknown>;
  const CHANGES: readonly Change[] = [
    ["pinned-charts", "linkerd-crds-release", (inputs) => (inputs.version = "2026.x")],
    [
      "keys-in-secrets",
      "linkerd-viz-release",
      (inputs) => (values(inputs).tap = `-----BEGIN PRIVATE KEY-----\n${"MIGH".repeat(16)}`),
    ],
    ["certificate-keys", "linkerd-trust-anchor-key", (inputs) => (inputs.ecdsaCurve = "P521")],
    ["certificate-roles", "linkerd-webhooks-tap-cert", (inputs) => (inputs.isCaCertificate = true)],
    [
      "certificate-validity",
      "linkerd-trust-anchor-cert",
      (inputs) => (inputs.validityPeriodHours = 3_000_000),
    ],
    [
      "certificate-chains",
      "linkerd-identity-issuer-cert",
      (inputs) => (inputs.validityPeriodHours = 876_000),
    ],
    ["mail-ports", "linkerd-control-plane-release", (inputs) => delete values(inputs).proxyInit],
  ];

  test.each(CHANGES)("%s finds the change of %s", (rule, name, change) => {
    for (const stack of STACKS) {
      const resources = readStack(stack);
      const changed = resources.find(
        (each) => each.name === name && each.type.split(":")[0] !== "linkerd-mesh",
      );
      change(changed?.inputs as Record<string, unknown>);
      const found = checkResources(resources);
      expect(new Set(found.map((finding) => finding.rule))).toEqual(new Set([rule]));
      expect(found[0]?.resource).toBe(`${changed?.type} ${name}`);
    }
  });

  test("remaining-validity finds a trust anchor that expires soon", async () => {
    const { certPem } = await makeCertificate("root.example", 100);
    const resources = readStack("prod");
    const release = resources.find(({ name }) => name === "linkerd-control-plane-release");
    values(release?.inputs as Record<string, unknown>).identityTrustAnchorsPEM = certPem;
    expect(checkResources(resources).map(({ rule }) => rule)).toEqual(["remaining-validity"]);
  });
});
