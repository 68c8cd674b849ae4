/** Issues of arguments that have no test file of their own. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { failing, register } from "../../support/mocks.ts";
import { deployInvalid, messageOf, specWith } from "./web-deployment.ts";

test.each<[string, object, string]>([
  [
    "a selector that does not match the labels of the pod template is rejected",
    { spec: { ...specWith(), selector: { matchLabels: { app: "wbe" } } } },
    "spec.selector: must match the labels of the pod template, got app=wbe, but the template has app=web.",
  ],
  [
    "a probe is rejected if it has no port and the application container declares none",
    { spec: specWith({}, { ports: [] }), probes: { readiness: "/" } },
    "probes.port: must be set for an application container that declares no ports. " +
      "Fix: set probes.port, or declare the port of the container in the spec",
  ],
  [
    'a container that runs as root is rejected with podSecurity: "restricted"',
    { podSecurity: "restricted", spec: specWith({}, { securityContext: { runAsUser: 0 } }) },
    'spec.template.spec.containers[0].securityContext.runAsUser: must not be 0 with podSecurity "restricted", got 0 for ' +
      "containers[0]. The kubelet does not start a container as root that must run as another user. " +
      "Fix: set the ID of another user, or remove podSecurity",
  ],
  [
    "a resource request that is not a quantity is rejected",
    { resources: { cpu: "lots" } },
    'resources.cpu: must be a Kubernetes quantity, e.g. "100m" or "64Mi", got "lots".',
  ],
  [
    "an unknown argument is rejected with the known ones",
    { autoscale: { min: 1 } },
    "autoscale: unknown field. Known fields: apiVersion, kind, metadata, spec, mesh, service, serviceAccount, " +
      "disruptionBudget, autoscaling, topologySpread, probes, resources, podSecurity, allowFrom, timeouts, retries, " +
      "transform. Fix: remove autoscale",
  ],
])("%s", async (_, args, issue) => {
  expect(await deployInvalid(args)).toEqual({ message: messageOf(issue), resources: [] });
});

test.each<[string, object]>([
  ["a container that runs as another user", specWith({}, { securityContext: { runAsUser: 1000 } })],
  [
    "a container whose user differs from that of the pod",
    specWith({
      securityContext: { runAsUser: 0 },
      containers: [{ name: "web", image: "w", securityContext: { runAsUser: 1000 } }],
    }),
  ],
  [
    "a container that may run as root",
    specWith({}, { securityContext: { runAsUser: 0, runAsNonRoot: false } }),
  ],
  ["a container without a user, whose image decides", specWith()],
])('%s is valid with podSecurity: "restricted"', async (_, spec) => {
  expect(await deployInvalid({ podSecurity: "restricted", spec })).toMatchObject({ message: "no error" });
});

test("an issue with a value in an Output is reported on the component when the Output resolves", async () => {
  let reported: Promise<unknown> | undefined;
  const { result } = await register(
    () =>
      new MeshedDeployment("web", {
        spec: specWith(),
        service: { type: pulumi.output("ExternalName" as "ClusterIP") },
        transform: {
          service: (args) => {
            const { type, ...spec } = args.spec;
            reported = failing(type).catch((error: unknown) => error);
            return { args: { ...args, spec } };
          },
        },
      }),
  );
  const error = (await reported) as pulumi.ResourceError;
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect(error.resource).toBe(result);
  expect(error.message).toContain(
    messageOf('service.type: must be one of ClusterIP, NodePort, LoadBalancer, got "ExternalName".'),
  );
});
