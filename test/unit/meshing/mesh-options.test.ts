import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  MeshedDeployment,
  MeshedNamespace,
  type MeshOptions,
  type MeshRef,
  meshed,
  meshTransform,
  type WorkloadArgs,
} from "../../../components/index.ts";
import { peekPath } from "../../../components/inputs/outputs.ts";
import {
  DEFAULT_OPAQUE_PORTS,
  DEFAULT_SKIP_PORTS,
  MAIL_PORTS,
  meshPorts,
  unionPorts,
} from "../../../components/linkerd/values/ports.ts";
import { failing, outputValue, register } from "../../support/mocks.ts";

const INJECT = "linkerd.io/inject";
const CONFIG = "config.linkerd.io";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const template = {
  metadata: { labels: { app: "web" } },
  spec: {
    containers: [
      {
        name: "web",
        image: "web:1",
        ports: [
          { name: "http", containerPort: 8080 },
          { name: "db", containerPort: 5433 },
        ],
      },
    ],
  },
};
const spec = { selector: { matchLabels: { app: "web" } }, template };

/** The annotations of a plain Deployment's template with this intent, injection left out. */
async function annotationsOf(mesh: MeshOptions, own: Record<string, string> = {}) {
  const { metadata } = template;
  const args = { spec: { ...spec, template: { ...template, metadata: { ...metadata, annotations: own } } } };
  const meshedSpec = (await outputValue(
    pulumi.output(meshed("Deployment", args, mesh).spec),
  )) as typeof args.spec;
  const { [INJECT]: _, ...rest } = meshedSpec.template.metadata.annotations;
  return rest;
}

