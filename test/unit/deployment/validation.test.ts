import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { ValidationError } from "../../../components/inputs/validation.ts";
import { failing } from "../../support/mocks.ts";
import { create, expectIssue, specWith } from "./web-deployment.ts";

test.each<[string, object, string]>([
  [
    "a selector with another label value than the pod template",
    { spec: specWith({}, {}, { selector: { matchLabels: { app: "wbe" } } }) },
    "spec.selector: must match the labels of the pod template, got app=wbe, but the template has app=web.",
  ],
  [
    "a selector with a label that the pod template does not have",
    { spec: specWith({}, {}, { selector: { matchLabels: { tier: "web" } } }) },
    "spec.selector: must match the labels of the pod template, got tier=web, but the template does not have this label.",
  ],
  [
    "an unknown field",
    { autoscale: { min: 1 } },
    "autoscale: unknown field. Known fields: apiVersion, kind, metadata, spec, mesh, service,",
  ],
  [
    "a transform of an unknown child",
    { transform: { pod: () => undefined } },
    "transform.pod: unknown field. Known fields: deployment, service, serviceAccount,",
  ],
])("%s is rejected before anything is registered", (_, args, issue) => expectIssue(args, issue));

test.each<[string, object, string]>([
  ["spread", { spread: true }, "spread: renamed to topologySpread. Fix: use topologySpread"],
  [
    "restricted",
    { restricted: true },
    'restricted: renamed to podSecurity: "restricted". Fix: use podSecurity: "restricted"',
  ],
  [
    "probes.ready",
    { probes: { ready: "/ready" } },
    "probes.ready: renamed to probes.readiness. Fix: use probes.readiness",
  ],
  [
    "probes.live",
    { probes: { live: "/live" } },
    "probes.live: renamed to probes.liveness. Fix: use probes.liveness",
  ],
])("the former option `%s` is rejected with its new name", (_, args, issue) => expectIssue(args, issue));

test("all issues are reported in one error, which Pulumi prints without a stack trace", async () => {
  const args = {
    spec: specWith(),
    service: { ports: { htpp: 80 } },
    allowFrom: [],
    timeouts: { idle: "soon" },
  };
  let error: unknown;
  try {
    await create(args);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as ValidationError).message).toMatch(/^MeshedDeployment "web" has 3 invalid arguments:\n/);
  expect((error as ValidationError).issues.map(({ path }) => path)).toEqual([
    ["timeouts", "idle"],
    ["service", "ports", "htpp"],
    ["allowFrom"],
  ]);
});

test("an issue with a value in an Output is reported on the component when the Output resolves", async () => {
  let reported: Promise<unknown> | undefined;
  const { web } = await create({
    spec: specWith(),
    service: { type: pulumi.output("ExternalName" as "ClusterIP") },
    transform: {
      service: (args) => {
        const { type, ...spec } = args.spec;
        reported = failing(type).catch((error: unknown) => error);
        return { args: { ...args, spec } };
      },
    },
  });
  const error = (await reported) as pulumi.ResourceError;
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect(error.resource).toBe(web);
  expect(error.message).toContain(
    'MeshedDeployment "web" has 1 invalid argument:\n- service.type: must be one of ClusterIP, NodePort, LoadBalancer',
  );
});
