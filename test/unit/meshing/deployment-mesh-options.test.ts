/** Mesh options of a MeshedDeployment: values that are known in previews, and how issues and warnings reach the user. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { CONFIG, INJECT, spec, template } from "./web-workload.ts";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

test("a port that is unknown in a preview leaves the other annotations known", async () => {
  const { find } = await register(
    () => {
      const created = new k8s.core.v1.ConfigMap("created", {});
      const port = created.metadata.uid.apply(Number);
      return new MeshedDeployment("web", { spec, mesh: { skipOutboundPorts: [port], proxyAwait: true } });
    },
    { preview: true },
  );
  expect(find("web", DEPLOYMENT).inputs.spec.template.metadata.annotations).toMatchObject({
    [INJECT]: "enabled",
    [`${CONFIG}/proxy-await`]: "enabled",
  });
});

test("labels that are unknown in a preview leave the annotations known that do not depend on them", async () => {
  const { find } = await register(
    () => {
      const labels = new k8s.core.v1.ConfigMap("created", {}).metadata.uid.apply((app) => ({ app }));
      const metadata = { labels, annotations: { team: "shop" } };
      return new MeshedDeployment("web", { spec: { ...spec, template: { ...template, metadata } } });
    },
    { preview: true },
  );
  expect(find("web", DEPLOYMENT).inputs.spec.template.metadata.annotations).toMatchObject({ team: "shop" });
});

test("annotations of the pod template take precedence, and a difference is reported on the resource", async () => {
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
      `${CONFIG}/skip-outbound-ports: "3306" in the metadata takes precedence over ` +
        '"25,465,587,2525,4567,4568" from the mesh options. Fix: remove one of them',
      result,
    ],
  ]);
  warn.mockRestore();
});

test("all issues with mesh options are reported in one error without a stack trace, and nothing is registered", async () => {
  const { resources, result } = await register(() => {
    try {
      new MeshedDeployment("web", { spec, mesh: { opaquePorts: [0, "x"], shutdownGracePeriod: "" } });
    } catch (error) {
      return error as Error;
    }
    return undefined;
  });
  expect(pulumi.RunError.isInstance(result)).toBe(true);
  expect(result?.message.split("\n").map((line) => line.split(", got")[0])).toEqual([
    'MeshedDeployment "web" has 3 invalid arguments:',
    '- mesh.shutdownGracePeriod: must be a duration, e.g. "30s" or "1m30s"',
    '- mesh.opaquePorts[0]: must be a port from 1 to 65535 or a range such as "4000-4010"',
    "- mesh.opaquePorts[1]: must be a port, a range of ports, or the name of a container port",
  ]);
  expect(result?.message).toContain('"x" (container ports: http, db)');
  expect(resources).toEqual([]);
});
