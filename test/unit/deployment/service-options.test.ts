import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { planDeployment } from "../../../components/deployment/plan.ts";
import {
  MeshedDeployment,
  type MeshedDeploymentArgs,
  type ServiceChildArgs,
  type ServiceOptions,
} from "../../../components/index.ts";
import { IssueCollector } from "../../../components/inputs/validation.ts";
import { failing, register } from "../../support/mocks.ts";
import { CHILD_TYPES, deploymentArgs } from "./complete-workload.ts";

const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";

/** The inputs of the Service with these options. */
async function serviceWith(
  service: ServiceOptions,
  args: Partial<MeshedDeploymentArgs> = {},
): Promise<Record<"metadata" | "spec", Record<string, unknown>>> {
  const { find } = await register(() => new MeshedDeployment("web", { ...deploymentArgs, ...args, service }));
  return find("web", CHILD_TYPES.service).inputs;
}

/** The message of the error with which a MeshedDeployment with these options is rejected. */
function rejectionOf(service: unknown, args: Partial<MeshedDeploymentArgs> = {}): string {
  const options = { ...deploymentArgs, ...args, service } as MeshedDeploymentArgs;
  try {
    new MeshedDeployment("web", options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the options are accepted");
}

/** The planned Service with these options, which have no issues that are known before Outputs resolve. */
function planService(service: ServiceOptions): ServiceChildArgs {
  const issues = new IssueCollector('MeshedDeployment "web"');
  const plan = planDeployment("web", { ...deploymentArgs, service }, issues, () => {});
  issues.assertValid();
  return plan.service as ServiceChildArgs;
}

test.each(["ClusterIP", "NodePort", "LoadBalancer"] as const)(
  "a Service has the type %s if it is given, also as an Output",
  async (type) => {
    expect((await serviceWith({ type })).spec).toMatchObject({ type });
    expect((await serviceWith({ type: pulumi.output(type) })).spec).toMatchObject({ type });
  },
);

test("a Service without a type leaves it to Kubernetes", async () => {
  expect((await serviceWith({})).spec).not.toHaveProperty("type");
});

test("another type of Service is rejected with the possible ones", () => {
  expect(rejectionOf({ type: "ExternalName" })).toContain(
    'service.type: must be one of ClusterIP, NodePort, LoadBalancer, got "ExternalName".',
  );
});

test("another type of Service in an Output is rejected when it resolves", async () => {
  const { spec } = planService({ type: pulumi.output("ExternalName" as never) });
  await expect(failing(spec.type)).rejects.toThrow("service.type: must be one of ClusterIP");
});

test.each<[string, ServiceOptions["labels"]]>([
  ["plain values", { tier: "edge", zone: "a" }],
  ["an Output", pulumi.output({ tier: "edge", zone: "a" })],
  ["a value that is an Output", { tier: pulumi.output("edge"), zone: "a" }],
])(
  "the labels of the Service are added to those of the Deployment, and take precedence: %s",
  async (_, labels) => {
    const { metadata } = await serviceWith({ labels });
    expect(metadata.labels).toEqual({ team: "shop", tier: "edge", zone: "a" });
  },
);

test("a Service has labels of its own where the Deployment has none", async () => {
  const { metadata } = await serviceWith({ labels: { tier: "edge" } }, { metadata: { name: "shop-web" } });
  expect(metadata.labels).toEqual({ tier: "edge" });
});

test("a label of the Service that is undefined leaves the one of the Deployment", async () => {
  const { metadata } = await serviceWith({ labels: { tier: undefined } as never });
  expect(metadata.labels).toEqual({ team: "shop", tier: "front" });
});

test("the labels of the Service are labels of no other child", async () => {
  const { resources } = await register(
    () =>
      new MeshedDeployment("web", {
        ...deploymentArgs,
        serviceAccount: true,
        disruptionBudget: true,
        service: { labels: { tier: "edge" } },
      }),
  );
  const labels = resources.flatMap(({ type, inputs }) =>
    type.startsWith("kubernetes:") && type !== CHILD_TYPES.service ? [inputs.metadata.labels] : [],
  );
  expect(labels).toEqual([
    deploymentArgs.metadata.labels,
    deploymentArgs.metadata.labels,
    deploymentArgs.metadata.labels,
  ]);
});

/** The spec with a second container, whose port is opaque. */
const { template } = deploymentArgs.spec;
const database = { name: "db", image: "db:1", ports: [{ name: "db", containerPort: 5433 }] };
const specWithDatabase = {
  ...deploymentArgs.spec,
  template: { ...template, spec: { containers: [...template.spec.containers, database] } },
};

const BALANCER = { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" };

test.each<[string, ServiceOptions["annotations"]]>([
  ["plain values", BALANCER],
  ["an Output", pulumi.output(BALANCER)],
])(
  "annotations of the Service are added to those that Linkerd needs, none of which is lost: %s",
  async (_, annotations) => {
    const { metadata } = await serviceWith(
      { annotations, ports: { db: 5432 } },
      {
        spec: specWithDatabase,
        mesh: { opaquePorts: ["db"] },
        timeouts: { request: "5s" },
        retries: { limit: 2 },
      },
    );
    expect(metadata.annotations).toEqual({
      ...BALANCER,
      "pulumi.com/skipAwait": "true",
      [OPAQUE_PORTS]: "5432",
      "timeout.linkerd.io/request": "5s",
      "retry.linkerd.io/limit": "2",
    });
  },
);

test("an annotation of the Service can make Pulumi wait for its address", async () => {
  const { metadata } = await serviceWith({ annotations: { "pulumi.com/skipAwait": "false" } });
  expect(metadata.annotations).toEqual({ "pulumi.com/skipAwait": "false" });
});

test("an annotation for a timeout or retries is accepted where no option sets it", async () => {
  const annotations = { "timeout.linkerd.io/request": "5s", "retry.linkerd.io/limit": "2" };
  const { metadata } = await serviceWith({ annotations }, { retries: { http: ["5xx"] } });
  expect(metadata.annotations).toMatchObject({ ...annotations, "retry.linkerd.io/http": "5xx" });
});

const opaqueIssue =
  `service.annotations["${OPAQUE_PORTS}"]: must be set by mesh.opaquePorts. ` +
  "Linkerd requires the same opaque ports on the pods and on the Service. " +
  "Fix: list the ports in mesh.opaquePorts";

test("the annotation of opaque ports is rejected on the Service", () => {
  expect(rejectionOf({ annotations: { [OPAQUE_PORTS]: "8080" } })).toContain(opaqueIssue);
});

test.each<[string, string, Partial<MeshedDeploymentArgs>]>([
  ["retries.limit", "retry.linkerd.io/limit", { retries: { limit: 2 } }],
  ["timeouts.request", "timeout.linkerd.io/request", { timeouts: { request: "5s" } }],
])("an annotation of the Service that %s sets too is rejected", (option, annotation, args) => {
  expect(rejectionOf({ annotations: { [annotation]: "1" } }, args)).toContain(
    `service.annotations["${annotation}"]: must not be set together with ${option}. ` +
      `Both write the same annotation. Fix: remove service.annotations["${annotation}"], or remove ${option}`,
  );
});

test("the annotation of opaque ports in an Output is rejected when the Output resolves", async () => {
  const { metadata } = planService({ annotations: pulumi.output({ [OPAQUE_PORTS]: "8080" }) });
  await expect(failing(metadata.annotations)).rejects.toThrow(opaqueIssue);
});

test("an unknown option of the Service is rejected with the known ones", () => {
  expect(rejectionOf({ port: 80 })).toContain(
    "service.port: unknown field. Known fields: ports, appProtocol, type, labels, annotations. Fix: remove service.port",
  );
});
