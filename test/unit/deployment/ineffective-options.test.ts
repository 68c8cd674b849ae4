/** Timeouts and retries on ports where they would have no effect. */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import type { MeshedDeploymentArgs } from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { type MeshPorts, meshPorts } from "../../../components/linkerd/values/ports.ts";
import { failing } from "../../support/mocks.ts";
import { deployInvalid, deployWeb, messageOf, specWith } from "./web-deployment.ts";

const refWith = (ports: pulumi.Input<MeshPorts>) => ({ linkerdVersion: "1", trustBundleSha256: "2", ports });
const NO_HTTP = "The proxy does not read HTTP on an opaque port.";
const http = (containerPort: number) => specWith({}, { ports: [{ name: "http", containerPort }] });

describe("timeouts and retries on ports where they have no effect", () => {
  test.each<[string, MeshedDeploymentArgs, string[]]>([
    [
      "retries.http on a port that is opaque by default",
      { spec: http(4444), retries: { http: ["5xx"] } },
      [
        `retries.http: must not be used with an opaque port, got port 4444. ${NO_HTTP} ` +
          "Fix: remove retries.http, or use a container port that is not opaque by default",
      ],
    ],
    [
      "timeouts and retries on a port that mesh.opaquePorts lists",
      { spec: http(8080), mesh: { opaquePorts: ["http"] }, timeouts: { idle: "2s" }, retries: { limit: 2 } },
      [
        `timeouts: must not be used with an opaque port, got port 8080. ${NO_HTTP} ` +
          "Fix: remove timeouts, or remove the port from mesh.opaquePorts",
        `retries: must not be used with an opaque port, got port 8080. ${NO_HTTP} ` +
          "Fix: remove retries, or remove the port from mesh.opaquePorts",
      ],
    ],
    [
      "timeouts on a port that the mesh treats as opaque",
      {
        spec: http(6000),
        mesh: { ref: refWith(meshPorts({ opaque: [6000] })) },
        timeouts: { request: "2s" },
      },
      [
        `timeouts: must not be used with an opaque port, got port 6000. ${NO_HTTP} ` +
          "Fix: remove timeouts, or use a container port that the mesh does not list in ports.opaque",
      ],
    ],
    [
      "timeouts on a port of mail",
      { spec: specWith({}, { ports: [{ name: "smtp", containerPort: 1025 }] }), timeouts: { request: "2s" } },
      [
        `timeouts: must not be used with an opaque port, got port 1025. ${NO_HTTP} Fix: remove timeouts, ` +
          "or use a container port, a Service port and a name that are not those of mail",
      ],
    ],
    [
      "timeouts on a port that callers skip outbound",
      {
        spec: http(9092),
        mesh: { ref: refWith(meshPorts({ skipOutbound: [9092] })) },
        timeouts: { request: "2s" },
      },
      [
        "timeouts: must not be used with a port that callers skip outbound, got port 9092, which the mesh skips outbound. " +
          "The connection of a caller bypasses its proxy. Fix: remove timeouts, or move the port with service.ports",
      ],
    ],
    [
      "timeouts on a port with an appProtocol that is not HTTP",
      { spec: http(8443), service: { appProtocol: { http: "https" } }, timeouts: { request: "2s" } },
      [
        'timeouts: must not be used with a port whose appProtocol is not HTTP, got port 8443 with "https". ' +
          "The proxy does not read HTTP on such a port. " +
          "Fix: remove timeouts, or remove the port from service.appProtocol",
      ],
    ],
    [
      "retries of gRPC status codes on a port that callers skip outbound",
      {
        spec: specWith({}, { ports: [{ name: "grpc", containerPort: 9092 }] }),
        mesh: { ref: refWith(meshPorts({ skipOutbound: [9092] })) },
        retries: { grpc: ["internal"] },
      },
      [
        "retries.grpc: must not be used with a port that callers skip outbound, got port 9092, " +
          "which the mesh skips outbound. The connection of a caller bypasses its proxy. " +
          "Fix: remove retries.grpc, or move the port with service.ports",
      ],
    ],
    [
      "retries of gRPC status codes on a port whose appProtocol is HTTP/1",
      {
        spec: specWith({}, { ports: [{ name: "grpc", containerPort: 9000 }] }),
        service: { appProtocol: { grpc: "http" } },
        retries: { grpc: ["internal"] },
      },
      [
        'retries.grpc: must not be used with a port whose appProtocol is not HTTP/2, got port 9000 with "http". ' +
          "The proxy does not read gRPC status codes on such a port. " +
          "Fix: remove retries.grpc, or remove the port from service.appProtocol",
      ],
    ],
    [
      "a port that declares HTTP and is opaque, although another port is not",
      {
        spec: specWith(
          {},
          {
            ports: [
              { name: "http", containerPort: 8080 },
              { name: "http-admin", containerPort: 4444 },
            ],
          },
        ),
        retries: { http: ["5xx"] },
      },
      [
        `retries.http: must not be used with an opaque port, got port 4444. ${NO_HTTP} ` +
          "Fix: remove retries.http, or use a container port that is not opaque by default",
      ],
    ],
    [
      "ports that do not declare HTTP, all of which are opaque",
      {
        spec: specWith({}, { ports: [{ name: "db", containerPort: 5432 }, { containerPort: 6379 }] }),
        timeouts: { request: "2s" },
      },
      [5432, 6379].map(
        (port) =>
          `timeouts: must not be used with an opaque port, got port ${port}. ${NO_HTTP} ` +
          "Fix: remove timeouts, or use a container port that is not opaque by default",
      ),
    ],
  ])("options are rejected: %s", async (_, args, issues) => {
    expect(await deployInvalid({ service: true, ...args })).toEqual({
      message: messageOf(...issues),
      resources: [],
    });
  });

  test("timeouts and retries are valid for an HTTP port beside a database", async () => {
    await deployWeb({
      spec: specWith(
        {},
        {
          ports: [
            { name: "web", containerPort: 8080 },
            { name: "db", containerPort: 5432 },
          ],
        },
      ),
      service: true,
      timeouts: { request: "2s" },
      retries: { http: ["5xx"] },
    });
  });

  test("retries fail during up on a port that a mesh of another stack treats as opaque", async () => {
    const issues = new IssueCollector('MeshedDeployment "web"');
    const args: MeshedDeploymentArgs = {
      spec: http(6000),
      mesh: { ref: refWith(pulumi.output(meshPorts({ opaque: [6000] }))) },
      service: true,
      retries: { http: ["5xx"] },
    };
    const plan = planDeployment("web", args, issues, () => {});
    issues.assertValid();
    const { spec, metadata } = plan.service as {
      spec: { ports: unknown };
      metadata: { annotations: unknown };
    };
    await Promise.allSettled([failing(spec.ports), failing(metadata.annotations)]);
    await expect(failing(spec.ports)).rejects.toThrow(
      "retries.http: must not be used with an opaque port, got port 6000.",
    );
  });
});
