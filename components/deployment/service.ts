/** The Service of a workload. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, omitUndefined, readPath, withDefault } from "../inputs/outputs.ts";
import { oneOf } from "../inputs/readers.ts";
import { formatPath, type IssueCollector, type ValidationIssue } from "../inputs/validation.ts";
import type { Annotations } from "../meshing/annotations.ts";
import type { ObjectMeta, StringMap } from "../meshing/pod-template.ts";
import { OPAQUE_PORTS } from "../meshing/port-annotations.ts";
import type { PortRow, WorkloadPorts } from "./port-table.ts";
import { opaqueServicePorts, readServicePorts, servicePort } from "./service-ports.ts";
import type { ServiceChildArgs } from "./transform.ts";

type LabelSelector = k8s.types.input.meta.v1.LabelSelector;

/** Options of the Service. See {@link MeshedDeploymentArgs.service}. */
export interface ServiceOptions {
  /**
   * Ports of the Service by the names of container ports, as plain values, e.g. `{ http: 80 }`.
   * @default the container port
   */
  ports?: Record<string, number> | undefined;
  /**
   * `appProtocol` of Service ports by the names or numbers of container ports, as plain values, e.g.
   * `{ api: "kubernetes.io/h2c" }`. `false` omits it, so Linkerd detects the protocol. Linkerd reads `http` and
   * `kubernetes.io/h2c`; callers treat a port with any other value as opaque. Use `mesh.opaquePorts` for opaque ports.
   * @default the protocol that the name of the container port declares
   */
  appProtocol?: Record<string, string | false> | undefined;
  /**
   * `ClusterIP`, `NodePort` or `LoadBalancer`. Pulumi does not wait for the address of a load balancer, unless
   * `annotations` sets `"pulumi.com/skipAwait": "false"`. @default "ClusterIP"
   */
  type?: pulumi.Input<"ClusterIP" | "NodePort" | "LoadBalancer"> | undefined;
  /** Labels, in addition to those of the Deployment. They take precedence. @default none */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Annotations, in addition to those that this component writes, e.g. of a load balancer controller.
   *
   * Annotations that Linkerd needs cannot be replaced: `config.linkerd.io/opaque-ports` is an error here, because the pods
   * and the Service must have the same opaque ports (use `mesh.opaquePorts`), and so is an annotation that `timeouts` or
   * `retries` sets as well. @default none
   */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

const FIELDS = [
  "ports",
  "appProtocol",
  "type",
  "labels",
  "annotations",
] as const satisfies (keyof ServiceOptions)[];

/** What {@link serviceArgs} needs of the workload. */
interface ServedWorkload {
  /** The name, the namespace and the labels of the Service. */
  metadata: ObjectMeta;
  selector: pulumi.Input<LabelSelector>;
  /** Annotations for timeouts and retries. */
  traffic: Annotations;
  ports: WorkloadPorts;
}

/** The arguments of the Service. Adds issues for ports, a selector or options that it cannot have. */
export function serviceArgs(
  options: ServiceOptions,
  workload: ServedWorkload,
  issues: IssueCollector,
): ServiceChildArgs {
  issues.addUnknownKeys(["service"], options, FIELDS);
  const type =
    options.type !== undefined &&
    (issues.read(["service", "type"], options.type, oneOf("ClusterIP", "NodePort", "LoadBalancer")) as
      | pulumi.Input<string>
      | undefined);
  // The ports are checked even while the port lists of the mesh are not known.
  const checked =
    issues.read(["service"], workload.ports.declared, readServicePorts(options.ports, options.appProtocol)) ??
    [];
  const fromTable = <T>(use: (rows: PortRow[]) => T) =>
    mapInput(checked, () => mapInput(workload.ports.table, (rows) => use(rows) as pulumi.Input<T>));
  return {
    metadata: {
      ...workload.metadata,
      labels: mergeLabels(workload.metadata.labels as pulumi.Input<StringMap> | undefined, options.labels),
      annotations: mapInput(ownAnnotations(options, workload.traffic, issues), (own) =>
        mapInput(fromTable(opaqueServicePorts), (opaque) => ({
          // The Service is ready when the Deployment is, which Pulumi waits for. Without replicas it would never be.
          "pulumi.com/skipAwait": "true",
          ...workload.traffic,
          // The Service must list the opaque ports of its pods (linkerd check, linkerd-opaque-ports-definition).
          ...(opaque !== undefined && { [OPAQUE_PORTS]: opaque }),
          ...own,
        })),
      ) as pulumi.Input<Annotations>,
    },
    spec: {
      ...(type && { type }),
      selector: selectorLabels(workload.selector, issues),
      ports: fromTable((rows) => rows.map(servicePort)),
    },
  };
}

function mergeLabels(
  inherited: pulumi.Input<StringMap> | undefined,
  own: pulumi.Input<StringMap> | undefined,
): pulumi.Input<StringMap> {
  if (own === undefined) return inherited as pulumi.Input<StringMap>;
  return mapInput(withDefault(inherited, {}), (labels) =>
    mapInput(withDefault(own, {}), (added) => ({ ...labels, ...omitUndefined(added) })),
  );
}

/** The annotations of the caller. Adds an issue for each that would replace one that Linkerd needs. */
function ownAnnotations(
  { annotations }: ServiceOptions,
  traffic: Annotations,
  issues: IssueCollector,
): pulumi.Input<StringMap> {
  return mapInput(withDefault(annotations, {}), (given) => {
    const own = omitUndefined(given);
    for (const key of Object.keys(own)) {
      if (key === OPAQUE_PORTS) issues.add(opaquePortsIssue);
      else if (Object.hasOwn(traffic, key)) issues.add(repeatedIssue(key));
    }
    return own;
  });
}

const opaquePortsIssue: ValidationIssue = {
  path: ["service", "annotations", OPAQUE_PORTS],
  reason: "must be set by mesh.opaquePorts",
  because: "Linkerd requires the same opaque ports on the pods and on the Service",
  conflictsWith: ["mesh", "opaquePorts"],
  fixes: [{ kind: "instruction", text: "list the ports in mesh.opaquePorts" }],
};

/** @param key an annotation that `timeouts` or `retries` sets, e.g. `retry.linkerd.io/limit` */
function repeatedIssue(key: string): ValidationIssue {
  const [group, field = ""] = key.split(".linkerd.io/");
  const option = [group === "retry" ? "retries" : "timeouts", field];
  const text = `remove ${formatPath(option)}`;
  return {
    path: ["service", "annotations", key],
    reason: `must not be set together with ${formatPath(option)}`,
    because: "Both write the same annotation",
    conflictsWith: option,
    fixes: [{ kind: "remove" }, { kind: "instruction", text }],
  };
}

/** The labels of a Service's selector. Without labels, a Service selects no pods, and the API server accepts that. */
function selectorLabels(
  selector: pulumi.Input<LabelSelector>,
  issues: IssueCollector,
): pulumi.Input<StringMap> {
  return mapInput(readPath(selector, "matchLabels") as pulumi.Input<StringMap>, (labels) => {
    if (Object.keys(labels ?? {}).length === 0) {
      issues.add({
        path: ["service"],
        reason: "must be used with spec.selector.matchLabels",
        got: "a selector without labels",
        because: "A Service selects pods by labels only",
        fixes: [{ kind: "instruction", text: "add labels of the pods to spec.selector.matchLabels" }],
      });
    }
    return labels;
  });
}
