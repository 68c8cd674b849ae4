/** What the kubelet sends to the pods, and what `allowFrom` and the default policy of the mesh permit. */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findKubeletCalls, listKubeletCalls } from "../../../components/deployment/kubelet/kubelet-calls.ts";
import { exemptPath, requestedPath } from "../../../components/deployment/kubelet/probe-paths.ts";
import type { MeshRef } from "../../../components/index.ts";
import { meshPorts } from "../../../components/linkerd/values/ports.ts";
import {
  deployInvalid,
  deployWeb,
  messageOf,
  ports,
  specWith,
  specWithAnnotations,
} from "./web-deployment.ts";

const EXEMPTS = "Linkerd exempts a probe from authorization by its path as it is written.";
const relative = (path: string, got: string, requested: string) =>
  `${path}: must begin with "/", got "${got}", for which the kubelet requests "${requested}". ${EXEMPTS} ` +
  'Fix: begin the path with "/"';
const container = "spec.template.spec.containers[0]";
const allowFrom = [{ serviceAccount: "a" }];
const http = (path?: unknown, more: object = {}) => ({ httpGet: { path, port: 8080, ...more } });

describe("the path of an HTTP probe", () => {
  test.each<[path: string, requested: string, exempt: string | undefined]>([
    ["/ready", "/ready", "/ready"],
    ["/", "/", "/"],
    ["", "/", "/"],
    ["/ready?full=1", "/ready", "/ready"],
    ["/ready?full=a/b", "/ready", "/ready"],
    ["/ready#top", "/ready", "/ready"],
    ["/a%2Fb", "/a%2Fb", "/a%2Fb"],
    ["/a:b/(c)/~d", "/a:b/(c)/~d", "/a:b/(c)/~d"],
    ["http://localhost/ready", "/ready", "/ready"],
    ["http://localhost", "/", "/"],
    ["ready", "/ready", undefined],
    ["ready/live", "/ready/live", undefined],
    ["ready?full=1", "/ready", undefined],
    ["?full=1", "/", undefined],
    ["//ready", "/", "//ready"],
    ["//a/b", "/b", "//a/b"],
    ["///a", "///a", "///a"],
    ["/a b", "/a%20b", undefined],
    ["/ré", "/r%C3%A9", "/ré"],
    ["/a{b}", "/a%7Bb%7D", "/a{b}"],
    ["/100%", "/100%25", "/100%"],
  ])("%j is requested as %j, and Linkerd exempts %j", (path, requested, exempt) => {
    expect([requestedPath(path), exemptPath(path)]).toEqual([requested, exempt]);
  });
});