describe("mesh intent", () => {
  test("without one, nothing but injection is asked for", async () => {
    expect(await annotationsOf({})).toEqual({});
  });

  test.each<[string, MeshOptions, Record<string, string>]>([
    ["inbound ports", { skipInboundPorts: [9090] }, { "skip-inbound-ports": "4567,4568,9090" }],
    ["a named port", { skipInboundPorts: ["http"] }, { "skip-inbound-ports": "4567,4568,8080" }],
    [
      "opaque ports",
      { opaquePorts: ["db", "7000-7010"] },
      { "opaque-ports": "25,587,3306,4444,5432,5433,6379,7000-7010,9300,11211" },
    ],
    [
      "outbound ports, and mail with them",
      { skipOutboundPorts: [3306] },
      { "skip-outbound-ports": "25,465,587,2525,3306,4567,4568" },
    ],
    ["mail", { skipSmtp: true }, { "skip-outbound-ports": "25,465,587,2525,4567,4568" }],
    ["mail through the proxy", { skipSmtp: false }, { "skip-outbound-ports": "4567,4568" }],
    [
      "mail through the proxy, one port past it",
      { skipSmtp: false, skipOutboundPorts: [25] },
      { "skip-outbound-ports": "25,4567,4568" },
    ],
    [
      "the proxy, as much as it may have",
      { proxy: { cpuRequest: "1000m", cpuLimit: "1", memoryRequest: "1Mi", memoryLimit: "1Pi" } },
      {
        "proxy-cpu-request": "1000m",
        "proxy-cpu-limit": "1",
        "proxy-memory-request": "1Mi",
        "proxy-memory-limit": "1Pi",
      },
    ],
    ["waiting", { proxyAwait: true }, { "proxy-await": "enabled" }],
    ["not waiting", { proxyAwait: false }, { "proxy-await": "disabled" }],
    ["shutdown", { shutdownGracePeriod: "1m30s" }, { "shutdown-grace-period": "1m30s" }],
    [
      "the proxy",
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
    const prefixed = Object.entries(expected).map(([name, value]) => [`${CONFIG}/${name}`, value]);
    expect(await annotationsOf(mesh)).toEqual(Object.fromEntries(prefixed));
  });

  test("a native sidecar is asked for by the names that old and new injectors know", async () => {
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
    "%s never lose a default, and equal sets give equal text",
    async (field, annotation, defaults) => {
      await fc.assert(
        fc.asyncProperty(fc.array(item, { maxLength: 6 }), async (items) => {
          const text = (await annotationsOf({ [field]: items }))[`${CONFIG}/${annotation}`] as string;
          expect(unionPorts(text, ...defaults)).toBe(text);
          const again = [...items, ...items].reverse();
          expect((await annotationsOf({ [field]: again }))[`${CONFIG}/${annotation}`]).toBe(text);
        }),
        { numRuns: 40 },
      );
    },
  );

  describe("in a mesh with lists of its own", () => {
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
      [{ opaquePorts: ["db"] }, { "opaque-ports": unionPorts(DEFAULT_OPAQUE_PORTS, "6000,5433") }],
    ])("%o is added to them", async (mesh, expected) => {
      const {
        "linkerd-mesh/linkerd-version": _,
        "linkerd-mesh/trust-bundle-sha256": __,
        ...written
      } = await annotationsOf({ ...mesh, ref });
      expect(written).toEqual(
        Object.fromEntries(Object.entries(expected).map(([name, value]) => [`${CONFIG}/${name}`, value])),
      );
    });
  });

  test("an Output is a value like any other, in every field", async () => {
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
      [`${CONFIG}/opaque-ports`]: unionPorts(DEFAULT_OPAQUE_PORTS, "7000"),
      [`${CONFIG}/proxy-await`]: "enabled",
      [`${CONFIG}/proxy-cpu-request`]: "10m",
      "linkerd-mesh/linkerd-version": "edge-26.8.3",
      "linkerd-mesh/trust-bundle-sha256": "ab",
    });
  });

  test("a mistake in an Output is told, with its field, when the Output is known", async () => {
    const port = pulumi.output(70_000);
    const { spec: bad } = meshed("Deployment", { spec }, { skipInboundPorts: [port] });
    const text = peekPath(bad, "template", "metadata", "annotations", `${CONFIG}/skip-inbound-ports`);
    await expect(failing(text)).rejects.toThrow("mesh.skipInboundPorts: 70000 is no port");
  });

  test("a mistake beside a spec that is an Output is told when that is known", async () => {
    const args = meshed("Deployment", { spec: pulumi.output(spec) }, { skipOutboundPorts: [70_000] });
    await expect(failing(args.spec)).rejects.toThrow("mesh.skipOutboundPorts: 70000 is no port");
  });

  test("an unknown port leaves the other annotations known in a preview", async () => {
    const { find } = await register(
      () => {
        const made = new k8s.core.v1.ConfigMap("made", {});
        const port = made.metadata.uid.apply(Number);
        return new MeshedDeployment("web", { spec, mesh: { skipOutboundPorts: [port], proxyAwait: true } });
      },
      { preview: true },
    );
    expect(find("web", DEPLOYMENT).inputs.spec.template.metadata.annotations).toMatchObject({
      [INJECT]: "enabled",
      [`${CONFIG}/proxy-await`]: "enabled",
    });
  });

  test("what was written by hand stands, and a contradiction is reported with the resource", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const own = { [`${CONFIG}/skip-outbound-ports`]: "3306", [`${CONFIG}/proxy-await`]: "enabled" };
    const metadata = { labels: { app: "web" }, annotations: own };
    const { find, result } = await register(
      () =>
        new MeshedDeployment("web", {
          spec: { ...spec, template: { ...template, metadata } },
          mesh: { skipSmtp: true, proxyAwait: true },
        }),
    );
    expect(find("web", DEPLOYMENT).inputs.spec.template.metadata.annotations).toEqual({
      ...own,
      [INJECT]: "enabled",
    });
    expect(warn.mock.calls).toEqual([
      [
        `${CONFIG}/skip-outbound-ports is set to "3306" by hand, which stands; ` +
          '`mesh` would make it "25,465,587,2525,4567,4568".',
        result,
      ],
    ]);
    warn.mockRestore();
  });

  test("a template that stays out of the mesh is told nothing of it, and does not roll with it", async () => {
    const mesh: MeshOptions = { skipSmtp: true, ref: { linkerdVersion: "1", trustBundleSha256: "2" } };
    expect(await annotationsOf({ ...mesh, inject: "disabled" })).toEqual({});
    expect(await annotationsOf(mesh, { [INJECT]: "disabled" })).toEqual({});
    expect(await annotationsOf({ ...mesh, inject: pulumi.output<"disabled">("disabled") })).toEqual({});
    const labels = pulumi.output({ app: "web", [INJECT]: "disabled" });
    const args = { spec: { ...spec, template: { ...template, metadata: { labels } } } };
    const { annotations } = (await outputValue(
      pulumi.output(peekPath(meshed("Deployment", args, mesh).spec, "template", "metadata")),
    )) as { annotations: object };
    expect(annotations).toEqual({ [INJECT]: "disabled" });
  });

  test("labels that are not known in a preview leave the annotations known, but for those that hang on them", async () => {
    const { find } = await register(
      () => {
        const labels = new k8s.core.v1.ConfigMap("made", {}).metadata.uid.apply((app) => ({ app }));
        const metadata = { labels, annotations: { team: "shop" } };
        return new MeshedDeployment("web", { spec: { ...spec, template: { ...template, metadata } } });
      },
      { preview: true },
    );
    expect(find("web", DEPLOYMENT).inputs.spec.template.metadata.annotations).toMatchObject({ team: "shop" });
  });

  test.each<[string, object | null]>([
    [
      "no labels and annotations",
      { labels: pulumi.output(undefined), annotations: pulumi.output(undefined) },
    ],
    ["nothing", null],
    ["nothing, later", pulumi.output(undefined)],
  ])("metadata that turns out to hold %s is meshed as if it had not been given", async (_, metadata) => {
    const args = { spec: { ...spec, template: { ...template, metadata } } } as WorkloadArgs["Deployment"];
    const meshedSpec = meshed("Deployment", args, { skipSmtp: true }).spec;
    expect(await outputValue(pulumi.output(peekPath(meshedSpec, "template", "metadata") as object))).toEqual({
      labels: { [INJECT]: "enabled" },
      annotations: {
        [INJECT]: "enabled",
        [`${CONFIG}/skip-outbound-ports`]: "25,465,587,2525,4567,4568",
      },
    });
  });

  test("pods on their node's network, which Linkerd passes by, are reported, but for those that stay out", () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const onHost = { ...template, spec: { ...template.spec, hostNetwork: true } };
    meshed("DaemonSet", { spec: { ...spec, template: onHost } });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining("DaemonSet: hostNetwork is true, and Linkerd injects no proxy"),
    ]);
    meshed("DaemonSet", { spec: { ...spec, template: onHost } }, { inject: "disabled" });
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test("with a mesh to belong to, a new version and a new bundle each change the template", async () => {
    const of = (linkerdVersion: string, trustBundleSha256: string) =>
      annotationsOf({ ref: { linkerdVersion, trustBundleSha256 } });
    const first = await of("edge-26.6.3", "aa");
    expect(await of("edge-26.6.3", "aa")).toEqual(first);
    expect(await of("edge-26.8.3", "aa")).not.toEqual(first);
    expect(await of("edge-26.6.3", "bb")).not.toEqual(first);
    expect(
      await annotationsOf({ ref: { linkerdVersion: "edge-26.6.3", trustBundleSha256: undefined } }),
    ).toEqual({
      "linkerd-mesh/linkerd-version": "edge-26.6.3",
    });
  });
});

