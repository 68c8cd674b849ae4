import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { peekPath } from "../../../components/inputs/outputs.ts";
import type { MeshRef } from "../../../components/meshing/mesh-options.ts";
import { meshed, meshTransform, type WorkloadArgs } from "../../../components/meshing/workload-kinds.ts";
import { CONFIG, INJECT, spec, template } from "./web-workload.ts";

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
const nativeSidecar = {
  [`${CONFIG}/proxy-enable-native-sidecar`]: "true",
  "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",
  "config.alpha.linkerd.io/proxy-enable-native-sidecar": "true",
};
const types: Record<string, string> = { Job: "batch/v1", CronJob: "batch/v1", Pod: "core/v1" };

test.each(Object.keys(kinds) as (keyof WorkloadArgs)[])(
  "a %s is meshed by the function and by the transform",
  async (kind) => {
    const expected = { [INJECT]: "enabled", ...(kind.endsWith("Job") && nativeSidecar) };
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
        kind === "Pod" ? args : kind === "CronJob" ? args.spec.jobTemplate.spec.template : args.spec.template;
      expect(at.metadata.annotations).toEqual(expected);
      expect(at.metadata.labels[INJECT]).toBe("enabled");
      expect(args.spec.selector).toEqual(peekPath(kinds[kind], "spec", "selector"));
    }
  },
);

test("only Deployments, StatefulSets and DaemonSets restart with their mesh, and no Job runs again", () => {
  const ref: MeshRef = { linkerdVersion: "edge-26.8.3", trustBundleSha256: "ab" };
  const restarting = Object.keys(kinds).filter((kind) => {
    const args = meshed(kind as keyof WorkloadArgs, kinds[kind as keyof WorkloadArgs] as never, { ref });
    return JSON.stringify(args).includes("linkerd-mesh/");
  });
  expect(restarting).toEqual(["Deployment", "StatefulSet", "DaemonSet"]);
});

test("a Job whose template disables the native sidecar keeps it disabled, with a warning", () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const metadata = { annotations: { "config.alpha.linkerd.io/proxy-enable-native-sidecar": "false" } };
  const args = meshed("Job", { spec: { template: { ...job.template, metadata } } });
  expect(JSON.stringify(args).match(/native-sidecar":"false"/g)).toHaveLength(3);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain(
    'config.alpha.linkerd.io/proxy-enable-native-sidecar: "false" in the metadata takes precedence over "true"',
  );
  warn.mockRestore();
});
