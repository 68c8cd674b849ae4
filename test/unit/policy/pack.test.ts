import { readFileSync } from "node:fs";
import {
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  unknownCheckingProxy,
} from "@pulumi/policy";
import { expect, test } from "vitest";
import { readKnownValues } from "../../../policy/pack/known-values.ts";
import { toPolicy } from "../../../policy/pack/to-policy.ts";
import { RULES } from "../../../policy/rules/rules.ts";
import { UNKNOWN } from "../../../policy/rules/values.ts";

/** Values that Pulumi passes to a policy for those that a preview does not know (@pulumi/policy, proxy.js). */
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";

test("values that a preview does not know are marked, and the others keep their form", () => {
  const properties = unknownCheckingProxy({
    metadata: { name: UNKNOWN_STRING, labels: UNKNOWN_OBJECT },
    list: [1, UNKNOWN_STRING, { deep: [UNKNOWN_STRING, true, null] }],
  });
  expect(readKnownValues(properties)).toEqual({
    metadata: { name: UNKNOWN, labels: UNKNOWN },
    list: [1, UNKNOWN, { deep: [UNKNOWN, true, null] }],
  });
});

test("an error other than an unknown value ends the policy", () => {
  const properties = {
    get broken() {
      throw new TypeError("broken");
    },
  };
  expect(() => readKnownValues(properties)).toThrow(new TypeError("broken"));
});

/** Runs the policy of a rule as Pulumi does, and returns what it reports. */
function run(rule: string, props: Record<string, unknown>, config: object = {}): unknown[] {
  const found = RULES.find(({ name }) => name === rule);
  if (found === undefined) throw new Error(`no rule ${rule}`);
  const policy = toPolicy(found) as ResourceValidationPolicy & StackValidationPolicy;
  const reported: unknown[] = [];
  const urn =
    "urn:pulumi:dev::shop::linkerd-mesh:certificates:TrustAnchor$tls:index/privateKey:PrivateKey::key";
  const resource = { urn, type: urn.split(/[$]|::/).at(-2), name: "key", props: unknownCheckingProxy(props) };
  const args = {
    ...resource,
    dependencies: [],
    resources: [{ ...resource, dependencies: [] }],
    getConfig: () => config,
  };
  const validate = (policy.validateResource ?? policy.validateStack) as (
    args: object,
    report: object,
  ) => void;
  validate(args, (...given: unknown[]) => reported.push(given));
  return reported;
}

test("a policy reports nothing about a resource with an unknown value that decides", () => {
  expect(run("certificate-keys", { algorithm: "ECDSA", ecdsaCurve: UNKNOWN_STRING })).toEqual([]);
  expect(run("certificate-keys", { algorithm: UNKNOWN_STRING })).toEqual([]);
});

test("the parents in a URN decide whether a key belongs to the mesh", () => {
  expect(run("certificate-keys", { algorithm: "ECDSA", ecdsaCurve: "P384" })).toEqual([
    ['ecdsaCurve: must be P256, got "P384". Linkerd accepts no other curve. Fix: set ecdsaCurve to "P256"'],
  ]);
});

test("a rule about one resource is a resource policy, and a rule about several is a stack policy", () => {
  for (const rule of RULES) {
    const validate = rule.scope === "resource" ? "validateResource" : "validateStack";
    expect(toPolicy(rule)).toMatchObject({
      name: rule.name,
      description: rule.description,
      enforcementLevel: rule.enforcement,
      [validate]: expect.any(Function),
    });
  }
});

test("only the rules with options have a configuration", () => {
  const configured = RULES.map(toPolicy).filter(({ configSchema }) => configSchema !== undefined);
  expect(
    configured.map(({ name, configSchema }) => [name, Object.keys(configSchema?.properties ?? {})]),
  ).toEqual([
    ["remaining-validity", ["days"]],
    ["meshed-namespaces", ["namespaces"]],
  ]);
});

test("the pack has the version of the library", () => {
  const version = (file: string) =>
    JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")).version as string;
  expect(version("../../../policy/package.json")).toBe(version("../../../package.json"));
});
