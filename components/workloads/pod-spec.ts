/** What a good citizen's pod spec says, added where the caller's spec says nothing of it. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { definedOnly, mapInput } from "../inputs.ts";
import type { Container, PodSpec } from "./template.ts";

type LabelSelector = k8s.types.input.meta.v1.LabelSelector;
type Ports = pulumi.Input<k8s.types.input.core.v1.ContainerPort>[];
type Probe = k8s.types.input.core.v1.Probe;

/** Requests of the application container, the first of the spec. Limits are for the spec itself to say. */
export interface ResourceOptions {
  /** @default "100m" */
  cpu?: pulumi.Input<string> | undefined;
  /** @default "128Mi" */
  memory?: pulumi.Input<string> | undefined;
}

/** HTTP probes of the application container, the first of the spec. */
export interface ProbeOptions {
  /** Path that answers 200 while requests may come. Asked every 10 s, three failures take the pod out. */
  ready?: pulumi.Input<string> | undefined;
  /**
   * Path that answers 200 while the process is alive. Asked every 10 s, six failures restart it; a start may
   * take 5 minutes.
   */
  live?: pulumi.Input<string> | undefined;
  /** Number or name of the port that answers. @default the container's first */
  port?: pulumi.Input<number | string> | undefined;
}

/** What {@link shapedPodSpec} adds. */
export interface PodShape {
  resources?: ResourceOptions | undefined;
  probes?: ProbeOptions | undefined;
  restricted?: boolean | undefined;
  /** Selector of the pods to spread; not given, they are not spread. */
  spread?: pulumi.Input<LabelSelector> | undefined;
}

/** A copy of the pod spec with what `shape` asks for, wherever the spec does not say otherwise. */
export function shapedPodSpec(spec: pulumi.Input<PodSpec>, shape: PodShape): pulumi.Input<PodSpec> {
  return mapInput(spec, (own) => {
    const { resources, probes, restricted, spread } = shape;
    const containers = mapInput(own.containers as pulumi.Input<pulumi.Input<Container>[]>, (all = []) =>
      all.map((each, index) =>
        mapInput(each, (container) => {
          const secured = restricted ? restrictedContainer(container) : container;
          return index === 0 ? withProbes(withRequests(secured, resources), probes) : secured;
        }),
      ),
    );
    return {
      ...(spread !== undefined && { topologySpreadConstraints: spreadOver(spread) }),
      ...definedOnly(own),
      containers,
      ...(restricted && restrictedPod(own)),
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
    securityContext: mapInput((own.securityContext ?? {}) as pulumi.Input<object>, (context) => ({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      ...definedOnly(context),
    })),
    ...(own.initContainers !== undefined && {
      initContainers: mapInput(own.initContainers as pulumi.Input<pulumi.Input<Container>[]>, (all) =>
        all.map((each) => mapInput(each, restrictedContainer)),
      ),
    }),
  };
}

function restrictedContainer(container: Container): Container {
  return {
    ...container,
    securityContext: mapInput(container.securityContext ?? {}, (own) => ({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      ...definedOnly(own),
    })),
  };
}

function withRequests(container: Container, resources: ResourceOptions | undefined): Container {
  if (resources === undefined) return container;
  const { cpu = "100m", memory = "128Mi" } = resources;
  return {
    ...container,
    resources: mapInput(container.resources ?? {}, (own) => ({
      ...own,
      requests: mapInput((own?.requests ?? {}) as pulumi.Input<object>, (requests) => ({
        cpu,
        memory,
        ...definedOnly(requests),
      })),
    })),
  };
}

function withProbes(container: Container, probes: ProbeOptions | undefined): Container {
  if (probes === undefined) return container;
  const port =
    probes.port ??
    (mapInput((container.ports ?? []) as pulumi.Input<Ports>, firstPort) as pulumi.Input<number>);
  const get = (path: pulumi.Input<string>, rest: Probe): Probe => ({ httpGet: { path, port }, ...rest });
  return {
    ...(probes.ready !== undefined && {
      readinessProbe: get(probes.ready, { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 }),
    }),
    ...(probes.live !== undefined &&
      container.livenessProbe === undefined && {
        livenessProbe: get(probes.live, { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 6 }),
        startupProbe: get(probes.live, { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 60 }),
      }),
    ...definedOnly(container),
  };
}

/** Undefined where there is none: seen beforehand where it can be (deployment-checks.ts), else by the API server. */
function firstPort([first]: Ports): pulumi.Input<number> | undefined {
  return first && mapInput(first, ({ containerPort }) => containerPort);
}
