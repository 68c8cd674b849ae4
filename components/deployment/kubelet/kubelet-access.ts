/** Checks that the kubelet can call the pods, whose readiness depends on it. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, mapResolved, peekPath, readPath } from "../../inputs/outputs.ts";
import { PortSet } from "../../inputs/port-set.ts";
import { formatPath, type IssueCollector, type Path } from "../../inputs/validation.ts";
import { AUTHENTICATED_POLICIES, type InboundPolicy } from "../../linkerd/values/mesh-settings.ts";
import { type MeshPorts, PROXY_PORTS } from "../../linkerd/values/ports.ts";
import { containerPorts, INJECT_KEY, type PodSpec, type Report } from "../../meshing/pod-template.ts";
import { meshPortsOf, OPAQUE_PORTS, SKIP_INBOUND_PORTS } from "../../meshing/port-annotations.ts";
import { type ContainerPort, parseAnnotation, readPortItems } from "../../meshing/port-items.ts";
import { findProxyObstacle, type ProxyObstacle } from "../../meshing/proxy-obstacles.ts";
import type { MeshedDeploymentArgs } from "../arguments.ts";
import { failingHandlers, type KubeletCall, listKubeletCalls } from "./kubelet-calls.ts";

/** Overrides the policy of the mesh for a pod (linkerd.io, "Authorization Policy"). */
const DEFAULT_POLICY = "config.linkerd.io/default-inbound-policy";

/**
 * Adds an issue for each probe or hook that fails in every pod, and reports those that the default inbound policy denies:
 * that of an annotation of the pod template, or else that of the mesh. Ports with a Server of `allowFrom` are checked
 * with it.
 *
 * The latter are not issues, because a Server of the caller may allow the kubelet.
 *
 * @param deployment the Deployment with the annotations and probes that it is created with
 */
export function validateKubeletCalls(
  args: MeshedDeploymentArgs,
  deployment: k8s.apps.v1.DeploymentArgs,
  issues: IssueCollector,
  report: Report,
): void {
  const template = peekPath(deployment.spec, "template");
  const reported = new Set<string>();
  for (const issue of failingHandlers(template)) {
    const path = argumentPath(issue.path, args);
    // One port of the options is the port of several probes.
    if (!reported.has(formatPath(path))) issues.add({ ...issue, path });
    reported.add(formatPath(path));
  }
  const calls = listKubeletCalls(template);
  if (calls.length === 0) return;
  const annotations = readPath(deployment.spec, "template", "metadata", "annotations");
  const podSpec = readPath(deployment.spec, "template", "spec") as pulumi.Input<PodSpec>;
  const policy = mapInput(
    readPath(annotations, DEFAULT_POLICY) as pulumi.Input<InboundPolicy | undefined>,
    (own) => own ?? args.mesh?.ref?.defaultInboundPolicy,
  );
  mapInput(policy, (policy) => {
    if (policy === undefined || !AUTHENTICATED_POLICIES.includes(policy)) return "";
    const inputs = {
      mode: readPath(annotations, INJECT_KEY),
      obstacle: findProxyObstacle(podSpec),
      opaque: readPath(annotations, OPAQUE_PORTS),
      skipInbound: readPath(annotations, SKIP_INBOUND_PORTS),
      mesh: meshPortsOf(args.mesh ?? {}),
      ports: containerPorts(podSpec),
    };
    return mapResolved(inputs, (pods) => {
      for (const call of deniedCalls(calls, pods as Pods, args.allowFrom !== undefined)) {
        report(describeDenial(call, argumentPath(call.path, args), policy));
      }
      return "";
    });
  });
}

/** How the pods are meshed. */
interface Pods {
  readonly mode: string | undefined;
  readonly obstacle: ProxyObstacle | undefined;
  readonly opaque: string | undefined;
  readonly skipInbound: string | undefined;
  readonly mesh: MeshPorts;
  readonly ports: ContainerPort[];
}

type DeniedCall = KubeletCall & { readonly opaque: boolean };

function deniedCalls(calls: readonly KubeletCall[], pods: Pods, hasServers: boolean): DeniedCall[] {
  const { mode, obstacle, mesh, ports } = pods;
  if (mode === "disabled" || obstacle !== undefined) return [];
  const read = (list: string) =>
    readPortItems(parseAnnotation(list), ports, () => undefined) ?? PortSet.EMPTY;
  const opaque = read(pods.opaque ?? mesh.opaque);
  const skipped = read(pods.skipInbound ?? mesh.skipInbound).union(PROXY_PORTS);
  const hasServer = (port: number) => hasServers && ports.some(({ containerPort }) => containerPort === port);
  return calls
    .filter(({ port }) => !skipped.has(port) && !hasServer(port))
    .map((call) => ({ ...call, opaque: opaque.has(call.port) }))
    .filter((call) => !call.exempt || call.opaque);
}

function describeDenial(call: DeniedCall, path: Path, policy: InboundPolicy): string {
  const { caller, port, differingPaths, opaque } = call;
  const because =
    differingPaths !== undefined
      ? `Linkerd exempts a probe by its path as it is written, and the kubelet requests "${differingPaths.requested}"`
      : opaque
        ? "Linkerd does not read the path of a probe on an opaque port"
        : "Linkerd exempts only plain HTTP probes from it";
  const fix =
    differingPaths !== undefined
      ? `use the path "${differingPaths.requested}"`
      : opaque
        ? "call a port that is not opaque"
        : "use a plain HTTP probe";
  return (
    `${formatPath(path)}: the default inbound policy "${policy}" denies the kubelet, which calls port ${port} with ${caller}, ` +
    `unless a Server of your own allows it. ${because}. ` +
    `Fix: ${fix}, or call a port in mesh.skipInboundPorts`
  );
}

/** The path of the argument that a probe comes from: the spec, or else `probes`. */
function argumentPath(path: Path, args: MeshedDeploymentArgs): Path {
  if (args.probes === undefined || peekPath(args, ...path.slice(0, 6).map(String)) !== undefined) return path;
  if (path.at(-1) === "port") return ["probes", "port"];
  return ["probes", path.includes("readinessProbe") ? "readiness" : "liveness"];
}