describe("mistakes in the intent", () => {
  test.each<[string, unknown, string]>([
    ["port 0", { skipOutboundPorts: [0] }, "mesh.skipOutboundPorts: 0 is no port. Expected a number from 1"],
    ["port 70000", { opaquePorts: [70000] }, "mesh.opaquePorts: 70000 is no port"],
    ["half a port", { opaquePorts: [1.5] }, "mesh.opaquePorts: 1.5 is no port"],
    [
      "80-20",
      { skipInboundPorts: ["80-20"] },
      'mesh.skipInboundPorts: "80-20" runs backwards. Expected "20-80".',
    ],
    [
      "an unknown name",
      { opaquePorts: ["htpp"] },
      'mesh.opaquePorts: "htpp" is the name of no container\'s port. The named ones are http, db.',
    ],
    ["an unknown key", { skipOutbound: [25] }, "mesh.skipOutbound: no such field. Known are inject, skip"],
    [
      "an unknown key of the proxy",
      { proxy: { cpu: "1" } },
      "mesh.proxy.cpu: no such field. Known are cpuRequest",
    ],
    [
      "a quantity",
      { proxy: { cpuRequest: "lots" } },
      'mesh.proxy.cpuRequest: expected a quantity, e.g. "100m"',
    ],
    [
      "CPUs over their limit",
      { proxy: { cpuRequest: "2", cpuLimit: "1500m" } },
      "mesh.proxy.cpuRequest: the proxy's cpu request of 2 is over its limit of 1500m; expected a request of at most the limit.",
    ],
    [
      "memory over its limit",
      { proxy: { memoryRequest: "1Gi", memoryLimit: "1G" } },
      "mesh.proxy.memoryRequest: the proxy's memory request of 1Gi is over its limit of 1G",
    ],
    [
      "a duration",
      { shutdownGracePeriod: "1 day" },
      'mesh.shutdownGracePeriod: expected a duration, e.g. "30s"',
    ],
    ["a mode", { inject: "yes" }, "mesh.inject: expected one of enabled, ingress, disabled; given"],
    ["a text for a switch", { proxyAwait: "yes" }, 'mesh.proxyAwait: expected true or false; given "yes"'],
    ["a text for mail", { skipSmtp: "no" }, 'mesh.skipSmtp: expected true or false; given "no"'],
    [
      "no list",
      { skipOutboundPorts: "25,465" },
      "mesh.skipOutboundPorts: expected a list of ports, e.g. [5671",
    ],
    [
      "half a mesh",
      { ref: { linkerdVersion: "1" } },
      "mesh.ref.trustBundleSha256: expected a SHA-256 in hex; given undefined",
    ],
  ])("%s", (_, mesh, message) => {
    expect(() => meshed("Deployment", { spec }, mesh as MeshOptions)).toThrow(message);
  });

  test("all are told at once, without a stack trace, and nothing is registered", async () => {
    const { resources, result } = await register(() => {
      try {
        new MeshedDeployment("web", { spec, mesh: { opaquePorts: [0, "x"], shutdownGracePeriod: "" } });
      } catch (error) {
        return error as Error;
      }
      return undefined;
    });
    expect(pulumi.RunError.isInstance(result)).toBe(true);
    expect(result?.message.split("\n").map((line) => line.slice(0, 30))).toEqual([
      'MeshedDeployment "web" has 2 m',
      "- mesh.shutdownGracePeriod: ex",
      "- mesh.opaquePorts: 0 is no po",
    ]);
    expect(result?.message).toContain('"x" is the name of no container');
    expect(resources).toEqual([]);
  });
});

