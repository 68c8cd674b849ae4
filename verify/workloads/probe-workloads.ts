/** The workloads of the acceptance test as a component. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MeshedDeploymentArgs } from "../../components/deployment/arguments.ts";
import { MeshedDeployment } from "../../components/deployment/meshed-deployment.ts";
import type { MeshRef } from "../../components/meshing/mesh-options.ts";
import { MeshedNamespace } from "../../components/meshing/meshed-namespace.ts";
import { meshed } from "../../components/meshing/workload-kinds.ts";
import {
  COMPARISON_PORT,
  FLAKY_RETRY_LIMIT,
  FLAKY_TIMEOUT_SECONDS,
  MAIL_PORTS,
  type WorkloadName,
} from "./names.ts";
import {
  type ContainerPart,
  httpServer,
  idle,
  mailServer,
  once,
  podLabels,
  podSpec,
  restrictedPodSpec,
} from "./pods.ts";
import { readScripts } from "./scripts.ts";

/** {@link ProbeWorkloads} */
export interface ProbeWorkloadsArgs {
  /** Name of the Namespace that is created for them. */
  namespace: string;
  /** Labels and annotations of the Namespace. @default none */
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> } | undefined;
  /** The workloads to create. */
  workloads: readonly WorkloadName[];
  /** An image with `node` 22.18 or newer, e.g. `node:24-alpine`. */
  image: string;
  /** The mesh of the workloads. @default Linkerd's default port lists, plus SMTP in `skipOutbound`, are assumed */
  mesh?: MeshRef | undefined;
}

/** What the Deployments differ in. */
type DeploymentOptions = Omit<MeshedDeploymentArgs, "metadata" | "spec">;

const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

/**
 * A namespace with small workloads whose traffic the acceptance test observes. It creates no object outside of it.
 *
 * The namespace itself does not inject, so that each workload is meshed by its own pod template. Pulumi waits for none of
 * the pods: `waitForWorkloads` reports those that do not start. Every meshed server has an `allowFrom`, so that it also
 * answers in a mesh whose default policy denies.
 */
export class ProbeWorkloads extends pulumi.ComponentResource {
  /** The namespace. */
  public readonly namespace: MeshedNamespace;
  /** The scripts that the pods run. */
  public readonly scripts: k8s.core.v1.ConfigMap;
  /** The workloads by their names. */
  public readonly workloads: Readonly<Partial<Record<WorkloadName, pulumi.Resource>>>;

  readonly #args: ProbeWorkloadsArgs;

  constructor(name: string, args: ProbeWorkloadsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:verify:ProbeWorkloads", name, {}, opts);
    this.#args = args;
    this.namespace = new MeshedNamespace(
      `${name}-namespace`,
      { metadata: { ...args.metadata, name: args.namespace }, mesh: { inject: "disabled" } },
      { parent: this },
    );
    this.scripts = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      { metadata: { name: "scripts", namespace: this.namespace.name }, data: readScripts() },
      { parent: this },
    );
    this.workloads = Object.fromEntries(args.workloads.map((workload) => [workload, this.#create(workload)]));
    this.registerOutputs();
  }

  #create(workload: WorkloadName): pulumi.Resource {
    const client = { serviceAccount: "client" };
    switch (workload) {
      case "client":
      case "stranger":
        return this.#deployment(workload, idle);
      case "unmeshed":
        return this.#deployment(workload, idle, { mesh: { inject: "disabled" } });
      case "echo":
        return this.#deployment(
          workload,
          httpServer,
          { service: true, topologySpread: true, allowFrom: [client] },
          2,
        );
      case "flaky":
        return this.#deployment(workload, httpServer, {
          service: true,
          allowFrom: [client],
          retries: { limit: FLAKY_RETRY_LIMIT, http: ["5xx"] },
          timeouts: { request: `${FLAKY_TIMEOUT_SECONDS}s` },
        });
      case "guarded":
        return this.#deployment(workload, httpServer, {
          service: true,
          allowFrom: [client],
          probes: { readiness: "/ready", liveness: "/live" },
        });
      case "mail-inside":
        // Callers of mail bypass their proxy, so they have no identity.
        return this.#deployment(workload, mailServer, {
          service: true,
          allowFrom: {
            ...Object.fromEntries(MAIL_PORTS.map((port) => [port, "all" as const])),
            [COMPARISON_PORT]: [client],
          },
        });
      case "mail-outside":
        return this.#deployment(workload, mailServer, { service: true, mesh: { inject: "disabled" } });
      case "label-only":
        return new k8s.core.v1.Pod(
          workload,
          {
            metadata: {
              ...this.#metadata(workload),
              labels: { ...podLabels(workload), "linkerd.io/inject": "enabled" },
            },
            spec: restrictedPodSpec(this.#source, idle),
          },
          { parent: this },
        );
      case "job":
        return new k8s.batch.v1.Job(
          workload,
          meshed("Job", { metadata: this.#metadata(workload), spec: this.#jobSpec(workload) }, this.#mesh),
          { parent: this },
        );
      case "cron-job":
        return new k8s.batch.v1.CronJob(
          workload,
          meshed(
            "CronJob",
            {
              metadata: this.#metadata(workload),
              spec: {
                schedule: "* * * * *",
                concurrencyPolicy: "Forbid",
                jobTemplate: { spec: this.#jobSpec(workload) },
              },
            },
            this.#mesh,
          ),
          { parent: this },
        );
    }
  }

  #deployment(
    workload: WorkloadName,
    part: ContainerPart,
    options: DeploymentOptions = {},
    replicas = 1,
  ): MeshedDeployment {
    const labels = podLabels(workload);
    return new MeshedDeployment(
      workload,
      {
        metadata: this.#metadata(workload),
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: podSpec(this.#source, part) },
        },
        serviceAccount: true,
        podSecurity: "restricted",
        ...options,
        mesh: { ...this.#mesh, ...options.mesh },
      },
      { parent: this },
    );
  }

  #jobSpec(workload: WorkloadName): k8s.types.input.batch.v1.JobSpec {
    return {
      backoffLimit: 0,
      template: {
        metadata: { labels: podLabels(workload) },
        spec: { ...restrictedPodSpec(this.#source, once), restartPolicy: "Never" },
      },
    };
  }

  #metadata(workload: WorkloadName) {
    return { name: workload, namespace: this.namespace.name, annotations: SKIP_AWAIT };
  }

  get #source() {
    return { image: this.#args.image, scripts: this.scripts.metadata.name };
  }

  get #mesh() {
    return this.#args.mesh ? { ref: this.#args.mesh } : {};
  }
}
