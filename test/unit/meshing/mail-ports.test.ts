/** Mail ports of workloads of any kind: opaque, because callers skip them outbound. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { meshed } from "../../../components/index.ts";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { DEFAULT_OPAQUE_PORTS, MAIL_PORTS, meshPorts } from "../../../components/linkerd/values/ports.ts";
import { isMailPort, mailPorts } from "../../../components/meshing/mail-ports.ts";
import type { MeshOptions } from "../../../components/meshing/mesh-options.ts";
import type { ContainerPort } from "../../../components/meshing/port-items.ts";
import { failing, outputValue } from "../../support/mocks.ts";

const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";
const SKIP_INBOUND_PORTS = "config.linkerd.io/skip-inbound-ports";

/** The annotations of the pods of a StatefulSet with these ports. */
async function annotationsOf(
  ports: pulumi.Input<ContainerPort[]>,
  mesh: MeshOptions = {},
  own: Record<string, string> = {},
): Promise<Record<string, string>> {
  const labels = { app: "mail" };
  const template = {
    metadata: { labels, annotations: own },
    spec: { containers: [{ name: "mail", image: "mail:1", ports }] },
  };
  const args = { spec: { serviceName: "mail", selector: { matchLabels: labels }, template } };
  const { spec } = meshed("StatefulSet", args as k8s.apps.v1.StatefulSetArgs, mesh);
  const resolved = (await outputValue(pulumi.output(spec))) as typeof args.spec;
  return resolved.template.metadata.annotations;
}

const listWith = (...ports: (number | string)[]) => `${DEFAULT_OPAQUE_PORTS.union(PortSet.of(...ports))}`;

test.each(["smtp", "smtps", "submission", "submissions", "smtp-relay", "smtps-in", "submission-tls", "mail"])(
  "a port named %s serves mail",
  (name) => {
    expect(isMailPort({ name, containerPort: 1025 })).toBe(true);
  },
);

test.each(["smtpd", "mailer", "mail-api", "http-smtp", "http", undefined])(
  "a port named %s does not serve mail because of its name",
  (name) => {
    expect(isMailPort({ name, containerPort: 1025 })).toBe(false);
  },
);

test.each([25, 465, 587, 2525])("port %i serves mail, on TCP only", (containerPort) => {
  expect(isMailPort({ containerPort })).toBe(true);
  expect(isMailPort({ name: "api", containerPort: 1025 }, containerPort)).toBe(true);
  expect(isMailPort({ containerPort, protocol: "UDP" })).toBe(false);
  expect(`${mailPorts([{ name: "in", containerPort: 1025 }], { in: containerPort })}`).toBe("1025");
});

test.each<[string, ContainerPort, string]>([
  ["by its number", { name: "in", containerPort: 2525 }, listWith(2525)],
  ["by its number, with TLS", { containerPort: 465 }, listWith(465)],
  ["by its name", { name: "smtp", containerPort: 1025 }, listWith(1025)],
])("a mail port of a StatefulSet is opaque %s", async (_, port, expected) => {
  expect((await annotationsOf([port]))[OPAQUE_PORTS]).toBe(expected);
  expect((await annotationsOf(pulumi.output([port])))[OPAQUE_PORTS]).toBe(expected);
});

test.each<[string, ContainerPort[]]>([
  ["without mail ports", [{ name: "http", containerPort: 8080 }]],
  [
    "with mail ports that are opaque in every mesh",
    [{ containerPort: 25 }, { name: "submission", containerPort: 587 }],
  ],
])("pods %s have no list of opaque ports", async (_, ports) => {
  expect(await annotationsOf(ports)).toEqual({ "linkerd.io/inject": "enabled" });
  // Pulumi leaves out a field that resolves to `undefined`.
  expect((await annotationsOf(pulumi.output(ports)))[OPAQUE_PORTS]).toBeUndefined();
});

test("the list of a workload has the mail ports that it serves, and not all that the mesh lists", async () => {
  const ref = { linkerdVersion: "1", trustBundleSha256: "ab", ports: meshPorts({ opaque: [6000] }) };
  const list = async (ports: ContainerPort[], opaquePorts?: number[]) =>
    (await annotationsOf(ports, { ref, ...(opaquePorts && { opaquePorts }) }))[OPAQUE_PORTS];
  expect(await list([{ containerPort: 8080 }], [7000])).toBe(listWith(6000, 7000));
  expect(await list([{ containerPort: 2525 }], [7000])).toBe(listWith(2525, 6000, 7000));
  expect(await list([{ containerPort: 2525 }])).toBe(listWith(2525, 6000));
});

