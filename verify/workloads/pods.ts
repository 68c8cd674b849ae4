/** The pods of the probe workloads. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { shapePodSpec } from "../../components/deployment/pod-spec.ts";
import { COMPARISON_PORT, HTTP_PORT, MAIL_PORTS, type WorkloadName } from "./names.ts";
import { SCRIPTS_PATH, scriptCommand } from "./scripts.ts";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/** The label of every pod. Its value is the name of the workload. */
export const WORKLOAD_LABEL = "linkerd-mesh/workload";

/** The container in which the scripts run. */
export const CONTAINER = "main";

/** Requests of each container. */
export const REQUESTS = { cpu: "10m", memory: "32Mi" };

/** Any user but root. */
const USER = 65_532;

export interface PodSource {
  /** An image with `node` 22.18 or newer. */
  readonly image: string;
  /** Name of the ConfigMap with the scripts. */
  readonly scripts: pulumi.Input<string>;
}

/** What the container of a workload runs. */
export type ContainerPart = Pick<Container, "command" | "ports" | "readinessProbe">;

export const httpServer: ContainerPart = {
  command: scriptCommand("serve-http", String(HTTP_PORT)),
  ports: [{ name: "http", containerPort: HTTP_PORT }],
  // More frequent than the default, so that the workload is soon ready.
  readinessProbe: { httpGet: { path: "/ready", port: HTTP_PORT }, periodSeconds: 1, timeoutSeconds: 2 },
};

/** The usual names of the ports. */
const PORT_NAMES: Readonly<Record<(typeof MAIL_PORTS)[number], string>> = {
  25: "smtp",
  465: "smtps",
  587: "submission",
  2525: "smtp-alt",
};

export const mailServer: ContainerPart = {
  command: scriptCommand("serve-mail", ...[...MAIL_PORTS, COMPARISON_PORT].map(String)),
  ports: [
    ...MAIL_PORTS.map((port) => ({ name: PORT_NAMES[port], containerPort: port })),
    { name: "comparison", containerPort: COMPARISON_PORT },
  ],
};

export const idle: ContainerPart = { command: scriptCommand("idle") };

/** A process that ends at once. */
export const once: ContainerPart = { command: ["node", "--version"] };

/** The labels by which a workload selects its pods. */
export function podLabels(workload: WorkloadName): Record<string, string> {
  return { [WORKLOAD_LABEL]: workload };
}

/** The spec of a pod. It has the security context of `restricted`, except for the fields that MeshedDeployment adds. */
export function podSpec({ image, scripts }: PodSource, part: ContainerPart): PodSpec {
  return {
    // Longer than serve-http serves after SIGTERM.
    terminationGracePeriodSeconds: 10,
    nodeSelector: { "kubernetes.io/os": "linux" },
    // A safe sysctl, which `restricted` allows. Ports below 1024 then need no capability.
    ...(part === mailServer && {
      securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] },
    }),
    containers: [
      {
        name: CONTAINER,
        image,
        imagePullPolicy: "IfNotPresent",
        securityContext: { runAsUser: USER, runAsGroup: USER, readOnlyRootFilesystem: true },
        resources: { requests: REQUESTS },
        volumeMounts: [{ name: "scripts", mountPath: SCRIPTS_PATH, readOnly: true }],
        ...part,
      },
    ],
    volumes: [{ name: "scripts", configMap: { name: scripts } }],
  };
}

/** The spec of a pod without a MeshedDeployment, restricted as MeshedDeployment restricts its pods. */
export function restrictedPodSpec(source: PodSource, part: ContainerPart): PodSpec {
  // Plain, because the spec that is shaped is.
  return shapePodSpec(podSpec(source, part) as never, { podSecurity: "restricted" }) as PodSpec;
}
