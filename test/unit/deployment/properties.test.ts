import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import { type MeshOptions, meshed } from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { outputValue, register } from "../../support/mocks.ts";

const INJECT = "linkerd.io/inject";
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const text = fc.string({ maxLength: 8 });
const map = fc.dictionary(name, text, { maxKeys: 3 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const defined = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

/** The value as a plain value, an Output or a Promise. */
const input = <T>(value: fc.Arbitrary<T>) =>
  fc.tuple(value, fc.constantFrom("plain", "output", "promise")).map(([plain, form]) => ({
    plain,
    given: form === "output" ? pulumi.output(plain) : form === "promise" ? Promise.resolve(plain) : plain,
  }));

const container = fc
  .record({
    name,
    image: text,
    args: optional(fc.array(text, { maxLength: 2 })),
    env: optional(fc.array(fc.record({ name, value: text }), { maxLength: 2 })),
    ports: optional(
      fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 65535 }) }), { maxLength: 2 }),
    ),
    resources: optional(fc.record({ requests: map, limits: map })),
  })
  .map(defined);
const podSpec = fc
  .record({
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    initContainers: optional(fc.array(container, { maxLength: 2 })),
    nodeSelector: optional(map),
    serviceAccountName: optional(name),
    terminationGracePeriodSeconds: optional(fc.nat()),
    hostNetwork: optional(fc.boolean()),
  })
  .map(defined);
const parts = fc.record({
  labels: map,
  annotations: optional(input(map)),
  podSpec: input(podSpec),
  rest: fc
    .record({
      replicas: optional(fc.nat()),
      paused: optional(fc.boolean()),
      minReadySeconds: optional(fc.nat()),
    })
    .map(defined),
  specIsOutput: fc.boolean(),
});

describe("any Deployment", () => {
  // Warnings have tests of their own.
  beforeAll(() => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    return () => warn.mockRestore();
  });

  test("any Deployment is unchanged except for the injection label and annotation of its pods", async () => {
    await fc.assert(
      fc.asyncProperty(parts, async ({ labels, annotations, podSpec, rest, specIsOutput }) => {
        const selector = { matchLabels: { ...labels } };
        const specOf = (own: unknown, pod: unknown) => ({
          ...rest,
          selector,
          template: { metadata: { labels, ...(annotations && { annotations: own }) }, spec: pod },
        });
        const plain = specOf(annotations?.plain, podSpec.plain);
        const before = structuredClone(plain);
        const given = specOf(annotations?.given, podSpec.given);
        const args = { metadata: { name: "web" }, spec: specIsOutput ? pulumi.output(given) : given };

        const result = meshed("Deployment", args as k8s.apps.v1.DeploymentArgs);
        expect(pulumi.Output.isInstance(result.spec)).toBe(specIsOutput);
        const issues = new IssueCollector('MeshedDeployment "web"');
        const plan = planDeployment("web", args as k8s.apps.v1.DeploymentArgs, issues, () => {});
        issues.assertValid();
        expect(await outputValue(pulumi.output(plan.deployment))).toEqual(
          await outputValue(pulumi.output(result)),
        );
        expect(await outputValue(pulumi.output(result))).toEqual({
          metadata: { name: "web" },
          spec: {
            ...before,
            template: {
              spec: before.template.spec,
              metadata: {
                labels: { [INJECT]: "enabled", ...labels },
                annotations: { [INJECT]: "enabled", ...annotations?.plain },
              },
            },
          },
        });
        expect(plain).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  test("any Deployment keeps its selector, whatever its mesh options are", () => {
    const mesh: fc.Arbitrary<MeshOptions> = fc.record({
      inject: fc.constantFrom("enabled", "ingress", "disabled"),
      skipSmtp: fc.boolean(),
      skipOutboundPorts: fc.array(fc.integer({ min: 1, max: 65535 }), { maxLength: 3 }),
      proxyAwait: fc.boolean(),
    });
    fc.assert(
      fc.property(map, podSpec, mesh, (labels, spec, options) => {
        // One object for both, as programs often have it.
        const args = {
          spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
        };
        const before = structuredClone(labels);
        const result = meshed("Deployment", args as unknown as k8s.apps.v1.DeploymentArgs, options);
        expect((result.spec as typeof args.spec).selector).toEqual({ matchLabels: before });
      }),
    );
  });

  test("any Deployment that is meshed twice equals one that is meshed once", async () => {
    await fc.assert(
      fc.asyncProperty(parts, async ({ labels, podSpec }) => {
        const spec = {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: podSpec.given },
        };
        const mesh: MeshOptions = { skipSmtp: true, opaquePorts: [7000] };
        const once = meshed("Deployment", { spec } as k8s.apps.v1.DeploymentArgs, mesh);
        const twice = meshed("Deployment", once, mesh);
        expect(await outputValue(pulumi.output(twice))).toEqual(await outputValue(pulumi.output(once)));
      }),
      { numRuns: 30 },
    );
  });

  test("an unknown spec stays unknown in a preview, and is neither empty nor undefined", async () => {
    const { result } = await register(
      async () => {
        const created = new k8s.core.v1.ConfigMap("created", {});
        const spec = created.metadata.uid.apply((uid) => ({
          selector: {},
          template: { metadata: { name: uid } },
        }));
        const { spec: meshedSpec } = meshed("Deployment", { spec } as k8s.apps.v1.DeploymentArgs);
        const output = meshedSpec as unknown as { isKnown: Promise<boolean> };
        return [pulumi.Output.isInstance(output), await output.isKnown];
      },
      { preview: true },
    );
    expect(result).toEqual([true, false]);
  });
});
