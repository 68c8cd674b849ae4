/** Ports that callers skip outbound: mail ports, and `allowFrom` on them. */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import type { MeshedDeploymentArgs } from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { type MeshPorts, meshPorts } from "../../../components/linkerd/values/ports.ts";
import { failing } from "../../support/mocks.ts";
import { deployInvalid, deployWeb, messageOf, specWith, TYPES } from "./web-deployment.ts";

const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";
const allowFrom = [{ serviceAccount: "worker" }];
const refWith = (ports: pulumi.Input<MeshPorts>) => ({ linkerdVersion: "1", trustBundleSha256: "2", ports });

/** The list of opaque ports of the pods and that of the Service. */
async function opaqueLists(args: MeshedDeploymentArgs) {
  const { find } = await deployWeb(args);
  const annotationsOf = (type: string) => find("web", type).inputs;
  return [
    annotationsOf(TYPES.deployment).spec.template.metadata.annotations[OPAQUE_PORTS],
    annotationsOf(TYPES.service).metadata.annotations[OPAQUE_PORTS],
  ];
}

describe("mail ports", () => {
  test.each<[string, object, MeshedDeploymentArgs["service"], string, string]>([
    ["number", { containerPort: 2525 }, true, "25,587,2525,3306,4444,5432,6379,9300,11211", "2525"],
    ["number with TLS", { containerPort: 465 }, true, "25,465,587,3306,4444,5432,6379,9300,11211", "465"],
    [
      "name",
      { name: "smtp", containerPort: 1025 },
      true,
      "25,587,1025,3306,4444,5432,6379,9300,11211",
      "1025",
    ],
    [
      "name, at another port of the Service",
      { name: "submission-in", containerPort: 1587 },
      { ports: { "submission-in": 1588 } },
      "25,587,1587,3306,4444,5432,6379,9300,11211",
      "1588",
    ],
    [
      "Service port",
      { name: "in", containerPort: 1025 },
      { ports: { in: 25 } },
      "25,587,1025,3306,4444,5432,6379,9300,11211",
      "25",
    ],
  ])(
    "a port that serves mail by its %s is opaque on the pods and on the Service",
    async (_, port, service, ...lists) => {
      const args = { spec: specWith({}, { ports: [port] }), service: service as true };
      expect(await opaqueLists(args)).toEqual(lists);
      // Also if the mesh of another stack has not listed its mail ports yet.
      const ports = pulumi.output({ ...meshPorts(), opaque: "25,587,3306,4444,5432,6379,9300,11211" });
      expect(await opaqueLists({ ...args, mesh: { ref: refWith(ports) } })).toEqual(lists);
    },
  );

  test("ports that serve mail and are opaque in every mesh are opaque without a list on the pods", async () => {
    const spec = specWith({}, { ports: [{ name: "smtp", containerPort: 25 }] });
    expect(await opaqueLists({ spec, service: true })).toEqual([undefined, "25"]);
  });

  test("a Service whose port has the number of an opaque port does not make that port opaque", async () => {
    const spec = specWith({}, { ports: [{ name: "http", containerPort: 8080 }] });
    expect(await opaqueLists({ spec, service: { ports: { http: 4444 } } })).toEqual([undefined, ""]);
  });
});

const noIdentity =
  "The connection of a caller bypasses its proxy and has no identity, so Linkerd would deny every caller.";
const skippedOutbound = (got: string, ...fixes: string[]) =>
  `allowFrom: must not restrict a port that callers skip outbound, got ${got}. ${noIdentity} Fix: ${fixes.join(", or ")}`;
const open = (entry: string) => `set ${entry} to "all", which leaves the port open to all callers`;

describe("allowFrom for ports that callers skip outbound", () => {
  test.each<[string, MeshedDeploymentArgs, string]>([
    [
      "of mail",
      { spec: specWith({}, { ports: [{ name: "smtp", containerPort: 25 }] }), service: true },
      skippedOutbound(
        "port 25, which the mesh skips outbound",
        open("allowFrom.smtp"),
        "move the port with service.ports",
        "set ports.skipSmtp of the mesh to false",
      ),
    ],
    [
      "without a Service",
      { spec: specWith({}, { ports: [{ containerPort: 587 }] }) },
      skippedOutbound(
        "port 587, which the mesh skips outbound",
        open("allowFrom.587"),
        "use another port",
        "set ports.skipSmtp of the mesh to false",
      ),
    ],
    [
      "by their number in the Service",
      {
        spec: specWith({}, { ports: [{ name: "in", containerPort: 1025 }] }),
        service: { ports: { in: 25 } },
      },
      skippedOutbound(
        "Service port 25, which the mesh skips outbound",
        open("allowFrom.in"),
        "move the port with service.ports",
        "set ports.skipSmtp of the mesh to false",
      ),
    ],
    [
      "by Linkerd's defaults",
      {
        spec: specWith({}, { ports: [{ name: "db", containerPort: 3306 }] }),
        service: { ports: { db: 4567 } },
      },
      skippedOutbound(
        "Service port 4567, which Linkerd skips outbound by default",
        open("allowFrom.db"),
        "move the port with service.ports",
      ),
    ],
    [
      "by the list of the mesh",
      {
        spec: specWith({}, { ports: [{ name: "kafka", containerPort: 9092 }] }),
        service: true,
        mesh: { ref: refWith(meshPorts({ skipOutbound: ["9000-9100"] })) },
      },
      skippedOutbound(
        "port 9092, which the mesh skips outbound",
        open("allowFrom.kafka"),
        "move the port with service.ports",
        "remove the port from ports.skipOutbound of the mesh",
      ),
    ],
  ])("allowFrom is rejected for ports %s", async (_, args, issue) => {
    expect(await deployInvalid({ ...args, allowFrom })).toEqual({ message: messageOf(issue), resources: [] });
  });

  test("allowFrom has one issue for each port that callers skip outbound", async () => {
    const ports = [{ containerPort: 25 }, { name: "smtps", containerPort: 465 }, { containerPort: 8080 }];
    const { message } = await deployInvalid({ spec: specWith({}, { ports }), allowFrom });
    expect(message.match(/got port \d+/g)).toEqual(["got port 25", "got port 465"]);
  });

  test("allowFrom fails during up for a port that a mesh of another stack skips outbound", async () => {
    const issues = new IssueCollector('MeshedDeployment "web"');
    const ref = refWith(pulumi.output(meshPorts({ skipOutbound: [9000] })));
    const plan = planDeployment("web", { spec: specWith(), mesh: { ref }, allowFrom }, issues, () => {});
    issues.assertValid();
    const protocols = plan.authorization?.ports.map(({ proxyProtocol }) => failing(proxyProtocol)) ?? [];
    const results = await Promise.allSettled(protocols);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(protocols[1]).rejects.toThrow("got port 9000, which the mesh skips outbound.");
  });

  test("allowFrom is valid for a port of mail that a Service moves, and in a mesh that does not skip mail", async () => {
    const spec = specWith({}, { ports: [{ name: "smtp", containerPort: 25 }] });
    await deployWeb({ spec, service: { ports: { smtp: 1025 } }, allowFrom });
    await deployWeb({ spec, mesh: { ref: refWith(meshPorts({ skipSmtp: false })) }, allowFrom });
  });
});
