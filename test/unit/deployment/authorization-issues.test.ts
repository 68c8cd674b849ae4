/** Workloads for which Linkerd would not enforce `allowFrom`, or would deny the kubelet. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import type { MeshedDeploymentArgs } from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import { failing } from "../../support/mocks.ts";
import { deployInvalid, messageOf, specWith, specWithAnnotations } from "./web-deployment.ts";

const DISABLED =
  "allowFrom: must be used with meshed pods, got linkerd.io/inject: disabled. " +
  "Authorization is enforced in the proxy. Fix: remove allowFrom, or enable injection";
const HOST_NETWORK =
  "allowFrom: must be used with meshed pods, got hostNetwork: true. " +
  "Linkerd does not inject pods on the host network. " +
  "Fix: remove allowFrom, or remove hostNetwork from the spec";
const ONLY_SKIPPED_PORTS =
  "allowFrom: must be used with containers that declare TCP ports which reach the proxy, " +
  "got only ports that skip the proxy. " +
  "Fix: declare the ports of the containers in the spec, or remove allowFrom";

const skippedPort = (port: number, source: string) =>
  `allowFrom: must not restrict a port that skips the proxy, got port ${port}, which ${source}. ` +
  `Authorization is enforced in the proxy. Fix: use another port, or set mesh.skipInboundPorts to [${port}] ` +
  "as a plain value, which leaves the port open to all callers";
const KUBELET = "allowFrom: must not restrict ports that the kubelet calls, except by plain HTTP probes, got";
const deniedCall = (got: string) =>
  `${KUBELET} ${got}. ` +
  "Linkerd exempts only plain HTTP probes from authorization, so the kubelet would be denied. " +
  "Fix: use a plain HTTP probe, or call a port that the containers do not declare";
const opaqueProbe = (got: string) =>
  `${KUBELET} ${got}, which is opaque. ` +
  "Linkerd recognizes a probe by its HTTP path, which it does not read on an opaque port. " +
  "Fix: call a port that is not opaque, or call a port that the containers do not declare";

test.each<[string, object, string]>([
  [
    "allowFrom is rejected if the container ports are an Output",
    { spec: pulumi.output(specWith()) },
    "allowFrom: must be used with container ports that are plain values, got an Output. " +
      "A Server is created for each of them. Fix: declare the ports of the containers as plain values",
  ],
  [
    "an empty allowFrom is rejected",
    { allowFrom: [] },
    'allowFrom: must have at least one caller, e.g. { serviceAccount: "web" }, got an empty list. ' +
      "Fix: list the callers, or remove allowFrom",
  ],
  ["allowFrom is rejected if injection is disabled", { mesh: { inject: "disabled" } }, DISABLED],
  [
    "allowFrom is rejected for pods in the network of their node",
    { spec: specWith({ hostNetwork: true }) },
    HOST_NETWORK,
  ],
  [
    "allowFrom is rejected if mesh.skipInboundPorts has all ports",
    { mesh: { skipInboundPorts: [5432, "1-9000", "9000-9999"] } },
    ONLY_SKIPPED_PORTS,
  ],
  [
    "allowFrom is rejected if an annotation of the spec skips all ports",
    { spec: specWithAnnotations({ "config.linkerd.io/skip-inbound-ports": "8080, 9000 ,5432," }) },
    ONLY_SKIPPED_PORTS,
  ],
  [
    "allowFrom is rejected for a port that Linkerd skips by default",
    { spec: specWith({}, { ports: [{ containerPort: 4567 }] }) },
    skippedPort(4567, "Linkerd skips inbound by default"),
  ],
  [
    "allowFrom is rejected for a port of the proxy",
    { spec: specWith({}, { ports: [{ containerPort: 4191 }] }) },
    skippedPort(4191, "is a port of the proxy"),
  ],
  [
    "allowFrom is rejected for ports of one name of which one skips the proxy",
    {
      spec: specWith({
        containers: [
          { name: "web", image: "w", ports: [{ name: "metrics", containerPort: 8080 }] },
          { name: "side", image: "s", ports: [{ name: "metrics", containerPort: 4191 }] },
        ],
      }),
    },
    skippedPort(4191, "is a port of the proxy"),
  ],
  [
    "allowFrom is rejected for ports of one name of which only some are opaque",
    {
      spec: specWith({
        containers: [
          { name: "web", image: "w", ports: [{ name: "data", containerPort: 8080 }] },
          { name: "db", image: "d", ports: [{ name: "data", containerPort: 5432 }] },
        ],
      }),
    },
    "allowFrom: must not restrict ports of one name of which only some are opaque, " +
      "got ports 8080, 5432, of which 5432 is opaque. One Server with one protocol selects all ports of a name. " +
      "Fix: give the ports different names",
  ],
  [
    "allowFrom is rejected for a port with an HTTPS probe",
    { spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http", scheme: "HTTPS" } } }) },
    deniedCall("an HTTPS readinessProbe on port 8080"),
  ],
  [
    "allowFrom is rejected for a port with a gRPC probe",
    { spec: specWith({}, { readinessProbe: { grpc: { port: 9000 } } }) },
    deniedCall("a gRPC readinessProbe on port 9000"),
  ],
  [
    "allowFrom is rejected for a port with a gRPC probe of a native sidecar",
    {
      spec: specWith({
        initContainers: [
          {
            name: "side",
            image: "s",
            restartPolicy: "Always",
            ports: [{ name: "side", containerPort: 7000 }],
            startupProbe: { grpc: { port: 7000 } },
          },
        ],
      }),
    },
    deniedCall("a gRPC startupProbe on port 7000"),
  ],
  [
    "allowFrom is rejected for a port that a preStop hook calls",
    { spec: specWith({}, { lifecycle: { preStop: { httpGet: { path: "/drain", port: 8080 } } } }) },
    deniedCall("a preStop hook on port 8080"),
  ],
  [
    "allowFrom is rejected for an opaque port with an HTTP probe",
    { mesh: { opaquePorts: ["http"] }, probes: { liveness: "/" } },
    opaqueProbe("a livenessProbe on port 8080"),
  ],
])("%s", async (_, args, issue) => {
  expect(await deployInvalid({ allowFrom: [{ serviceAccount: "a" }], ...args })).toEqual({
    message: messageOf(issue),
    resources: [],
  });
});

test.each<[string, MeshedDeploymentArgs, string]>([
  [
    "allowFrom fails during up for a port that a mesh of another stack skips inbound",
    {
      spec: specWith(),
      mesh: {
        ref: {
          linkerdVersion: "1",
          trustBundleSha256: "2",
          ports: pulumi.output(meshPorts({ skipInbound: [9000] })),
        },
      },
    },
    skippedPort(9000, "the mesh skips inbound"),
  ],
  [
    "allowFrom fails during up if an Output disables injection",
    { spec: specWith(), mesh: { inject: pulumi.output<"disabled">("disabled") } },
    DISABLED,
  ],
  [
    "allowFrom fails during up if an Output sets hostNetwork",
    { spec: specWith({ hostNetwork: pulumi.output(true) }) },
    HOST_NETWORK,
  ],
  [
    "allowFrom fails during up if an Output makes the port of a probe opaque",
    {
      spec: specWith({}, { readinessProbe: { httpGet: { path: "/", port: "http" } } }),
      mesh: { opaquePorts: [pulumi.output(8080)] },
    },
    opaqueProbe("a readinessProbe on port 8080"),
  ],
])("%s", async (_, args, issue) => {
  const issues = new IssueCollector('MeshedDeployment "web"');
  const options = { service: false, allowFrom: [{ serviceAccount: "till" }] };
  const plan = planDeployment("web", { ...args, ...options }, issues, () => {});
  issues.assertValid();
  const protocols = plan.authorization?.ports.map(({ proxyProtocol }) => failing(proxyProtocol)) ?? [];
  const errors = (await Promise.allSettled(protocols)).flatMap((each) =>
    each.status === "rejected" ? (each.reason as Error).message : [],
  );
  expect(errors[0]).toBe(messageOf(issue));
});