describe("every kind of workload", () => {
  const job = {
    template: { spec: { restartPolicy: "Never", containers: [{ name: "tidy", image: "tidy:1" }] } },
  };
  const kinds: { [K in keyof WorkloadArgs]: WorkloadArgs[K] } = {
    Deployment: { spec },
    StatefulSet: { spec: { ...spec, serviceName: "web" } },
    DaemonSet: { spec },
    Job: { spec: job },
    CronJob: { spec: { schedule: "0 4 * * *", jobTemplate: { spec: job } } },
    Pod: { ...template },
  };
  const native = {
    [`${CONFIG}/proxy-enable-native-sidecar`]: "true",
    "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",
    "config.alpha.linkerd.io/proxy-enable-native-sidecar": "true",
  };
  const types: Record<string, string> = { Job: "batch/v1", CronJob: "batch/v1", Pod: "core/v1" };

  test.each(Object.keys(kinds) as (keyof WorkloadArgs)[])(
    "a %s is meshed, by function and by transform",
    async (kind) => {
      const expected = { [INJECT]: "enabled", ...(kind.endsWith("Job") && native) };
      const type = `kubernetes:${types[kind] ?? "apps/v1"}:${kind}`;
      const transformed = await meshTransform()({
        custom: true,
        type,
        name: "x",
        props: kinds[kind],
        opts: {},
      });
      // biome-ignore lint/suspicious/noExplicitAny: each kind has its own shape
      for (const args of [meshed(kind, kinds[kind] as never) as any, transformed?.props]) {
        const at =
          kind === "Pod"
            ? args
            : kind === "CronJob"
              ? args.spec.jobTemplate.spec.template
              : args.spec.template;
        expect(at.metadata.annotations).toEqual(expected);
        expect(at.metadata.labels[INJECT]).toBe("enabled");
        expect(args.spec.selector).toEqual(kinds[kind].spec && "selector" in spec && args.spec.selector);
      }
    },
  );

  test("what rolls does so with its mesh; what ends or stays is never run again for it", () => {
    const ref: MeshRef = { linkerdVersion: "edge-26.8.3", trustBundleSha256: "ab" };
    const rolling = Object.keys(kinds).filter((kind) => {
      const args = meshed(kind as keyof WorkloadArgs, kinds[kind as keyof WorkloadArgs] as never, { ref });
      return JSON.stringify(args).includes("linkerd-mesh/");
    });
    expect(rolling).toEqual(["Deployment", "StatefulSet", "DaemonSet"]);
  });

  test("a transform leaves everything else alone", async () => {
    const props = { spec };
    for (const type of [
      "kubernetes:core/v1:Service",
      "kubernetes:helm.sh/v3:Release",
      "random:index:Deployment",
    ]) {
      expect(
        await meshTransform({ skipSmtp: true })({ custom: true, type, name: "x", props, opts: {} }),
      ).toBe(undefined);
    }
  });

  test("a Job that is kept from ending by hand is reported", () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const metadata = { annotations: { "config.alpha.linkerd.io/proxy-enable-native-sidecar": "false" } };
    const args = meshed("Job", { spec: { template: { ...job.template, metadata } } });
    expect(JSON.stringify(args).match(/native-sidecar":"false"/g)).toHaveLength(3);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain(
      'config.alpha.linkerd.io/proxy-enable-native-sidecar is set to "false"',
    );
    warn.mockRestore();
  });

  test("a namespace is annotated and labelled, and hands its intent to its pods", async () => {
    const { find } = await register(
      () => new MeshedNamespace("shop", { metadata: { labels: { team: "shop" } }, mesh: { skipSmtp: true } }),
    );
    expect(find("shop", "kubernetes:core/v1:Namespace")).toMatchObject({
      parent: "shop",
      inputs: {
        metadata: {
          labels: { team: "shop", [INJECT]: "enabled" },
          annotations: {
            [INJECT]: "enabled",
            [`${CONFIG}/skip-outbound-ports`]: "25,465,587,2525,4567,4568",
          },
        },
      },
    });
  });

  test("a namespace adds its ports to those of its mesh, and has nothing that would change with that", async () => {
    const ref: MeshRef = {
      linkerdVersion: "edge-26.8.3",
      trustBundleSha256: "ab".repeat(32),
      ports: meshPorts({ skipOutbound: [9092] }),
    };
    const mesh = { ref, skipOutboundPorts: [5671] };
    const { find } = await register(() => new MeshedNamespace("shop", { mesh }));
    expect(find("shop", "kubernetes:core/v1:Namespace").inputs.metadata.annotations).toEqual({
      [INJECT]: "enabled",
      [`${CONFIG}/skip-outbound-ports`]: "25,465,587,2525,4567,4568,5671,9092",
    });
  });
});
