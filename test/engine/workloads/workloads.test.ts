import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type {
  KubernetesObject,
  V1CronJob,
  V1Deployment,
  V1Namespace,
  V1PodDisruptionBudget,
  V1Service,
  V1ServiceAccount,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import type { Stack, UpResult } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { MeshedDeployment } from "../../../components/index.ts";
import { MeshReference } from "../../../components/mesh-reference.ts";
import { list, read } from "../../support/cluster.ts";
import { discard, packPackage, projectWith, root } from "../../support/package.ts";
import { changes, failureOf, openMesh, openProgram } from "../../support/stack.ts";

const INJECT = "linkerd.io/inject";
const MESH_STACK = "organization/linkerd-mesh/beside-shop";

/** The objects of a kind in the namespace `shop`, by name. */
async function named<T extends KubernetesObject>(apiVersion: string, kind: string) {
  const found = await list<T>(apiVersion, kind, "shop");
  return Object.fromEntries(found.map((object) => [object.metadata?.name ?? "", object]));
}

describe("the example project with the packed package, and the stack of its mesh", () => {
  let mesh: Stack;
  let meshOutputs: UpResult["outputs"];
  let shop: Stack;
  let first: UpResult;
  let tarball: string;
  let project: string;

  beforeAll(async () => {
    // Without viz: no pod serves its tap API here, and until one does, Kubernetes does not finish deleting a namespace.
    mesh = await openMesh("beside-shop", { clusterNetworks: ["127.0.0.0/8"], viz: false });
    meshOutputs = (await mesh.up()).outputs;
    tarball = packPackage();
    project = projectWith(tarball, "examples/shop");
    const program = pathToFileURL(join(project, "index.ts")).href;
    let runs = 0;
    shop = await openProgram(
      "shop",
      "test",
      async () => ({ ...(await import(`${program}?run=${++runs}`)) }),
      {
        meshStack: MESH_STACK,
        webReplicas: "2",
      },
    );
    first = await shop.up();
  });

  afterAll(async () => {
    await shop.destroy();
    await mesh.destroy();
    discard(tarball, project);
  });

  test("the example reads the version of the mesh from the outputs of its stack, and exports the identity of its worker", () => {
    expect(first.outputs.linkerdVersion?.value).toBe(meshOutputs.linkerdVersion?.value);
    expect(first.outputs.workerIdentity?.value).toEqual({ serviceAccount: "worker", namespace: "shop" });
  });

  test("the example's namespace and pods request injection, and the pods of its Deployments have the version and trust bundle of the mesh", async () => {
    const { metadata } = await read<V1Namespace>("v1", "Namespace", "shop");
    expect(metadata.annotations?.[INJECT]).toBe("enabled");
    const ofMesh = {
      [INJECT]: "enabled",
      "linkerd-mesh/linkerd-version": meshOutputs.linkerdVersion?.value,
      "linkerd-mesh/trust-bundle-sha256": meshOutputs.trustBundleSha256?.value,
    };
    const { web, worker } = await named<V1Deployment>("apps/v1", "Deployment");
    const { report } = await named<V1CronJob>("batch/v1", "CronJob");
    expect(web?.spec?.template.metadata?.annotations).toEqual({
      ...ofMesh,
      "config.linkerd.io/skip-inbound-ports": "4567,4568,9102",
      "config.linkerd.io/proxy-cpu-request": "50m",
      "config.linkerd.io/proxy-memory-request": "32Mi",
    });
    expect(worker?.spec?.template.metadata?.annotations).toEqual({
      ...ofMesh,
      "config.linkerd.io/skip-outbound-ports": "25,465,587,2525,4567,4568,5671",
      "config.linkerd.io/shutdown-grace-period": "30s",
    });
    // Without the version and the trust bundle: its Jobs start every night, with the mesh of that time.
    expect(report?.spec?.jobTemplate.spec?.template.metadata?.annotations).toEqual({
      [INJECT]: "enabled",
      "config.linkerd.io/proxy-enable-native-sidecar": "true",
      "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",
      "config.alpha.linkerd.io/proxy-enable-native-sidecar": "true",
      "config.linkerd.io/skip-outbound-ports": "25,465,587,2525,4567,4568",
    });
    expect(web?.spec?.selector.matchLabels).toEqual({ app: "web" });
    expect(web?.status?.readyReplicas).toBeGreaterThan(0);
  });

  test("the example's Service, ServiceAccounts, PodDisruptionBudgets and HorizontalPodAutoscaler have the values of its options", async () => {
    const { web: service } = await named<V1Service>("v1", "Service");
    expect(service?.spec).toMatchObject({
      selector: { app: "web" },
      ports: [
        { name: "http", port: 80, targetPort: "http", appProtocol: "http" },
        { name: "metrics", port: 9102, targetPort: "metrics" },
      ],
    });
    expect(service?.metadata?.annotations).toMatchObject({
      "timeout.linkerd.io/request": "10s",
      "retry.linkerd.io/limit": "2",
      "retry.linkerd.io/http": "5xx",
    });
    const accounts = await named<V1ServiceAccount>("v1", "ServiceAccount");
    expect(accounts.web?.automountServiceAccountToken).toBe(false);
    expect(accounts.worker?.automountServiceAccountToken).toBe(false);
    const budgets = await list<V1PodDisruptionBudget>("policy/v1", "PodDisruptionBudget", "shop");
    expect(budgets.map(({ spec }) => spec)).toEqual(
      ["web", "worker"].map((app) =>
        expect.objectContaining({ selector: { matchLabels: { app } }, maxUnavailable: 1 }),
      ),
    );
    const [scaler] = await list<V2HorizontalPodAutoscaler>(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "shop",
    );
    expect(scaler?.spec).toMatchObject({
      scaleTargetRef: { kind: "Deployment", name: "web" },
      minReplicas: 2,
      metrics: [{ type: "ContainerResource", containerResource: { container: "web", name: "cpu" } }],
    });
  });

  test("the example's pods have spread constraints, probes, requests and a restricted security context", async () => {
    const { web } = await named<V1Deployment>("apps/v1", "Deployment");
    const spec = web?.spec?.template.spec;
    expect(spec?.topologySpreadConstraints).toHaveLength(2);
    expect(spec?.serviceAccountName).toBe("web");
    expect(spec?.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(spec?.containers[0]).toMatchObject({
      readinessProbe: { httpGet: { path: "/ready", port: 8080 } },
      resources: { requests: { cpu: "100m", memory: "128Mi" } },
      securityContext: { allowPrivilegeEscalation: false },
    });
  });

  test("the example's policies allow the worker to call the HTTP port, and no policy applies to the metrics port, which skips the proxy", async () => {
    type Policy = KubernetesObject & { spec: Record<string, { name: string }> };
    const group = "policy.linkerd.io";
    const servers = await named<Policy>(`${group}/v1beta3`, "Server");
    const policies = await list<Policy & { spec: { requiredAuthenticationRefs: { name: string }[] } }>(
      `${group}/v1alpha1`,
      "AuthorizationPolicy",
      "shop",
    );
    const [callers] = await list<Policy>(`${group}/v1alpha1`, "MeshTLSAuthentication", "shop");
    expect(
      Object.values(servers)
        .map(({ spec }) => spec.port)
        .sort(),
    ).toEqual(["http"]);
    expect(Object.keys(servers).sort()).toEqual(["web-http"]);
    expect(policies.map(({ spec }) => spec.targetRef?.name).sort()).toEqual(Object.keys(servers).sort());
    expect(policies.map(({ spec }) => spec.requiredAuthenticationRefs[0]?.name)).toEqual([
      callers?.metadata?.name,
    ]);
    expect(callers?.spec.identityRefs).toEqual([
      { kind: "ServiceAccount", name: "worker", namespace: "shop" },
    ]);
  });

  test("a second preview and a second up of the example change nothing", async () => {
    expect(changes((await shop.preview()).changeSummary)).toEqual({});
    expect(changes((await shop.up()).summary.resourceChanges)).toEqual({});
  });
});

describe("a MeshReference", () => {
  const using = (stack: string) => () => {
    const mesh = new MeshReference(stack);
    return Promise.resolve({ bundle: mesh.trustBundleSha256, version: mesh.linkerdVersion });
  };
  const TRACE = /\n\s+at .*\.[tj]s:/;

  test("a reference to a missing mesh stack fails with one message and no stack trace", async () => {
    const stack = await openProgram("lost", "test", using("organization/linkerd-mesh/nowhere"));
    for (const operation of [stack.preview.bind(stack), stack.up.bind(stack)]) {
      const failure = await failureOf(operation);
      // The message of the engine, which ends the program before the program receives an error.
      expect(failure).toContain('unknown stack "organization/linkerd-mesh/nowhere"');
      expect(failure).not.toMatch(TRACE);
    }
  });

  test("a reference to the mesh stack of an older release fails with the name of the missing output and no stack trace", async () => {
    const old = await openProgram("linkerd-mesh-before", "test", async () => ({
      linkerdVersion: "edge-25.10.7",
      trustAnchorPem: "-----BEGIN CERTIFICATE-----",
    }));
    await old.up();
    const stack = await openProgram("late", "test", using("organization/linkerd-mesh-before/test"));
    const failure = await failureOf((options) => stack.preview(options));
    expect(failure).toContain(
      'The stack "organization/linkerd-mesh-before/test" has no output "trustBundleSha256"',
    );
    expect(failure).not.toMatch(TRACE);
  });
});

describe("a MeshedDeployment on the cluster", () => {
  const labels = { app: "moving" };
  const args = {
    metadata: { namespace: "default" },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "moving", image: "moving:1" }] } },
    },
  };

  test("a plain Deployment moves into a MeshedDeployment by an alias, and is not replaced", async () => {
    await (
      await openProgram("moving", "test", async () => void new k8s.apps.v1.Deployment("moving", args))
    ).up();
    const before = (await list<V1Deployment>("apps/v1", "Deployment", "default")).filter(isMoving);
    const stack = await openProgram("moving", "test", async () => {
      new MeshedDeployment("moving", args, { aliases: [{ type: "kubernetes:apps/v1:Deployment" }] });
    });
    // The component is created, and the pods of the Deployment become meshed.
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({ create: 1, update: 1 });
    const after = (await list<V1Deployment>("apps/v1", "Deployment", "default")).filter(isMoving);
    expect(after.map(({ metadata }) => metadata?.uid)).toEqual(before.map(({ metadata }) => metadata?.uid));
    expect(after[0]?.spec?.template.metadata?.annotations?.[INJECT]).toBe("enabled");
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
    await stack.destroy();
  });

  test("a workload that is known only during `up` gets all children and options, and a second up changes nothing", async () => {
    const labels = { app: "late" };
    const ports = [{ name: "http", containerPort: 8080 }];
    const stack = await openProgram("late-spec", "test", async () => {
      const created = new k8s.core.v1.ConfigMap("created", {
        metadata: { namespace: "default" },
        data: { port: "5671" },
      });
      const port = created.data.apply((data) => Number(data.port));
      const containers = [{ name: "app", image: "late:1", ports, resources: { requests: { cpu: "1" } } }];
      new MeshedDeployment("late", {
        metadata: created.metadata.apply(() => ({ labels })),
        spec: created.id.apply(() => ({
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers } },
        })),
        mesh: { skipOutboundPorts: [port], opaquePorts: ["http"] },
        service: true,
        serviceAccount: true,
        autoscaling: { min: 1, max: port },
        disruptionBudget: true,
        topologySpread: true,
        podSecurity: "restricted",
        probes: { readiness: "/ready" },
      });
    });
    expect(changes((await stack.preview()).changeSummary)).toEqual({ create: 8 });
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({ create: 8 });
    const services = await list<V1Service>("v1", "Service", "default");
    expect(services.map(({ metadata }) => metadata?.name)).toContain("late");
    const service = services.find(({ metadata }) => metadata?.name === "late");
    expect(service?.metadata?.annotations).toMatchObject({ "config.linkerd.io/opaque-ports": "8080" });
    const deployments = await list<V1Deployment>("apps/v1", "Deployment", "default");
    const late = deployments.find(({ metadata }) => metadata?.name?.startsWith("late-"));
    expect(late?.spec?.template.metadata?.annotations).toMatchObject({
      "config.linkerd.io/skip-outbound-ports": "25,465,587,2525,4567,4568,5671",
    });
    expect(late?.spec?.template.spec).toMatchObject({
      serviceAccountName: "late",
      containers: [{ readinessProbe: { httpGet: { port: 8080 } } }],
    });
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
    await stack.destroy();
  });

  const isMoving = ({ metadata }: V1Deployment) => metadata?.name?.startsWith("moving-") ?? false;
});

test("`pulumi new` creates a project from the template", () => {
  const directory = mkdtempSync(join(tmpdir(), "new-"));
  const home = mkdtempSync(join(tmpdir(), "home-"));
  const { paths } = inject("tools");
  const options = [
    "--generate-only",
    "--yes",
    "--name",
    "mailer",
    "--description",
    "Sends mail",
    "--dir",
    directory,
  ];
  const { stdout } = spawnSync(paths.pulumi, ["new", join(root, "templates/meshed-service"), ...options], {
    env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
    encoding: "utf8",
  });
  // The project exists. Then Pulumi looks for the plugin of the language, which the sandbox does not have.
  expect(stdout).toContain("Created project 'mailer'");
  expect(readFileSync(join(directory, "Pulumi.yaml"), "utf8")).toContain("name: mailer");
  expect(JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).name).toBe("mailer");
  expect(readFileSync(join(directory, "index.ts"), "utf8")).not.toContain("PROJECT");
  for (const created of [directory, home]) rmSync(created, { recursive: true });
});
