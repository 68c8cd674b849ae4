import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PortSet } from "../../../components/inputs/port-set.ts";
import {
  DEFAULT_OPAQUE_PORTS,
  DEFAULT_SKIP_PORTS,
  MAIL_PORTS,
  meshPorts,
} from "../../../components/linkerd/values/ports.ts";
import type { MeshOptions } from "../../../components/meshing/mesh-options.ts";
import { annotationsOf, CONFIG, prefixed } from "./web-workload.ts";

test("without mesh options, the inject annotation is the only one", async () => {
  expect(await annotationsOf({})).toEqual({});
});

test.each<[string, MeshOptions, Record<string, string>]>([
  [
    "skipInboundPorts adds ports to Linkerd's default list",
    { skipInboundPorts: [9090] },
    { "skip-inbound-ports": "4567,4568,9090" },
  ],
  [
    "a port list may contain the name of a container port",
    { skipInboundPorts: ["http"] },
    { "skip-inbound-ports": "4567,4568,8080" },
  ],
  [
    "opaquePorts adds names and ranges to Linkerd's default list",
    { opaquePorts: ["db", "7000-7010"] },
    { "opaque-ports": "25,587,3306,4444,5432,5433,6379,7000-7010,9300,11211" },
  ],
  [
    "skipOutboundPorts adds ports to Linkerd's default list and SMTP",
    { skipOutboundPorts: [3306] },
    { "skip-outbound-ports": "25,465,587,2525,3306,4567,4568" },
  ],
  [
    "skipSmtp true writes the SMTP ports",
    { skipSmtp: true },
    { "skip-outbound-ports": "25,465,587,2525,4567,4568" },
  ],
  ["skipSmtp false leaves the SMTP ports out", { skipSmtp: false }, { "skip-outbound-ports": "4567,4568" }],
  [
    "skipSmtp false keeps an SMTP port that skipOutboundPorts lists",
    { skipSmtp: false, skipOutboundPorts: [25] },
    { "skip-outbound-ports": "25,4567,4568" },
  ],
  [
    "a proxy request may be equal to its limit or below it in another unit",
    { proxy: { cpuRequest: "1000m", cpuLimit: "1", memoryRequest: "1Mi", memoryLimit: "1Pi" } },
    {
      "proxy-cpu-request": "1000m",
      "proxy-cpu-limit": "1",
      "proxy-memory-request": "1Mi",
      "proxy-memory-limit": "1Pi",
    },
  ],
  ["proxyAwait true writes enabled", { proxyAwait: true }, { "proxy-await": "enabled" }],
  ["proxyAwait false writes disabled", { proxyAwait: false }, { "proxy-await": "disabled" }],
  [
    "shutdownGracePeriod writes its duration",
    { shutdownGracePeriod: "1m30s" },
    { "shutdown-grace-period": "1m30s" },
  ],
  [
    "every proxy option writes its annotation",
    {
      proxy: {
        cpuRequest: "100m",
        cpuLimit: "1",
        memoryRequest: "64Mi",
        memoryLimit: "250Mi",
        logLevel: "warn,linkerd=debug",
        logFormat: "json",
        accessLog: "apache",
      },
    },
    {
      "proxy-cpu-request": "100m",
      "proxy-cpu-limit": "1",
      "proxy-memory-request": "64Mi",
      "proxy-memory-limit": "250Mi",
      "proxy-log-level": "warn,linkerd=debug",
      "proxy-log-format": "json",
      "access-log": "apache",
    },
  ],
])("%s", async (_, mesh, expected) => {
  expect(await annotationsOf(mesh)).toEqual(prefixed(expected));
});

test("nativeSidecar writes the names that old and new injectors read", async () => {
  expect(await annotationsOf({ nativeSidecar: false })).toEqual({
    [`${CONFIG}/proxy-enable-native-sidecar`]: "false",
    "config.beta.linkerd.io/proxy-enable-native-sidecar": "false",
    "config.alpha.linkerd.io/proxy-enable-native-sidecar": "false",
  });
});