test("a mail port that the workload or its mesh skips inbound is not added to the opaque ports", async () => {
  const ports = [
    { name: "smtp", containerPort: 1025 },
    { name: "smtps", containerPort: 1465 },
  ];
  const ref = { linkerdVersion: "1", trustBundleSha256: "ab", ports: meshPorts({ skipInbound: [1465] }) };
  const annotations = await annotationsOf(ports, { ref, skipInboundPorts: ["smtp"] });
  expect(annotations[OPAQUE_PORTS]).toBeUndefined();
  expect(annotations[SKIP_INBOUND_PORTS]).toBe("1025,1465,4567,4568");
});

test("an Output in skipInboundPorts leaves the list of opaque ports known, and is compared with it", async () => {
  const args = { spec: { serviceName: "mail", selector: {}, template: { spec: { containers: [] } } } };
  const mesh = (port: number) => ({ opaquePorts: [6000], skipInboundPorts: [pulumi.output(port)] });
  const annotations = (port: number) => {
    const { spec } = meshed("StatefulSet", args as k8s.apps.v1.StatefulSetArgs, mesh(port));
    return (spec as unknown as { template: { metadata: { annotations: Record<string, unknown> } } }).template
      .metadata.annotations;
  };
  expect(annotations(7000)[OPAQUE_PORTS]).toBe(listWith(6000));
  await expect(failing(annotations(6000)[SKIP_INBOUND_PORTS])).rejects.toThrow(
    "mesh.opaquePorts: must not contain ports that skip the proxy, got 6000, which mesh.skipInboundPorts contains.",
  );
});

test("a list in the metadata takes precedence, with a warning only if it leaves out a mail port", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const ports = [{ name: "smtp", containerPort: 1025 }];
  expect((await annotationsOf(ports, {}, { [OPAQUE_PORTS]: "smtp" }))[OPAQUE_PORTS]).toBe("smtp");
  expect((await annotationsOf(ports, {}, { [OPAQUE_PORTS]: "1000-1100" }))[OPAQUE_PORTS]).toBe("1000-1100");
  expect(warn).not.toHaveBeenCalled();
  expect((await annotationsOf(ports, {}, { [OPAQUE_PORTS]: "5432" }))[OPAQUE_PORTS]).toBe("5432");
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    'StatefulSet: config.linkerd.io/opaque-ports: "5432" in the metadata leaves out mail ports of the containers: 1025. ' +
      "Callers skip mail ports outbound, so a server there never sends its greeting. " +
      "Fix: add them, or remove the annotation",
  ]);
  warn.mockRestore();
});

test("pods that are not meshed have no list of opaque ports, and no warning", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const annotations = await annotationsOf([{ containerPort: 2525 }], { inject: "disabled" });
  expect(annotations).toEqual({ "linkerd.io/inject": "disabled" });
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test("for any workload and mesh, a mail port is opaque unless it is skipped inbound", async () => {
  const port = fc.oneof(fc.constantFrom(25, 465, 587, 2525, 1025, 8080), fc.integer({ min: 1, max: 65_535 }));
  const containerPort = fc.record({
    name: fc.constantFrom(undefined, "smtp", "smtps-a", "submission", "http"),
    containerPort: port,
    protocol: fc.constantFrom(undefined, "TCP", "UDP"),
  });
  const list = fc.array(port, { maxLength: 3 });
  const given = fc.record({
    ports: fc.array(containerPort, { maxLength: 4 }),
    mesh: fc.record({ skipOutbound: list, skipInbound: list, skipSmtp: fc.boolean() }),
    skipInboundPorts: fc.option(list, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ ports, mesh, skipInboundPorts }) => {
      const ref = { linkerdVersion: "1", trustBundleSha256: "ab", ports: meshPorts(mesh) };
      const annotations = await annotationsOf(ports, { ref, skipInboundPorts });
      const opaque = PortSet.of(annotations[OPAQUE_PORTS] ?? ref.ports.opaque);
      const skipped = PortSet.of(annotations[SKIP_INBOUND_PORTS] ?? ref.ports.skipInbound);
      for (const each of ports.filter((each) => isMailPort(each))) {
        expect(opaque.has(each.containerPort) || skipped.has(each.containerPort)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("the mail ports that a workload must list are those that Linkerd does not treat as opaque by default", () => {
  expect(`${MAIL_PORTS.without(DEFAULT_OPAQUE_PORTS)}`).toBe("465,2525");
});
