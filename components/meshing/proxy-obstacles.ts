/** Pods that a proxy cannot join, whatever their annotations request. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, mapResolved, readPath } from "../inputs/outputs.ts";

type PodSpec = k8s.types.input.core.v1.PodSpec;

/** Why a proxy cannot join a pod. */
export interface ProxyObstacle {
  /** The field of the pod spec, for messages. */
  readonly field: string;
  /** Its value, for messages. */
  readonly value: string;
  /** The reason, as a sentence without its full stop. */
  readonly because: string;
  /** How to change the pod so that a proxy can join it, as an imperative. `undefined` if that is not possible. */
  readonly fix?: string;
  /** Whether the pod would not start with a proxy. If not, the injector skips the pod. */
  readonly preventsStart: boolean;
}

/** The fields of a pod spec that decide. */
interface Deciding {
  hostNetwork?: boolean;
  os?: string;
  /** The values of {@link OS_LABELS}. */
  nodeSelector: (string | undefined)[];
  nodeAffinity?: { nodeSelectorTerms?: { matchExpressions?: NodeRequirement[] }[] };
}

interface NodeRequirement {
  key?: string;
  operator?: string;
  values?: string[];
}

/** Labels with the operating system of a node. The second is the former name of the first. */
const OS_LABELS = ["kubernetes.io/os", "beta.kubernetes.io/os"];

/**
 * Why a proxy cannot join the pods of this spec. `undefined` if it can.
 *
 * A toleration is not considered: it permits a pod to run on a Windows node, but does not require it.
 */
export function findProxyObstacle(
  spec: pulumi.Input<PodSpec | undefined> | undefined,
): pulumi.Input<ProxyObstacle | undefined> {
  const deciding = {
    hostNetwork: readPath(spec, "hostNetwork"),
    os: readPath(spec, "os", "name"),
    // Only these labels: a template whose other labels are Outputs stays known.
    nodeSelector: OS_LABELS.map((label) => readPath(spec, "nodeSelector", label)),
    nodeAffinity: readPath(
      spec,
      "affinity",
      "nodeAffinity",
      "requiredDuringSchedulingIgnoredDuringExecution",
    ),
  };
  return mapResolved(deciding, (resolved) => obstacleOf(resolved as Deciding));
}

function obstacleOf({ hostNetwork, os, nodeSelector, nodeAffinity }: Deciding): ProxyObstacle | undefined {
  const windows = (field: string): ProxyObstacle => ({
    field,
    value: "windows",
    because: "Linkerd's proxy runs on Linux only",
    preventsStart: true,
  });
  if (os === "windows") return windows("os.name");
  const selected = OS_LABELS.find((_, index) => nodeSelector[index] === "windows");
  if (selected !== undefined) return windows(`nodeSelector["${selected}"]`);
  const terms = nodeAffinity?.nodeSelectorTerms ?? [];
  if (
    terms.length > 0 &&
    terms.every(({ matchExpressions = [] }) => matchExpressions.some(requiresWindows))
  ) {
    return windows("affinity.nodeAffinity");
  }
  if (hostNetwork !== true) return undefined;
  return {
    field: "hostNetwork",
    value: "true",
    because: "Linkerd does not inject pods on the host network",
    fix: "remove hostNetwork",
    preventsStart: false,
  };
}

function requiresWindows({ key = "", operator, values = [] }: NodeRequirement): boolean {
  return OS_LABELS.includes(key) && operator === "In" && values.every((value) => value === "windows");
}

/** Reports the obstacle, unless the pods stay out of the mesh on request. */
export function reportObstacle(
  { field, because, fix }: ProxyObstacle,
  requestedMode: pulumi.Input<string>,
  report: (warning: string) => void,
): void {
  mapInput(requestedMode, (mode) => {
    if (mode !== "disabled") {
      const fixes = ['set linkerd.io/inject to "disabled"', ...(fix === undefined ? [] : [fix])];
      report(`${field}: these pods are not meshed, because ${because}. Fix: ${fixes.join(", or ")}`);
    }
    return "";
  });
}
