/** The options of a MeshedDeployment that shape its pods: spreading, probes, requests and security contexts. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, omitUndefined, withDefault } from "../inputs/outputs.ts";
import { parseQuantity } from "../inputs/quantity.ts";
import type { Container, PodSpec } from "../meshing/pod-template.ts";

type LabelSelector = k8s.types.input.meta.v1.LabelSelector;
type Ports = pulumi.Input<k8s.types.input.core.v1.ContainerPort>[];
type Probe = k8s.types.input.core.v1.Probe;
type Amounts = Record<string, pulumi.Input<string>>;

/**
 * Resource requests of the application container, the first in the spec. Limits are set in the spec. If a limit there is
 * lower than the request, no request is set, so that Kubernetes uses the limit.
 * See {@link MeshedDeploymentArgs.resources}.
 */
export interface ResourceOptions {
  /** CPU, a Kubernetes quantity. @default "100m" */
  cpu?: pulumi.Input<string> | undefined;
  /** Memory, a Kubernetes quantity. @default "128Mi" */
  memory?: pulumi.Input<string> | undefined;
}

/**
 * HTTP probes of the application container, the first in the spec. Linkerd exempts them from `allowFrom`.
 * See {@link MeshedDeploymentArgs.probes}.
 */
export interface ProbeOptions {
  /**
   * Path that returns a success status while the container can receive requests, e.g. `"/ready"`. It is called every
   * 10 s; after 3 failures the pod receives no requests. @default no readiness probe
   */
  readiness?: pulumi.Input<string> | undefined;
  /**
   * Path that returns a success status while the process works, e.g. `"/live"`. It is called every 10 s; after 6 failures
   * the container restarts. A startup probe of the same path gives it 5 minutes to start, unless the spec has a liveness
   * or startup probe. @default no liveness probe
   */
  liveness?: pulumi.Input<string> | undefined;
  /** Number or name of the port that is called. @default the first port of the container */
  port?: pulumi.Input<number | string> | undefined;
}

/** The options of {@link shapePodSpec}. */
export interface PodShape {
  resources?: ResourceOptions | undefined;
  probes?: ProbeOptions | undefined;
  podSecurity?: "restricted" | undefined;
  /** Selector of the pods to spread. `undefined` does not spread them. */
  topologySpread?: pulumi.Input<LabelSelector> | undefined;
}

/** A copy of the pod spec with the fields of `shape`. Values in the spec take precedence. */
export function shapePodSpec(spec: pulumi.Input<PodSpec>, shape: PodShape): pulumi.Input<PodSpec> {
  return mapInput(spec, (own) => {
    const { resources, probes, podSecurity, topologySpread } = shape;
    const containers = mapInput(own.containers as pulumi.Input<pulumi.Input<Container>[]>, (all) =>
      (all ?? []).map((each, index) =>
        mapInput(each, (container) => {
          const secured = podSecurity ? restrictContainer(container) : container;
          return index === 0 ? addProbes(addRequests(secured, resources), probes) : secured;
        }),
      ),
    );
    return {
      ...(topologySpread !== undefined && { topologySpreadConstraints: spreadConstraints(topologySpread) }),
      ...omitUndefined(own),
      containers,
      ...(podSecurity && restrictPod(own)),
    };
  });
}

/** Spreads the pods of each version of the template evenly over nodes and zones, as a preference. */
function spreadConstraints(labelSelector: pulumi.Input<LabelSelector>) {
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
    matchLabelKeys: ["pod-template-hash"],
  }));
}

/**
 * The fields of a pod that the Pod Security Standard `restricted` requires. They set no user, so that Linkerd's
 * containers run as the users that they set.
 */
function restrictPod(own: PodSpec): Partial<PodSpec> {
  return {
    securityContext: mapInput(withDefault(own.securityContext as pulumi.Input<object>, {}), (context) => ({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      ...omitUndefined(context),
    })),
    ...(own.initContainers !== undefined && {
      initContainers: mapInput(own.initContainers as pulumi.Input<pulumi.Input<Container>[]>, (all) =>
        (all ?? []).map((each) => mapInput(each, restrictContainer)),
      ),
    }),
  };
}

function restrictContainer(container: Container): Container {
  return {
    ...container,
    securityContext: mapInput(withDefault(container.securityContext, {}), (own) => ({
      // Kubernetes rejects `false` together with `privileged` (validateSecurityContext).
      allowPrivilegeEscalation: mapInput(own.privileged, (privileged) =>
        privileged ? undefined : false,
      ) as pulumi.Input<boolean>,
      ...omitUndefined(own),
      // `restricted` allows a capability to be added only if all others are dropped.
      capabilities: mapInput(withDefault(own.capabilities, {}), (added) => ({
        drop: ["ALL"],
        ...omitUndefined(added),
      })),
    })),
  };
}

function addRequests(container: Container, resources: ResourceOptions | undefined): Container {
  if (resources === undefined) return container;
  const { cpu = "100m", memory = "128Mi" } = resources;
  return {
    ...container,
    resources: mapInput(withDefault(container.resources, {}), (own) => ({
      ...own,
      requests: mapInput(withDefault(own.limits as pulumi.Input<Amounts>, {}), (limits) =>
        mapInput(withDefault(own.requests as pulumi.Input<Amounts>, {}), (requests) => ({
          cpu: requestWithin(limits.cpu, cpu),
          memory: requestWithin(limits.memory, memory),
          ...omitUndefined(requests),
        })),
      ),
    })),
  };
}

/** The request, or `undefined` if it is over the limit, which Kubernetes would reject. */
function requestWithin(
  limit: pulumi.Input<string> | undefined,
  request: pulumi.Input<string>,
): pulumi.Input<string> {
  return mapInput(limit, (limit) =>
    mapInput(request, (request) => {
      const [most = Infinity, wanted = 0] = [parseQuantity(String(limit)), parseQuantity(request)];
      return wanted > most ? undefined : request;
    }),
  ) as pulumi.Input<string>;
}

function addProbes(container: Container, probes: ProbeOptions | undefined): Container {
  if (probes === undefined) return container;
  const port =
    probes.port ??
    (mapInput(withDefault(container.ports as pulumi.Input<Ports>, []), firstPort) as pulumi.Input<number>);
  const get = (path: pulumi.Input<string>, rest: Probe): Probe => ({ httpGet: { path, port }, ...rest });
  const { readiness, liveness } = probes;
  const { readinessProbe, livenessProbe, startupProbe } = container;
  return {
    ...container,
    ...(readiness !== undefined && {
      readinessProbe: withDefault(
        readinessProbe,
        get(readiness, { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 }),
      ),
    }),
    ...(liveness !== undefined && {
      livenessProbe: withDefault(
        livenessProbe,
        get(liveness, { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 6 }),
      ),
      // A liveness probe in the spec has its own configuration for a slow start.
      startupProbe: withDefault(
        startupProbe,
        mapInput(livenessProbe, (own) =>
          own ? undefined : get(liveness, { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 60 }),
        ) as pulumi.Input<Probe>,
      ),
    }),
  };
}

/** `undefined` if there is none. That is an issue if it is known in time (validation.ts), else the API server rejects it. */
function firstPort([first]: Ports): pulumi.Input<number> | undefined {
  return first && mapInput(first, ({ containerPort }) => containerPort);
}