const port = fc.integer({ min: 1, max: 65535 });
const item = fc.oneof(
  port,
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  fc.constantFrom("http", "db"),
);
test.each([
  ["skipOutboundPorts", "skip-outbound-ports", [DEFAULT_SKIP_PORTS, MAIL_PORTS]],
  ["skipInboundPorts", "skip-inbound-ports", [DEFAULT_SKIP_PORTS]],
  ["opaquePorts", "opaque-ports", [DEFAULT_OPAQUE_PORTS]],
] as const)(
  "%s keeps every default port, and equal sets of ports are written as equal text",
  async (field, annotation, defaults) => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 6 }), async (items) => {
        const text = (await annotationsOf({ [field]: items }))[`${CONFIG}/${annotation}`] as string;
        expect(`${PortSet.of(text).union(...defaults)}`).toBe(text);
        const again = [...items, ...items].reverse();
        expect((await annotationsOf({ [field]: again }))[`${CONFIG}/${annotation}`]).toBe(text);
      }),
      { numRuns: 40 },
    );
  },
);

const ref = {
  linkerdVersion: "edge-26.8.3",
  trustBundleSha256: "ab",
  ports: meshPorts({
    skipOutbound: [9092, "20-30"],
    skipInbound: [7946],
    opaque: [6000],
    skipSmtp: true,
  }),
};

test.each<[MeshOptions, Record<string, string>]>([
  [{}, {}],
  [{ skipOutboundPorts: [5671] }, { "skip-outbound-ports": "20-30,465,587,2525,4567,4568,5671,9092" }],
  [{ skipSmtp: true }, { "skip-outbound-ports": "20-30,465,587,2525,4567,4568,9092" }],
  [{ skipSmtp: false }, { "skip-outbound-ports": "20-24,26-30,4567,4568,9092" }],
  [{ skipInboundPorts: ["http"] }, { "skip-inbound-ports": "4567,4568,7946,8080" }],
  [{ opaquePorts: ["db"] }, { "opaque-ports": `${DEFAULT_OPAQUE_PORTS.union(PortSet.of(6000, 5433))}` }],
])("the port lists of %o are added to the custom lists of the mesh", async (mesh, expected) => {
  const {
    "linkerd-mesh/linkerd-version": _,
    "linkerd-mesh/trust-bundle-sha256": __,
    ...written
  } = await annotationsOf({ ...mesh, ref });
  expect(written).toEqual(prefixed(expected));
});

test("every field accepts an Output", async () => {
  const later = <T>(value: T) => pulumi.output(value);
  expect(
    await annotationsOf({
      skipOutboundPorts: [later(3306), "db"],
      opaquePorts: later([7000]),
      skipSmtp: later(false),
      proxyAwait: later(true),
      proxy: { cpuRequest: later("10m") },
      ref: { linkerdVersion: later("edge-26.8.3"), trustBundleSha256: "ab" },
    }),
  ).toEqual({
    [`${CONFIG}/skip-outbound-ports`]: "3306,4567,4568,5433",
    [`${CONFIG}/opaque-ports`]: `${DEFAULT_OPAQUE_PORTS.union(PortSet.of(7000))}`,
    [`${CONFIG}/proxy-await`]: "enabled",
    [`${CONFIG}/proxy-cpu-request`]: "10m",
    "linkerd-mesh/linkerd-version": "edge-26.8.3",
    "linkerd-mesh/trust-bundle-sha256": "ab",
  });
});

test("with a mesh reference, a new version and a new trust bundle each change the pod template", async () => {
  const of = (linkerdVersion: string, trustBundleSha256: string) =>
    annotationsOf({ ref: { linkerdVersion, trustBundleSha256 } });
  const first = await of("edge-26.6.3", "aa");
  expect(await of("edge-26.6.3", "aa")).toEqual(first);
  expect(await of("edge-26.8.3", "aa")).not.toEqual(first);
  expect(await of("edge-26.6.3", "bb")).not.toEqual(first);
});

test("a mesh reference without a trust bundle writes the version only", async () => {
  expect(
    await annotationsOf({ ref: { linkerdVersion: "edge-26.6.3", trustBundleSha256: undefined } }),
  ).toEqual({ "linkerd-mesh/linkerd-version": "edge-26.6.3" });
});