describe("the calls of the kubelet", () => {
  const exemptions = (...containers: object[]) =>
    listKubeletCalls({ spec: { containers } }).map(({ caller, exempt }) => [caller, exempt]);

  test("a hook is exempt if a probe of any container has its path and its port", () => {
    const preStop = http("/ready?drain=1");
    expect(exemptions({ readinessProbe: http("/ready"), lifecycle: { preStop } })).toEqual([
      ["a readinessProbe", true],
      ["a preStop hook", true],
    ]);
    expect(exemptions({ lifecycle: { preStop } }, { livenessProbe: http("/ready") })[0]?.[1]).toBe(true);
    expect(exemptions({ lifecycle: { preStop } }, { livenessProbe: http("/live") })[0]?.[1]).toBe(false);
  });

  test("a hook with HTTPS is not exempt although a probe has its path", () => {
    const lifecycle = { postStart: http("/ready", { scheme: "HTTPS" }) };
    expect(exemptions({ readinessProbe: http("/ready"), lifecycle })).toContainEqual([
      "an HTTPS postStart hook",
      false,
    ]);
  });

  test("a relative path is exempt if another probe has the path that the kubelet requests", () => {
    const exempt = exemptions({ readinessProbe: http("ready"), livenessProbe: http("/ready") });
    expect(exempt).toEqual([
      ["a readinessProbe", true],
      ["a livenessProbe", true],
    ]);
  });

  test.each<[string, object]>([
    ["TCP probes, which only connect", { readinessProbe: { tcpSocket: { port: 8080 } } }],
    ["exec probes and hooks", { livenessProbe: { exec: {} }, lifecycle: { preStop: { exec: {} } } }],
    ["sleep hooks", { lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
    ["HTTP probes of another host", { readinessProbe: http("/", { host: "example.com" }) }],
    ["probes that are Outputs", { readinessProbe: pulumi.output(http("ready")) }],
    ["probes whose path is an Output", { readinessProbe: http(pulumi.output("ready")) }],
  ])("%s are not calls that a policy can deny", (_, fields) => {
    expect(exemptions({ ports, ...fields })).toEqual([]);
  });

  test("an empty host is that of the pod", () => {
    expect(exemptions({ readinessProbe: http("/", { host: "" }) })).toEqual([["a readinessProbe", true]]);
  });

  test("a port name is looked up in the container of the probe only", () => {
    const readinessProbe = { grpc: { port: 9000 }, httpGet: undefined };
    const named = { livenessProbe: { httpGet: { port: "http" } } };
    const template = { spec: { containers: [{ readinessProbe, ports }, named] } };
    const [first, second] = [{ containerPort: 9000 }, { name: "http", containerPort: 8080 }];
    const calls = findKubeletCalls(template, [first, second]);
    expect([calls.get(first)?.length, calls.get(second)?.length]).toEqual([1, undefined]);
  });
});

test.each<[string, object, string[]]>([
  [
    "a probe of the options whose path has no leading slash is rejected without a policy as well",
    { probes: { readiness: "ready", liveness: "/live" } },
    [relative("probes.readiness", "ready", "/ready")],
  ],
  [
    "a relative path of the options is reported once with allowFrom",
    { allowFrom, probes: { liveness: "live?full=1" } },
    [relative("probes.liveness", "live?full=1", "/live")],
  ],
  [
    "an empty path of the options is rejected",
    { probes: { readiness: "" } },
    ['probes.readiness: must be a path, e.g. "/ready", got "".'],
  ],
  [
    "a path of the options that the kubelet encodes is rejected",
    { probes: { readiness: "/is ready" } },
    [
      'probes.readiness: must be a path that the kubelet requests as it is written, got "/is ready", for which the ' +
        `kubelet requests "/is%20ready". ${EXEMPTS} Fix: use one leading slash and percent-encode special characters`,
    ],
  ],
  [
    "a relative path of a probe of the spec is rejected with allowFrom",
    { allowFrom, spec: specWith({}, { readinessProbe: http("ready"), startupProbe: http("start?x") }) },
    [
      relative(`${container}.readinessProbe.httpGet.path`, "ready", "/ready"),
      relative(`${container}.startupProbe.httpGet.path`, "start?x", "/start"),
    ],
  ],
  [
    "a relative path of a probe of a native sidecar is rejected with allowFrom",
    {
      allowFrom,
      spec: specWith({
        initContainers: [
          {
            name: "side",
            restartPolicy: "Always",
            ports: [{ containerPort: 7000 }],
            startupProbe: { httpGet: { path: "up", port: 7000 } },
          },
        ],
      }),
    },
    [relative("spec.template.spec.initContainers[0].startupProbe.httpGet.path", "up", "/up")],
  ],
  [
    "a probe of the options whose port has no such name is rejected once",
    { probes: { readiness: "/", liveness: "/", port: "htpp" } },
    [
      'probes.port: must be a number or the name of a port of the same container, got "htpp". ' +
        "The kubelet looks the name up in the container of the probe or hook. " +
        "Fix: use the number of the port, or declare a port of this name in the container",
    ],
  ],
  [
    "a hook of the spec that names a port of another container is rejected",
    {
      spec: specWith({
        containers: [
          { name: "web", image: "w", ports },
          { name: "side", image: "s", lifecycle: { preStop: { httpGet: { port: "http" } } } },
        ],
      }),
    },
    [
      "spec.template.spec.containers[1].lifecycle.preStop.httpGet.port: must be a number or the name of a port of the " +
        'same container, got "http". The kubelet looks the name up in the container of the probe or hook. ' +
        "Fix: use the number of the port, or declare a port of this name in the container",
    ],
  ],
  [
    "a TCP hook is rejected, because the kubelet does not support it",
    { spec: specWith({}, { lifecycle: { postStart: { tcpSocket: { port: 8080 } } } }) },
    [
      `${container}.lifecycle.postStart.tcpSocket: must be an exec, httpGet or sleep hook, got tcpSocket. ` +
        "The kubelet does not support TCP hooks, so the hook would fail.",
    ],
  ],
])("%s", async (_, args, issues) => {
  expect(await deployInvalid(args)).toEqual({ message: messageOf(...issues), resources: [] });
});

describe("the default inbound policy", () => {
  const warn = vi.spyOn(pulumi.log, "warn");
  beforeEach(() => void warn.mockResolvedValue());
  afterEach(() => void warn.mockReset());
  const warnings = () => warn.mock.calls.map(([text]) => text);

  const mesh = (defaultInboundPolicy: MeshRef["defaultInboundPolicy"], more: object = {}) => ({
    ref: { linkerdVersion: "1", trustBundleSha256: "2", defaultInboundPolicy, ...more },
  });
  const grpc = specWith({}, { readinessProbe: { grpc: { port: 9000 } } });
  const denied = (policy: string) =>
    `${container}.readinessProbe: the default inbound policy "${policy}" denies the kubelet, which calls port 9000 with ` +
    "a gRPC readinessProbe, unless a Server of your own allows it. Linkerd exempts only plain HTTP probes from it. " +
    "Fix: use a plain HTTP probe, or call a port in mesh.skipInboundPorts";

  test.each(["deny", "all-authenticated", "cluster-authenticated"] as const)(
    "a gRPC probe is reported in a mesh with the policy %s",
    async (policy) => {
      await deployWeb({ spec: grpc, mesh: mesh(policy) });
      await deployWeb({ spec: grpc, mesh: mesh(pulumi.output(policy)) });
      expect(warnings()).toEqual([denied(policy), denied(policy)]);
    },
  );

  test.each(["all-unauthenticated", "cluster-unauthenticated", "audit", undefined] as const)(
    "a gRPC probe is not reported in a mesh with the policy %s",
    async (policy) => {
      await deployWeb({ spec: grpc, mesh: mesh(policy) });
      expect(warnings()).toEqual([]);
    },
  );

  test("an annotation of the pod template takes precedence over the policy of the mesh", async () => {
    const annotated = (policy: string) => {
      const spec = specWithAnnotations({ "config.linkerd.io/default-inbound-policy": policy });
      return { ...spec, template: { ...spec.template, spec: grpc.template.spec } };
    };
    await deployWeb({ spec: annotated("deny") });
    expect(warnings()).toEqual([denied("deny")]);
    await deployWeb({ spec: annotated("all-unauthenticated"), mesh: mesh("deny") });
    expect(warnings()).toHaveLength(1);
  });

  test.each<[string, object, string]>([
    [
      "a relative path",
      { spec: specWith({}, { livenessProbe: http("live") }) },
      `${container}.livenessProbe: the default inbound policy "deny" denies the kubelet, which calls port 8080 with ` +
        "a livenessProbe, unless a Server of your own allows it. Linkerd exempts a probe by its path as it is written, " +
        'and the kubelet requests "/live". Fix: use the path "/live", or call a port in mesh.skipInboundPorts',
    ],
    [
      "a hook to a port that no container declares",
      { spec: specWith({}, { lifecycle: { preStop: { httpGet: { path: "/quit", port: 15000 } } } }) },
      `${container}.lifecycle.preStop: the default inbound policy "deny" denies the kubelet, which calls port 15000 with ` +
        "a preStop hook, unless a Server of your own allows it. Linkerd exempts only plain HTTP probes from it. " +
        "Fix: use a plain HTTP probe, or call a port in mesh.skipInboundPorts",
    ],
    [
      "a probe of an opaque port of the mesh",
      { spec: specWith(), probes: { readiness: "/", port: 5432 } },
      'probes.readiness: the default inbound policy "deny" denies the kubelet, which calls port 5432 with ' +
        "a readinessProbe, unless a Server of your own allows it. Linkerd does not read the path of a probe on an opaque " +
        "port. Fix: call a port that is not opaque, or call a port in mesh.skipInboundPorts",
    ],
  ])("%s is reported in a mesh that denies", async (_, args, text) => {
    await deployWeb({ ...args, mesh: mesh("deny") } as never);
    expect(warnings()).toEqual([text]);
  });

  test.each<[string, object]>([
    [
      "a port that the mesh skips inbound",
      { mesh: mesh("deny", { ports: meshPorts({ skipInbound: [9000] }) }) },
    ],
    ["a port that the workload skips inbound", { mesh: { ...mesh("deny"), skipInboundPorts: [9000] } }],
    ["pods that are not meshed", { mesh: { ...mesh("deny"), inject: "disabled" } }],
    ["plain HTTP probes", { spec: specWith(), probes: { readiness: "/ready", liveness: "/live" } }],
    ["TCP probes", { spec: specWith({}, { readinessProbe: { tcpSocket: { port: 9000 } } }) }],
  ])("%s are not reported in a mesh that denies", async (_, args) => {
    await deployWeb({ spec: grpc, mesh: mesh("deny"), ...args } as never);
    expect(warnings()).toEqual([]);
  });
});
