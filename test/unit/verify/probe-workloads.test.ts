import { expect, test } from "vitest";
import type { MeshRef } from "../../../components/meshing/mesh-options.ts";
import { WORKLOAD_NAMES, type WorkloadName } from "../../../verify/workloads/names.ts";
import { ProbeWorkloads } from "../../../verify/workloads/probe-workloads.ts";
import { type Registered, register } from "../../support/mocks.ts";

const INJECT = "linkerd.io/inject";

function deploy(workloads: readonly WorkloadName[], mesh?: MeshRef) {
  const args = { namespace: "verify-1", workloads, image: "registry.local/node:24", mesh };
  return register(() => new ProbeWorkloads("verify", args));
}

/** The pod template of each workload, at the path of its kind. */
function podOf({ type, inputs }: Registered) {
  const { metadata, spec } = inputs;
  if (type.endsWith(":Pod")) return { metadata, spec };
  return type.endsWith(":CronJob") ? spec.jobTemplate.spec.template : spec.template;
}

const POD_KINDS = /^kubernetes:(apps|batch|core)\/v1:(Deployment|Job|CronJob|Pod)$/;

test("every pod satisfies the Pod Security Standard `restricted`, and runs the given image as a user that is not root", async () => {
  const { resources } = await deploy(WORKLOAD_NAMES);
  const pods = resources.filter(({ type }) => POD_KINDS.test(type)).map(podOf);
  expect(pods).toHaveLength(WORKLOAD_NAMES.length);
  for (const { spec } of pods) {
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(spec.nodeSelector).toEqual({ "kubernetes.io/os": "linux" });
    expect(spec.containers).toMatchObject([
      {
        image: "registry.local/node:24",
        securityContext: {
          runAsUser: 65_532,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
        resources: { requests: { cpu: "10m", memory: "32Mi" } },
      },
    ]);
  }
});

test("the label-only pod has the label and no annotation, and its namespace does not inject", async () => {
  const { find } = await deploy(["label-only"]);
  const { metadata } = find("label-only").inputs;
  expect(metadata.labels[INJECT]).toBe("enabled");
  expect(metadata.annotations).toEqual({ "pulumi.com/skipAwait": "true" });
  expect(find("verify-namespace", "kubernetes:core/v1:Namespace").inputs.metadata).toMatchObject({
    name: "verify-1",
    annotations: { [INJECT]: "disabled" },
  });
});

test("only the given workloads are created, with the scripts that they run", async () => {
  const { resources, find } = await deploy(["client", "job"]);
  const names = resources.filter(({ type }) => POD_KINDS.test(type)).map(({ name }) => name);
  expect(names.sort()).toEqual(["client", "job"]);
  const { data } = find("verify-scripts").inputs;
  expect(JSON.parse(data["package.json"])).toEqual({ type: "module" });
  for (const script of ["serve-http", "serve-mail", "idle", "http-requests", "greetings", "certificates"]) {
    expect(data[`${script}.ts`]).toContain("/**");
  }
});

test("with the outputs of a mesh stack, the pods have the version of the mesh that they run in", async () => {
  const ports = { skipOutbound: "25,465,587,2525,9092", skipInbound: "4567", opaque: "25" };
  const ref = {
    linkerdVersion: "edge-26.8.3",
    trustBundleSha256: "ab".repeat(32),
    ports,
  } as unknown as MeshRef;
  const { find } = await deploy(["client", "job"], ref);
  const client = podOf(find("client", "kubernetes:apps/v1:Deployment"));
  expect(client.metadata.annotations).toMatchObject({ "linkerd-mesh/linkerd-version": "edge-26.8.3" });
  expect(podOf(find("job")).metadata.annotations).toMatchObject({ [INJECT]: "enabled" });
});

test("a mail server listens on the mail ports as any user, and admits callers without an identity", async () => {
  const { resources, find } = await deploy(["mail-inside"]);
  const { spec } = podOf(find("mail-inside", "kubernetes:apps/v1:Deployment"));
  expect(spec.securityContext.sysctls).toEqual([{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }]);
  expect(
    spec.containers[0].ports.map(({ containerPort }: { containerPort: number }) => containerPort),
  ).toEqual([25, 465, 587, 2525, 4025]);
  expect(resources.filter(({ type }) => type.endsWith(":Server"))).toHaveLength(5);
  // The port for comparison goes through the proxy of its caller.
  const policies = resources.filter(({ type }) => type.endsWith(":AuthorizationPolicy"));
  expect(policies.map(({ inputs }) => inputs.spec.targetRef.name)).toEqual(["mail-inside-comparison"]);
});
