/** What a good citizen's pod spec says, added where the caller's spec says nothing of it. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, omitUndefined, withDefault } from "../inputs/outputs.ts";
import { quantity } from "../linkerd/values/proxy.ts";
import type { Container, PodSpec } from "../meshing/pod-template.ts";

type LabelSelector = k8s.types.input.meta.v1.LabelSelector;
type Ports = pulumi.Input<k8s.types.input.core.v1.ContainerPort>[];
type Probe = k8s.types.input.core.v1.Probe;
type Amounts = Record<string, pulumi.Input<string>>;

/**
 * Requests of the application container, the first of the spec. Limits are for the spec itself to say; where one is
 * lower than the request, the request is left to Kubernetes, which takes the limit.
 */
export interface ResourceOptions {
  /** @default "100m" */
  cpu?: pulumi.Input<string> | undefined;
  /** @default "128Mi" */
  memory?: pulumi.Input<string> | undefined;
}

/** HTTP probes of the application container, the first of the spec. */
export interface ProbeOptions {
  /** Path that answers 200 while requests may come. Asked every 10 s, three failures take the pod out. */
  readiness?: pulumi.Input<string> | undefined;
  /**
   * Path that answers 200 while the process is alive. Asked every 10 s, six failures restart it; a start may
   * take 5 minutes.
   */
  liveness?: pulumi.Input<string> | undefined;
  /** Number or name of the port that answers. @default the container's first */
  port?: pulumi.Input<number | string> | undefined;
}

/** What {@link shapedPodSpec} adds. */
export interface PodShape {
  resources?: ResourceOptions | undefined;
  probes?: ProbeOptions | undefined;
  podSecurity?: "restricted" | undefined;
  /** Selector of the pods to spread; not given, they are not spread. */
  topologySpread?: pulumi.Input<LabelSelector> | undefined;
}

/** A copy of the pod spec with what `shape` asks for, wherever the spec does not say otherwise. */
export function shapedPodSpec(spec: pulumi.Input<PodSpec>, shape: PodShape): pulumi.Input<PodSpec> {
  return mapInput(spec, (own) => {
    const { resources, probes, podSecurity, topologySpread } = shape;
    const containers = mapInput(own.containers as pulumi.Input<pulumi.Input<Container>[]>, (all) =>
      (all ?? []).map((each, index) =>
        mapInput(each, (container) => {
          const secured = podSecurity ? restrictedContainer(container) : container;
          return index === 0 ? withProbes(withRequests(secured, resources), probes) : secured;
        }),
      ),
    );
    return {
      ...(topologySpread !== undefined && { topologySpreadConstraints: spreadOver(topologySpread) }),
      ...omitUndefined(own),
      containers,
      ...(podSecurity && restrictedPod(own)),
    };
  });
}

/** Evenly over nodes and over zones, per version of the template; never a reason not to start. */
function spreadOver(labelSelector: pulumi.Input<LabelSelector>) {
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
    matchLabelKeys: ["pod-template-hash"],
  }));
}

/**
 * What Pod Security's `restricted` asks of a pod. It names no user, so that Linkerd's containers, which
 * name theirs, run as they mean to.
 */
function restrictedPod(own: PodSpec): Partial<PodSpec> {
  return {
    securityContext: mapInput(withDefault(own.securityContext as pulumi.Input<object>, {}), (context) => ({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      ...omitUndefined(context),
    })),
    ...(own.initContainers !== undefined && {
      initContainers: mapInput(own.initContainers as pulumi.Input<pulumi.Input<Container>[]>, (all) =>
        (all ?? []).map((each) => mapInput(each, restrictedContainer)),
      ),
    }),
  };
}

function restrictedContainer(container: Container): Container {
  return {
    ...container,
    securityContext: mapInput(withDefault(container.securityContext, {}), (own) => ({
      // Kubernetes refuses it beside `privileged` (validateSecurityContext).
      allowPrivilegeEscalation: mapInput(own.privileged, (privileged) =>
        privileged ? undefined : false,
      ) as pulumi.Input<boolean>,
      ...omitUndefined(own),
      // `restricted` lets one be added only where all the others are dropped.
      capabilities: mapInput(withDefault(own.capabilities, {}), (added) => ({
        drop: ["ALL"],
        ...omitUndefined(added),
      })),
    })),
  };
}

function withRequests(container: Container, resources: ResourceOptions | undefined): Container {
  if (resources === undefined) return container;
  const { cpu = "100m", memory = "128Mi" } = resources;
  return {
    ...container,
    resources: mapInput(withDefault(container.resources, {}), (own) => ({
      ...own,
      requests: mapInput(withDefault(own.limits as pulumi.Input<Amounts>, {}), (limits) =>
        mapInput(withDefault(own.requests as pulumi.Input<Amounts>, {}), (requests) => ({
          cpu: within(limits.cpu, cpu),
          memory: within(limits.memory, memory),
          ...omitUndefined(requests),
        })),
      ),
    })),
  };
}

/** The request, but nothing where it is over the limit: Kubernetes would refuse it. */
function within(
  limit: pulumi.Input<string> | undefined,
  request: pulumi.Input<string>,
): pulumi.Input<string> {
  return mapInput(limit, (limit) =>
    mapInput(request, (request) => {
      const [most = Infinity, wanted = 0] = [quantity(String(limit)), quantity(request)];
      return wanted > most ? undefined : request;
    }),
  ) as pulumi.Input<string>;
}

function withProbes(container: Container, probes: ProbeOptions | undefined): Container {
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
      // With a liveness probe of the spec's own, the slow start is the spec's matter too.
      startupProbe: withDefault(
        startupProbe,
        mapInput(livenessProbe, (own) =>
          own ? undefined : get(liveness, { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 60 }),
        ) as pulumi.Input<Probe>,
      ),
    }),
  };
}

/** Undefined where there is none: seen beforehand where it can be (deployment-checks.ts), else by the API server. */
function firstPort([first]: Ports): pulumi.Input<number> | undefined {
  return first && mapInput(first, ({ containerPort }) => containerPort);
}
